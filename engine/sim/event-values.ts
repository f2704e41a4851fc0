/**
 * Event values: components that turn events into lasting values, as ordinary systems of the plan. `holdEvents` keeps what
 * the latest event said about an entity (sample and hold); `accumulateEvents` adds up what all of them said.
 *
 *     accumulateEvents({
 *       name: "count-points", event: Delivered, entity: "tug", into: Tug, after: ["deliver-crates"],
 *       fields: { score: { sum: "points" } }, reset: "never",
 *     })
 *
 * Both take the rows of this tick that stand when the system runs, in their order; rows about an entity that is gone or has
 * no such component are passed over. The rule a reader could break: when values go back to their defaults is declared, and
 * that happens before the tick's rows are taken.
 */
import { raise } from "../base/faults.ts";
import type { PhaseName } from "../base/phases.ts";
import type { Component } from "../ecs/component.ts";
import { type Column, type Field, fieldText, integerRanges, type ReadonlyColumn, type Scalar } from "../ecs/field.ts";
import type { EventKind, EventRows } from "../events/event.ts";
import type { AnySystem, SystemContext } from "./system.ts";

type FieldOf<T extends { readonly fields: object }> = keyof T["fields"] & string;

interface EventValues<E extends EventKind, C extends Component> {
  /** Name of the system. */
  readonly name: string;
  /** Default: gameplay. */
  readonly phase?: PhaseName;
  readonly event: E;
  /** The event's field that says whose component it is. */
  readonly entity: FieldOf<E>;
  readonly into: C;
  /** The component's field, a u32, that is given the tick of the latest event. */
  readonly tick?: FieldOf<C>;
  readonly after?: readonly string[];
  readonly before?: readonly string[];
}

/**
 * When values go back to the component's defaults: never, at the beginning of each tick, in each tick that n divides, or
 * n ticks after the latest event (which asks for `tick`, a field that is 0 from then on).
 */
export type ValueReset = "never" | "each-tick" | { readonly everyTicks: number } | { readonly afterTicks: number };

export interface HoldDefinition<E extends EventKind, C extends Component> extends EventValues<E, C> {
  /** Fields of the component, and the field of the event that each keeps; both of one type. */
  readonly fields: { readonly [F in FieldOf<C>]?: FieldOf<E> };
  readonly reset: "never" | { readonly afterTicks: number };
}

/** What a field of the component gathers: whole-number fields stand still at the ends of their range. */
export type Gathering<E extends EventKind> =
  | { readonly sum: FieldOf<E> }
  | { readonly count: true }
  | { readonly least: FieldOf<E> }
  | { readonly most: FieldOf<E> };

export interface AccumulateDefinition<E extends EventKind, C extends Component> extends EventValues<E, C> {
  readonly fields: { readonly [F in FieldOf<C>]?: Gathering<E> };
  readonly reset: ValueReset;
}

/** How one field takes one row. */
type Take = (column: Column, index: number, rows: ReadonlyColumn, row: number) => void;

interface FieldPlan {
  readonly field: string;
  /** The event's field; "" when none is read. */
  readonly from: string;
  readonly length: number;
  readonly take: Take;
}

/** A system that keeps, for each entity, what the latest event said. Raises "bad-definition". */
export function holdEvents<const E extends EventKind, const C extends Component>(
  definition: HoldDefinition<E, C>,
): AnySystem {
  const { event, into } = definition;
  const plans = Object.entries(definition.fields as Record<string, string>).map(([field, from]): FieldPlan => {
    const own = fieldNamed(definition, into, field);
    const given = fieldNamed(definition, event, from);
    if (fieldText(own) !== fieldText(given))
      refuse(
        definition,
        `${into.name}.${field} is ${fieldText(own)} and ${event.name}.${from} is ${fieldText(given)}`,
        "Give both fields one type.",
      );
    const { length } = own;
    const take: Take = (column, index, rows, row) => {
      for (let k = 0; k < length; k++) column[index * length + k] = rows[row * length + k]!;
    };
    return { field, from, length, take };
  });
  return systemOf(definition, plans);
}

/** A system that adds up, for each entity, what events said. Raises "bad-definition". */
export function accumulateEvents<const E extends EventKind, const C extends Component>(
  definition: AccumulateDefinition<E, C>,
): AnySystem {
  const { event, into } = definition;
  const plans = Object.entries(definition.fields as Record<string, Gathering<E>>).map(
    ([field, gathering]): FieldPlan => {
      const own = fieldNamed(definition, into, field);
      const from = sourceOf(gathering);
      const given = from === "" ? own : fieldNamed(definition, event, from);
      for (const { scalar, length } of [own, given])
        if (length !== 1 || scalar === "bool" || scalar === "entity")
          refuse(definition, `${field} gathers a ${fieldText({ scalar, length })}`, "Only numbers are gathered.");
      const take = takeOf(gathering, own.scalar);
      return { field, from, length: 1, take };
    },
  );
  return systemOf(definition, plans);
}

/** The event's field that is gathered, "" when rows are only counted. */
function sourceOf<E extends EventKind>(gathering: Gathering<E>): string {
  if ("sum" in gathering) return gathering.sum;
  if ("least" in gathering) return gathering.least;
  return "most" in gathering ? gathering.most : "";
}

function takeOf<E extends EventKind>(gathering: Gathering<E>, scalar: Scalar): Take {
  const range = integerRanges[scalar];
  const held = (value: number): number =>
    range === undefined ? value : Math.trunc(Math.min(range[1], Math.max(range[0], value)));
  if ("sum" in gathering)
    return (column, index, rows, row) => {
      column[index] = held(column[index]! + rows[row]!);
    };
  if ("count" in gathering)
    return (column, index) => {
      column[index] = held(column[index]! + 1);
    };
  const choose = "least" in gathering ? Math.min : Math.max;
  return (column, index, rows, row) => {
    column[index] = held(choose(column[index]!, rows[row]!));
  };
}

function systemOf(
  definition: EventValues<EventKind, Component> & { readonly reset: ValueReset },
  plans: readonly FieldPlan[],
): AnySystem {
  const { name, phase = "gameplay", event, entity, into, tick: tickField, reset, after, before } = definition;
  if (plans.length === 0) refuse(definition, "it has no fields", "Name the fields of the component that it writes.");
  if (fieldText(fieldNamed(definition, event, entity)) !== "entity")
    refuse(definition, `${event.name}.${entity} is no entity`, "Name the field of the event that holds the entity.");
  if (plans.some(({ field }) => field === tickField))
    refuse(definition, `${tickField} is to keep the tick and a value`, "Give the tick a field of its own.");
  if (tickField !== undefined && fieldText(fieldNamed(definition, into, tickField)) !== "u32")
    refuse(definition, `${into.name}.${tickField} is no u32`, "Ticks are kept in a u32.");
  const everyTicks =
    typeof reset === "object" && "everyTicks" in reset ? reset.everyTicks : reset === "each-tick" ? 1 : 0;
  const afterTicks = typeof reset === "object" && "afterTicks" in reset ? reset.afterTicks : 0;
  if (typeof reset === "object" && !(Number.isInteger(everyTicks + afterTicks) && everyTicks + afterTicks >= 1))
    refuse(definition, `it resets after ${everyTicks + afterTicks} ticks`, "Give a whole number of ticks above 0.");
  if (afterTicks > 0 && tickField === undefined)
    refuse(definition, "it resets after an event and keeps no tick", "Name in `tick` a field that keeps it.");

  const toDefaults = (columns: Readonly<Record<string, Column>>, index: number): void => {
    for (let p = 0; p < plans.length; p++) {
      const { field, length } = plans[p]!;
      const value = into.defaults[field] ?? 0;
      for (let k = 0; k < length; k++)
        columns[field]![index * length + k] = Number(typeof value === "object" ? value[k] : value);
    }
    if (tickField !== undefined) columns[tickField]![index] = 0;
  };

  return {
    ...{ name, phase, query: [into], writes: [into], hears: [event] },
    ...(after === undefined ? {} : { after }),
    ...(before === undefined ? {} : { before }),
    run({ entities, columns, events, tick, world }: SystemContext): void {
      const own = (columns as Readonly<Record<string, Readonly<Record<string, Column>>>>)[into.name]!;
      if (everyTicks > 0 && tick % everyTicks === 0)
        for (let i = 0; i < entities.length; i++) toDefaults(own, entities[i]!);
      if (afterTicks > 0)
        for (let i = 0; i < entities.length; i++) {
          const sampledTick = own[tickField!]![entities[i]!]!;
          if (sampledTick !== 0 && tick - sampledTick >= afterTicks) toDefaults(own, entities[i]!);
        }
      const { count, columns: given } = (events as Readonly<Record<string, EventRows>>)[event.name]!;
      const rows = given as Readonly<Record<string, ReadonlyColumn>>;
      for (let row = 0; row < count; row++) {
        const index = world.indexOf(rows[entity]![row]! as never);
        if (index === 0 || !world.has(index, into)) continue;
        for (let p = 0; p < plans.length; p++) {
          const { field, from, take } = plans[p]!;
          take(own[field]!, index, rows[from === "" ? entity : from]!, row);
        }
        if (tickField !== undefined) own[tickField]![index] = tick;
      }
    },
  };
}

function fieldNamed(
  definition: { readonly name: string },
  { name, fields }: EventKind | Component,
  field: string,
): Field {
  if (Object.hasOwn(fields, field)) return fields[field]!;
  return raise("unknown-name", {
    ...{ what: "field", name: `${name}.${field}`, where: `System "${definition.name}"` },
    known: Object.keys(fields).sort().join(", "),
  });
}

function refuse({ name }: { readonly name: string }, problem: string, remedy: string): never {
  raise("bad-definition", { what: "system", name, problem, remedy });
}
