/**
 * The clock of services: microseconds since 1970, the same in all threads of a process, so that their messages
 * can be ordered and dated. For logs only: pacing and spans have the host's monotonic clock.
 */
export const epochClock = {
  nowMicros: (): number => (performance.timeOrigin + performance.now()) * 1_000,
};

/** "2026-01-31T12:00:00.000Z" for microseconds since 1970. */
export function isoTime(micros: number): string {
  return new Date(micros / 1_000).toISOString();
}
