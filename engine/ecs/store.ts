/**
 * The store: entities, components and their columns, in an arena. bitecs owns entities, membership
 * and query matching; its arrays of alive ids and of presence masks are the arena's own regions, so
 * the whole structural state is flat memory and nothing has to be kept in step.
 *
 * What Orrery adds is where columns live (arena.ts), when structure changes (commands.ts), in which
 * order a query is seen (prepared-query.ts) and how handles go stale (generations).
 *
 * The rule a reader could break: only the structure phase, through Commands, calls `add`, `remove`
 * and `despawn`. Slots are zeroed on removal, so a column's bytes follow from the logical state.
 */
import {
  addComponent,
  addEntity,
  type World as BitecsWorld,
  commitRemovals,
  entityExists,
  hasComponent,
  removeComponent,
  removeEntity,
} from "bitecs";
import { assert } from "../base/assertions.ts";
import { raise } from "../base/faults.ts";
import { handleGenerationMask, type Limits } from "../base/limits.ts";
import type { Arena, ArenaLayout, Region } from "./arena.ts";
import { type AnyColumns, type Component, fieldNames, type Initial, noValues } from "./component.ts";
import { type Column, columnOver, fieldBytes } from "./field.ts";
import { type Handle, handleGeneration, handleIndex, makeHandle } from "./handle.ts";
import { componentsPerMaskRow, headerWord, lowestBit, openMembership, restoreMembership } from "./membership.ts";
import type { Schema } from "./schema.ts";

export { componentsPerMaskRow, headerWord };

const headerWordCount = 16;

/** A part of the arena that the tick hash covers: slotBytes * counter[counterIndex] bytes from byteOffset. */
export interface HashedSpan {
  /** "Position.x", "Entities.dense", "Random.streams" ... */
  readonly name: string;
  readonly byteOffset: number;
  readonly slotBytes: number;
  readonly counter: Uint32Array;
  readonly counterIndex: number;
}

/** Told, in the order of application, when a component is added to or about to be removed from an entity. */
export interface ComponentWatcher {
  added?(index: number): void;
  /** Some fields of a component that was there already were given new values by a command. */
  overwritten?(index: number): void;
  /** The component's values are still there. */
  removing?(index: number): void;
}

export interface StoreRegions {
  readonly header: Region;
  readonly dense: Region;
  readonly sparse: Region;
  readonly generation: Region;
  readonly used: Region;
  readonly changed: Region;
  readonly masks: readonly Region[];
  /** One region a field, components and fields in name order. */
  readonly columns: ReadonlyMap<Component, ReadonlyMap<string, Region>>;
}

/** Reserves the store's regions in `layout`, in the order of the drawing in arena.ts. */
export function reserveStore(layout: ArenaLayout, schema: Schema, limits: Limits): StoreRegions {
  const slots = limits.entities + 1;
  const maskRowCount = Math.ceil(schema.components.length / componentsPerMaskRow);
  const regions = {
    header: layout.reserve("Header", headerWordCount * 4),
    dense: layout.reserve("Entities.dense", limits.entities * 4),
    sparse: layout.reserve("Entities.sparse", slots * 4),
    generation: layout.reserve("Entities.generation", slots * 2),
    used: layout.reserve("Entities.used", schema.components.length * 4),
    changed: layout.reserve("Entities.changed", schema.components.length * 4),
    masks: Array.from({ length: maskRowCount }, (_, row) => layout.reserve(`Entities.mask${row}`, slots * 4)),
  };
  const columns = new Map<Component, Map<string, Region>>();
  for (const component of schema.components) {
    const fields = new Map<string, Region>();
    for (const name of fieldNames(component))
      fields.set(name, layout.reserve(`${component.name}.${name}`, slots * fieldBytes(component.fields[name]!)));
    columns.set(component, fields);
  }
  return { ...regions, columns };
}

interface ColumnSlot {
  readonly name: string;
  readonly column: Column;
  readonly length: number;
}

export class Store {
  readonly schema: Schema;
  readonly limits: Limits;
  readonly arena: Arena;
  /** The store's first words; see headerWord. */
  readonly header: Uint32Array;
  /** Slots ever used (highest index + 1), by component number. */
  readonly used: Uint32Array;
  /** Tick of the last write or structural change, by component number. */
  readonly changed: Uint32Array;
  readonly generation: Uint16Array;
  readonly hashedSpans: readonly HashedSpan[];

  readonly #bitecs: BitecsWorld;
  /** Changes with the structure and never comes again but by a restore: two equal ones mean one structure. */
  #structureVersion = 0;
  #lastVersion = 0;
  readonly #dense: Uint32Array;
  readonly #sparse: Uint32Array;
  readonly #masks: readonly Int32Array[];
  readonly #columns: readonly AnyColumns[];
  readonly #slots: readonly (readonly ColumnSlot[])[];
  readonly #watchers: ComponentWatcher[][];
  readonly #structureListeners: (() => void)[] = [];

  constructor(arena: Arena, schema: Schema, limits: Limits, regions: StoreRegions) {
    this.arena = arena;
    this.schema = schema;
    this.limits = limits;
    this.header = arena.u32(regions.header);
    this.header[headerWord.one] = 1;
    this.used = arena.u32(regions.used);
    this.changed = arena.u32(regions.changed);
    this.generation = arena.u16(regions.generation);
    this.#masks = regions.masks.map((region) => arena.i32(region));
    this.#columns = schema.components.map((component) => {
      const columns: Record<string, Column> = {};
      for (const [name, region] of regions.columns.get(component)!)
        columns[name] = columnOver(component.fields[name]!, arena.buffer, region.byteOffset, limits.entities + 1);
      return Object.freeze(columns);
    });
    this.#slots = schema.components.map((component, number) =>
      fieldNames(component).map((name) => ({
        name,
        column: this.#columns[number]![name]!,
        length: component.fields[name]!.length,
      })),
    );
    this.#watchers = schema.components.map(() => []);
    this.#dense = arena.u32(regions.dense);
    this.#sparse = arena.u32(regions.sparse);
    this.#bitecs = openMembership(this.header, this.#dense, this.#sparse, this.#columns, this.#masks);
    this.hashedSpans = listHashedSpans(schema, regions, this.header, this.used);
  }

  // ── Handles ────────────────────────────────────────────────────────────────────────────────────

  get aliveCount(): number {
    return this.header[headerWord.aliveCount]!;
  }

  /** The handle of the entity that now has this index. */
  handleOf(index: number): Handle {
    return makeHandle(index, this.generation[index]!);
  }

  isAlive(handle: Handle): boolean {
    const index = handleIndex(handle);
    return (
      index > 0 &&
      index <= this.limits.entities &&
      this.generation[index] === handleGeneration(handle) &&
      this.#exists(index)
    );
  }

  /** The index of an alive handle, or 0 when it is none or stale. */
  indexOf(handle: Handle): number {
    return this.isAlive(handle) ? handleIndex(handle) : 0;
  }

  /** The index of a handle; raises "stale-handle" when its entity is gone. */
  requireIndex(handle: Handle, operation: string): number {
    if (this.isAlive(handle)) return handleIndex(handle);
    const index = handleIndex(handle);
    raise("stale-handle", {
      operation,
      entity: handle,
      index,
      generation: handleGeneration(handle),
      current: this.generation[index] ?? 0,
    });
  }

  // ── Reading ────────────────────────────────────────────────────────────────────────────────────

  numberOf(component: Component): number {
    const number = this.schema.numbers.get(component);
    if (number === undefined)
      raise("unknown-name", {
        what: "component",
        name: component.name,
        where: "The store",
        known: this.schema.components.map((known) => known.name).join(", "),
      });
    return number;
  }

  /** This world's columns of a component: also the object by which bitecs knows it. */
  columnsOf(component: Component): AnyColumns {
    return this.#columns[this.numberOf(component)]!;
  }

  has(index: number, component: Component): boolean {
    return hasComponent(this.#bitecs, index, this.columnsOf(component));
  }

  /** Presence row and bit of a component, for loops that test many entities. */
  presenceOf(component: Component): { readonly row: Int32Array; readonly bit: number } {
    const number = this.numberOf(component);
    return { row: this.#masks[Math.floor(number / componentsPerMaskRow)]!, bit: 1 << (number % componentsPerMaskRow) };
  }

  /** The components of an entity, in schema order. */
  componentsOf(index: number): Component[] {
    return this.schema.components.filter((component) => this.has(index, component));
  }

  /** Of this store alone. Equal versions at two moments mean that entities and membership are the same at both. */
  get structureVersion(): number {
    return this.#structureVersion;
  }

  /** bitecs's world, for prepared queries. */
  get membership(): BitecsWorld {
    return this.#bitecs;
  }

  // ── Changing structure (commands only) ─────────────────────────────────────────────────────────

  /** Takes an index at once. The entity has no components, so no query sees it yet. */
  reserve(): Handle {
    if (this.aliveCount >= this.limits.entities)
      raise("limit-reached", { limit: "entities", value: this.limits.entities, setting: "limits.entities" });
    this.#structureVersion = ++this.#lastVersion;
    const index = addEntity(this.#bitecs);
    if (index >= this.header[headerWord.peakSlots]!) this.header[headerWord.peakSlots] = index + 1;
    return this.handleOf(index);
  }

  /**
   * Adds a component with its defaults and what it requires, or overwrites the given fields when it is
   * there already.
   */
  add(index: number, initial: Initial, tick: number): void {
    const { component, values } = initial;
    const number = this.numberOf(component);
    const isNew = !hasComponent(this.#bitecs, index, this.#columns[number]!);
    this.changed[number] = tick;
    if (index >= this.used[number]!) this.used[number] = index + 1;
    for (const { name, column, length } of this.#slots[number]!) {
      // A new slot is written whole: what a system wrote there before the component came does not count.
      const value = values[name] ?? (isNew ? (component.defaults[name] ?? 0) : undefined);
      if (value === undefined) continue;
      if (typeof value === "object") column.set(value, index * length);
      else column.fill(Number(value), index * length, (index + 1) * length);
    }
    if (!isNew) {
      for (const watcher of this.#watchers[number]!) watcher.overwritten?.(index);
      return;
    }
    this.#structureVersion = ++this.#lastVersion;
    addComponent(this.#bitecs, index, this.#columns[number]!);
    for (const watcher of this.#watchers[number]!) watcher.added?.(index);
    for (const required of component.requires)
      if (!this.has(index, required)) this.add(index, { component: required, values: noValues }, tick);
  }

  /** Removes a component and zeroes its slot; raises "missing-component" when it is not there. */
  remove(index: number, component: Component, tick: number): void {
    if (!this.has(index, component))
      raise("missing-component", { operation: "remove", component: component.name, entity: index });
    const number = this.numberOf(component);
    this.#structureVersion = ++this.#lastVersion;
    this.#clear(index, number, tick);
    removeComponent(this.#bitecs, index, this.#columns[number]!);
  }

  /** Removes an entity: its slots are zeroed, its handles go stale, its index is free again. */
  despawn(index: number, tick: number): void {
    assert(this.#exists(index), "only an alive entity is despawned", { index });
    for (let row = 0; row < this.#masks.length; row++) {
      let bits = this.#masks[row]![index]!;
      while (bits !== 0) {
        this.#clear(index, row * componentsPerMaskRow + lowestBit(bits), tick);
        bits &= bits - 1;
      }
    }
    this.#structureVersion = ++this.#lastVersion;
    removeEntity(this.#bitecs, index);
    this.generation[index] = (this.generation[index]! + 1) & handleGenerationMask;
  }

  /** Ends a structure phase: bitecs forgets removed members, prepared queries bring their lists up to date. */
  settle(): void {
    commitRemovals(this.#bitecs);
    for (let i = 0; i < this.#structureListeners.length; i++) this.#structureListeners[i]!();
  }

  /**
   * Brings everything that follows from the structure to that of a save: what bitecs knows of entities and members, and
   * prepared queries. `bytesOf` gives the used bytes of the save's regions by name; `write` puts all regions back. Watchers
   * are not told: who derives something from columns makes it anew. `version` is the structure's when the save was made, or
   * 0 for a save of another store.
   */
  restoreStructure(version: number, bytesOf: (region: string) => Uint8Array, write: () => void): void {
    if (version !== 0 && version === this.#structureVersion) {
      write();
      return;
    }
    this.#structureVersion = version === 0 ? ++this.#lastVersion : version;
    const { header } = this;
    restoreMembership(
      {
        world: this.#bitecs,
        dense: this.#dense,
        sparse: this.#sparse,
        masks: this.#masks,
        columns: this.#columns,
        header,
      },
      bytesOf,
      write,
    );
    this.settle();
  }

  /** Tells `watcher` of a component from now on; the function returned ends it. */
  watch(component: Component, watcher: ComponentWatcher): () => void {
    const watchers = this.#watchers[this.numberOf(component)]!;
    watchers.push(watcher);
    return () => {
      watchers.splice(watchers.indexOf(watcher), 1);
    };
  }

  /** Calls `listener` at the end of each structure phase, in the order of registration. */
  onSettle(listener: () => void): void {
    this.#structureListeners.push(listener);
  }

  #exists(index: number): boolean {
    return entityExists(this.#bitecs, index);
  }

  #clear(index: number, number: number, tick: number): void {
    for (const watcher of this.#watchers[number]!) watcher.removing?.(index);
    this.changed[number] = tick;
    for (const slot of this.#slots[number]!) {
      if (slot.length === 1) slot.column[index] = 0;
      else slot.column.fill(0, index * slot.length, (index + 1) * slot.length);
    }
  }
}

function listHashedSpans(schema: Schema, regions: StoreRegions, header: Uint32Array, used: Uint32Array): HashedSpan[] {
  const structural = (region: Region, slotBytes: number): HashedSpan => ({
    name: region.name,
    byteOffset: region.byteOffset,
    slotBytes,
    counter: header,
    counterIndex: headerWord.peakSlots,
  });
  const spans = [
    structural(regions.dense, 4),
    structural(regions.generation, 2),
    ...regions.masks.map((region) => structural(region, 4)),
  ];
  schema.components.forEach((component, number) => {
    for (const [name, region] of regions.columns.get(component)!)
      spans.push({
        name: region.name,
        byteOffset: region.byteOffset,
        slotBytes: fieldBytes(component.fields[name]!),
        counter: used,
        counterIndex: number,
      });
  });
  return spans;
}
