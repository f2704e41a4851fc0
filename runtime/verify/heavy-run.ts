/**
 * Runs in heavy mode, as the main thread sees them: starts the live line and its twins and holds what they say against
 * each other. Where a column parts, both are made once more to look at that column at that tick, so that the element and
 * who wrote it can be named. Gives the live line's testimony, for it must be that of a plain run too.
 */
import { MessageChannel, type Worker } from "node:worker_threads";
import { type Fault, makeFault } from "../../engine/base/faults.ts";
import { startThread } from "../host/threads.ts";
import { firstElement } from "./comparison.ts";
import { HeavyComparison, type HeavyDifference } from "./heavy-comparison.ts";
import type { HeavyExamination, HeavyMessage, HeavyThreadData } from "./heavy-thread.ts";
import type { Testimony } from "./witness.ts";
import type { WitnessedRun, WitnessedRunOptions } from "./witnessed-run.ts";

export interface HeavyRunOptions
  extends Pick<WitnessedRunOptions, "seed" | "tickCount" | "script" | "settings" | "signal" | "onProgress"> {
  /** A save is taken every so many ticks; 1 is all of them. */
  readonly every: number;
  /** Threads that restore; one when left out. */
  readonly twinCount?: number;
}

export type HeavyRun = WitnessedRun & {
  /** Restored saves whose ticks were compared. */
  readonly comparedCount: number;
};

/** What the threads of one run came to. */
interface Lines {
  readonly ended: { readonly testimony: Testimony; readonly elapsedMillis: number } | undefined;
  readonly fault: Fault | undefined;
  readonly difference: HeavyDifference | undefined;
  readonly comparison: HeavyComparison;
  readonly examined: Partial<Readonly<Record<HeavyExamination["side"], HeavyExamination>>>;
}

/** Makes one run; a second one where it differs. Never rejects. */
export async function heavyRun(options: HeavyRunOptions): Promise<HeavyRun> {
  const { fault, difference, ended, comparison } = await runLines(options);
  const { comparedCount } = comparison;
  if (fault !== undefined) return { kind: "faulted", fault, comparedCount };
  if (difference !== undefined) return { kind: "faulted", fault: await faultOf(difference, options), comparedCount };
  if (ended !== undefined && comparison.waitingCount === 0) return { kind: "ended", ...ended, comparedCount };
  const problem =
    ended === undefined ? "it ended without a word" : `${comparison.waitingCount} of its saves were not compared`;
  return { kind: "faulted", fault: makeFault("child-run-failed", { mode: "heavy", problem }), comparedCount };
}

/** The fault of a difference, with the element where that can be found. */
async function faultOf(difference: HeavyDifference, options: HeavyRunOptions): Promise<Fault> {
  const { saved, tick, what, expected, found, isState } = difference;
  const nobody = { component: "", field: "", entity: 0, expectedWriter: "", foundWriter: "" };
  const fault = makeFault("heavy-differs", { ...nobody, saved, tick, what, expected, found });
  if (!isState || options.signal.aborted) return fault;
  // The same ticks, saves and twins: what a game keeps outside the state must have the same history.
  const { examined } = await runLines(options, difference);
  const { live, twin } = examined;
  const element = live && twin && firstElement(live.examination, twin.examination);
  if (element === undefined) return fault;
  const { place, ...named } = element;
  return makeFault("heavy-differs", { saved, tick, what: place, ...named });
}

/** Runs the live line and its twins; to their end, to the first difference, or until both have examined it. */
async function runLines(options: HeavyRunOptions, examine?: HeavyDifference): Promise<Lines> {
  const twinCount = options.twinCount ?? 1;
  const channels = Array.from({ length: twinCount }, () => new MessageChannel());
  const words = channels.map(() => new SharedArrayBuffer(8));
  const progress = new Int32Array(new SharedArrayBuffer(4));
  const { seed, tickCount, script, settings, every } = options;
  const common = {
    order: { seed, tickCount, script, settings },
    every,
    examine: examine && { saved: examine.saved, tick: examine.tick, span: examine.what, entity: 0 },
    progress: progress.buffer as SharedArrayBuffer,
  };
  const start = (role: HeavyThreadData["role"], which: readonly number[], name: string): Worker => {
    const ports = which.map((at) => (role === "heavy-live" ? channels[at]!.port1 : channels[at]!.port2));
    const data: HeavyThreadData = { ...common, role, ports, words: which.map((at) => words[at]!) };
    return startThread(data, { name, transfer: ports });
  };
  const comparison = new HeavyComparison();
  const threads = [
    start("heavy-live", [...channels.keys()], "heavy live"),
    ...channels.map((_, at) => start("heavy-twin", [at], `heavy twin ${at}`)),
  ];
  let ended: Lines["ended"];
  let fault: Fault | undefined;
  let difference: HeavyDifference | undefined;
  const examined: { -readonly [S in HeavyExamination["side"]]?: HeavyExamination } = {};
  let isOver = false;
  const endAll = (): void => {
    isOver = true;
    for (const thread of threads) void thread.terminate();
  };
  const fail = (found: Fault): void => {
    if (isOver) return;
    fault = found;
    endAll();
  };
  const hear = (message: HeavyMessage): void => {
    if (isOver) return;
    if (message.kind === "faulted") fail(message.fault);
    else if (message.kind === "ended") {
      if (message.testimony !== undefined)
        ended = { testimony: message.testimony, elapsedMillis: message.elapsedMillis };
    } else if (message.kind === "examined") {
      examined[message.side] = message;
      if (examined.live !== undefined && examined.twin !== undefined) endAll();
    } else {
      // A run that is made again to examine goes on past the difference that it is made for.
      const found = comparison.take(message);
      if (found === undefined || examine !== undefined) return;
      difference = found;
      endAll();
    }
  };
  options.signal.addEventListener("abort", endAll);
  const timer = setInterval(() => options.onProgress?.(progress[0]!), 50);
  await Promise.all(
    threads.map(
      (thread) =>
        new Promise<void>((resolve) => {
          thread.on("message", hear);
          thread.on("error", (thrown: unknown) => {
            const problem = thrown instanceof Error ? thrown.message : String(thrown);
            fail(makeFault("thread-died", { role: "heavy", problem }));
          });
          thread.on("exit", (code) => {
            // The others would wait for it for ever.
            if (code !== 0) fail(makeFault("thread-died", { role: "heavy", problem: `it exited with code ${code}` }));
            resolve();
          });
        }),
    ),
  );
  clearInterval(timer);
  options.signal.removeEventListener("abort", endAll);
  return { ended, fault, difference, comparison, examined };
}
