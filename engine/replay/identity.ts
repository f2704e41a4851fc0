/**
 * The identity of a program, as a journal's header states it: what must be equal for a replay to mean
 * anything. Each entry is compared by itself, so a refusal can name it and show both values.
 */
import manifest from "../../package.json" with { type: "json" };
import { hashBytes, hashHex } from "../base/hash.ts";
import type { Limits } from "../base/limits.ts";
import { isPrintable, printable } from "../base/wording.ts";
import { kernelBytes } from "../kernels/bytes.ts";
import { readerBytes } from "../kernels/reader-bytes.ts";
import { physicsBuild } from "../physics/build.ts";
import { type PlanSettings, settingsFormProblems, settingsLines, settingsText } from "../sim/plan-settings.ts";
import type { Program } from "../sim/program.ts";

export interface ProgramIdentity {
  readonly game: string;
  readonly planHash: string;
  readonly schemaHash: string;
  readonly tickRate: number;
  /** What the program was compiled with beside the game; absent for none. Those that decide no tick need not be equal. */
  readonly settings?: PlanSettings;
  readonly limits: Limits;
  readonly physicsBuild: string;
  /** Version of the engine, of bitecs, and the hash of the kernels. */
  readonly engine: string;
}

/** Hashed once: every keyframe states it. */
let kernelsText = "";

export function identityOf(program: Program): ProgramIdentity {
  if (kernelsText === "") {
    const { high, low } = hashBytes(Uint8Array.of(...kernelBytes, ...readerBytes));
    kernelsText = hashHex(high, low);
  }
  return {
    game: program.id,
    planHash: program.planHash,
    schemaHash: program.schemaHash,
    tickRate: program.tickRate,
    ...(settingsText(program.settings) === "{}" ? {} : { settings: program.settings }),
    limits: program.limits,
    physicsBuild,
    engine: `orrery ${manifest.version}, bitecs ${manifest.dependencies.bitecs}, kernels ${kernelsText}`,
  };
}

/** An entry in which two identities differ, with both values as text. */
export interface IdentityDifference {
  readonly field: string;
  readonly journal: string;
  readonly program: string;
}

/** Whether a value of unknown origin has the form of an identity; what it says may be wrong. */
export function isIdentity(value: unknown): value is ProgramIdentity {
  if (!isRecord(value)) return false;
  const { limits, settings, tickRate } = value;
  const texts = [value["game"], value["planHash"], value["schemaHash"], value["physicsBuild"], value["engine"]];
  return (
    texts.every((text) => typeof text === "string" && isPrintable(text)) &&
    Number.isInteger(tickRate) &&
    isRecord(limits) &&
    Object.entries(limits).every(([name, limit]) => isPrintable(name) && Number.isInteger(limit)) &&
    settingsFormProblems(settings ?? {}).length === 0
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const entryNames = {
  game: "game",
  engine: "engine",
  physicsBuild: "physics build",
  schemaHash: "schema",
  planHash: "plan",
  tickRate: "tick rate",
} as const;

/** The first entry in which two identities differ; undefined when none does. */
export function identityDifference(journal: ProgramIdentity, program: ProgramIdentity): IdentityDifference | undefined {
  return identityDifferences(journal, program)[0];
}

/** All entries in which two identities differ. */
export function identityDifferences(journal: ProgramIdentity, program: ProgramIdentity): IdentityDifference[] {
  const found: IdentityDifference[] = [];
  const settings = [settingsOf(journal), settingsOf(program)] as const;
  let isExplained = settings[0] === settings[1];
  for (const key of Object.keys(entryNames) as (keyof typeof entryNames)[]) {
    if (journal[key] === program[key]) continue;
    // A hash tells nobody anything; other settings do, and they are likely why.
    if ((key === "planHash" || key === "tickRate") && !isExplained) {
      found.push({ field: "settings", journal: settings[0], program: settings[1] });
      isExplained = true;
    }
    found.push({ field: entryNames[key], journal: String(journal[key]), program: String(program[key]) });
  }
  for (const key of Object.keys({ ...journal.limits, ...program.limits }).sort() as (keyof Limits)[])
    if (journal.limits[key] !== program.limits[key])
      found.push({
        field: `limit ${key}`,
        journal: String(journal.limits[key] ?? "none"),
        program: String(program.limits[key] ?? "none"),
      });
  return found;
}

function settingsOf({ settings = {} }: ProgramIdentity): string {
  return printable(settingsLines(settings).join(", ")) || "none";
}
