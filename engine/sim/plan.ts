/**
 * The plan: the compiled, total order of a world's systems, as plain JSON. Building it is pure and
 * deterministic: the same definitions in any order of registration give the same plan, because ties
 * are broken by name, and two systems whose order would matter must say it.
 *
 * All mistakes of a schedule are found here, before anything runs: unknown and duplicate names,
 * circles, writes out of phase, and pairs that touch the same data without an order between them.
 */
import { raise } from "../base/faults.ts";
import { hashTextHex } from "../base/hash.ts";
import { type PhaseName, phases } from "../base/phases.ts";
import { type Component, checkName } from "../ecs/component.ts";
import { type QueryTerm, termComponents, termText } from "../ecs/prepared-query.ts";
import type { Schema } from "../ecs/schema.ts";
import type { EventKind } from "../events/event.ts";
import { type EventSource, kindsOf } from "../events/stream.ts";
import { componentOf, type DerivedDefinition } from "./derived.ts";
import { type PlanSettings, refuseSettings } from "./plan-settings.ts";
import { type Predecessors, type WishGround, wishedPredecessors, wishProblems } from "./plan-wishes.ts";
import type { AnySystem } from "./system.ts";

export interface PlannedSystem {
  readonly name: string;
  readonly phase: PhaseName;
  readonly query: readonly string[];
  readonly queries: Readonly<Record<string, readonly string[]>>;
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  readonly emits: readonly string[];
  /** Kinds whose rows of this tick it reads, by themselves or in a stream. */
  readonly hears: readonly string[];
  /** Kinds whose rows of the tick before it reads. */
  readonly recalls: readonly string[];
  /** Derived values that it reads. */
  readonly derived: readonly string[];
  readonly after: readonly string[];
}

export interface Plan {
  readonly phases: readonly { readonly name: PhaseName; readonly systems: readonly PlannedSystem[] }[];
  readonly stages: readonly string[];
}

/** The stages of a frame that follow its ticks, in order. */
export const stageNames = [
  "snapshot",
  "jobs",
  "integrate",
  "assemble",
  "submit",
  "present",
  "publish",
  "budget",
] as const;

export interface CompiledPlan {
  readonly plan: Plan;
  /** Systems by phase in running order. */
  readonly order: Readonly<Record<PhaseName, readonly AnySystem[]>>;
  readonly hash: string;
}

/** What of a plan may be wished otherwise. */
export interface PlanWishes {
  readonly settings: PlanSettings;
  /** Names of subsystems by the systems that they bring. */
  readonly owners: ReadonlyMap<string, string>;
}

/**
 * Compiles systems into a plan; raises a fault that names both sides and the fix. The definitions must make a plan by
 * themselves, before anything is wished of it.
 */
export function compilePlan(
  systems: readonly AnySystem[],
  schema: Schema,
  events: readonly EventKind[],
  wishes?: PlanWishes,
): CompiledPlan {
  const ground = planGround(systems, schema, events, wishes?.owners);
  let predecessors = ground.declared;
  if (wishes !== undefined) {
    refuseSettings(wishProblems(wishes.settings, ground));
    predecessors = wishedPredecessors(wishes.settings, ground);
  }
  const left = [...ground.systems.values()].filter(({ name }) => predecessors.has(name));
  const order = {} as Record<PhaseName, readonly AnySystem[]>;
  const planned = phases.map(({ name }) => {
    const members = left.filter((system) => system.phase === name);
    order[name] = orderByName(members, predecessors, name);
    return { name, systems: order[name].map((system) => describe(system, predecessors)) };
  });
  const plan = { phases: planned, stages: stageNames };
  return { plan, order, hash: hashTextHex(JSON.stringify(plan)) };
}

/** The systems with the order that they declare, checked: what every plan of them keeps to. */
export function planGround(
  systems: readonly AnySystem[],
  schema: Schema,
  events: readonly EventKind[],
  owners: ReadonlyMap<string, string> = new Map(),
): WishGround {
  const sorted = [...systems].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  const byName = new Map<string, AnySystem>();
  for (const system of sorted) {
    checkName("system", system.name);
    if (byName.has(system.name)) raise("duplicate-name", { what: "system", name: system.name });
    byName.set(system.name, system);
    checkSystem(system, schema, events);
  }
  const declared = new Map<string, ReadonlySet<string>>();
  for (const phase of phases) {
    const members = sorted.filter((system) => system.phase === phase.name);
    const predecessors = gatherPredecessors(members, byName, phase.name);
    checkConflicts(orderByName(members, predecessors, phase.name), predecessors, phase.name);
    for (const [name, before] of predecessors) declared.set(name, before);
  }
  return { systems: byName, declared, owners, shared: (first, second) => sharedWrite(first, second)?.column };
}

function checkSystem(system: AnySystem, schema: Schema, events: readonly EventKind[]): void {
  const phase = phases.find((known) => known.name === system.phase);
  if (phase === undefined)
    raise("unknown-name", {
      what: "phase",
      name: system.phase,
      where: `System "${system.name}"`,
      known: phases.map((p) => p.name).join(", "),
    });
  if (!phase.openToSystems)
    raise("bad-definition", {
      what: "system",
      name: system.name,
      problem: `phase "${phase.name}" has no systems`,
      remedy: "Stage commands from a gameplay system; they are applied in the structure phase.",
    });
  const named: Component[] = [
    ...(system.query ?? []).flatMap(termComponents),
    ...Object.values((system.queries ?? {}) as Readonly<Record<string, readonly QueryTerm[]>>).flatMap((terms) =>
      terms.flatMap(termComponents),
    ),
    ...(system.reads ?? []),
    ...(system.writes ?? []),
    ...((system.derived ?? []) as readonly DerivedDefinition[]).flatMap(({ from, query = [] }) => [
      ...from.map(componentOf),
      ...query.flatMap(termComponents),
    ]),
  ];
  for (const component of named)
    if (!schema.numbers.has(component))
      raise("unknown-name", {
        what: "component",
        name: component.name,
        where: `System "${system.name}"`,
        known: schema.components.map((known) => known.name).join(", "),
      });
  for (const kind of kindsOf([...(system.emits ?? []), ...(system.hears ?? []), ...(system.recalls ?? [])]))
    if (!events.includes(kind))
      raise("unknown-name", {
        what: "event",
        name: kind.name,
        where: `System "${system.name}"`,
        known: events.map((known) => known.name).join(", ") || "none is defined",
      });
  for (const kind of kindsOf((system.recalls ?? []) as readonly EventSource[]))
    if (kind.lasts !== 2)
      raise("bad-definition", {
        what: "system",
        name: system.name,
        problem: `it recalls ${kind.name}, whose rows last one tick`,
        remedy: `Define ${kind.name} with \`lasts: 2\`, or hear it in the tick of its rows.`,
      });
  for (const component of (system.writes ?? []) as readonly Component[])
    if (component.writer !== undefined && component.writer !== system.name)
      raise("phase-write", {
        system: system.name,
        phase: system.phase,
        component: component.name,
        allowed: `"${component.writtenIn.join('", "')}", by "${component.writer}" alone`,
      });
    else if (!component.writtenIn.includes(system.phase))
      raise("phase-write", {
        system: system.name,
        phase: system.phase,
        component: component.name,
        allowed:
          component.writtenIn.length === 0
            ? '"structure", by a command'
            : component.writtenIn.map((name) => `"${name}"`).join(" or "),
      });
}

/** For each system, the names that must come before it directly. */
function gatherPredecessors(
  members: readonly AnySystem[],
  all: ReadonlyMap<string, AnySystem>,
  phase: PhaseName,
): Predecessors {
  const names = new Set(members.map((system) => system.name));
  const predecessors = new Map<string, Set<string>>(members.map((system) => [system.name, new Set<string>()]));
  for (const system of members) {
    for (const [list, other] of [
      ...(system.after ?? []).map((name) => ["after", name] as const),
      ...(system.before ?? []).map((name) => ["before", name] as const),
    ]) {
      if (!names.has(other)) {
        const elsewhere = all.get(other);
        raise("unknown-name", {
          what: elsewhere === undefined ? "system" : `system of phase "${phase}"`,
          name: other,
          where: `\`${list}\` of system "${system.name}"`,
          known: [...names].join(", "),
        });
      }
      if (list === "after") predecessors.get(system.name)!.add(other);
      else predecessors.get(other)!.add(system.name);
    }
  }
  return predecessors;
}

/** Kahn's algorithm; among the systems that are free to run, the first by name. */
function orderByName(members: readonly AnySystem[], predecessors: Predecessors, phase: PhaseName): AnySystem[] {
  const waiting = [...members];
  const done = new Set<string>();
  const ordered: AnySystem[] = [];
  while (waiting.length > 0) {
    const at = waiting.findIndex((system) => [...predecessors.get(system.name)!].every((name) => done.has(name)));
    if (at < 0) raise("order-cycle", { phase, systems: describeCircle(waiting, predecessors) });
    const [system] = waiting.splice(at, 1);
    done.add(system!.name);
    ordered.push(system!);
  }
  return ordered;
}

/** One circle among systems none of which can run, as "a -> b -> a": each must run before the next. */
function describeCircle(waiting: readonly AnySystem[], predecessors: Predecessors): string {
  const stuck = new Set(waiting.map((system) => system.name));
  const path: string[] = [];
  let name = waiting[0]!.name;
  while (!path.includes(name)) {
    path.push(name);
    name = [...predecessors.get(name)!].filter((before) => stuck.has(before)).sort()[0]!;
  }
  const circle = path.slice(path.indexOf(name)).reverse();
  return [...circle, circle[0]!].join(" -> ");
}

function checkConflicts(ordered: readonly AnySystem[], predecessors: Predecessors, phase: PhaseName): void {
  const earlier = new Map<string, Set<string>>();
  for (const system of ordered) {
    const all = new Set<string>();
    for (const name of predecessors.get(system.name)!) {
      all.add(name);
      for (const before of earlier.get(name)!) all.add(before);
    }
    earlier.set(system.name, all);
  }
  for (let i = 0; i < ordered.length; i++)
    for (let k = 0; k < i; k++) {
      const first = ordered[k]!;
      const second = ordered[i]!;
      if (earlier.get(second.name)!.has(first.name)) continue;
      const shared = sharedWrite(first, second);
      if (shared !== undefined) raise("order-ambiguous", { phase, first: first.name, second: second.name, ...shared });
    }
}

/** The first column or event, by name, that both touch and at least one writes. */
function sharedWrite(first: AnySystem, second: AnySystem): { column: string; writers: string } | undefined {
  const firstWrites = touched(first, true);
  const secondWrites = touched(second, true);
  const common = [...touched(first, false)].filter((name) => touched(second, false).has(name)).sort();
  for (const column of common) {
    const writers = [
      ...(firstWrites.has(column) ? [`"${first.name}"`] : []),
      ...(secondWrites.has(column) ? [`"${second.name}"`] : []),
    ];
    if (writers.length > 0) return { column, writers: writers.join(" and ") };
  }
  return undefined;
}

function touched(system: AnySystem, writesOnly: boolean): Set<string> {
  const components = [...(system.writes ?? []), ...(writesOnly ? [] : (system.reads ?? []))] as readonly Component[];
  const kinds = kindsOf([...(system.emits ?? []), ...(writesOnly ? [] : (system.hears ?? []))]);
  return new Set([...components.map((component) => component.name), ...kinds.map((kind) => `event ${kind.name}`)]);
}

function describe(system: AnySystem, predecessors: Predecessors): PlannedSystem {
  const names = (list: readonly { readonly name: string }[] | undefined): string[] =>
    [...new Set((list ?? []).map((item) => item.name))].sort();
  const queries: Record<string, readonly string[]> = {};
  for (const name of Object.keys(system.queries ?? {}).sort())
    queries[name] = system.queries![name]!.map(termText).sort();
  return {
    name: system.name,
    phase: system.phase,
    query: (system.query ?? []).map(termText).sort(),
    queries,
    reads: names(system.reads),
    writes: names(system.writes),
    emits: names(system.emits),
    hears: names(kindsOf(system.hears ?? [])),
    recalls: names(kindsOf(system.recalls ?? [])),
    derived: names(system.derived),
    after: [...predecessors.get(system.name)!].sort(),
  };
}
