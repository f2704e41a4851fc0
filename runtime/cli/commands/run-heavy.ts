/**
 * `run --heavy`: the same world in heavy mode, and once more as it is. Every tick is saved, restored into a fresh world and
 * run on there; what comes of it must be what came without, and both lines must have one hash.
 */

import { availableParallelism } from "node:os";
import { type Fault, faultText, raise } from "../../../engine/base/faults.ts";
import { counted } from "../../../engine/base/wording.ts";
import { openConfig } from "../../config/config-file.ts";
import { usualFolder } from "../../flight/box-file.ts";
import { withSourcePlaces } from "../../host/source-places.ts";
import { firstDifference } from "../../verify/comparison.ts";
import { heavyRun } from "../../verify/heavy-run.ts";
import { witnessedRun } from "../../verify/witnessed-run.ts";
import type { ScriptedRecord } from "../../world/engine-thread.ts";
import { type CommandContext, exitCodeOf } from "../command-line.ts";
import { type ExitCode, exitCode } from "../exit-codes.ts";
import { onInterrupt } from "../interrupt.ts";

/** What `run` takes that heavy mode does, and, as unknown values, what it does not. */
export interface HeavyOptions {
  readonly ticks: number;
  readonly seed: number;
  readonly heavyEvery: number;
  readonly printHash?: boolean;
  readonly config?: string;
  /** Of the plain run: workers of its pool, and whether its writes are held against what is declared. */
  readonly workers?: number;
  readonly audit?: boolean;
  readonly record?: unknown;
  readonly blackBox?: unknown;
  readonly paced?: unknown;
  readonly hot?: unknown;
  readonly watch?: unknown;
  readonly timings?: unknown;
  readonly trace?: unknown;
  readonly log?: unknown;
  readonly telemetry?: unknown;
  readonly watchValue?: unknown;
}

/** Options that speak of one world that goes on, which heavy mode has not. */
const elsewhere = {
  ...{ record: "--record", blackBox: "--black-box", paced: "--paced", hot: "--hot", watch: "--watch" },
  ...{ timings: "--timings", trace: "--trace", log: "--log", telemetry: "--telemetry", watchValue: "--watch-value" },
} as const;

/** Raises "usage" for options that heavy mode has no use for, and "config-file". */
export async function runHeavy(
  { game, terminal }: CommandContext,
  options: HeavyOptions,
  script: readonly ScriptedRecord[],
): Promise<ExitCode> {
  refuseOthers(options);
  const { ticks, seed, heavyEvery: every, workers = 0, audit = false } = options;
  const { settings } = await openConfig({ game }, options.config);
  const abort = new AbortController();
  const endWatch = onInterrupt(() => abort.abort());
  const common = { seed, tickCount: ticks, script, settings, signal: abort.signal };
  const [heavy, plain] = await Promise.all([
    heavyRun({
      ...{ ...common, every, twinCount: Math.max(1, availableParallelism() - 1) },
      onProgress: (tick) => terminal.status(`heavy: tick ${tick} of ${ticks}`),
    }),
    witnessedRun({
      ...{ ...common, game, frames: false },
      ...{ workerCount: workers, audit, guard: false, shuffleSeed: 0, race: undefined },
    }),
  ]);
  endWatch();
  if (abort.signal.aborted) return exitCode.interrupted;
  const failed = (fault: Fault): ExitCode => {
    const isDesync = ["heavy-differs", "race-found"].includes(fault.kind);
    terminal.line(`${isDesync ? "not deterministic" : "the run failed"}: ${withSourcePlaces(faultText(fault))}`);
    terminal.fault(fault);
    return isDesync ? exitCode.desync : exitCodeOf(fault);
  };
  for (const run of [plain, heavy]) if (run.kind === "faulted") return failed(run.fault);
  if (plain.kind !== "ended" || heavy.kind !== "ended") return exitCode.failed;
  const difference = firstDifference("Heavy mode against a plain run", plain.testimony, heavy.testimony);
  if (difference !== undefined) return failed(difference);
  const { hash } = heavy.testimony;
  const told = `${game.id}: ${counted(ticks, "tick")}, seed ${seed}, ${counted(heavy.comparedCount, "save")} restored into fresh worlds, all equal`;
  if (options.printHash === true) {
    terminal.note(told);
    terminal.line(hash);
  } else {
    terminal.line(told);
    terminal.line(`hash ${hash}`);
  }
  terminal.value({ game: game.id, seed, tickCount: ticks, hash, comparedCount: heavy.comparedCount });
  return exitCode.ok;
}

function refuseOthers(options: HeavyOptions): void {
  const given = (Object.keys(elsewhere) as (keyof typeof elsewhere)[]).filter(
    (name) => options[name] !== undefined && options[name] !== (name === "blackBox" ? usualFolder : false),
  );
  if (given.length === 0) return;
  raise("usage", {
    problem: `--heavy takes no ${given.map((name) => elsewhere[name]).join(" and no ")}.`,
    suggestion: "It runs many worlds beside each other; leave one or the other out.",
  });
}
