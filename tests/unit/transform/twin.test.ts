/** The SIMD pass over world transforms and its TypeScript twin make the same matrices, bit for bit, of the same entities. */
import { expect, test } from "vitest";
import { Family, Parent } from "../../../engine/ecs/hierarchy.ts";
import { not } from "../../../engine/ecs/prepared-query.ts";
import type { World } from "../../../engine/sim/world.ts";
import { Position, Rotation, Scale, WorldTransform } from "../../../engine/transform/components.ts";
import { openTransformMemory } from "../../../engine/transform/memory.ts";
import { transformSubsystem } from "../../../engine/transform/subsystem.ts";
import { WorldTransforms } from "../../../engine/transform/world-transforms.ts";
import { Draws, testSeed } from "../seeds.ts";
import { change, smallWorld } from "../small-world.ts";

const seed = testSeed("transform-twin");

/** A world with a pass of its own, beside that of the subsystem, which never runs here. */
function passOver(entityCount: number, kernels: boolean) {
  const world = smallWorld({ limits: { entities: entityCount + 8 }, subsystems: [transformSubsystem] });
  const memory = openTransformMemory(world.store, world.scratchOf(transformSubsystem));
  return { world, transforms: new WorldTransforms(memory, kernels ? world.kernels : undefined) };
}

/** A random forest in which parents have lower and higher indices than their children, the same for the same draws. */
function grow(world: World, entityCount: number, draws: Draws): void {
  change(world, (commands) => {
    const handles = Array.from({ length: entityCount }, () =>
      commands.spawn(Position, Rotation, ...(draws.below(3) === 0 ? [Scale] : []), WorldTransform),
    );
    const order = [...handles].sort(() => draws.between(-1, 1));
    for (let i = 1; i < order.length; i++)
      if (draws.below(4) !== 0) commands.reparent(order[i]!, order[draws.below(i)]!);
  });
}

function disturb(world: World, draws: Draws, percent: number): void {
  for (const component of [Position, Rotation, Scale])
    for (const column of Object.values(world.store.columnsOf(component)))
      for (let e = 1; e < column.length; e++)
        if (draws.below(100) < percent)
          column[e] = draws.below(8) === 0 ? draws.pick([0, -0, 1, 1e-30, -3e15]) : draws.between(-4, 4);
}

test("random forests, moved here and there", () => {
  for (let trial = 0; trial < 60; trial++) {
    const entityCount = 1 + new Draws(seed + trial).below(90);
    const [ours, twin] = [true, false].map((kernels) => {
      const pass = passOver(entityCount, kernels);
      const { world, transforms } = pass;
      grow(world, entityCount, new Draws(seed + trial));
      const tops = world.query([Family, not(Parent)]).entities;
      transforms.reorder(tops, world.hierarchy, (index) => world.store.has(index, WorldTransform));
      return { ...pass, roots: world.query([WorldTransform, Position, not(Parent)]).entities };
    });
    for (let round = 0; round < 6; round++) {
      const counts = [ours!, twin!].map(({ world, transforms, roots }) => {
        disturb(world, new Draws(seed + trial * 100 + round), [100, 2, 0, 20, 1, 60][round]!);
        transforms.update(roots);
        return transforms.recomputedCount;
      });
      expect(counts[0]).toBe(counts[1]);
      const [made, expected] = [ours!, twin!].map(({ world }) => {
        const { buffer, byteOffset, byteLength } = world.store.columnsOf(WorldTransform)["matrix"]!;
        return Buffer.from(new Uint8Array(buffer, byteOffset, byteLength).slice());
      });
      expect(Buffer.compare(made!, expected!)).toBe(0);
    }
  }
});
