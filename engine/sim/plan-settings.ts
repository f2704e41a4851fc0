/**
 * Settings of a program: what an operator may change of a game without its code, as plain JSON. They come from a file or
 * from a journal's header, go into `compileProgram`, and are part of the program's identity.
 *
 * The rule a reader could break: settings are compared and kept as `settingsText` gives them, never as they were written,
 * so that two files that mean the same give one program.
 */
import { raise } from "../base/faults.ts";

/** What becomes of time that a frame cannot make up for; see TickAccumulator. */
export type OverloadPolicy = "drop" | "slow";

export interface PlanSettings {
  /** Lists of systems of one phase, each of which runs in this order; what the definitions say holds as well. */
  readonly order?: readonly (readonly string[])[];
  /** Systems that are left out. */
  readonly disabled?: readonly string[];
  /** Priorities of resources and assets by name, instead of their own; higher is more urgent. */
  readonly priorities?: Readonly<Record<string, number>>;
  readonly tick?: TickSettings;
}

export interface TickSettings {
  /** Ticks a second, 1 to 1000, instead of the game's. */
  readonly rate?: number;
  /** Ticks that a frame makes at most, instead of `limits.ticksPerFrame`. */
  readonly perFrameMax?: number;
  /** Default: "drop". */
  readonly overload?: OverloadPolicy;
}

/** A mistake in settings: where, what, and how to mend it. */
export interface SettingsProblem {
  /** Keys and indices from the top, such as ["order", 0, 1]. */
  readonly path: readonly (string | number)[];
  readonly problem: string;
  readonly remedy: string;
}

export const tickRateMax = 1_000;
export const ticksPerFrameMax = 1_000;
export const priorityMax = 1_000;

/** The same settings in their one form: nothing empty, keys and sets in ascending order. */
export function canonicalSettings({ order, disabled, priorities, tick }: PlanSettings): PlanSettings {
  const lists = new Map((order ?? []).map((list) => [JSON.stringify(list), list]));
  const names = [...new Set(disabled ?? [])].sort();
  const priority = sortedEntries(priorities ?? {});
  const times = sortedEntries((tick ?? {}) as Readonly<Record<string, unknown>>);
  return {
    ...(names.length === 0 ? {} : { disabled: names }),
    ...(lists.size === 0 ? {} : { order: [...lists.keys()].sort().map((text) => lists.get(text)!) }),
    ...(priority.length === 0 ? {} : { priorities: Object.fromEntries(priority) as Record<string, number> }),
    ...(times.length === 0 ? {} : { tick: Object.fromEntries(times) as TickSettings }),
  };
}

/** Canonical JSON: settings that mean the same have one text; "{}" for none. */
export function settingsText(settings: PlanSettings): string {
  return JSON.stringify(canonicalSettings(settings));
}

/** A line for each setting, as a configuration file would have it. */
export function settingsLines(settings: PlanSettings): string[] {
  const { order, disabled, priorities = {}, tick = {} } = canonicalSettings(settings);
  const named = (name: string): string => (/^[\w-]+$/.test(name) ? name : JSON.stringify(name));
  const times = { rate: tick.rate, per_frame_max: tick.perFrameMax, overload: tick.overload };
  const lines: readonly (readonly [key: string, value: unknown])[] = [
    ["systems.order", order],
    ["systems.disabled", disabled],
    ...Object.entries(times).map(([key, value]) => [`tick.${key}`, value] as const),
    ...sortedEntries(priorities).map(([name, value]) => [`priorities.${named(name)}`, value] as const),
  ];
  return lines.flatMap(([key, value]) => (value === undefined ? [] : [`${key} = ${JSON.stringify(value)}`]));
}

function sortedEntries<T>(record: Readonly<Record<string, T>>): (readonly [string, T])[] {
  return Object.keys(record)
    .sort()
    .filter((key) => record[key] !== undefined)
    .map((key) => [key, record[key]!] as const);
}

/** What in `value`, of unknown origin, is not of the form of settings; names are not looked up. */
export function settingsFormProblems(value: unknown): SettingsProblem[] {
  const problems: SettingsProblem[] = [];
  const expect = (holds: boolean, path: readonly (string | number)[], wanted: string, found: unknown): boolean => {
    if (!holds)
      problems.push({ path, problem: `it is ${JSON.stringify(found) ?? "nothing"}`, remedy: `Give ${wanted}.` });
    return holds;
  };
  const whole = (path: readonly string[], found: unknown, min: number, max: number): void => {
    const holds = typeof found === "number" && Number.isInteger(found) && found >= min && found <= max;
    expect(holds, path, `a whole number from ${min} to ${max}`, found);
  };
  const names = (path: readonly (string | number)[], found: unknown, wanted: string): void => {
    if (expect(Array.isArray(found), path, wanted, found))
      (found as unknown[]).forEach((name, at) => {
        expect(typeof name === "string", [...path, at], "the name of a system", name);
      });
  };
  const record = (path: readonly string[], found: unknown, known?: readonly string[]): readonly string[] => {
    if (!expect(isRecord(found), path, "an object", found)) return [];
    const keys = Object.keys(found as object).sort();
    for (const key of keys)
      if (known !== undefined && !known.includes(key))
        problems.push({
          path: [...path, key],
          problem: `there is no setting "${key}"`,
          remedy: `Use one of: ${known.join(", ")}.`,
        });
    return keys;
  };
  record([], value, ["order", "disabled", "priorities", "tick"]);
  if (!isRecord(value)) return problems;
  const { order, disabled, priorities, tick } = value;
  if (order !== undefined && expect(Array.isArray(order), ["order"], "a list of lists of systems", order))
    (order as unknown[]).forEach((list, at) => {
      names(["order", at], list, "a list of systems in the order wished");
    });
  if (disabled !== undefined) names(["disabled"], disabled, "a list of systems");
  if (priorities !== undefined)
    for (const name of record(["priorities"], priorities))
      whole(["priorities", name], (priorities as Record<string, unknown>)[name], -priorityMax, priorityMax);
  if (tick !== undefined) {
    record(["tick"], tick, ["rate", "perFrameMax", "overload"]);
    const { rate, perFrameMax, overload } = isRecord(tick) ? tick : {};
    if (rate !== undefined) whole(["tick", "rate"], rate, 1, tickRateMax);
    if (perFrameMax !== undefined) whole(["tick", "perFrameMax"], perFrameMax, 1, ticksPerFrameMax);
    const isPolicy = overload === undefined || overload === "drop" || overload === "slow";
    expect(isPolicy, ["tick", "overload"], '"drop" or "slow"', overload);
  }
  return problems;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Raises "settings-refused" with the first of `problems`, if there is one. */
export function refuseSettings([first]: readonly SettingsProblem[]): void {
  if (first === undefined) return;
  const { path, problem, remedy } = first;
  raise("settings-refused", { where: settingsPathText(path), problem, remedy });
}

/** A path as people read it, such as "order[0][1]"; "the settings" for the whole. */
export function settingsPathText(path: readonly (string | number)[]): string {
  if (path.length === 0) return "the settings";
  return path.map((key, at) => (typeof key === "number" ? `[${key}]` : `${at === 0 ? "" : "."}${key}`)).join("");
}
