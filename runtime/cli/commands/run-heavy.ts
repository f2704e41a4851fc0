/**
 * `run --heavy`: the same world in heavy mode, and once more as it is. Every tick is saved, restored into a fresh world and
 * run on there; what comes of it must be what came without, and both lines must have one hash.
 */
import { availableParallelism } from "node:os";
import { type Fault, faultText } from "../../../engine/base/faults.ts";
import { firstDifference } from "../../verify/comparison.ts";
import { heavyRun } from "../../verify/heavy-run.ts";
import { witnessedRun } from "../../verify/witnessed-run.ts";
import type { ScriptedRecord } from "../../world/engine-thread.ts";
import { type CommandContext, exitCodeOf } from "../command-line.ts";
import { type ExitCode, exitCode } from "../exit-codes.ts";
import { onInterrupt } from "../interrupt.ts";

export interface HeavyOptions {
  readonly ticks: number;
  readonly seed: number;
  readonly script: readonly ScriptedRecord[];
  /** Ticks between two saves. */
  readonly every: number;
  readonly printHash: boolean;
}

export async function runHeavy({ game, terminal }: CommandContext, options: HeavyOptions): Promise<ExitCode> {
  const { ticks, seed, script, every } = options;
  const abort = new AbortController();
  const endWatch = onInterrupt(() => abort.abort());
  const common = { seed, tickCount: ticks, script, signal: abort.signal };
  const [heavy, plain] = await Promise.all([
    heavyRun({
      ...{ ...common, every, twinCount: Math.max(1, availableParallelism() - 1) },
      onProgress: (tick) => terminal.status(`heavy: tick ${tick} of ${ticks}`),
    }),
    witnessedRun({
      ...{ ...common, game, frames: false },
      ...{ workerCount: 0, guard: false, shuffleSeed: 0, race: undefined },
    }),
  ]);
  endWatch();
  if (abort.signal.aborted) return exitCode.interrupted;
  const failed = (fault: Fault): ExitCode => {
    const isDesync = ["heavy-differs", "race-found"].includes(fault.kind);
    terminal.line(`${isDesync ? "not deterministic" : "the run failed"}: ${faultText(fault)}`);
    terminal.fault(fault);
    return isDesync ? exitCode.desync : exitCodeOf(fault);
  };
  for (const run of [plain, heavy]) if (run.kind === "faulted") return failed(run.fault);
  if (plain.kind !== "ended" || heavy.kind !== "ended") return exitCode.failed;
  const difference = firstDifference("Heavy mode against a plain run", plain.testimony, heavy.testimony);
  if (difference !== undefined) return failed(difference);
  const { hash } = heavy.testimony;
  const told = `${game.id}: ${ticks} ticks, seed ${seed}, ${heavy.comparedCount} saves restored into fresh worlds, all equal`;
  if (options.printHash) {
    terminal.note(told);
    terminal.line(hash);
  } else {
    terminal.line(told);
    terminal.line(`hash ${hash}`);
  }
  terminal.value({ game: game.id, seed, tickCount: ticks, hash, comparedCount: heavy.comparedCount });
  return exitCode.ok;
}
