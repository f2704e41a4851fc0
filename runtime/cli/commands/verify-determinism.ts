/**
 * `verify determinism`: runs the game again and again, with different numbers of workers, with chunks claimed
 * in different orders and in guard mode, and compares every tick of every run with the first. With a race
 * planted in the game it must fail, and says by which name it did.
 */
import { type Fault, faultId, faultMend, faultText, raise } from "../../../engine/base/faults.ts";
import { readInputFile } from "../../input/input-file.ts";
import { firstDifference } from "../../verify/comparison.ts";
import { type RaceName, raceNames, races } from "../../verify/races.ts";
import type { Testimony } from "../../verify/witness.ts";
import { type WitnessedRun, witnessedRun } from "../../verify/witnessed-run.ts";
import { type CommandContext, exitCodeOf } from "../command-line.ts";
import { type ExitCode, exitCode } from "../exit-codes.ts";
import { onInterrupt } from "../interrupt.ts";
import { tableText } from "../terminal.ts";

interface VerifyOptions {
  readonly workers: readonly number[];
  readonly shuffleJobs: number;
  readonly guardSnapshot?: boolean;
  readonly ticks: number;
  readonly seed: number;
  readonly input?: string;
  readonly inject?: string;
}

/** What distinguishes one run from another. */
interface RunPlan {
  readonly workers: number;
  /** Seed of the order in which chunks are claimed; 0 is their own. */
  readonly shuffle: number;
  readonly guard: boolean;
}

/** One row of the table. */
interface RunRow extends RunPlan {
  readonly run: number;
  readonly ticksPerSecond: number;
  readonly hash: string;
  readonly frameHash: string;
  /** "reference", "equal", "differs", or the id of a fault. */
  readonly verdict: string;
}

/** In guard mode one shuffled run in this many is made: it costs a multiple of the others. */
const guardEvery = 25;
const breaches: readonly string[] = ["race-found", "snapshot-written", "job-wrote-outside"];

export async function verifyDeterminism({ game, terminal }: CommandContext, options: VerifyOptions): Promise<ExitCode> {
  const race = raceOf(options);
  const script = options.input === undefined ? [] : readInputFile(options.input, game);
  const plans = plansOf(options);
  const rows: RunRow[] = [];
  const faults: Fault[] = [];
  const abort = new AbortController();
  const endWatch = onInterrupt(() => abort.abort());
  let reference: Testimony | undefined;
  for (const [at, plan] of plans.entries()) {
    // A shuffled run adds nothing when another has failed already; guarded runs may still name the culprit.
    if (abort.signal.aborted || (faults.length > 0 && (plan.shuffle > 0 || reference === undefined))) break;
    const label = `run ${at + 1} of ${plans.length} (${planText(plan)})`;
    const run = await witnessedRun({
      game,
      seed: options.seed,
      tickCount: options.ticks,
      script,
      workerCount: plan.workers,
      guard: plan.guard,
      shuffleSeed: plan.shuffle,
      race,
      signal: abort.signal,
      onProgress: (tick) => terminal.status(`${label}: tick ${tick} of ${options.ticks}`),
      onReport: (fault) => terminal.report(fault),
    });
    if (abort.signal.aborted) break;
    const fault = faultOfRun(
      run,
      reference,
      `Run ${at + 1} (${planText(plan)}) against run 1 (${planText(plans[0]!)})`,
    );
    if (fault !== undefined) faults.push(fault);
    rows.push(rowOf(at + 1, plan, run, fault, reference === undefined, options.ticks));
    if (run.kind === "ended") reference ??= run.testimony;
  }
  endWatch();
  // Who wrote where it must not is the cause; that runs differ is what follows from it.
  const fault = faults.find(({ kind }) => kind !== "race-found") ?? faults[0];
  for (const text of tableText([header, ...rows.map(cellsOf)])) terminal.line(text);
  if (abort.signal.aborted) return exitCode.interrupted;
  return conclude({ game, terminal }, rows, fault, race, plans.length);
}

function conclude(
  { game, terminal }: CommandContext,
  rows: readonly RunRow[],
  fault: Fault | undefined,
  race: RaceName | undefined,
  runCount: number,
): ExitCode {
  const isFound = race !== undefined && fault?.kind === races[race].found;
  const verdict =
    race === undefined
      ? fault === undefined
        ? `deterministic: ${runCount} runs of ${game.id}, one hash ${rows[0]!.hash}, frames ${rows[0]!.frameHash}`
        : `not deterministic: ${faultText(fault)}`
      : isFound
        ? `race:${race} was found: ${faultText(fault!)}`
        : `race:${race} was not found${fault === undefined ? "" : `, but: ${faultText(fault)}`}`;
  terminal.line(verdict);
  if (fault !== undefined) terminal.report(fault);
  terminal.value({
    game: game.id,
    runs: rows,
    ...(race === undefined ? {} : { race, isFound }),
    verdict,
    ...(fault === undefined
      ? {}
      : { fault: { id: faultId(fault), ...fault, text: faultText(fault), mend: faultMend(fault) } }),
  });
  if (race !== undefined && !isFound) return exitCode.failed;
  if (fault === undefined) return exitCode.ok;
  return breaches.includes(fault.kind) ? exitCode.desync : exitCodeOf(fault);
}

/** The runs: each number of workers, then those in guard mode, then shuffled ones with the workers taking turns. */
function plansOf({ workers, shuffleJobs, guardSnapshot }: VerifyOptions): readonly RunPlan[] {
  const most = Math.max(...workers);
  const guarded = guardSnapshot === true ? [...new Set([workers[0]!, most])] : [];
  return [
    ...workers.map((count) => ({ workers: count, shuffle: 0, guard: false })),
    ...guarded.map((count) => ({ workers: count, shuffle: 0, guard: true })),
    ...Array.from({ length: shuffleJobs }, (_, at) => ({
      workers: workers[at % workers.length]!,
      shuffle: at + 1,
      guard: guardSnapshot === true && at % guardEvery === guardEvery - 1,
    })),
  ];
}

function faultOfRun(run: WitnessedRun, reference: Testimony | undefined, comparison: string): Fault | undefined {
  if (run.kind === "faulted") return run.fault;
  return reference === undefined ? undefined : firstDifference(comparison, reference, run.testimony);
}

/** The race that is to be planted. Raises "usage" for one that is unknown or could not show. */
function raceOf({ inject, workers, guardSnapshot }: VerifyOptions): RaceName | undefined {
  if (inject === undefined) return undefined;
  const name = raceNames.find((known) => inject === `race:${known}`);
  if (name === undefined)
    raise("usage", {
      problem: `There is no race "${inject}".`,
      suggestion: `Use one of: ${raceNames.map((known) => `race:${known}`).join(", ")}.`,
    });
  const { found, needsWorkers, text } = races[name];
  if (needsWorkers && !(workers.includes(0) && workers.some((count) => count > 0)))
    raise("usage", {
      problem: `race:${name} (${text}) shows between runs with and without workers.`,
      suggestion: "Add --workers 0,1 or more.",
    });
  if (found !== "race-found" && guardSnapshot !== true)
    raise("usage", {
      problem: `race:${name} (${text}) is found by guard mode.`,
      suggestion: "Add --guard-snapshot.",
    });
  return name;
}

function planText({ workers, shuffle, guard }: RunPlan): string {
  return `${workers} workers${shuffle === 0 ? "" : `, shuffle ${shuffle}`}${guard ? ", guarded" : ""}`;
}

function rowOf(
  run: number,
  plan: RunPlan,
  result: WitnessedRun,
  fault: Fault | undefined,
  isReference: boolean,
  ticks: number,
): RunRow {
  const verdict =
    fault === undefined
      ? isReference
        ? "reference"
        : "equal"
      : fault.kind === "race-found"
        ? "differs"
        : faultId(fault);
  if (result.kind === "faulted") return { run, ...plan, ticksPerSecond: 0, hash: "", frameHash: "", verdict };
  const { hash, frameHash } = result.testimony;
  const ticksPerSecond = Math.round((ticks * 1_000) / Math.max(1e-3, result.elapsedMillis));
  return { run, ...plan, ticksPerSecond, hash, frameHash, verdict };
}

const header = ["run", "workers", "shuffle", "guard", "ticks/s", "hash", "frame hash", "verdict"];

function cellsOf({ run, workers, shuffle, guard, ticksPerSecond, hash, frameHash, verdict }: RunRow): string[] {
  const speed = ticksPerSecond === 0 ? "-" : String(ticksPerSecond);
  const or = (text: string): string => text || "-";
  return [run, workers, shuffle === 0 ? "-" : shuffle, guard ? "on" : "-", speed, or(hash), or(frameHash), verdict].map(
    String,
  );
}
