/** The game's tick rate, and seconds as ticks. */

export const tickRate = 60;

/** Whole ticks nearest to `seconds`. */
export function ticksOf(seconds: number): number {
  return Math.round(seconds * tickRate);
}
