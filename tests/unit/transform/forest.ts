/** Forests for tests of transforms: an engine that holds one, random local values, and what must hold of all matrices. */
import { expect } from "vitest";
import type { Engine } from "../../../engine/engine.ts";
import type { World } from "../../../engine/sim/world.ts";
import { Position, Scale, WorldTransform } from "../../../engine/transform/components.ts";
import { transformSubsystem } from "../../../engine/transform/subsystem.ts";
import { emptyGame, makeEngine } from "../engine/small-game.ts";
import type { Draws } from "../seeds.ts";
import { matrixOf, worldMatrix } from "./reference.ts";

/** All engines that were made, for a test file to dispose of in the end. */
export const engines: Engine[] = [];
export async function stage(entities = 64): Promise<{ engine: Engine; world: World; recomputed: () => number }> {
  const engine = makeEngine({ ...emptyGame, limits: { entities, players: 1 } });
  engines.push(engine);
  await engine.start();
  const step = (): number => {
    engine.step();
    return engine.of(transformSubsystem).transforms?.recomputedCount ?? -1;
  };
  return { engine, world: engine.world, recomputed: step };
}

export const members = (world: World): number[] => [...world.query([WorldTransform]).entities];

/** Every matrix equals the naive one within what f32 loses over 50 levels. */
export function expectNaive(world: World): void {
  for (const e of members(world)) {
    const expected = worldMatrix(world, e);
    const largest = Math.max(...expected.map(Math.abs));
    matrixOf(world, e).forEach((element, i) => {
      if (!(Math.abs(element - (expected[i] as number)) <= 2e-5 * largest))
        expect([e, matrixOf(world, e)]).toEqual([e, expected]);
    });
  }
}

/** A unit quaternion from two numbers, exact enough for a reference that takes what the column holds. */
export function turn(draws: Draws): { x: number; y: number; z: number; w: number } {
  const [x, y, z, w] = [0, 0, 0, 0].map(() => draws.between(-1, 1)) as [number, number, number, number];
  const length = Math.hypot(x, y, z, w);
  return { x: x / length, y: y / length, z: z / length, w: w / length };
}

export const place = (draws: Draws) =>
  Position.of({ x: draws.between(-3, 3), y: draws.between(-3, 3), z: draws.between(-3, 3) });
export const size = (draws: Draws) =>
  Scale.of({ x: draws.between(0.8, 1.25), y: draws.between(0.8, 1.25), z: draws.between(0.8, 1.25) });

/** Forgets everything that the pass remembers and makes another tick: no bit of any matrix may change. */
export function expectFullPassChangesNothing(engine: Engine): void {
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
