/**
 * The browser's clock, one for the page and its workers: a thread's own clock counts from the moment the
 * thread began, and `timeOrigin` is that moment on a scale that they share. Monotonic within a thread; in
 * an isolated page it counts in steps of 5 microseconds.
 */
import type { Clock } from "../../engine/ports/clock.ts";

export const browserClock: Clock = {
  nowMicros: () => (performance.timeOrigin + performance.now()) * 1_000,
};
