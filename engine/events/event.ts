/**
 * Events: what happened in this tick, as rows of a table with columns. An event kind is a definition
 * with fields like a component's; each world lays its table out in the arena with a fixed number of
 * rows. Tables are emptied and zeroed when a tick begins, so an event lives for one tick.
 *
 * Order is the order of the plan, then of emission within a system. A full table is a fault.
 */
import { raise } from "../base/faults.ts";
import type { Limits } from "../base/limits.ts";
import type { Arena, ArenaLayout, Region } from "../ecs/arena.ts";
import { type Component, checkName, type Fields, type ReadonlyColumnsOf } from "../ecs/component.ts";
import { type Column, columnOver, fieldBytes, fieldText, valueProblem } from "../ecs/field.ts";
import type { HashedSpan } from "../ecs/store.ts";

export interface EventKind<N extends string = string, F extends Fields = Fields> {
  readonly name: N;
  readonly fields: F;
}

/** Defines an event kind: `defineEvent("Delivered", { crate: entity, tug: entity })`. */
export function defineEvent<const N extends string, const F extends Fields>(name: N, fields: F): EventKind<N, F> {
  checkName("event", name);
  for (const [fieldName, field] of Object.entries(fields)) {
    checkName("field", fieldName);
    if (field.length !== 1)
      raise("bad-definition", {
        what: "event",
        name,
        problem: `field ${fieldName} is a fixed array`,
        remedy: "Give the event a field for each element, or name an entity that holds the array.",
      });
  }
  return Object.freeze({ name, fields });
}

/** Reads the rows of this tick: `count` rows, and a column for each field. */
export type EventReader<K extends EventKind> = { readonly count: number } & {
  readonly columns: ReadonlyColumnsOf<Component<K["name"], K["fields"]>>;
};

/** Appends rows. Fields left out are zero. */
export interface EventWriter<K extends EventKind> {
  emit(values: Partial<Record<keyof K["fields"], number>>): void;
}

/** The schema text of event kinds, in name order; joined to that of the components. */
export function eventSchemaText(kinds: readonly EventKind[]): string {
  return kinds
    .map((kind) =>
      [
        `event ${kind.name}`,
        ...Object.keys(kind.fields)
          .sort()
          .map((name) => `${name}:${fieldText(kind.fields[name]!)}`),
      ].join(" "),
    )
    .join("\n");
}

/** The table of one event kind in one world. */
export class EventTable implements EventReader<EventKind>, EventWriter<EventKind> {
  readonly kind: EventKind;
  readonly columns: Readonly<Record<string, Column>>;
  readonly #names: readonly string[];
  readonly #counts: Uint32Array;
  readonly #number: number;
  readonly #capacity: number;

  constructor(
    kind: EventKind,
    columns: Readonly<Record<string, Column>>,
    counts: Uint32Array,
    number: number,
    capacity: number,
  ) {
    this.kind = kind;
    this.columns = columns;
    this.#names = Object.keys(columns);
    this.#counts = counts;
    this.#number = number;
    this.#capacity = capacity;
  }

  get count(): number {
    return this.#counts[this.#number]!;
  }

  emit(values: Partial<Record<string, number>>): void {
    const row = this.count;
    if (row >= this.#capacity)
      raise("limit-reached", {
        limit: `eventsPerTick (${this.kind.name})`,
        value: this.#capacity,
        setting: "limits.eventsPerTick",
      });
    this.#counts[this.#number] = row + 1;
    for (let i = 0; i < this.#names.length; i++) {
      const name = this.#names[i]!;
      const value = values[name];
      if (value === undefined) continue;
      const problem = valueProblem(this.kind.fields[name]!.scalar, Number(value));
      if (problem !== undefined)
        raise("wrong-type", { component: this.kind.name, field: name, value: String(value), expected: problem });
      this.columns[name]![row] = value;
    }
  }

  clear(): void {
    const row = this.count;
    if (row === 0) return;
    for (let i = 0; i < this.#names.length; i++) {
      const name = this.#names[i]!;
      this.columns[name]!.fill(0, 0, row * this.kind.fields[name]!.length);
    }
    this.#counts[this.#number] = 0;
  }
}

export interface EventRegions {
  readonly counts: Region;
  readonly columns: ReadonlyMap<EventKind, ReadonlyMap<string, Region>>;
}

export function reserveEvents(layout: ArenaLayout, kinds: readonly EventKind[], limits: Limits): EventRegions {
  const counts = layout.reserve("Events.counts", Math.max(1, kinds.length) * 4);
  const columns = new Map<EventKind, Map<string, Region>>();
  for (const kind of kinds) {
    const fields = new Map<string, Region>();
    for (const name of Object.keys(kind.fields).sort())
      fields.set(name, layout.reserve(`${kind.name}.${name}`, limits.eventsPerTick * fieldBytes(kind.fields[name]!)));
    columns.set(kind, fields);
  }
  return { counts, columns };
}

/** All event tables of a world, in name order. */
export class Events {
  readonly tables: readonly EventTable[];
  readonly hashedSpans: readonly HashedSpan[];
  readonly #byKind = new Map<EventKind, EventTable>();

  constructor(arena: Arena, kinds: readonly EventKind[], limits: Limits, regions: EventRegions) {
    const counts = arena.u32(regions.counts);
    const spans: HashedSpan[] = [];
    this.tables = kinds.map((kind, number) => {
      const columns: Record<string, Column> = {};
      for (const [name, region] of regions.columns.get(kind)!) {
        columns[name] = columnOver(kind.fields[name]!, arena.buffer, region.byteOffset, limits.eventsPerTick);
        spans.push({
          name: region.name,
          byteOffset: region.byteOffset,
          slotBytes: fieldBytes(kind.fields[name]!),
          counter: counts,
          counterIndex: number,
        });
      }
      const table = new EventTable(kind, Object.freeze(columns), counts, number, limits.eventsPerTick);
      this.#byKind.set(kind, table);
      return table;
    });
    this.hashedSpans = spans;
  }

  tableOf(kind: EventKind): EventTable {
    return this.#byKind.get(kind)!;
  }

  clear(): void {
    for (let i = 0; i < this.tables.length; i++) this.tables[i]!.clear();
  }
}
