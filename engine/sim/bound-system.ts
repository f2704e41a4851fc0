/** A system bound to one world: the columns, queries, events and values that it declared, at hand for each of its runs. */
import { FaultError, faultId, faultMend, faultText, placeOf, raise } from "../base/faults.ts";
import type { RandomStream } from "../base/random.ts";
import type { Component } from "../ecs/component.ts";
import type { PreparedQuery, QueryTerm } from "../ecs/prepared-query.ts";
import type { DerivedDefinition } from "./derived.ts";
import { type WatchedColumn, watchedColumns } from "./health.ts";
import type { AnySystem, SystemContext } from "./system.ts";
import type { TickStep } from "./tick-observer.ts";
import type { World } from "./world.ts";

export interface BoundSystem {
  readonly system: AnySystem;
  readonly number: number;
  /** Its name in traces. */
  readonly span: number;
  readonly step: TickStep;
  readonly context: { -readonly [K in keyof SystemContext]: SystemContext[K] };
  readonly query: PreparedQuery | undefined;
  readonly queries: readonly { readonly name: string; readonly query: PreparedQuery }[];
  readonly members: Record<string, Uint32Array>;
  readonly written: readonly number[];
  readonly watched: readonly WatchedColumn[];
}

export function bindSystem(
  world: World,
  system: AnySystem,
  number: number,
  random: RandomStream,
  span: number,
  step: TickStep,
): BoundSystem {
  const { store, commands, lookup, program } = world;
  const reads = (system.reads ?? []) as readonly Component[];
  const writes = (system.writes ?? []) as readonly Component[];
  const columns: Record<string, unknown> = {};
  for (const component of [...reads, ...writes]) columns[component.name] = store.columnsOf(component);
  const events = world.events.readersFor(system.name, [...(system.emits ?? []), ...(system.hears ?? [])], "now");
  const recalled = world.events.readersFor(system.name, system.recalls ?? [], "before");
  const members: Record<string, Uint32Array> = {};
  const queries = Object.keys(system.queries ?? {})
    .sort()
    .map((name) => ({ name, query: world.query(system.queries![name] as readonly QueryTerm[]) }));
  for (const { name, query } of queries) members[name] = query.entities;
  const query = system.query === undefined ? undefined : world.query(system.query);
  const context = {
    tick: 0,
    deltaSeconds: 1 / program.tickRate,
    entities: query?.entities ?? new Uint32Array(0),
    members,
    columns,
    events,
    recalled,
    derived: world.derived.readerFor(system.name, (system.derived ?? []) as readonly DerivedDefinition[]),
    random,
    commands,
    world: lookup,
  } as unknown as BoundSystem["context"];
  const written = writes.map((component) => store.numberOf(component));
  const watched = watchedColumns(store, writes);
  return { system, number, span, step, context, query, queries, members, written, watched };
}

/** The fault for what a system threw: the system, its phase, the tick, and the place in its source. */
export function systemThrew(thrown: unknown, { name, phase }: AnySystem, tick: number): FaultError {
  const isFault = thrown instanceof FaultError;
  // A host's trap has named the system already.
  if (isFault && thrown.fault.kind === "banned-call") return thrown;
  const fields = isFault ? (thrown.fault.fields as { index?: number; entity?: number }) : {};
  const message = isFault
    ? `${faultId(thrown.fault)} ${faultText(thrown.fault)} ${faultMend(thrown.fault)}`
    : thrown instanceof Error
      ? thrown.message
      : String(thrown);
  const entity = fields.index ?? fields.entity ?? 0;
  const said = { system: name, phase, tick, entity, message: message.replace(/\.$/, ""), place: placeOf(thrown) };
  try {
    return raise("system-threw", said, thrown);
  } catch (wrapped) {
    return wrapped as FaultError;
  }
}
