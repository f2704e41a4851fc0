/** Makes one planned run, each mode in its own way. */

import type { Fault } from "../../engine/base/faults.ts";
import { counted } from "../../engine/base/wording.ts";
import type { Game } from "../../engine/game.ts";
import type { PlanSettings } from "../../engine/sim/plan-settings.ts";
import type { ScriptedRecord } from "../world/engine-thread.ts";
import { childRun } from "./child-run.ts";
import { heavyRun } from "./heavy-run.ts";
import { keyframeRuns } from "./keyframe-runs.ts";
import { executableProgram, type FoundProgram, interpretedProgram, javaScriptCoreProgram } from "./other-programs.ts";
import { pageRun } from "./page-run.ts";
import type { RunPlan } from "./plans.ts";
import type { RaceName } from "./races.ts";
import type { RunResult } from "./results.ts";
import { type WitnessedRunOptions, witnessedRun } from "./witnessed-run.ts";

/** What all runs of one verification share. */
export interface Verification {
  readonly game: Game;
  readonly seed: number;
  readonly tickCount: number;
  readonly script: readonly ScriptedRecord[];
  /** The operator's settings, which the game's plan allows. */
  readonly settings: PlanSettings;
  /** The file that the script was read from. */
  readonly input: string | undefined;
  readonly race: RaceName | undefined;
  /** Ticks between two saves of heavy mode. */
  readonly heavyEvery: number;
  /** Ticks between two keyframes. */
  readonly keyframeEvery: number;
  /** An executable of the game; without one it is built. */
  readonly executable: string | undefined;
  readonly signal: AbortSignal;
  onReport(fault: Fault): void;
}

/** Ticks of a run of which the reads are tried; each costs a tick for every system. */
const readTicks = 20;

/** Makes the run of a plan. Never rejects. */
export async function perform(
  plan: RunPlan,
  verification: Verification,
  onProgress: (tick: number) => void,
): Promise<RunResult> {
  const { game, seed, tickCount, script, settings, race, signal, onReport } = verification;
  const options: WitnessedRunOptions = {
    ...{ game, seed, tickCount, script, settings, signal, onProgress, onReport },
    ...{ workerCount: plan.workers, guard: plan.guard, shuffleSeed: plan.shuffle },
    ...{ race, registration: plan.registration, flip: plan.flip, audit: plan.mode === "audit" },
    ...(plan.mode === "reads" ? { frames: false, readsEvery: Math.ceil(tickCount / readTicks) } : {}),
  };
  switch (plan.mode) {
    case "heavy": {
      const run = await heavyRun({ ...options, every: verification.heavyEvery });
      return run.kind === "faulted" ? run : { ...run, detail: counted(run.comparedCount, "save") };
    }
    case "interpreted":
      return inProcess(plan, verification, interpretedProgram(), onProgress);
    case "javascriptcore":
      return inProcess(plan, verification, javaScriptCoreProgram(), onProgress);
    case "packaged":
      return inProcess(plan, verification, await executableProgram(verification.executable), onProgress);
    case "browser":
      return pageRun({ seed, tickCount, script, settings, frames: true }, signal, onProgress);
    case "keyframes":
      return keyframeRuns({ ...options, every: verification.keyframeEvery });
    default: {
      const run = await witnessedRun(options);
      if (run.kind === "faulted") return run;
      return {
        ...{ ...run, detail: "" },
        async examine(examine) {
          const again = await witnessedRun({ ...options, frames: false, tickCount: examine.tick, examine });
          return again.kind === "ended" ? again.testimony.examination : undefined;
        },
      };
    }
  }
}

async function inProcess(
  { mode }: RunPlan,
  { seed, tickCount, input, settings, signal }: Verification,
  found: FoundProgram,
  onProgress: (tick: number) => void,
): Promise<RunResult> {
  if (found.kind !== "found") return found;
  const result = await childRun(mode, found.program, { seed, tickCount, input, settings }, signal, onProgress);
  if (result.kind === "ended" && found.close !== undefined) {
    // An executable that was built for this is gone afterwards, so it cannot be asked again.
    const { examine: _, ...rest } = result;
    await found.close();
    return rest;
  }
  await found.close?.();
  return result;
}
