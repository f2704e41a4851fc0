/** World transforms: equal to naive matrices for any forest and history, and made anew only where something moved. */
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { defineComponent } from "../../../engine/ecs/component.ts";
import { type Handle, handleIndex } from "../../../engine/ecs/handle.ts";
import type { Engine } from "../../../engine/engine.ts";
import type { World } from "../../../engine/sim/world.ts";
import { Position, Rotation, Scale, WorldTransform } from "../../../engine/transform/components.ts";
import { transformSubsystem } from "../../../engine/transform/subsystem.ts";
import { emptyGame, makeEngine } from "../engine/small-game.ts";
import { Draws, testSeed } from "../seeds.ts";
import { change } from "../small-world.ts";
import { matrixOf, worldMatrix } from "./reference.ts";

const seed = testSeed("world-transforms");
const engines: Engine[] = [];
afterAll(() => {
  for (const engine of engines) engine.dispose();
});

async function stage(entities = 64): Promise<{ engine: Engine; world: World; recomputed: () => number }> {
  const Tag = defineComponent("Tag");
  const engine = makeEngine({ ...emptyGame, components: [Tag], limits: { entities, players: 1 } });
  engines.push(engine);
  await engine.start();
  const step = (): number => {
    engine.step();
    return engine.of(transformSubsystem).transforms?.recomputedCount ?? -1;
  };
  return { engine, world: engine.world, recomputed: step };
}

const members = (world: World): number[] => [...world.query([WorldTransform]).entities];

/** Every matrix equals the naive one within what f32 loses over 50 levels. */
function expectNaive(world: World): void {
  for (const e of members(world)) {
    const expected = worldMatrix(world, e);
    const size = Math.max(...expected.map(Math.abs));
    matrixOf(world, e).forEach((element, i) => {
      if (!(Math.abs(element - (expected[i] as number)) <= 2e-5 * size))
        expect([e, matrixOf(world, e)]).toEqual([e, expected]);
    });
  }
}

/** A unit quaternion from two numbers, exact enough for a reference that takes what the column holds. */
function turn(draws: Draws): { x: number; y: number; z: number; w: number } {
  const [x, y, z, w] = [0, 0, 0, 0].map(() => draws.between(-1, 1)) as [number, number, number, number];
  const length = Math.hypot(x, y, z, w);
  return { x: x / length, y: y / length, z: z / length, w: w / length };
}

const place = (draws: Draws) =>
  Position.of({ x: draws.between(-3, 3), y: draws.between(-3, 3), z: draws.between(-3, 3) });
const size = (draws: Draws) =>
  Scale.of({ x: draws.between(0.8, 1.25), y: draws.between(0.8, 1.25), z: draws.between(0.8, 1.25) });

test("forests up to 50 deep equal the naive reference", async () => {
  for (let run = 0; run < 20; run++) {
    const draws = new Draws(seed + run);
    const { world, recomputed } = await stage(600);
    change(world, (commands) => {
      const handles: Handle[] = [];
      const depths: number[] = [];
      for (let i = 0; i < 500; i++) {
        // The last ten are likely parents: that makes long chains.
        const parent = draws.below(10) === 0 ? -1 : Math.max(0, handles.length - 1 - draws.below(8));
        const isRoot = parent < 0 || handles.length === 0 || (depths[parent] as number) >= 50;
        const parts = [
          WorldTransform,
          place(draws),
          ...(draws.below(3) ? [Rotation.of(turn(draws))] : []),
          ...(draws.below(3) ? [] : [size(draws)]),
        ];
        handles.push(isRoot ? commands.spawn(...parts) : commands.spawnChild(handles[parent] as Handle, ...parts));
        depths.push(isRoot ? 1 : (depths[parent] as number) + 1);
      }
      expect(Math.max(...depths)).toBeGreaterThan(12);
    });
    expect(recomputed()).toBe(500);
    expectNaive(world);
    expect(recomputed()).toBe(0);
  }
});

describe("only what moved is made anew", () => {
  /** root 2 -> 3 -> 4 -> 5, 2 -> 6 -> 7; alone 8. */
  const tree = async () => {
    const { engine, world, recomputed } = await stage();
    const handles = change(world, (commands) => {
      const parts = () => [WorldTransform, Position.of({ x: 1 }), Rotation] as const;
      const two = commands.spawn(...parts());
      const three = commands.spawnChild(two, ...parts());
      const four = commands.spawnChild(three, ...parts());
      const five = commands.spawnChild(four, ...parts());
      const six = commands.spawnChild(two, ...parts());
      const seven = commands.spawnChild(six, ...parts());
      return [0, 0, two, three, four, five, six, seven, commands.spawn(...parts())];
    });
    expect([recomputed(), recomputed()]).toEqual([7, 0]);
    const x = world.store.columnsOf(Position)["x"] as Float32Array;
    return { engine, world, recomputed, handles, x };
  };

  test.each([
    [2, 6],
    [3, 3],
    [4, 2],
    [5, 1],
    [6, 2],
    [7, 1],
    [8, 1],
  ])("moving %i makes %i", async (e, count) => {
    const { world, recomputed, x } = await tree();
    x[e] = 5;
    expect([recomputed(), recomputed()]).toEqual([count, 0]);
    expectNaive(world);
  });

  test("turning and scaling count as moving; giving the same value does not", async () => {
    const { world, recomputed, x, handles } = await tree();
    (world.store.columnsOf(Rotation)["y"] as Float32Array)[3] = 0.5;
    expect(recomputed()).toBe(3);
    change(world, (commands) => commands.add(handles[6] as Handle, Scale.of({ x: 2, y: 2, z: 2 })));
    expect(recomputed()).toBe(2);
    expectNaive(world);
    x[2] = 1;
    expect(recomputed()).toBe(0);
    change(world, (commands) => commands.remove(handles[6] as Handle, Scale));
    expect(recomputed()).toBe(2);
    expectNaive(world);
  });

  test("two moves in one branch make each matrix once", async () => {
    const { recomputed, x } = await tree();
    x[2] = x[3] = x[5] = 9;
    expect(recomputed()).toBe(6);
  });

  test("reparenting makes the subtree that moved, and nothing else", async () => {
    const { world, recomputed, handles } = await tree();
    const [, , , , four, , , seven, eight] = handles as [
      number,
      number,
      Handle,
      Handle,
      Handle,
      Handle,
      Handle,
      Handle,
      Handle,
    ];
    change(world, (commands) => commands.reparent(four, seven));
    expect(recomputed()).toBe(2);
    expectNaive(world);
    change(world, (commands) => commands.reparent(eight, four));
    expect(recomputed()).toBe(1);
    expectNaive(world);
  });

  test("a subtree that becomes a root, and one that comes back to where it was", async () => {
    const { world, recomputed, handles } = await tree();
    const [, , , three, four] = handles as [number, number, Handle, Handle, Handle];
    change(world, (commands) => commands.reparent(four, 0));
    expect(recomputed()).toBe(2);
    expectNaive(world);
    change(world, (commands) => commands.reparent(four, three));
    expect(recomputed()).toBe(2);
    expectNaive(world);
  });

  test("despawning a branch makes nothing", async () => {
    const { world, recomputed, handles } = await tree();
    change(world, (commands) => commands.despawn(handles[6] as Handle));
    expect([recomputed(), members(world)]).toEqual([0, [2, 3, 4, 5, 8]]);
  });

  test("a matrix that a command overwrote is made anew", async () => {
    const { world, recomputed, handles } = await tree();
    const before = matrixOf(world, 4);
    change(world, (commands) =>
      commands.add(handles[4] as Handle, WorldTransform.of({ matrix: new Array<number>(16).fill(7) })),
    );
    expect(recomputed()).toBe(2);
    expect(matrixOf(world, 4)).toEqual(before);
  });
});

describe("ancestors without a transform", () => {
  test("pass on their own parent's; with a position they have one", async () => {
    const { world, recomputed } = await stage();
    const [middle] = change(world, (commands) => {
      const top = commands.spawn(Position.of({ x: 1 }));
      const between = commands.spawnChild(top);
      commands.spawnChild(between, WorldTransform, Position.of({ x: 100 }));
      return [between];
    });
    expect(recomputed()).toBe(2);
    expect([matrixOf(world, 2)[12], matrixOf(world, 4)[12], members(world)]).toEqual([1, 101, [2, 4]]);
    change(world, (commands) => commands.add(middle, Position.of({ x: 10 })));
    expect(recomputed()).toBe(2);
    expect([matrixOf(world, 3)[12], matrixOf(world, 4)[12]]).toEqual([11, 111]);
    change(world, (commands) => commands.remove(middle, WorldTransform));
    expect(recomputed()).toBe(1);
    expect(matrixOf(world, 4)[12]).toBe(101);
    expect(matrixOf(world, 3)).toEqual(new Array(16).fill(0));
  });

  test("reparented, they move the transforms below them", async () => {
    const { world, recomputed } = await stage();
    const [bare, other, top] = change(world, (commands) => {
      const one = commands.spawn(WorldTransform, Position.of({ x: 1 }));
      const two = commands.spawn(WorldTransform, Position.of({ x: 2 }));
      const between = commands.spawnChild(one);
      commands.spawnChild(between, WorldTransform, Position.of({ x: 100 }));
      return [between, two, one] as const;
    });
    recomputed();
    for (const [parent, x] of [
      [other, 102],
      [0, 100],
      [top, 101],
    ] as const) {
      change(world, (commands) => commands.reparent(bare, parent));
      expect([recomputed(), matrixOf(world, 5)[12]]).toEqual([1, x]);
    }
  });
});

describe("a matrix follows from the state alone", () => {
  test("the rotation of all zeros is none, the scale that is absent is 1", async () => {
    const { world, recomputed } = await stage();
    change(world, (commands) => [
      commands.spawn(WorldTransform, Position.of({ x: 1, y: 2, z: 3 })),
      commands.spawn(WorldTransform, Rotation.of({ w: 0 }), Scale.of({ x: 2 })),
      commands.spawn(WorldTransform, Scale.of({ x: 0, y: 0, z: 0 })),
    ]);
    recomputed();
    expect([2, 3, 4].map((e) => matrixOf(world, e))).toEqual([
      [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 1, 2, 3, 1],
      [2, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1],
      [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
    ]);
  });

  // -0 equals 0 as a number; if it did here, what stays and what is made anew would have other bits.
  test("signs of zero: what a pass leaves has the bits that a full pass gives", async () => {
    const { engine, world, recomputed } = await stage();
    change(world, (commands) => commands.spawn(WorldTransform, Position, Rotation.of({ x: 0.6, w: 0.8 })));
    recomputed();
    for (const [component, field] of [
      [Position, "x"],
      [Rotation, "y"],
    ] as const)
      (world.store.columnsOf(component as typeof Position)[field] as Float32Array)[2] = -0;
    expectFullPassChangesNothing(engine);
  });

  interface Step {
    readonly do: string;
    readonly e: number;
    readonly other: number;
    readonly draw: number;
  }
  const what = [
    "spawn",
    "spawn",
    "spawnBare",
    "despawn",
    "move",
    "move",
    "turn",
    "grow",
    "shrink",
    "root",
    "hang",
    "hang",
    "gain",
    "lose",
    "zero",
  ];
  const step: fc.Arbitrary<Step> = fc.record({
    do: fc.constantFrom(...what),
    e: fc.nat(1_000),
    other: fc.nat(1_000),
    draw: fc.nat(),
  });

  test("300 histories: equal to the naive reference, and bit for bit to a full pass", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(step, { maxLength: 12 }), { maxLength: 6 }), async (phases) => {
        const { engine, world, recomputed } = await stage(40);
        for (const phase of phases) {
          change(world, (commands) => {
            const alive = Array.from({ length: 40 }, (_, i) => world.store.handleOf(i + 2)).filter((handle) =>
              world.store.isAlive(handle),
            );
            const gone = new Set<number>();
            for (const one of phase) act(world, commands, one, alive, gone);
          });
          const count = recomputed();
          expect(count).toBeLessThanOrEqual(members(world).length);
          expectNaive(world);
          expectFullPassChangesNothing(engine);
        }
      }),
      { seed, numRuns: 300 },
    );
  });

  function act(
    world: World,
    commands: Parameters<Parameters<typeof change>[1]>[0],
    one: Step,
    alive: Handle[],
    gone: Set<number>,
  ): void {
    const draws = new Draws(one.draw);
    const parts = [
      place(draws),
      ...(draws.below(2) ? [Rotation.of(turn(draws))] : []),
      ...(draws.below(3) ? [] : [size(draws)]),
    ];
    if (one.do.startsWith("spawn")) {
      if (world.store.aliveCount >= 40) return;
      const all = one.do === "spawn" ? [WorldTransform, ...parts] : parts;
      const parent = alive[one.other % (alive.length + 1)];
      // A spawn that is only reserved cannot be a parent whose removal is tracked here, so only settled ones are.
      if (parent === undefined || gone.size > 0) commands.spawn(...all);
      else commands.spawnChild(parent, ...all);
      return;
    }
    const handle = alive[one.e % Math.max(1, alive.length)];
    const other = alive[one.other % Math.max(1, alive.length)];
    if (handle === undefined || other === undefined || gone.size > 0) return;
    const e = handleIndex(handle);
    const write = (component: typeof Position | typeof Rotation, field: string, value: number): void => {
      if (world.store.has(e, component)) (world.store.columnsOf(component)[field] as Float32Array)[e] = value;
    };
    if (one.do === "despawn") {
      commands.despawn(handle);
      gone.add(e);
    } else if (one.do === "move") write(Position, "y", draws.between(-3, 3));
    else if (one.do === "zero")
      write(draws.below(2) ? Position : Rotation, draws.pick(["x", "y", "z"]), draws.pick([0, -0]));
    else if (one.do === "turn") commands.add(handle, Rotation.of(turn(draws)));
    else if (one.do === "grow") commands.add(handle, size(draws));
    else if (one.do === "shrink" && world.store.has(e, Scale))
      staged(world, () => commands.remove(handle, Scale), `${e} scale`);
    else if (one.do === "root") commands.reparent(handle, 0);
    else if (one.do === "hang") {
      for (let above = handleIndex(other); above !== 0; above = world.hierarchy.parentOf(above))
        if (above === e) return;
      staged(world, () => commands.reparent(handle, other), "hang");
    } else if (one.do === "gain") commands.add(handle, WorldTransform);
    else if (one.do === "lose" && world.store.has(e, WorldTransform))
      staged(world, () => commands.remove(handle, WorldTransform), `${e} transform`);
  }

  /** Stages what may be staged only once before it is applied: a second could be a circle, or remove what is gone. */
  const stagedOnce = new WeakMap<World, { tick: number; keys: Set<string> }>();
  function staged(world: World, stageIt: () => void, key: string): void {
    let once = stagedOnce.get(world);
    if (once === undefined || once.tick !== world.tickCount) once = { tick: world.tickCount, keys: new Set() };
    stagedOnce.set(world, once);
    if (once.keys.has(key)) return;
    once.keys.add(key);
    stageIt();
  }
});

/** Forgets everything that the pass remembers and makes another tick: no bit of any matrix may change. */
function expectFullPassChangesNothing(engine: Engine): void {
  engine.step();
  const { world } = engine;
  const { transforms } = engine.of(transformSubsystem);
  const matrix = world.store.columnsOf(WorldTransform)["matrix"] as Float32Array;
  const bits = (): number[] => [...new Uint32Array(matrix.slice().buffer)];
  const before = bits();
  for (let e = 1; e <= world.limits.entities; e++) transforms?.forget(e);
  engine.step();
  expect(transforms?.recomputedCount).toBe(members(world).filter((e) => world.store.has(e, Position)).length);
  expect(bits()).toEqual(before);
}
