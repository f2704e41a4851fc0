/**
 * Pacing: how exactly the ticks of an engine thread begin, at 60 a second over 10 s, and the same of
 * `setInterval` and `setTimeout` in threads of their own at the same time. An error is the distance
 * from a grid of exact periods; drift is what the error grew by from the first second to the last.
 *
 * The grid is laid through the earliest tick of the first second. The figures are those of this
 * machine as busy as it is: only an idle one shows what a pacer can do.
 */
import { type BenchSize, median, percentile } from "./measure.ts";
import { type PacerThreadData, pacerPart, pacingRate } from "./pacers.ts";
import { type BenchGroup, type BenchRow, timeText } from "./row.ts";
import { benchRole, runInThread } from "./threads.ts";

const name = "tick pacing at 60 Hz";
const p99MillisMax = 0.3;
const driftMillisMax = 0.3;

export const pacing: BenchGroup = { rowNames: [name], run };

async function run(size: BenchSize): Promise<readonly BenchRow[]> {
  const tickCount = pacingRate * (size === "whole" ? 10 : 1);
  const [engine, interval, timeout] = await Promise.all([
    errorsOf("engine", tickCount),
    errorsOf("interval", tickCount),
    errorsOf("timeout", tickCount),
  ]);
  return [
    {
      name,
      ours: errorText(engine),
      peer: `setTimeout ${errorText(timeout)}; setInterval drift ${timeText(interval.driftMillis)}`,
      ratio: `${(timeout.p99Millis / engine.p99Millis).toFixed(1)}x closer`,
      goal: `p99 <= ${timeText(p99MillisMax)}, no drift`,
      met: engine.p99Millis <= p99MillisMax && Math.abs(engine.driftMillis) <= driftMillisMax,
    },
  ];
}

interface PacingErrors {
  readonly p50Millis: number;
  readonly p99Millis: number;
  readonly driftMillis: number;
}

async function errorsOf(pacer: PacerThreadData["pacer"], tickCount: number): Promise<PacingErrors> {
  const startMicros = new Float64Array(new SharedArrayBuffer(tickCount * 8));
  const data: PacerThreadData = { role: benchRole, part: pacerPart, pacer, startMicros };
  await runInThread(data);
  const offsets = Array.from(startMicros, (micros, tick) => micros / 1_000 - (tick * 1_000) / pacingRate);
  if (startMicros.some((micros) => micros === 0)) throw new Error(`the thread "${pacer}" left ticks out`);
  const origin = Math.min(...offsets.slice(0, pacingRate));
  const errors = offsets.map((offset) => Math.abs(offset - origin));
  return {
    p50Millis: percentile(errors, 50),
    p99Millis: percentile(errors, 99),
    driftMillis: median(offsets.slice(-pacingRate)) - median(offsets.slice(0, pacingRate)),
  };
}

function errorText({ p50Millis, p99Millis, driftMillis }: PacingErrors): string {
  return `p50 ${timeText(p50Millis)}, p99 ${timeText(p99Millis)}, drift ${timeText(driftMillis)}`;
}
