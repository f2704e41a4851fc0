/** World transforms: equal to naive matrices for any forest and history, and made anew only where something moved. */
import { afterAll, describe, expect, test } from "vitest";
import type { Handle } from "../../../engine/ecs/handle.ts";
import { Position, Rotation, Scale, WorldTransform } from "../../../engine/transform/components.ts";
import { emptyGame, makeEngine } from "../engine/small-game.ts";
import { Draws, testSeed } from "../seeds.ts";
import { change } from "../small-world.ts";
import { engines, expectFullPassChangesNothing, expectNaive, members, place, size, stage, turn } from "./forest.ts";
import { matrixOf } from "./reference.ts";

const seed = testSeed("world-transforms");
afterAll(() => {
  for (const engine of engines) engine.dispose();
});

test("forests up to 50 deep equal the naive reference", async () => {
  for (let run = 0; run < 20; run++) {
    const draws = new Draws(seed + run);
    const { world, recomputed } = await stage(600);
    change(world, (commands) => {
      const handles: Handle[] = [];
      const depths: number[] = [];
      for (let i = 0; i < 500; i++) {
        // The last ten are likely parents: that makes long chains.
        const parent = draws.below(40) === 0 ? -1 : Math.max(0, handles.length - 1 - draws.below(5));
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
      expect(Math.max(...depths)).toBeGreaterThan(15);
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
});

describe("whoever has a Position and a parent or children has a WorldTransform", () => {
  test("given with the hierarchy, with the position, or before the first tick", async () => {
    const engine = makeEngine({
      ...emptyGame,
      setup: ({ commands }) => {
        const top = commands.spawn(Position.of({ x: 1 }));
        commands.spawnChild(top, Position.of({ x: 2 }));
        commands.spawn(Position);
      },
    });
    engines.push(engine);
    await engine.start();
    const { world } = engine;
    expect(members(world)).toEqual([2, 3]);
    engine.step();
    expect([2, 3].map((e) => matrixOf(world, e)[12])).toEqual([1, 3]);
    change(world, (commands) => commands.reparent(world.store.handleOf(4), world.store.handleOf(3)));
    expect(members(world)).toEqual([2, 3, 4]);
    change(world, (commands) => commands.add(commands.spawnChild(world.store.handleOf(2)), Position.of({ x: 5 })));
    engine.step();
    expect([4, 5].map((e) => matrixOf(world, e)[12])).toEqual([3, 6]);
    expectNaive(world);
  });
});
