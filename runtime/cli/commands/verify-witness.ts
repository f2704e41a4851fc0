/** `verify witness`: one run with a witness in it, for another process that compares. Not for people; help does not show it. */
import { writeFileSync } from "node:fs";
import type { PlanSettings } from "../../../engine/sim/plan-settings.ts";
import { readInputFile } from "../../input/input-file.ts";
import { progressWord } from "../../verify/child-run.ts";
import type { ExaminationOrder } from "../../verify/examination.ts";
import { encodeTestimony } from "../../verify/testimony-codec.ts";
import { witnessedRun } from "../../verify/witnessed-run.ts";
import { type CommandContext, exitCodeOf } from "../command-line.ts";
import { type ExitCode, exitCode } from "../exit-codes.ts";

interface WitnessOptions {
  readonly ticks: number;
  readonly seed: number;
  readonly output: string;
  readonly input?: string;
  readonly settings?: string;
  readonly examine?: string;
}

export async function verifyWitness({ game, terminal }: CommandContext, options: WitnessOptions): Promise<ExitCode> {
  let told = -1;
  const examine = options.examine === undefined ? undefined : (JSON.parse(options.examine) as ExaminationOrder);
  const run = await witnessedRun({
    game,
    ...{ seed: options.seed, tickCount: options.ticks, examine, frames: examine === undefined },
    settings: options.settings === undefined ? {} : (JSON.parse(options.settings) as PlanSettings),
    script: options.input === undefined ? [] : readInputFile(options.input, game),
    ...{ workerCount: 0, guard: false, shuffleSeed: 0, race: undefined, signal: new AbortController().signal },
    onProgress(tick) {
      if (tick !== told) terminal.note(`${progressWord}${tick}`);
      told = tick;
    },
  });
  if (run.kind === "faulted") {
    terminal.fault(run.fault);
    return exitCodeOf(run.fault);
  }
  writeFileSync(options.output, encodeTestimony(run.testimony));
  terminal.value({ elapsedMillis: run.elapsedMillis });
  return exitCode.ok;
}
