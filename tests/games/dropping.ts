/**
 * Dropping: drops that fall, are taken away below a limit, split and are joined by new ones, all by commands. With other
 * values it is other code whose difference shows in what the structure phase writes, and nowhere before it.
 */
import { defineComponent, defineGame, defineSystem, f32, type Game } from "../../engine/index.ts";

export interface DroppingChanges {
  /** Below it a drop is taken away. */
  readonly limit?: number;
  /** How wide a drop is that joins. */
  readonly width?: number;
  /** Whether values are left out that are the defaults, which gives the same drops. */
  readonly isShort?: boolean;
  /** How deep a drop is marked as deep. */
  readonly depth?: number;
}

export const Drop = defineComponent("Drop", { y: f32, width: f32 }, { shared: true, defaults: { width: 0.5 } });
const Deep = defineComponent("Deep");

export function dropping({ limit = -8, width = 0.1, isShort = false, depth = -4 }: DroppingChanges = {}): Game {
  const sink = defineSystem({
    name: "a-sink",
    phase: "gameplay",
    query: [Drop],
    writes: [Drop],
    run({ entities, columns: { Drop } }) {
      for (const entity of entities) Drop.y[entity]! -= 0.125;
    },
  });
  const mark = defineSystem({
    name: "b-mark",
    phase: "gameplay",
    query: [Drop],
    reads: [Drop],
    after: ["a-sink"],
    run({ entities, columns: { Drop }, commands, world }) {
      for (const entity of entities)
        if (Drop.y[entity]! < depth && !world.has(entity, Deep)) commands.add(world.handleOf(entity), Deep);
    },
  });
  const fall = defineSystem({
    name: "c-fall",
    phase: "gameplay",
    query: [Drop],
    reads: [Drop],
    after: ["b-mark"],
    run({ entities, columns: { Drop }, commands, world }) {
      for (const entity of entities) if (Drop.y[entity]! < limit) commands.despawn(world.handleOf(entity));
    },
  });
  const join = defineSystem({
    name: "d-join",
    phase: "gameplay",
    after: ["c-fall"],
    run({ commands, tick }) {
      if (tick % 20 === 10) commands.spawn(isShort ? Drop : Drop.of({ y: 0, width: 0.5 }));
      if (tick === 50) commands.spawn(Drop.of({ width }));
    },
  });
  return defineGame({
    ...{ id: "dropping", tickRate: 60, limits: { entities: 64 } },
    ...{ components: [Drop, Deep], systems: [sink, mark, fall, join] },
    setup({ commands }) {
      for (let number = 0; number < 12; number++) commands.spawn(Drop.of({ y: number / 4 }));
    },
  });
}
