/**
 * A snapshot: read-only views over one pinned slot. It is all of a world that views and jobs may
 * read. Valid only while the slot is pinned; nobody writes through it.
 */

import { raise } from "../base/faults.ts";
import type { Component, ReadonlyColumnsOf } from "../ecs/component.ts";
import { columnOver, type ReadonlyColumn } from "../ecs/field.ts";
import { type Handle, handleGeneration, handleIndex, makeHandle } from "../ecs/handle.ts";
import type { Schema } from "../ecs/schema.ts";
import { componentsPerMaskRow } from "../ecs/store.ts";
import { type SnapshotLayout, slotHeadWord, slotHeadWords } from "./layout.ts";

export class Snapshot {
  readonly #head: Uint32Array;
  readonly #generation: Uint16Array;
  readonly #masks: readonly Int32Array[];
  readonly #columns = new Map<Component, Readonly<Record<string, ReadonlyColumn>>>();
  readonly #schema: Schema;

  /** The slot `slot` of the ring that begins at `ringOffset` of `buffer`. */
  constructor(buffer: SharedArrayBuffer, ringOffset: number, layout: SnapshotLayout, schema: Schema, slot: number) {
    const base = ringOffset + layout.slotsOffset + slot * layout.slotBytes;
    const slots = layout.generation.byteLength / 2;
    this.#schema = schema;
    this.#head = new Uint32Array(buffer, base + layout.head.byteOffset, slotHeadWords);
    this.#generation = new Uint16Array(buffer, base + layout.generation.byteOffset, slots);
    this.#masks = layout.masks.map((mask) => new Int32Array(buffer, base + mask.byteOffset, slots));
    for (const [component, fields] of layout.columns) {
      const columns: Record<string, ReadonlyColumn> = {};
      for (const [name, region] of fields)
        columns[name] = columnOver(component.fields[name]!, buffer, base + region.byteOffset, slots);
      this.#columns.set(component, columns);
    }
  }

  get tick(): number {
    return this.#head[slotHeadWord.tick]!;
  }
  get hashLow(): number {
    return this.#head[slotHeadWord.hashLow]!;
  }
  get hashHigh(): number {
    return this.#head[slotHeadWord.hashHigh]!;
  }
  /** Highest index in use plus one: loops over all entities end here. */
  get slotCount(): number {
    return this.#head[slotHeadWord.slotCount]!;
  }
  get generation(): Uint16Array {
    return this.#generation;
  }

  /** Columns of a component defined with `shared: true`; raises "unknown-name" for others. */
  columnsOf<C extends Component>(component: C): ReadonlyColumnsOf<C> {
    const columns = this.#columns.get(component);
    if (columns === undefined)
      raise("unknown-name", {
        what: "shared component",
        name: component.name,
        where: "The view",
        known: [...this.#columns.keys()].map((known) => known.name).join(", "),
      });
    return columns as ReadonlyColumnsOf<C>;
  }

  has(index: number, component: Component): boolean {
    const { row, bit } = this.presenceOf(component);
    return (row[index]! & bit) !== 0;
  }

  /** Presence row and bit of a component, for loops over many entities. */
  presenceOf(component: Component): { readonly row: Int32Array; readonly bit: number } {
    const number = this.#schema.numbers.get(component);
    if (number === undefined)
      raise("unknown-name", {
        what: "component",
        name: component.name,
        where: "A reader of a snapshot",
        known: this.#schema.components.map((known) => known.name).join(", "),
      });
    return { row: this.#masks[Math.floor(number / componentsPerMaskRow)]!, bit: 1 << (number % componentsPerMaskRow) };
  }

  /** How many entities have the component. */
  count(component: Component): number {
    const { row, bit } = this.presenceOf(component);
    const end = this.slotCount;
    let count = 0;
    for (let index = 1; index < end; index++) if ((row[index]! & bit) !== 0) count++;
    return count;
  }

  /** The first entity, by index, that has the component; 0 when there is none. */
  first(component: Component): number {
    const { row, bit } = this.presenceOf(component);
    const end = this.slotCount;
    for (let index = 1; index < end; index++) if ((row[index]! & bit) !== 0) return index;
    return 0;
  }

  handleOf(index: number): Handle {
    return makeHandle(index, this.#generation[index]!);
  }

  /** The index of a handle that is alive in this snapshot and has a component, 0 otherwise. */
  indexOf(handle: Handle): number {
    const index = handleIndex(handle);
    if (index === 0 || index >= this.slotCount || this.#generation[index] !== handleGeneration(handle)) return 0;
    // A free slot has the generation of its next life already; only its presence is empty.
    for (const row of this.#masks) if (row[index] !== 0) return index;
    return 0;
  }
}
