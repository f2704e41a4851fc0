/**
 * All event tables of a world and the streams that are read over them. Everything that decides what a tick reads lies in
 * the arena: rows with the numbers of their emissions, counts and drops, so a save is a memory copy. The next number and
 * what a stream has merged begin anew with each tick.
 */
import { assert } from "../base/assertions.ts";
import { raise } from "../base/faults.ts";
import type { Limits } from "../base/limits.ts";
import type { Arena, ArenaLayout, Region } from "../ecs/arena.ts";
import { columnOver, type Field, fieldBytes, u32 } from "../ecs/field.ts";
import type { HashedSpan } from "../ecs/store.ts";
import { type EventKind, type EventReader, type EventRows, eventCapacity } from "./event.ts";
import { type EventSource, type EventStream, isStream, MergedRows } from "./stream.ts";
import { EventTable, type EventWords, type TableColumn } from "./table.ts";

interface ColumnRegions {
  readonly field: string;
  readonly type: Field;
  readonly now: Region;
  readonly before: Region | undefined;
}

export interface EventRegions {
  readonly counts: Region;
  readonly before: Region;
  readonly dropped: Region;
  readonly droppedTotal: Region;
  readonly columns: ReadonlyMap<EventKind, readonly ColumnRegions[]>;
}

/** Reserves the tables of `kinds`; rows of kinds that one of `streams` reads are numbered. */
export function reserveEvents(
  layout: ArenaLayout,
  kinds: readonly EventKind[],
  limits: Limits,
  streams: readonly EventStream[] = [],
): EventRegions {
  const wordBytes = Math.max(1, kinds.length) * 4;
  const words = {
    counts: layout.reserve("Events.counts", wordBytes),
    before: layout.reserve("Events.before", wordBytes),
    dropped: layout.reserve("Events.dropped", wordBytes),
    droppedTotal: layout.reserve("Events.droppedTotal", wordBytes),
  };
  const numbered = new Set(streams.flatMap((stream) => stream.kinds));
  const columns = new Map<EventKind, readonly ColumnRegions[]>();
  for (const kind of kinds) {
    const rows = eventCapacity(kind, limits);
    const reserve = (field: string, type: Field, name: string): ColumnRegions => ({
      field,
      type,
      now: layout.reserve(`${kind.name}.${name}`, rows * fieldBytes(type)),
      before: kind.lasts === 2 ? layout.reserve(`${kind.name}.before.${name}`, rows * fieldBytes(type)) : undefined,
    });
    const fields = Object.keys(kind.fields)
      .sort()
      .map((field) => reserve(field, kind.fields[field]!, field));
    columns.set(kind, numbered.has(kind) ? [...fields, reserve("", u32, "#sequence")] : fields);
  }
  return { ...words, columns };
}

export class Events {
  /** In name order. */
  readonly tables: readonly EventTable[];
  readonly hashedSpans: readonly HashedSpan[];
  readonly #sequence: Uint32Array;
  readonly #byKind = new Map<EventKind, EventTable>();
  readonly #streams = new Map<EventStream, { readonly now: MergedRows; readonly before: MergedRows | undefined }>();
  readonly #merged: MergedRows[] = [];

  constructor(
    arena: Arena,
    kinds: readonly EventKind[],
    limits: Limits,
    regions: EventRegions,
    streams: readonly EventStream[] = [],
  ) {
    const words: EventWords = {
      counts: arena.u32(regions.counts),
      before: arena.u32(regions.before),
      dropped: arena.u32(regions.dropped),
      droppedTotal: arena.u32(regions.droppedTotal),
      sequence: new Uint32Array(1),
    };
    this.#sequence = words.sequence;
    const bytes = new Uint8Array(arena.buffer);
    const spans: HashedSpan[] = [];
    this.tables = kinds.map((kind, number) => {
      const capacity = eventCapacity(kind, limits);
      const columns = regions.columns.get(kind)!.map(({ field, type, now, before }): TableColumn => {
        const column = columnOver(type, arena.buffer, now.byteOffset, capacity);
        const rowBytes = fieldBytes(type);
        const span = (region: Region, counter: Uint32Array): void => {
          const { name, byteOffset } = region;
          spans.push({ name, byteOffset, slotBytes: rowBytes, counter, counterIndex: number });
        };
        span(now, words.counts);
        if (before !== undefined) span(before, words.before);
        return {
          ...{ field, column, rowBytes, length: type.length },
          byteOffset: now.byteOffset,
          beforeByteOffset: before?.byteOffset ?? -1,
          before: before === undefined ? column : columnOver(type, arena.buffer, before.byteOffset, capacity),
        };
      });
      const table = new EventTable(kind, number, capacity, columns, words, bytes);
      this.#byKind.set(kind, table);
      return table;
    });
    this.hashedSpans = spans;
    for (const stream of streams) {
      const tables = stream.kinds.map((kind) => this.tableOf(kind));
      const lasts = stream.kinds.every((kind) => kind.lasts === 2);
      const now = new MergedRows(stream, tables, "now");
      const before = lasts ? new MergedRows(stream, tables, "before") : undefined;
      this.#streams.set(stream, { now, before });
      this.#merged.push(now, ...(before === undefined ? [] : [before]));
    }
  }

  tableOf(kind: EventKind): EventTable {
    return this.#byKind.get(kind)!;
  }

  /** What a system reads of the sources that it declares, by name; any other of the world is refused by name. */
  readersFor(
    system: string,
    declared: readonly EventSource[],
    of: "now" | "before",
  ): Readonly<Record<string, EventReader | EventRows | MergedRows>> {
    const readers: Record<string, EventReader | EventRows | MergedRows> = {};
    for (const source of declared) readers[source.name] = of === "now" ? this.#now(source) : this.#before(source);
    for (const { name } of [...this.#byKind.keys(), ...this.#streams.keys()])
      if (!Object.hasOwn(readers, name))
        Object.defineProperty(readers, name, { get: () => raise("undeclared-event", { system, event: name }) });
    return readers;
  }

  #now(source: EventSource): EventTable | MergedRows {
    return isStream(source) ? this.#streams.get(source)!.now : this.tableOf(source);
  }

  #before(source: EventSource): EventRows | MergedRows {
    if (!isStream(source)) return this.tableOf(source).before;
    const { before } = this.#streams.get(source)!;
    assert(before !== undefined, "a stream that is recalled has kinds that last", { stream: source.name });
    return before;
  }

  /** Begins a tick: rows are a tick older, tables and streams are empty. */
  beginTick(): void {
    for (let i = 0; i < this.tables.length; i++) this.tables[i]!.beginTick();
    for (let i = 0; i < this.#merged.length; i++) this.#merged[i]!.reset();
    this.#sequence[0] = 0;
  }
}
