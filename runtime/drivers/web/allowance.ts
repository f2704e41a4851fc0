/**
 * An allowance: how many messages a page may still send. It fills at a steady rate up to a burst,
 * so a page may be lively for a moment but not for long.
 */

/** A page sends at most one message an animation frame and one a key change: far below this. */
export const messagesPerSecondMax = 400;
export const messageBurstMax = 800;

export class Allowance {
  #left = messageBurstMax;
  #filledMillis: number;

  constructor(nowMillis: number) {
    this.#filledMillis = nowMillis;
  }

  /** Takes one message off; false when none is left. */
  take(nowMillis: number): boolean {
    const earned = ((nowMillis - this.#filledMillis) / 1000) * messagesPerSecondMax;
    this.#left = Math.min(messageBurstMax, this.#left + earned);
    this.#filledMillis = nowMillis;
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }
}
