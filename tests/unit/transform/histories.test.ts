/** Random histories of a forest: after each phase the matrices equal the naive ones, and a full pass changes no bit. */
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { type Handle, handleIndex } from "../../../engine/ecs/handle.ts";
import type { World } from "../../../engine/sim/world.ts";
import { Position, Rotation, Scale, WorldTransform } from "../../../engine/transform/components.ts";
import { Draws, testSeed } from "../seeds.ts";
import { change } from "../small-world.ts";
import { engines, expectFullPassChangesNothing, expectNaive, members, place, size, stage, turn } from "./forest.ts";

const seed = testSeed("transform-histories");
afterAll(() => {
  for (const engine of engines) engine.dispose();
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
    for (let above = handleIndex(other); above !== 0; above = world.hierarchy.parentOf(above)) if (above === e) return;
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
