/**
 * The host's clock: monotonic, in microseconds, the same on every thread of a process.
 *
 * `performance.now()` is the cheap clock, but each thread counts it from the moment the thread itself
 * began. `process.hrtime()` has one origin for the whole machine, but gives an array for every call.
 * So a thread measures the distance between the two once, when this module is loaded, and adds it from
 * then on. Both read the same counter, so the distance never changes.
 */
import type { Clock } from "../../engine/ports/clock.ts";

/** Taken here, before traps stand in its place (runtime/traps): the engine asks the time within ticks. */
const nowMillis = performance.now.bind(performance);

export const hostClock: Clock = {
  nowMicros: () => nowMillis() * 1_000 + offsetMicros,
};

const sampleCount = 16;
const offsetMicros = measureOffset();

/** Origin of this thread on the machine's clock. Of several readings the one that took least time is the most exact. */
function measureOffset(): number {
  let offset = 0;
  let bestMicros = Number.POSITIVE_INFINITY;
  for (let i = 0; i < sampleCount; i++) {
    const before = machineMicros();
    const here = performance.now() * 1_000;
    const after = machineMicros();
    if (after - before >= bestMicros) continue;
    bestMicros = after - before;
    offset = (before + after) / 2 - here;
  }
  return offset;
}

function machineMicros(): number {
  const [seconds, nanos] = process.hrtime();
  return seconds * 1_000_000 + nanos / 1_000;
}
