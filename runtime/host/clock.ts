/** The host's clock: monotonic, in microseconds since the thread's time origin. */
import type { Clock } from "../../engine/ports/clock.ts";

export const hostClock: Clock = {
  nowMicros: () => performance.now() * 1_000,
};
