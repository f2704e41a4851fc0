/** What a world is run with, and how its run ended. */
import type { FaultMoment } from "../../engine/base/fault-place.ts";
import type { Fault } from "../../engine/base/faults.ts";
import type { Decision } from "../../engine/budget/budget.ts";
import type { Game } from "../../engine/game.ts";
import type { Driver } from "../../engine/render/driver.ts";
import type { HealthReport } from "../../engine/sim/health.ts";
import type { PlanSettings } from "../../engine/sim/plan-settings.ts";
import type { Code } from "../hot/code.ts";
import type { SwapNews } from "../hot/swapper.ts";
import type { AssetHostOptions } from "./asset-host.ts";
import type { RunSummary, ScriptedRecord } from "./engine-thread.ts";
import type { JournalFile } from "./journal-file.ts";
import type { WatchHost } from "./watch-host.ts";

export interface WorldThreadOptions {
  readonly game: Game;
  readonly seed: number;
  readonly pace: "clock" | "free";
  readonly tickCount: number;
  readonly script: readonly ScriptedRecord[];
  /** What the program is compiled with beside the game; see runtime/config. */
  readonly settings?: PlanSettings;
  /** The file that settings are edited in, as it is told to people. */
  readonly settingsPath?: string | undefined;
  readonly journal: JournalFile | undefined;
  /** The journal has a keyframe behind every so many ticks; 0 for none. */
  readonly keyframeEvery?: number;
  /** Where the flight recorder keeps the end of the run; undefined for none. */
  readonly flightFolder?: string | undefined;
  readonly drivers: readonly Driver[];
  /** Worker threads for jobs; 0 leaves all jobs to the engine thread. */
  readonly workerCount: number;
  /** Where assets come from, for a world that is shown; undefined loads none. */
  readonly assets?: AssetHostOptions | undefined;
  /** Where a trace is written; undefined for none. */
  readonly tracePath?: string | undefined;
  /** Files of the log and of telemetry; without either the run has no services. */
  readonly logPath?: string | undefined;
  readonly telemetryPath?: string | undefined;
  /** Told what a driver reports at its edge; the world goes on. */
  onReport?(fault: Fault): void;
  /** The text of the game's code, when its sources may be edited while it runs. */
  readonly code?: Code | undefined;
  /** Told what came of other code or settings. */
  onSwap?(news: SwapNews): void;
  /** Told what the budget decides. */
  onDecision?(decision: Decision): void;
  /** Told of infinities in the state. */
  onHealth?(report: HealthReport): void;
  /** The thread is ended when it does not go on for so long; 0 for never. */
  readonly silenceMillis?: number | undefined;
  /** Audits every step of every tick: several times slower. */
  readonly audit?: boolean | undefined;
  /** What is watched while the world runs; it is closed with the run. */
  readonly watches?: WatchHost | undefined;
}

/** How a run ended: with its summary, or with a fault and the stack of what caused it. */
export type RunOutcome =
  | { readonly kind: "ended"; readonly summary: RunSummary; readonly firstTickMillis: number }
  | {
      readonly kind: "faulted";
      readonly fault: Fault;
      readonly stack: string;
      readonly sourceText: string;
      readonly moment: FaultMoment | undefined;
      readonly tick: number;
    };
