/**
 * The pacer: waits until a moment, precisely and without drift. It sleeps in Atomics.wait, which a stop
 * request ends at once, and spins the last part, which no sleep hits exactly.
 *
 * Deadlines are multiples of the tick's length from the start, so an early or late wake-up never adds
 * up. Only a thread of its own may use this: it blocks.
 */
import type { Clock } from "../../engine/ports/clock.ts";

/** Sleeping ends this much before the deadline; measured: `Atomics.wait` is rarely later than that. */
const spinMicros = 150;

/** Blocks until `deadlineMicros`, or until words[index] is no longer `expected`. */
export function waitUntil(
  clock: Clock,
  deadlineMicros: number,
  words: Int32Array,
  index: number,
  expected: number,
): void {
  for (;;) {
    const remaining = deadlineMicros - clock.nowMicros();
    if (remaining <= 0) return;
    if (remaining > spinMicros) {
      if (Atomics.wait(words, index, expected, (remaining - spinMicros) / 1_000) !== "timed-out") return;
    } else if (Atomics.load(words, index) !== expected) return;
  }
}
