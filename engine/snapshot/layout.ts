/**
 * The layout of a snapshot slot, and of the ring of slots in its shared memory. A snapshot holds the
 * columns of components defined as `shared`, the presence masks and the generations, at one tick.
 *
 *     0  ┌───────────────────────────────┐ control words, i32, used with Atomics only
 *        │ published slot (-1: none yet) │
 *        │ slot 0: state  pins           │
 *        │ slot 1: state  pins  ...      │
 *        ├───────────────────────────────┤ slot 0, each region at a multiple of 64 bytes
 *        │ Slot.head       u32[16]       │ tick, slots used, hash low, hash high
 *        │ Entities.generation, mask0..  │
 *        │ WorldTransform.matrix ...     │
 *        ├───────────────────────────────┤ slot 1 ...
 */
import type { Limits } from "../base/limits.ts";
import { ArenaLayout, type Region } from "../ecs/arena.ts";
import type { Component } from "../ecs/component.ts";
import type { Schema } from "../ecs/schema.ts";
import type { Store, StoreRegions } from "../ecs/store.ts";

export const slotHeadWords = 16;
/** Words of Slot.head. */
export const slotHeadWord = { tick: 0, slotCount: 1, hashLow: 2, hashHigh: 3 } as const;

/** One copy a snapshot makes: from the arena's region to the same region of a slot. */
export interface CopiedRegion {
  readonly from: Region;
  readonly to: Region;
  /** Bytes a slot of the column takes, to copy only the used range. */
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
  readonly slotBytes: number;
  readonly controlBytes: number;
  readonly slotCount: number;
}

export function layOutSnapshot(schema: Schema, store: Store, regions: StoreRegions, limits: Limits): SnapshotLayout {
  const layout = new ArenaLayout();
  const copies: CopiedRegion[] = [];
  const head = layout.reserve("Slot.head", slotHeadWords * 4);
  const copy = (from: Region, slotBytes: number, component: number): Region => {
    const to = layout.reserve(from.name, from.byteLength);
    copies.push({ from, to, slotBytes, component });
    return to;
  };
  const generation = copy(regions.generation, 2, -1);
  const masks = regions.masks.map((mask) => copy(mask, 4, -1));
  const columns = new Map<Component, Map<string, Region>>();
  for (const component of schema.components) {
    if (!component.shared) continue;
    const number = store.numberOf(component);
    const fields = new Map<string, Region>();
    for (const [name, region] of regions.columns.get(component)!)
      fields.set(name, copy(region, region.byteLength / (limits.entities + 1), number));
    columns.set(component, fields);
  }
  const controlBytes = Math.ceil(((1 + limits.snapshotSlots * 2) * 4) / 64) * 64;
  return {
    head,
    copies,
    columns,
    generation,
    masks,
    slotBytes: layout.byteLength,
    controlBytes,
    slotCount: limits.snapshotSlots,
  };
}
