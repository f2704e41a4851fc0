/**
 * `verify determinism`: runs the game again and again, each time in another way, and compares every tick of every run with
 * the first: one table, one verdict. With a race or a flipped bit planted it must fail, and says by which name it did.
 */
import { resolve } from "node:path";
import { type Fault, faultId, faultMend, faultText, makeFault, raise } from "../../../engine/base/faults.ts";
import { counted } from "../../../engine/base/wording.ts";
import { fieldNames } from "../../../engine/ecs/component.ts";
import { jobProgram } from "../../../engine/game.ts";
import { openConfig } from "../../config/config-file.ts";
import { withSourcePlace } from "../../host/source-places.ts";
import { readInputFile } from "../../input/input-file.ts";
import { checkFlip, type Flip, parseFlip } from "../../verify/flip.ts";
import { type Made, makeRuns } from "../../verify/made-runs.ts";
import type { Verification } from "../../verify/perform.ts";
import { jobModes, type ModeName, modeNames, plansOf } from "../../verify/plans.ts";
import { type RaceName, raceNames, races } from "../../verify/races.ts";
import { witnessedRun } from "../../verify/witnessed-run.ts";
import { type CommandContext, exitCodeOf } from "../command-line.ts";
import { type ExitCode, exitCode } from "../exit-codes.ts";
import { onInterrupt } from "../interrupt.ts";
import { tableText } from "../terminal.ts";
import { cellsOf, header, type RunRow, rowOf } from "../verify-table.ts";

interface VerifyOptions {
  readonly modes?: readonly string[];
  readonly workers?: readonly number[];
  readonly shuffleJobs?: number;
  readonly guardSnapshot?: boolean;
  readonly ticks: number;
  readonly seed: number;
  readonly input?: string;
  readonly config?: string;
  readonly inject?: string;
  readonly executable?: string;
  readonly heavyEvery?: number;
  readonly keyframeEvery?: number;
  readonly requireAll?: boolean;
}

const defaultWorkers: readonly number[] = [0, 1, 2];
const defaultShuffles = 5;
/** Without a word about it, so many keyframes are continued from. */
const keyframeCount = 8;
/** Faults that mean that two runs of one world are not the same, or that it reads or writes what it must not. */
const breaches: readonly string[] = [
  ...["race-found", "snapshot-written", "job-wrote-outside", "run-differs", "heavy-differs", "banned-call"],
  ...["undeclared-write", "write-out-of-phase", "write-between-ticks", "foreign-random", "undeclared-emission"],
  "undeclared-read",
];

/** Faults that say that two runs were not the same. */
const desyncKinds: readonly string[] = ["run-differs", "heavy-differs", "race-found"];

export async function verifyDeterminism(context: CommandContext, options: VerifyOptions): Promise<ExitCode> {
  const { game, terminal } = context;
  const race = raceOf(options);
  const flip = options.inject === undefined ? undefined : parseFlip(options.inject, options.ticks);
  const script = options.input === undefined ? [] : readInputFile(options.input, game);
  const { settings } = await openConfig({ game }, options.config);
  const plans = plansOf({
    modes: modesOf(options, race),
    workers: options.workers ?? defaultWorkers,
    shuffleJobs: options.shuffleJobs ?? defaultShuffles,
    guardSnapshot: options.guardSnapshot === true,
    flip,
  });
  if (plans.length === 1)
    raise("usage", {
      problem: "That is one run, and nothing to compare it with.",
      suggestion: "Add a mode to --modes, a count to --workers, or --guard-snapshot for guarded runs.",
    });
  const abort = new AbortController();
  const endWatch = onInterrupt(() => abort.abort());
  const verification: Verification = {
    ...{ game, seed: options.seed, tickCount: options.ticks, script, settings, race, signal: abort.signal },
    input: options.input === undefined ? undefined : resolve(options.input),
    heavyEvery: options.heavyEvery ?? 1,
    keyframeEvery: options.keyframeEvery ?? Math.max(1, Math.ceil(options.ticks / (keyframeCount + 1))),
    executable: options.executable === undefined ? undefined : resolve(options.executable),
    onReport: (fault) => terminal.report(fault),
  };
  try {
    if (flip !== undefined) await requireFlip(flip, verification);
    const made = plans.map((plan, at): Made => ({ plan, number: at + 1, result: undefined, fault: undefined }));
    await makeRuns(made, verification, (text) => terminal.status(text));
    const rows = made.flatMap((one) => (one.result === undefined ? [] : [rowOf(one, made[0]!, options.ticks)]));
    for (const text of tableText([header, ...rows.map(cellsOf)])) terminal.line(text);
    if (abort.signal.aborted) return exitCode.interrupted;
    return conclude(context, options, rows, made, { race, flip });
  } finally {
    endWatch();
  }
}

/** Raises "flip-impossible" when there is nothing to flip at that tick; it costs a run up to it. */
async function requireFlip(flip: Flip, { game, seed, script, settings, signal }: Verification): Promise<void> {
  const { schema } = jobProgram(game);
  const component = schema.components.find(({ name }) => name === flip.component);
  const refuse = (what: string, names: readonly string[]): never =>
    raise("flip-impossible", {
      ...{ flip: flip.text, problem: `${game.id} has no ${what}` },
      suggestion: `Use one of: ${names.join(", ")}.`,
    });
  if (component === undefined)
    return refuse(
      `component ${flip.component}`,
      schema.components.map(({ name }) => name),
    );
  const fields = fieldNames(component);
  if (!fields.includes(flip.field)) refuse(`field ${flip.field} in ${flip.component}`, fields);
  const span = `${flip.component}.${flip.field}`;
  const run = await witnessedRun({
    ...{ game, seed, tickCount: flip.tick, script, settings, frames: false, signal },
    ...{ workerCount: 0, guard: false, shuffleSeed: 0, race: undefined },
    examine: { tick: flip.tick, span, entity: flip.entity },
  });
  if (run.kind === "ended") checkFlip(flip, run.testimony.examination!);
}

// ── The verdict ──────────────────────────────────────────────────────────────────────────────────

function conclude(
  { game, terminal }: CommandContext,
  { requireAll }: VerifyOptions,
  rows: readonly RunRow[],
  made: readonly Made[],
  planted: { readonly race: RaceName | undefined; readonly flip: Flip | undefined },
): ExitCode {
  const faults = made.flatMap(({ fault }) => (fault === undefined ? [] : [withSourcePlace(fault)]));
  const missing = made.flatMap(({ plan: { name }, result }) =>
    result?.kind === "missing" ? [`${name} (${result.why})`] : [],
  );
  // Who wrote where it must not is the cause; that runs differ is what follows from it.
  const cause = faults.find((found) => isOf(planted, found)) ?? faults.find(({ kind }) => kind !== "race-found");
  const fault =
    cause ??
    faults[0] ??
    (requireAll === true && missing.length > 0 ? makeFault("mode-missing", { modes: missing.join("; ") }) : undefined);
  const name = planted.race === undefined ? planted.flip?.text : `race:${planted.race}`;
  const isFound = fault !== undefined && isOf(planted, fault);
  const compared = rows.filter(({ verdict }) => verdict !== "not here" && verdict !== "itself").length;
  const isNothing = name === undefined && fault === undefined && compared < 2;
  const unchecked = missing.length === 0 ? "" : `; not checked: ${missing.join("; ")}`;
  const verdict =
    name === undefined
      ? fault === undefined
        ? isNothing
          ? `nothing was compared${unchecked}`
          : `deterministic: ${counted(compared, "run")} of ${game.id}, one hash ${rows[0]!.hash}, frames ${rows[0]!.frameHash}${unchecked}`
        : fault.kind === "mode-missing"
          ? faultText(fault)
          : `${desyncKinds.includes(fault.kind) ? "not deterministic" : "a run failed"}: ${faultText(fault)}`
      : isFound
        ? `${name} was found: ${faultText(fault)}`
        : `${name} was not found${fault === undefined ? "" : `, but: ${faultText(fault)}`}`;
  terminal.line(verdict);
  if (fault !== undefined) terminal.report(fault);
  terminal.value({
    game: game.id,
    runs: rows,
    ...(planted.race === undefined ? {} : { race: planted.race, isFound }),
    ...(planted.flip === undefined ? {} : { flip: planted.flip, isFound }),
    verdict,
    notChecked: missing,
    ...(fault === undefined
      ? {}
      : { fault: { id: faultId(fault), ...fault, text: faultText(fault), mend: faultMend(fault) } }),
  });
  if (name !== undefined && !isFound) return exitCode.failed;
  if (fault === undefined) return isNothing ? exitCode.failed : exitCode.ok;
  return breaches.includes(fault.kind) ? exitCode.desync : exitCodeOf(fault);
}

/** Whether a fault is that of what was planted. */
function isOf({ race, flip }: { race: RaceName | undefined; flip: Flip | undefined }, fault: Fault): boolean {
  if (race !== undefined) return fault.kind === races[race].found;
  if (flip === undefined || fault.kind !== "run-differs") return false;
  const { component, field, entity, tick } = fault.fields;
  return component === flip.component && field === flip.field && entity === flip.entity && tick === flip.tick;
}

/** The modes that were asked for. Who asks about jobs alone is told about jobs alone. Raises "usage" for an unknown one. */
function modesOf(
  { modes, workers, shuffleJobs, guardSnapshot }: VerifyOptions,
  race: RaceName | undefined,
): readonly ModeName[] {
  const unknown = modes?.find((name) => !modeNames.includes(name as ModeName));
  if (unknown !== undefined)
    raise("usage", { problem: `There is no mode "${unknown}".`, suggestion: `Use some of: ${modeNames.join(", ")}.` });
  const isOfJobs = workers !== undefined || shuffleJobs !== undefined || guardSnapshot === true || race !== undefined;
  // What a race of systems does shows where reads are tried, and nowhere else.
  const ofRace: readonly ModeName[] =
    race !== undefined && races[race].found === "undeclared-read" ? ["reads"] : jobModes;
  if (race !== undefined && modes?.some((name) => !ofRace.includes(name as ModeName)) === true)
    raise("usage", {
      problem: `race:${race} is planted in runs of ${ofRace === jobModes ? "jobs" : "systems"} only.`,
      suggestion: `Leave out --modes, or use some of: ${ofRace.join(", ")}.`,
    });
  if (modes !== undefined) return modes as readonly ModeName[];
  return isOfJobs ? ofRace : modeNames;
}

/** The race that is to be planted. Raises "usage" for one that is unknown or could not show. */
function raceOf({ inject, workers = defaultWorkers, guardSnapshot }: VerifyOptions): RaceName | undefined {
  if (inject === undefined || inject.startsWith("flip:")) return undefined;
  const name = raceNames.find((known) => inject === `race:${known}`);
  if (name === undefined)
    raise("usage", {
      problem: `There is no race "${inject}".`,
      suggestion: `Use one of: ${raceNames.map((known) => `race:${known}`).join(", ")}, or flip:Component.field:entity@tick.`,
    });
  const { found, needsWorkers, text } = races[name];
  if (needsWorkers && !(workers.includes(0) && workers.some((count) => count > 0)))
    raise("usage", {
      problem: `race:${name} (${text}) shows between runs with and without workers.`,
      suggestion: "Add --workers 0,1 or more.",
    });
  if ((found === "snapshot-written" || found === "job-wrote-outside") && guardSnapshot !== true)
    raise("usage", {
      problem: `race:${name} (${text}) is found by guard mode.`,
      suggestion: "Add --guard-snapshot.",
    });
  return name;
}
