/**
 * The table of one event kind in one world, over regions of the arena (events.ts reserves them): rows of this tick, and
 * for a kind that lasts, a second set with the rows of the tick before.
 *
 *     Hit.x         this tick, in the order of the plan and then of emission
 *     Hit.before.x  the tick before, copied when a tick begins, so a column is the same object in every tick
 *     Hit.#sequence number of each row among all emissions of the tick, where a combined stream reads the kind
 *
 * The rule a reader could break: rows behind the count are zeros, so that bytes follow from what was emitted.
 */
import { raise } from "../base/faults.ts";
import type { Column } from "../ecs/field.ts";
import { valueProblem } from "../ecs/field.ts";
import type { EventKind, EventReader, EventRows, EventValues, EventWriter } from "./event.ts";

/** One column of a table; `field` is "" for the sequence, which no game sees. */
export interface TableColumn {
  readonly field: string;
  readonly column: Column;
  /** Elements of a row. */
  readonly length: number;
  readonly rowBytes: number;
  readonly byteOffset: number;
  /** Where the rows of the tick before are; -1 when the kind does not last. */
  readonly beforeByteOffset: number;
  /** Those rows; the same object as `column` when the kind does not last. */
  readonly before: Column;
}

/** Words that all tables of a world share, one for each kind, and where this one's are. */
export interface EventWords {
  /** Rows of this tick. */
  readonly counts: Uint32Array;
  /** Rows of the tick before. */
  readonly before: Uint32Array;
  /** Rows that found no room in this tick, and in all ticks; the latter stands still at its largest value. */
  readonly dropped: Uint32Array;
  readonly droppedTotal: Uint32Array;
  /** One word: emissions of this tick among the kinds that a stream reads. Begins at 0 in each tick, so it is no state. */
  readonly sequence: Uint32Array;
}

export class EventTable implements EventReader, EventWriter<EventKind> {
  readonly kind: EventKind;
  readonly capacity: number;
  readonly columns: Readonly<Record<string, Column>>;
  /** The rows of the tick before; none for a kind that does not last. */
  readonly before: EventRows;
  /** Number of each row among all emissions of its tick; undefined when no stream reads the kind. */
  readonly sequence: Uint32Array | undefined;
  readonly sequenceBefore: Uint32Array | undefined;
  readonly #fields: readonly TableColumn[];
  readonly #all: readonly TableColumn[];
  readonly #words: EventWords;
  readonly #number: number;
  readonly #bytes: Uint8Array;

  /** `bytes` is the whole arena. */
  constructor(
    kind: EventKind,
    number: number,
    capacity: number,
    columns: readonly TableColumn[],
    words: EventWords,
    bytes: Uint8Array,
  ) {
    this.kind = kind;
    this.capacity = capacity;
    this.#number = number;
    this.#words = words;
    this.#bytes = bytes;
    this.#all = columns;
    this.#fields = columns.filter(({ field }) => field !== "");
    const sequence = columns.find(({ field }) => field === "");
    this.sequence = sequence?.column as Uint32Array | undefined;
    this.sequenceBefore = sequence?.before as Uint32Array | undefined;
    const now: Record<string, Column> = {};
    const then: Record<string, Column> = {};
    for (const { field, column, before } of this.#fields) {
      now[field] = column;
      then[field] = before;
    }
    this.columns = Object.freeze(now);
    this.before = {
      columns: Object.freeze(then),
      get count(): number {
        return words.before[number]!;
      },
    };
  }

  get count(): number {
    return this.#words.counts[this.#number]!;
  }
  get droppedCount(): number {
    return this.#words.dropped[this.#number]!;
  }
  /** Rows that found no room since the world began. */
  get droppedTotal(): number {
    return this.#words.droppedTotal[this.#number]!;
  }

  emit(values: EventValues<EventKind>): void {
    const words = this.#words;
    const row = this.count;
    if (row >= this.capacity) {
      this.#overflow();
      return;
    }
    words.counts[this.#number] = row + 1;
    const fields = this.#fields;
    for (let i = 0; i < fields.length; i++) {
      const { field, column, length } = fields[i]!;
      const value = values[field];
      if (value === undefined) continue;
      if (length === 1 && typeof value !== "object") this.#put(field, column, row, value);
      else if (typeof value === "object" && value.length === length)
        for (let k = 0; k < length; k++) this.#put(field, column, row * length + k, value[k]!);
      else
        raise("wrong-type", {
          component: this.kind.name,
          field,
          value: typeof value === "object" ? `${value.length} values` : String(value),
          expected: length === 1 ? "one value" : `${length} values`,
        });
    }
    if (this.sequence !== undefined) this.sequence[row] = words.sequence[0]!++;
  }

  #put(field: string, column: Column, element: number, value: number): void {
    const { scalar } = this.kind.fields[field]!;
    const problem = valueProblem(scalar, Number(value));
    if (problem !== undefined)
      raise("wrong-type", { component: this.kind.name, field, value: String(value), expected: problem });
    column[element] = value;
  }

  #overflow(): void {
    const { kind, capacity } = this;
    if (kind.overflow === "fault")
      raise("limit-reached", {
        limit: kind.capacity === undefined ? `eventsPerTick (${kind.name})` : `capacity (event ${kind.name})`,
        value: capacity,
        setting: kind.capacity === undefined ? "limits.eventsPerTick" : `capacity of event ${kind.name}`,
      });
    const { dropped, droppedTotal } = this.#words;
    const number = this.#number;
    // A count that came round to 0 would say that nothing was lost.
    if (dropped[number]! < 0xffff_ffff) dropped[number] = dropped[number]! + 1;
    if (droppedTotal[number]! < 0xffff_ffff) droppedTotal[number] = droppedTotal[number]! + 1;
  }

  /** Begins a tick: rows of a kind that lasts become those of the tick before, and the table is empty. */
  beginTick(): void {
    const { counts, before, dropped } = this.#words;
    const number = this.#number;
    const bytes = this.#bytes;
    const columns = this.#all;
    const rowCount = counts[number]!;
    dropped[number] = 0;
    if (this.kind.lasts === 2 && rowCount + before[number]! > 0) {
      const oldCount = before[number]!;
      for (let i = 0; i < columns.length; i++) {
        const { byteOffset, beforeByteOffset, rowBytes } = columns[i]!;
        const end = beforeByteOffset + rowCount * rowBytes;
        bytes.copyWithin(beforeByteOffset, byteOffset, byteOffset + rowCount * rowBytes);
        if (oldCount > rowCount) bytes.fill(0, end, beforeByteOffset + oldCount * rowBytes);
      }
      before[number] = rowCount;
    }
    if (rowCount === 0) return;
    for (let i = 0; i < columns.length; i++) {
      const { byteOffset, rowBytes } = columns[i]!;
      bytes.fill(0, byteOffset, byteOffset + rowCount * rowBytes);
    }
    counts[number] = 0;
  }
}
