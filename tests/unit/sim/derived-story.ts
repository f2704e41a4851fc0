/** A world that follows a story, with two derived values and a system that notes what it reads of them. */
import { defineComponent } from "../../../engine/ecs/component.ts";
import { f32, u16, u32 } from "../../../engine/ecs/field.ts";
import { not } from "../../../engine/ecs/prepared-query.ts";
import { type DerivedDefinition, defineDerived, fieldsOf } from "../../../engine/sim/derived.ts";
import { type AnySystem, defineSystem } from "../../../engine/sim/system.ts";
import type { World } from "../../../engine/sim/world.ts";
import { smallWorld } from "../small-world.ts";

export const Place = defineComponent("Place", { x: f32, z: f32, name: u32 });
export const Rank = defineComponent("Rank", { points: u16 });
export const Hidden = defineComponent("Hidden");

/** What the script of a tick does to the world; entities are named by their place among those alive, oldest first. */
export type Step =
  | readonly ["spawn", x: number, points: number]
  | readonly ["despawn" | "hide" | "show", which: number]
  | readonly ["move" | "earn" | "rename", which: number, value: number];

/** What the world is told to do, by tick, and who is alive. */
export const story: { handles: number[]; script: readonly (readonly Step[])[] } = { handles: [], script: [] };
const alive = (which: number): number | undefined => story.handles[which % Math.max(1, story.handles.length)];

/** Follows the script with the columns and the structure. */
export const act = defineSystem({
  name: "act",
  phase: "gameplay",
  writes: [Place, Rank],
  run({ columns, commands, tick, world }) {
    for (const step of story.script[tick - 1] ?? []) {
      if (step[0] === "spawn") {
        story.handles.push(commands.spawn(Place.of({ x: step[1] }), Rank.of({ points: step[2] })));
        continue;
      }
      const handle = alive(step[1]);
      if (handle === undefined) continue;
      const index = world.indexOf(handle as never);
      if (step[0] === "despawn") {
        commands.despawn(handle as never);
        story.handles = story.handles.filter((other) => other !== handle);
      } else if (!world.has(index, Place)) continue;
      else if (step[0] === "hide") commands.add(handle as never, Hidden);
      else if (step[0] === "show") {
        if (world.has(index, Hidden)) commands.remove(handle as never, Hidden);
      } else if (step[0] === "move") columns.Place.x[index] = step[2];
      else if (step[0] === "rename") columns.Place.name[index] = step[2];
      else columns.Rank.points[index] = Number(step[2]) & 0xffff;
    }
  },
});

/** Sorted set: indices by points, then by index. */
export const board = defineDerived({
  name: "board",
  from: [Rank],
  compute: ({ entities, columns: { Rank } }) =>
    entities.slice().sort((a, b) => Rank.points[b]! - Rank.points[a]! || a - b),
});
/** Spatial index: indices by cells of `size` metres, of what is not hidden. */
export const cells = defineDerived({
  name: "cells",
  from: [fieldsOf(Place, "x")],
  query: [Place, not(Hidden)],
  params: { size: ({ tick }) => (tick < 6 ? 4 : 8) },
  compute({ entities, handles: members, columns: { Place }, params }) {
    const found = new Map<number, { readonly index: number; readonly handle: number }[]>();
    entities.forEach((index, i) => {
      const cell = Math.floor(Place.x[index]! / params.size);
      if (!found.has(cell)) found.set(cell, []);
      found.get(cell)!.push({ index, handle: members[i]! });
    });
    return found;
  },
});

export const seen: { board: number[]; cells: unknown }[] = [];
export const read = defineSystem({
  name: "a-read",
  phase: "gameplay",
  derived: [board, cells],
  run({ derived }) {
    seen.push({ board: Array.from(derived.board as ArrayLike<number>), cells: [...derived.cells] });
  },
});

/** Forgets the story and what was read. */
export function beginStory(script: readonly (readonly Step[])[] = []): void {
  story.handles = [];
  story.script = script;
  seen.length = 0;
}

export const makeWorld = (systems: readonly AnySystem[] = [act, read], components = [Place, Rank, Hidden]): World =>
  smallWorld({ components: components as never, systems, limits: { entities: 64 } });
export const countOf = (world: World, definition: DerivedDefinition): number =>
  world.derived.slotOf(definition).computeCount;
