/**
 * Event kinds: descriptions of what may happen in a tick, as rows of a table with columns. An event kind is a definition
 * with fields like a component's: keys, numbers, entities and small fixed records (arrays of up to 16 elements). Each
 * world lays its table out in the arena (table.ts) with a number of rows that is fixed in advance.
 *
 * What happens when a table is full and how long a row lasts are part of the definition: they decide what worlds do, so
 * they are part of the schema that a journal must match.
 */
import { raise } from "../base/faults.ts";
import type { Limits } from "../base/limits.ts";
import { type Component, checkName, type Fields, type ReadonlyColumnsOf } from "../ecs/component.ts";
import { fieldText } from "../ecs/field.ts";

export interface EventOptions {
  /** Rows of one tick, 1 to 1,048,576. Default: `limits.eventsPerTick`. */
  readonly capacity?: number;
  /** What a row becomes that finds no room: the fault "limit-reached", or nothing but a count. Default: the fault. */
  readonly overflow?: "fault" | "drop";
  /** Ticks that can read a row: its own, or also the next one's systems that `recalls` it. Default: 1. */
  readonly lasts?: 1 | 2;
}

export interface EventKind<N extends string = string, F extends Fields = Fields, L extends 1 | 2 = 1 | 2> {
  readonly name: N;
  readonly fields: F;
  /** Rows of one tick; undefined for `limits.eventsPerTick`. */
  readonly capacity: number | undefined;
  readonly overflow: "fault" | "drop";
  readonly lasts: L;
}

/** A kind whose rows can be read in the tick after theirs. */
export type LastingEvent = EventKind<string, Fields, 2>;

/** Elements of a fixed record in an event. What is larger belongs to an entity that the event names. */
export const eventRecordLengthMax = 16;
const capacityMax = 1 << 20;

/**
 * Defines an event kind: `defineEvent("Delivered", { crate: entity, tug: entity }, { capacity: 64, overflow: "drop" })`.
 * Raises "bad-definition".
 */
export function defineEvent<const N extends string, const F extends Fields, const O extends EventOptions>(
  name: N,
  fields: F,
  options: O = {} as O,
): EventKind<N, F, O extends { readonly lasts: 2 } ? 2 : 1> {
  checkName("event", name);
  const refuse = (problem: string, remedy: string): never =>
    raise("bad-definition", { what: "event", name, problem, remedy });
  for (const [fieldName, { length }] of Object.entries(fields)) {
    checkName("field", fieldName);
    if (!Number.isInteger(length) || length < 1 || length > eventRecordLengthMax)
      refuse(
        `field ${fieldName} has length ${length}`,
        `A fixed record in an event holds 1 to ${eventRecordLengthMax} elements; for more, name an entity that holds them.`,
      );
  }
  const { capacity, overflow = "fault", lasts = 1 } = options;
  if (capacity !== undefined && !(Number.isInteger(capacity) && capacity >= 1 && capacity <= capacityMax))
    refuse(`its capacity is ${capacity}`, `Give a whole number of rows from 1 to ${capacityMax}.`);
  if (overflow !== "fault" && overflow !== "drop")
    refuse(`its overflow is "${overflow as string}"`, 'Say "fault" or "drop".');
  if (lasts !== 1 && lasts !== 2) refuse(`it lasts ${lasts as number} ticks`, "A row lasts 1 tick or 2.");
  return Object.freeze({ name, fields, capacity, overflow, lasts: lasts as never });
}

/** Rows that one tick has room for. */
export function eventCapacity(kind: EventKind, limits: Limits): number {
  return kind.capacity ?? limits.eventsPerTick;
}

/** Rows of one kind: `count` of them, and a column for each field; element k of row r of a record is at r * length + k. */
export interface EventRows<K extends EventKind = EventKind> {
  readonly count: number;
  readonly columns: ReadonlyColumnsOf<Component<K["name"], K["fields"]>>;
}

/** Reads the rows of this tick that were emitted so far. */
export interface EventReader<K extends EventKind = EventKind> extends EventRows<K> {
  /** Rows of this tick that found no room; 0 for a kind whose overflow is a fault. */
  readonly droppedCount: number;
}

/** Values of one row: a number for a scalar field, a list for a fixed record. What is left out is zero. */
export type EventValues<K extends EventKind> = { readonly [F in keyof K["fields"]]?: number | ArrayLike<number> };

/** Appends rows. */
export interface EventWriter<K extends EventKind> {
  /** Raises "wrong-type" for a value that its field cannot hold, and "limit-reached" where overflow is a fault. */
  emit(values: EventValues<K>): void;
}

/** The schema text of event kinds, in name order; joined to that of the components. */
export function eventSchemaText(kinds: readonly EventKind[]): string {
  return kinds
    .map((kind) =>
      [
        `event ${kind.name}${optionText(kind)}`,
        ...Object.keys(kind.fields)
          .sort()
          .map((name) => `${name}:${fieldText(kind.fields[name]!)}`),
      ].join(" "),
    )
    .join("\n");
}

/** What differs from the defaults, such as "(capacity 8, drop, lasts 2)". */
function optionText({ capacity, overflow, lasts }: EventKind): string {
  const parts = [
    ...(capacity === undefined ? [] : [`capacity ${capacity}`]),
    ...(overflow === "fault" ? [] : [overflow]),
    ...(lasts === 1 ? [] : [`lasts ${lasts}`]),
  ];
  return parts.length === 0 ? "" : `(${parts.join(", ")})`;
}
