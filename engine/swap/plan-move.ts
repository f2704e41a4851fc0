/**
 * Plans how the state of a running world moves to another program: by the names of components and fields, event kinds,
 * systems and controls, never by their numbers or places. Pure: given the shape of the program before and the program
 * after with its migrations, it hands on what becomes of each column, and what to tell people. Nothing has moved yet.
 *
 *     same name, same type      copied
 *     new field, new component  its default, where an entity has the component
 *     field that is gone        dropped, and said
 *     component that is gone    dropped and said when no entity has it; else refused, unless `drops` names it
 *     another type or shape     by a migration; refused without one
 *     setting out of its range  the nearest value that fits, and said
 *
 * The rule a reader could break: whether an entity has a component is not known here, so what depends on it is only noted
 * (`mustBeUnused`) and decided when the state is at hand, and so is whether a setting's value still fits.
 */
import { raise } from "../base/faults.ts";
import { type Component, fieldNames } from "../ecs/component.ts";
import { type Field, fieldText } from "../ecs/field.ts";
import type { Migration } from "../ecs/migration.ts";
import { nearestFit, type Setting, settingRange } from "../input/config.ts";
import type { Program } from "../sim/program.ts";
import { type JobShape, type ProgramShape, shapeOf } from "./shape.ts";

/** What a program says about the state of older ones. */
export interface MoveRules {
  readonly migrations?: readonly Migration[] | undefined;
  readonly drops?: readonly string[] | undefined;
}

export interface FieldMove {
  readonly name: string;
  readonly type: Field;
  /** "copy": the bytes of the same field before. "default": `value` for who has the component. */
  readonly from: "copy" | "default";
  /** What a number of the field is called, before and after, where lists of names have changed. */
  readonly renumbered: { readonly before: readonly string[]; readonly after: readonly string[] } | undefined;
  readonly value: number | boolean | readonly number[];
}

export interface ComponentMove {
  readonly component: Component;
  /** Its number, and that of the component before whose entities have it now; -1 when nobody has it yet. */
  readonly number: number;
  readonly before: number;
  readonly fields: readonly FieldMove[];
  /** Components that it did not require before: whoever has it gets them. */
  readonly requires: readonly Component[];
  /** Applied behind the moves of its fields. */
  readonly migrations: readonly Migration[];
}

export interface MovePlan {
  readonly before: ProgramShape;
  readonly after: Program;
  readonly afterShape: ProgramShape;
  /** In the order of component numbers. */
  readonly components: readonly ComponentMove[];
  /** Components before that are gone and may not be in use: number and name. */
  readonly mustBeUnused: readonly { readonly number: number; readonly name: string }[];
  /** For each random stream after, its number before, or -1 for one that is seeded. */
  readonly streams: readonly number[];
  /** For each event kind after, its number before, or -1 for one that begins empty. */
  readonly events: readonly number[];
  /** For each control after, its number before, or -1. */
  readonly controls: readonly number[];
  /** Names of the tick jobs whose answers on their way mean the same after. */
  readonly jobs: readonly string[];
  /** What becomes of every state, a sentence each, for people; a move adds what became of its own (move-state.ts). */
  readonly report: readonly string[];
}

/** Raises "swap-refused" for state that would be lost or would mean something else. */
export function planMove(before: ProgramShape, after: Program, rules: MoveRules = {}): MovePlan {
  if (before.game !== after.id)
    refuse("the game", before.game, after.id, "Start the other game by itself; only a game's own code is swapped.");
  const afterShape = shapeOf(after);
  checkLimits(before, afterShape);
  const { migrations = [], drops = [] } = rules;
  const report: string[] = [];
  const taken = new Set<string>();
  const components = after.schema.components.map((component, number): ComponentMove => {
    const migrating = migrations.filter((migration) => isMeant(migration, component, before));
    const own = before.components.findIndex(({ name }) => name === component.name);
    const renamed = migrating.find(({ from }) => from.component !== component.name);
    if (own >= 0 && renamed !== undefined)
      refuse(
        `${component.name}, which a migration fills from ${renamed.from.component},`,
        "a component of its own",
        "the same",
        `Give the migration's component another name, or list ${renamed.from.component} among the game's drops.`,
      );
    const other = migrating.find(({ from }) => renamed !== undefined && from.component !== renamed.from.component);
    if (renamed !== undefined && other !== undefined)
      refuse(
        `${component.name}, which migrations fill from ${renamed.from.component} and ${other.from.component},`,
        "two components",
        "one",
        `Leave one of the migrations out, and list its component among the game's drops.`,
      );
    if (renamed !== undefined) taken.add(renamed.from.component);
    const from =
      renamed === undefined ? own : before.components.findIndex(({ name }) => name === renamed.from.component);
    for (const migration of migrating)
      report.push(`${component.name} is made from ${migration.from.component} by a migration`);
    if (from < 0) report.push(`${component.name} is new`);
    const required = before.components[from]?.requires;
    const requires = component.requires.filter(({ name }) => required?.includes(name) === false);
    for (const { name } of requires)
      report.push(`${name} comes to whoever has ${component.name}, which requires it now`);
    return {
      ...{ component, number, before: from, requires, migrations: migrating },
      fields: planFields(component, after, before.components[from]?.fields, migrating, report).map((move) => ({
        ...move,
        renumbered: renumberedIn(`${component.name}.${move.name}`, before, afterShape),
      })),
    };
  });
  const names = new Set(components.map(({ component }) => component.name));
  const gone = before.components
    .map(({ name }, number) => ({ name, number }))
    .filter(({ name }) => !names.has(name) && !taken.has(name));
  for (const { name } of gone) report.push(`${name} is gone`);
  const events = afterShape.events.map(({ name, text, capacity }) => {
    const number = before.events.findIndex((kind) => kind.name === name);
    const kind = before.events[number];
    if (kind === undefined || (kind.text === text && kind.capacity <= capacity)) return number;
    const why = kind.text === text ? `has room for ${capacity} now` : "is another kind now";
    report.push(`rows of event ${name} are forgotten, because it ${why}`);
    return -1;
  });
  for (const { name } of before.events)
    if (!afterShape.events.some((kind) => kind.name === name)) report.push(`event ${name} is gone`);
  for (const [name, kind] of afterShape.controls) {
    const old = before.controls.find(([known]) => known === name)?.[1] ?? kind;
    if ((old === "axis") !== (kind === "axis"))
      report.push(`Controls.${name} is ${kind} instead of ${old}, so nobody moves it until it is told anew`);
  }
  const jobs = before.jobs.map(([name]) => name).filter((name) => keepsAnswers(name, before, afterShape, report));
  return {
    ...{ before, after, afterShape, components, events, jobs, report },
    mustBeUnused: gone.filter(({ name }) => !drops.includes(name)),
    streams: afterShape.streams.map((name) => before.streams.indexOf(name)),
    controls: afterShape.controls.map(([name, kind]) =>
      before.controls.findIndex((control) => control[0] === name && (control[1] === "axis") === (kind === "axis")),
    ),
  };
}

/** Whether a migration fits the shape before and has something to do: a world that has moved is left alone. */
function isMeant({ from, to }: Migration, component: Component, before: ProgramShape): boolean {
  if (to !== component) return false;
  const source = before.components.find(({ name }) => name === from.component);
  if (source === undefined) return false;
  const fits = Object.keys(from.fields).every((name) => source.fields[name] === fieldText(from.fields[name]!));
  if (!fits || from.component !== component.name) return fits;
  return Object.keys(from.fields).some((name) => typeOf(component, name) !== source.fields[name]);
}

function planFields(
  component: Component,
  after: Program,
  before: Readonly<Record<string, string>> | undefined,
  migrations: readonly Migration[],
  report: string[],
): Omit<FieldMove, "renumbered">[] {
  // What the door writes in every tick needs no migration: its columns follow from the seats.
  const isControls = (component as unknown) === after.controls;
  const moves = fieldNames(component).map((name): Omit<FieldMove, "renumbered"> => {
    const type = component.fields[name]!;
    const value = defaultOf(component, name, after);
    const old = before?.[name];
    if (old === fieldText(type)) return { name, type, from: "copy", value };
    if (before !== undefined && old === undefined && migrations.length === 0)
      report.push(`${component.name}.${name} is new and begins as ${JSON.stringify(value)}`);
    const isMigrated = migrations.some(({ from }) => Object.hasOwn(from.fields, name));
    if (old !== undefined && !isMigrated && !isControls)
      refuse(
        `${component.name}.${name}`,
        old,
        fieldText(type),
        `Take the old type back, or list in the game's migrations one from { component: "${component.name}", fields: { ${name}: ${old} } }.`,
      );
    return { name, type, from: "default", value };
  });
  for (const name of Object.keys(before ?? {}))
    if (component.fields[name] === undefined) report.push(`${component.name}.${name} is gone`);
  return moves;
}

/** Whether a job answers in the same component, of the same fields: its rows mean the same then. Says what is lost. */
function keepsAnswers(name: string, before: ProgramShape, after: ProgramShape, report: string[]): boolean {
  const jobIn = ({ jobs }: ProgramShape): JobShape | undefined => jobs.find(([known]) => known === name)?.[1];
  const fieldsIn = ({ components }: ProgramShape, answer: string): string =>
    JSON.stringify(components.find((component) => component.name === answer)?.fields);
  const [old, now] = [jobIn(before)!, jobIn(after)];
  const why =
    now === undefined
      ? "it is gone"
      : old.answer !== now.answer || fieldsIn(before, old.answer) !== fieldsIn(after, now.answer)
        ? "it answers otherwise now"
        : undefined;
  if (why !== undefined) report.push(`answers of job ${name} that were on their way are lost, because ${why}`);
  else if (now!.flights < old.flights)
    report.push(`answers of job ${name} that were on their way are lost but for ${now!.flights}, its most now`);
  return why === undefined;
}

function renumberedIn(region: string, before: ProgramShape, after: ProgramShape): FieldMove["renumbered"] {
  const [old = [], now = []] = [before.names[region], after.names[region]];
  return old.join() === now.join() ? undefined : { before: old, after: now };
}

function defaultOf(component: Component, field: string, { config }: Program): number | boolean | readonly number[] {
  if ((component as unknown) === config) return config.settings[field]!.default;
  return component.defaults[field] ?? 0;
}

/** What is said of a setting whose value the program after does not allow. */
export function settingSentence(name: string, setting: Setting, value: number): string {
  return `Config.${name} is ${nearestFit(setting, value)} instead of ${value}, because it is ${settingRange(setting)} now`;
}

function typeOf(component: Component, field: string): string {
  const type = component.fields[field];
  return type === undefined ? "" : fieldText(type);
}

/** Capacities that the world may have outgrown are looked at when the state is at hand; these mean something by themselves. */
function checkLimits(before: ProgramShape, after: ProgramShape): void {
  for (const name of ["players", "resources"] as const)
    if (after.limits[name] < before.limits[name])
      refuse(
        `limits.${name}`,
        String(before.limits[name]),
        String(after.limits[name]),
        "Leave it, or start the game anew: what is kept there would have no room.",
      );
}

export function refuse(subject: string, before: string, after: string, remedy: string): never {
  raise("swap-refused", { subject, before, after, remedy });
}
