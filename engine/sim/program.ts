/**
 * A program: a game compiled for running. Compiling is pure: it gathers the definitions of the game
 * and of its subsystems, makes schema and plan, and finds every mistake that can be found before
 * anything runs. A program holds the parts that `create` made for one engine, so it is used once.
 */
import { raise } from "../base/faults.ts";
import { hashTextHex } from "../base/hash.ts";
import { type Limits, resolveLimits } from "../base/limits.ts";
import type { PhaseName } from "../base/phases.ts";
import type { RandomStream } from "../base/random.ts";
import { isPrintable, printable } from "../base/wording.ts";
import { AuthoredId } from "../ecs/authored-ids.ts";
import type { Commands } from "../ecs/commands.ts";
import type { Component } from "../ecs/component.ts";
import { Family, Parent } from "../ecs/hierarchy.ts";
import { makeSchema, type Schema } from "../ecs/schema.ts";
import { type EventKind, eventSchemaText } from "../events/event.ts";
import { type EventSource, type EventStream, isStream, streamSchemaText } from "../events/stream.ts";
import { type ConfigComponent, defineConfig } from "../input/config.ts";
import { type ControlsComponent, defineControls } from "../input/controls.ts";
import { Player } from "../input/door.ts";
import type { DerivedDefinition } from "./derived.ts";
import { compilePlan, type Plan, type PlanWishes, planGround } from "./plan.ts";
import {
  canonicalSettings,
  type OverloadPolicy,
  type PlanSettings,
  refuseSettings,
  type SettingsProblem,
  settingsFormProblems,
} from "./plan-settings.ts";
import { wishProblems } from "./plan-wishes.ts";
import type { Subsystem, SubsystemDefinition } from "./subsystem.ts";
import type { AnySystem, Lookup } from "./system.ts";

/** What `setup` of a game may use: it stages the entities with which the world begins. */
export interface SetupContext {
  readonly commands: Commands;
  readonly random: RandomStream;
  readonly world: Lookup;
}

/** The parts of a game that decide its worlds. */
export interface WorldDefinition {
  readonly id: string;
  /** Ticks a second, 1 to 1000. */
  readonly tickRate: number;
  readonly limits?: Partial<Limits>;
  readonly components: readonly Component[];
  readonly events?: readonly EventKind[];
  readonly systems: readonly AnySystem[];
  readonly controls?: ControlsComponent;
  readonly config?: ConfigComponent;
  setup(context: SetupContext): void;
}

/** A subsystem made for one engine. */
export interface Part {
  readonly name: string;
  readonly definition: SubsystemDefinition;
  readonly subsystem: Subsystem;
}

/** How many ticks a frame makes at most, and what becomes of the time beyond. */
export interface TickPace {
  readonly ticksPerFrame: number;
  readonly overload: OverloadPolicy;
}

export interface Program {
  readonly id: string;
  readonly tickRate: number;
  readonly limits: Limits;
  /** In their canonical form; compiling the game with them again gives this program. */
  readonly settings: PlanSettings;
  /** How elapsed time becomes ticks. It decides nothing within a tick. */
  readonly pace: TickPace;
  readonly schema: Schema;
  /** Hash of components, events and controls: what a journal's records and columns mean. */
  readonly schemaHash: string;
  readonly events: readonly EventKind[];
  /** Streams that systems hear or recall, in name order. */
  readonly streams: readonly EventStream[];
  /** Derived values that systems read, in name order. */
  readonly derived: readonly DerivedDefinition[];
  readonly controls: ControlsComponent;
  readonly config: ConfigComponent;
  readonly plan: Plan;
  readonly planHash: string;
  readonly order: Readonly<Record<PhaseName, readonly AnySystem[]>>;
  /** Subsystems in the order in which they start. */
  readonly parts: readonly Part[];
  setup(context: SetupContext): void;
}

const noControls = defineControls({}) as ControlsComponent;
const noConfig = defineConfig({}) as ConfigComponent;

/**
 * Compiles `game` with `subsystems` and `settings`; raises a definition fault (E01..) or "settings-refused" for the first
 * mistake. Settings may come from anywhere: their form is checked.
 */
export function compileProgram(
  game: WorldDefinition,
  subsystems: readonly SubsystemDefinition[],
  settings: PlanSettings = {},
): Program {
  refuseSettings(settingsFormProblems(settings));
  if (game.id === "" || !isPrintable(game.id))
    raise("bad-definition", {
      what: "game",
      name: printable(game.id),
      problem: "its id is no line of text",
      remedy: "Give an id that a line can show: it names files and journals.",
    });
  if (!Number.isInteger(game.tickRate) || game.tickRate < 1 || game.tickRate > 1_000)
    raise("bad-definition", {
      what: "game",
      name: game.id,
      problem: `its tickRate is ${game.tickRate}`,
      remedy: "Give a whole number of ticks a second from 1 to 1,000.",
    });
  const limits = resolveLimits(game.limits);
  const parts = orderByNeeds(subsystems).map((definition) => ({
    name: definition.name,
    definition,
    subsystem: definition.create(),
  }));
  const controls = game.controls ?? noControls;
  const config = game.config ?? noConfig;
  const schema = makeSchema([
    Parent,
    Family,
    AuthoredId,
    Player,
    controls as unknown as Component,
    config as unknown as Component,
    ...parts.flatMap((part) => part.definition.components ?? []),
    ...game.components,
  ]);
  const events = gatherByName("event", [
    ...parts.flatMap((part) => part.definition.events ?? []),
    ...(game.events ?? []),
  ]);
  const { systems, owners } = systemsOf(game, parts);
  const streams = gatherByName(
    "event stream",
    systems.flatMap((system) => [...(system.hears ?? []), ...(system.recalls ?? [])] as EventSource[]).filter(isStream),
  );
  for (const { name } of streams)
    if (events.some((kind) => kind.name === name)) raise("duplicate-name", { what: "event", name });
  const compiled = compilePlan(systems, schema, events, { settings, owners });
  const derived = gatherByName(
    "derived value",
    Object.values(compiled.order).flatMap((ordered) =>
      ordered.flatMap((system) => (system.derived ?? []) as readonly DerivedDefinition[]),
    ),
  );
  for (const { definition } of parts) definition.check?.(schema, events, limits);
  const controlText = JSON.stringify([sortedByName(controls.controls), sortedByName(config.settings)]);
  return {
    id: game.id,
    tickRate: settings.tick?.rate ?? game.tickRate,
    limits,
    settings: canonicalSettings(settings),
    pace: {
      ticksPerFrame: settings.tick?.perFrameMax ?? limits.ticksPerFrame,
      overload: settings.tick?.overload ?? "drop",
    },
    schema,
    schemaHash: hashTextHex(
      [
        ...[schema.text, eventSchemaText(events), controlText, ...settingsTexts(parts)],
        ...(streams.length === 0 ? [] : [streamSchemaText(streams)]),
      ].join("\n"),
    ),
    events,
    streams,
    derived,
    controls,
    config,
    plan: compiled.plan,
    planHash: compiled.hash,
    order: compiled.order,
    parts,
    setup: (context) => game.setup(context),
  };
}

/**
 * Everything in `settings` that the plan of `game` does not allow, which must compile without them. Their form must be
 * right; see settingsFormProblems.
 */
export function planSettingsProblems(
  game: WorldDefinition,
  subsystems: readonly SubsystemDefinition[],
  settings: PlanSettings,
): readonly SettingsProblem[] {
  const { schema, events, parts } = compileProgram(game, subsystems);
  const { systems, owners } = systemsOf(game, parts);
  return wishProblems(settings, planGround(systems, schema, events, owners));
}

/** All systems of a game and its parts, and whose the parts' are. */
function systemsOf(
  game: WorldDefinition,
  parts: readonly Part[],
): { readonly systems: readonly AnySystem[] } & Pick<PlanWishes, "owners"> {
  const owners = new Map(
    parts.flatMap(({ name, subsystem }) => (subsystem.systems ?? []).map((system) => [system.name, name] as const)),
  );
  return { systems: [...parts.flatMap((part) => part.subsystem.systems ?? []), ...game.systems], owners };
}

/** What options of subsystems decide the world, by name: which parts there are besides does not matter. */
function settingsTexts(parts: readonly Part[]): string[] {
  return parts
    .filter(({ definition }) => definition.settings !== undefined)
    .map(({ name, definition }) => `${name} ${definition.settings}`)
    .sort();
}

/** Entries in the order of their names, which is the order of their numbers. */
function sortedByName<T>(record: Readonly<Record<string, T>>): (readonly [string, T])[] {
  return Object.keys(record)
    .sort()
    .map((name) => [name, record[name]!] as const);
}

/** Definitions in the order of their names, each once. */
function gatherByName<T extends { readonly name: string }>(what: string, definitions: readonly T[]): T[] {
  const byName = new Map<string, T>();
  for (const definition of definitions) {
    const known = byName.get(definition.name);
    if (known !== undefined && known !== definition) raise("duplicate-name", { what, name: definition.name });
    byName.set(definition.name, definition);
  }
  return [...byName.keys()].sort().map((name) => byName.get(name)!);
}

/** Subsystems with each after those that it needs; among the ready ones, in the order given. */
function orderByNeeds(definitions: readonly SubsystemDefinition[]): SubsystemDefinition[] {
  const names = new Set<string>();
  for (const { name } of definitions) {
    if (names.has(name)) raise("duplicate-name", { what: "subsystem", name });
    names.add(name);
  }
  const waiting = [...definitions];
  const ordered: SubsystemDefinition[] = [];
  const done = new Set<string>();
  while (waiting.length > 0) {
    const at = waiting.findIndex((definition) => (definition.needs ?? []).every((need) => done.has(need)));
    if (at < 0) {
      for (const definition of waiting)
        for (const need of definition.needs ?? [])
          if (!names.has(need))
            raise("unknown-name", {
              what: "subsystem",
              name: need,
              where: `\`needs\` of subsystem "${definition.name}"`,
              known: [...names].join(", "),
            });
      raise("order-cycle", { phase: "start", systems: waiting.map((definition) => definition.name).join(" -> ") });
    }
    const [definition] = waiting.splice(at, 1);
    done.add(definition!.name);
    ordered.push(definition!);
  }
  return ordered;
}
