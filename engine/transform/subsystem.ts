/**
 * The transform subsystem: keeps WorldTransform in step with Position, Rotation, Scale and the
 * hierarchy, by one system in the transforms phase. Whoever has a Position and a parent or children
 * has a WorldTransform, so that no position in a chain is left out.
 */
import { noValues } from "../ecs/component.ts";
import { Family, Parent } from "../ecs/hierarchy.ts";
import { not } from "../ecs/prepared-query.ts";
import { defineSubsystem, type Subsystem } from "../sim/subsystem.ts";
import { defineSystem } from "../sim/system.ts";
import type { World } from "../sim/world.ts";
import { Position, Rotation, Scale, WorldTransform } from "./components.ts";
import { openTransformMemory, transformScratchBytes } from "./memory.ts";
import { WorldTransforms } from "./world-transforms.ts";

const rootTerms = [WorldTransform, Position, not(Parent)] as const;
const topTerms = [Family, not(Parent)] as const;

export interface TransformSubsystem extends Subsystem {
  /** The pass itself, once started; for benchmarks and views of its counts. */
  readonly transforms: WorldTransforms | undefined;
}

export const transformSubsystem = defineSubsystem<TransformSubsystem>({
  name: "transform",
  components: [Position, Rotation, Scale, WorldTransform],
  scratchBytes: (limits) => transformScratchBytes(limits.entities + 1),
  create: () => {
    let transforms: WorldTransforms | undefined;
    let world: World | undefined;
    let isOrderStale = true;
    let orderVersion = -1;
    const propagate = defineSystem({
      name: "propagate-transforms",
      phase: "transforms",
      query: rootTerms,
      queries: { tops: topTerms },
      reads: [Position, Rotation, Scale, Parent, Family],
      writes: [WorldTransform],
      run: ({ entities, members }) => update(entities, members.tops),
    });
    const update = (roots: Uint32Array, tops: Uint32Array): void => {
      const { hierarchy, store } = world!;
      if (isOrderStale || orderVersion !== hierarchy.version) {
        transforms!.reorder(tops, hierarchy, (index) => store.has(index, WorldTransform));
        isOrderStale = false;
        orderVersion = hierarchy.version;
      }
      transforms!.update(roots);
    };
    // Within a hierarchy a position without a matrix would be passed over, so the matrix comes along.
    const complete = (index: number): void => {
      const { store, tickCount } = world!;
      if (store.has(index, Family) && store.has(index, Position) && !store.has(index, WorldTransform))
        store.add(index, { component: WorldTransform, values: noValues }, tickCount);
    };
    /** Gives everything its place before a tick reads it: what the game set up, or what came with a program. */
    const place = (): void => {
      for (const index of world!.query([Family, Position]).entities) complete(index);
      world!.store.settle();
      update(world!.query(rootTerms).entities, world!.query(topTerms).entities);
    };
    return {
      systems: [propagate],
      get transforms() {
        return transforms;
      },
      start(host) {
        world = host.world;
        const { store } = world;
        transforms = new WorldTransforms(
          openTransformMemory(store, world.scratchOf(transformSubsystem)),
          world.kernels,
        );
        isOrderStale = true;
        const forget = (index: number): void => {
          transforms?.forget(index);
        };
        const reorderBelow = (index: number): void => {
          forget(index);
          if (store.has(index, Family)) isOrderStale = true;
        };
        store.watch(WorldTransform, { added: reorderBelow, overwritten: forget, removing: reorderBelow });
        store.watch(Scale, { added: forget, removing: forget });
        store.watch(Family, { added: complete });
        store.watch(Position, { added: complete });
        // Another parent, or none, is another matrix from the same local values.
        store.watch(Parent, { added: forget, overwritten: forget, removing: forget });
        place();
      },
      takeOver() {
        transforms!.forgetAll();
        isOrderStale = true;
        place();
        return false;
      },
      restored() {
        transforms!.forgetAll();
        isOrderStale = true;
      },
      stop() {
        transforms = undefined;
        world = undefined;
      },
    };
  },
});
