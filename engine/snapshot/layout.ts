/**
 * The layout of the snapshot ring, which lies behind the state in the world's memory, so that kernels
 * copy into it and jobs read from it. A snapshot holds the columns of components defined as `shared`,
 * the presence masks and the generations, at one tick.
 *
 *     0  ┌───────────────────────────────┐ control words, i32, used with Atomics only
 *        │ published slot (-1: none yet) │
 *        │ slot 0: state  pins           │
 *        │ slot 1: state  pins  ...      │
 *        ├───────────────────────────────┤ table of copies for the kernel: from, to, bytes
 *        ├───────────────────────────────┤ slot 0, each region at a multiple of 64 bytes
 *        │ Slot.head       u32[16]       │ tick, slots used, hash low, hash high
 *        │ Entities.generation, mask0..  │
 *        │ WorldTransform.matrix ...     │
 *        ├───────────────────────────────┤ slot 1 ...
 * It is computed from schema and limits alone: whoever has the same game and the ring's offset, such as
 * a worker, finds every column.
 */
import type { Limits } from "../base/limits.ts";
import { ArenaLayout, type Region, regionAlignment } from "../ecs/arena.ts";
import { type Component, fieldNames } from "../ecs/component.ts";
import { fieldBytes } from "../ecs/field.ts";
import type { Schema } from "../ecs/schema.ts";
import { componentsPerMaskRow } from "../ecs/store.ts";
import { slotRingWords } from "./slots.ts";

export const slotHeadWords = 16;
/** Words of Slot.head. */
export const slotHeadWord = { tick: 0, slotCount: 1, hashLow: 2, hashHigh: 3 } as const;
/** Words of one row of the kernel's table of copies. */
export const copyWords = 3;

/** A region of a slot that is copied from the region of the arena that has its name. */
export interface CopiedRegion {
  readonly to: Region;
  /** Bytes that an entity's slot of the column takes, to copy only the used range. */
  readonly slotBytes: number;
  /** Component number, or -1 for structural regions. */
  readonly component: number;
}

export interface SnapshotLayout {
  readonly head: Region;
  readonly copies: readonly CopiedRegion[];
  /** Region of each shared field within a slot. */
  readonly columns: ReadonlyMap<Component, ReadonlyMap<string, Region>>;
  readonly generation: Region;
  readonly masks: readonly Region[];
  /** Offset of the table of copies, from the ring's beginning. */
  readonly tableOffset: number;
  /** Offset of slot 0, from the ring's beginning. */
  readonly slotsOffset: number;
  readonly slotBytes: number;
  readonly slotCount: number;
  readonly byteLength: number;
}

export function layOutSnapshot(schema: Schema, limits: Limits): SnapshotLayout {
  const entitySlots = limits.entities + 1;
  const slot = new ArenaLayout();
  const copies: CopiedRegion[] = [];
  const head = slot.reserve("Slot.head", slotHeadWords * 4);
  const copy = (name: string, slotBytes: number, component: number): Region => {
    const to = slot.reserve(name, entitySlots * slotBytes);
    copies.push({ to, slotBytes, component });
    return to;
  };
  const generation = copy("Entities.generation", 2, -1);
  const masks = Array.from({ length: Math.ceil(schema.components.length / componentsPerMaskRow) }, (_, row) =>
    copy(`Entities.mask${row}`, 4, -1),
  );
  const columns = new Map<Component, Map<string, Region>>();
  schema.components.forEach((component, number) => {
    if (!component.shared) return;
    const fields = new Map<string, Region>();
    for (const name of fieldNames(component))
      fields.set(name, copy(`${component.name}.${name}`, fieldBytes(component.fields[name]!), number));
    columns.set(component, fields);
  });
  const { snapshotSlots } = limits;
  const tableOffset = align(slotRingWords(snapshotSlots) * 4);
  const slotsOffset = align(tableOffset + copies.length * copyWords * 4);
  return {
    head,
    copies,
    columns,
    generation,
    masks,
    tableOffset,
    slotsOffset,
    slotBytes: slot.byteLength,
    slotCount: snapshotSlots,
    byteLength: slotsOffset + slot.byteLength * snapshotSlots,
  };
}

function align(offset: number): number {
  return Math.ceil(offset / regionAlignment) * regionAlignment;
}
