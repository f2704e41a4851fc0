/**
 * Retries, counted in frames: whoever polls sixty times a second needs no timer. Pauses double from attempt to attempt.
 */
export interface RetryRules {
  /** Attempts before a resource counts as failed. */
  readonly attemptsMax: number;
  /** Frames of pause after the first failed attempt. */
  readonly pauseFrames: number;
  /** Frames of the longest pause. */
  readonly pauseFramesMax: number;
  /** Frames without a sign of life after which a read counts as failed. */
  readonly silenceFrames: number;
}

export const defaultRetryRules: RetryRules = {
  attemptsMax: 5,
  pauseFrames: 4,
  pauseFramesMax: 240,
  silenceFrames: 600,
};

/** Frames to wait after `attempt` (1, 2, 3...) has failed. */
export function pauseFramesAfter(attempt: number, rules: RetryRules): number {
  // 2^20 times the first pause is beyond any maximum, and the shift stays exact.
  return Math.min(rules.pauseFrames * (1 << Math.min(attempt - 1, 20)), rules.pauseFramesMax);
}
