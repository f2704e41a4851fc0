/**
 * The form of orrery.toml: which sections and keys there are, and of which type. Given what a TOML parser read, it hands on
 * the settings that are well formed, and a mistake with its path for all that is not.
 *
 *   [systems]     order = [["first", "second"]]   disabled = ["third"]
 *   [tick]        rate = 30   per_frame_max = 4   overload = "drop" | "slow"
 *   [priorities]  grid = 10
 *
 * The rule a reader could break: messages of the schema are remedies, as sentences; what is wrong is said here, in the same
 * words for all. Zod is imported as a namespace, because its named export brings in all of its languages.
 */
import * as z from "zod";
import { nameAdvice } from "../../engine/base/closest-name.ts";
import {
  type PlanSettings,
  priorityMax,
  type SettingsProblem,
  tickRateMax,
  ticksPerFrameMax,
} from "../../engine/sim/plan-settings.ts";

type Path = readonly (string | number)[];

const whole = (min: number, max: number) => {
  const remedy = `Give a whole number from ${min} to ${max}.`;
  return z.int(remedy).min(min, remedy).max(max, remedy);
};
const systemNames = (remedy: string) => z.array(z.string('Give the name of a system, such as "drive-tugs".'), remedy);
const section = <Shape extends z.ZodRawShape>(shape: Shape) => z.strictObject(shape, "Make it a section.").optional();

const schema = z.strictObject({
  systems: section({
    order: z
      .array(
        systemNames('Give a list of systems, such as ["first", "second"].'),
        'Give a list of lists of systems, such as [["first", "second"]].',
      )
      .optional(),
    disabled: systemNames('Give a list of systems, such as ["drift-section"].').optional(),
  }),
  tick: section({
    rate: whole(1, tickRateMax).optional(),
    per_frame_max: whole(1, ticksPerFrameMax).optional(),
    overload: z.enum(["drop", "slow"], 'Give "drop" or "slow".').optional(),
  }),
  priorities: z.record(z.string(), whole(-priorityMax, priorityMax), "Make it a section.").optional(),
});
const keysOfSections: Readonly<Record<string, readonly string[]>> = {
  "": ["systems", "tick", "priorities"],
  systems: ["order", "disabled"],
  tick: ["rate", "per_frame_max", "overload"],
};

/** What of `read` is well formed as settings, and what is not. Paths are those of the file. */
export function settingsOf(read: unknown): {
  readonly settings: PlanSettings;
  readonly problems: readonly SettingsProblem[];
} {
  const checked = schema.safeParse(read);
  if (checked.success) return { settings: settingsFrom(checked.data), problems: [] };
  const problems = checked.error.issues.flatMap((issue) => problemsOf(issue, read));
  // What stands beside a mistake is looked at as well, so that all mistakes are told at once.
  const rest = structuredClone(read) as Record<string, unknown>;
  for (const { path } of problems) blankAt(rest, path);
  const again = schema.safeParse(rest);
  return { settings: again.success ? settingsFrom(again.data) : {}, problems };
}

/** The path in the file of a path in settings. */
export function filePathOf(path: Path): Path {
  const [first, ...rest] = path;
  if (first === "order" || first === "disabled") return ["systems", ...path];
  if (first === "tick" && rest[0] === "perFrameMax") return ["tick", "per_frame_max"];
  return path;
}

function settingsFrom({ systems, tick, priorities }: z.infer<typeof schema>): PlanSettings {
  const { rate, per_frame_max: perFrameMax, overload } = tick ?? {};
  return {
    ...(systems?.order === undefined ? {} : { order: systems.order }),
    ...(systems?.disabled === undefined ? {} : { disabled: systems.disabled }),
    ...(priorities === undefined ? {} : { priorities }),
    ...(tick === undefined
      ? {}
      : {
          tick: {
            ...(rate === undefined ? {} : { rate }),
            ...(perFrameMax === undefined ? {} : { perFrameMax }),
            ...(overload === undefined ? {} : { overload }),
          },
        }),
  };
}

function problemsOf(issue: z.core.$ZodIssue, read: unknown): SettingsProblem[] {
  const path = issue.path as Path;
  if (issue.code !== "unrecognized_keys") {
    const name = path.map((key) => (typeof key === "number" ? `[${key}]` : `.${key}`)).join("");
    return [{ path, problem: `${name.slice(1)} is ${shown(valueAt(read, path))}`, remedy: issue.message }];
  }
  const place = String(path[0] ?? "");
  return issue.keys.map((key) => {
    const what = place === "" ? `there is no section or key "${key}"` : `there is no key "${key}" in [${place}]`;
    return { path: [...path, key], problem: what, remedy: nameAdvice(key, keysOfSections[place] ?? []) };
  });
}

/** Puts what says nothing in the place of a mistake: elements keep their numbers, keys go. */
function blankAt(top: Record<string, unknown>, path: Path): void {
  const holder = valueAt(top, path.slice(0, -1));
  const key = path.at(-1);
  if (Array.isArray(holder)) holder[key as number] = path.length === 3 && path[1] === "order" ? [] : "";
  else if (typeof holder === "object" && holder !== null) delete (holder as Record<string, unknown>)[key as string];
}

function valueAt(top: unknown, path: Path): unknown {
  let value = top;
  for (const key of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string | number, unknown>)[key];
  }
  return value;
}

function shown(value: unknown): string {
  if (value instanceof Date) return "a date";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a section";
  if (typeof value === "number") return String(value);
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}
