/**
 * Runs from keyframes: a run takes one every so many ticks, and from the bytes of each a fresh world, in a thread of its
 * own, goes on to the end. Each of its ticks must be that of the run without an interruption.
 */
import { counted } from "../../engine/base/wording.ts";
import { findDifference } from "./comparison.ts";
import type { RunResult } from "./results.ts";
import { type WitnessedRunOptions, witnessedRun } from "./witnessed-run.ts";

export interface KeyframeRunsOptions extends WitnessedRunOptions {
  /** Ticks between two keyframes. */
  readonly every: number;
}

/** Runs at once; each has a thread. */
const atOnce = 2;

/** Makes all of them. Gives the testimony of the run that took the keyframes, or of the first that differs from it. */
export async function keyframeRuns(options: KeyframeRunsOptions): Promise<RunResult> {
  const { every, tickCount, signal, onProgress } = options;
  const keyframes: { readonly tick: number; readonly bytes: Uint8Array }[] = [];
  const plain = { ...options, frames: false };
  // What is to be made in all, for the progress: the line itself and what is left behind each keyframe.
  const starts = Array.from({ length: Math.ceil(tickCount / every) - 1 }, (_, at) => (at + 1) * every);
  const whole = starts.reduce((sum, start) => sum + tickCount - start, tickCount);
  const made = new Map<number, number>();
  const progress = (from: number, tick: number): void => {
    made.set(from, Math.max(0, tick - from));
    const done = [...made.values()].reduce((sum, ticks) => sum + ticks, 0);
    onProgress?.(Math.floor((done * tickCount) / whole));
  };
  const line = await witnessedRun({
    ...{ ...plain, keyframeEvery: every },
    onKeyframe: (tick, bytes) => keyframes.push({ tick, bytes }),
    onProgress: (tick) => progress(0, tick),
  });
  if (line.kind === "faulted") return line;
  const waiting = keyframes.filter(({ tick }) => tick < tickCount);
  const detail = counted(waiting.length, "keyframe");
  let other: RunResult | undefined;
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      if (other !== undefined || signal.aborted) return;
      const { tick: from, bytes } = next;
      const run = await witnessedRun({ ...plain, keyframe: bytes, onProgress: (tick) => progress(from, tick) });
      if (run.kind === "faulted") other ??= run;
      else if (findDifference(line.testimony, run.testimony) !== undefined)
        other ??= {
          ...{ ...run, detail: `from tick ${from}` },
          async examine(examine) {
            const again = await witnessedRun({ ...plain, keyframe: bytes, tickCount: examine.tick, examine });
            return again.kind === "ended" ? again.testimony.examination : undefined;
          },
        };
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return other ?? { ...line, detail };
}
