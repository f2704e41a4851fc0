/**
 * Small exact helpers on numbers: clamp, lerp, smoothstep, wrapAngle. They use only operations that
 * ECMAScript defines to the bit (+ - * / % and comparisons), so they agree on every engine as written.
 * The one rule: do not regroup them; `a + (b - a) * t` and `a * (1 - t) + b * t` differ in their bits.
 */

/** x held within [low, high]; exact. NaN stays NaN. `low` must not exceed `high`. */
export function clamp(x: number, low: number, high: number): number {
  if (x < low) return low;
  return x > high ? high : x;
}

/**
 * The point at share t from a (t = 0) to b (t = 1); t outside [0, 1] continues the line.
 * Exactly a at t = 0 and exactly b at t = 1; in between up to three roundings, and not always monotonic
 * in the last place. a and b of opposite sign must not be so large that b - a overflows.
 */
export function lerp(a: number, b: number, t: number): number {
  return t === 1 ? b : a + (b - a) * t;
}

/**
 * 0 up to `low`, 1 from `high`, and 3t^2 - 2t^3 between, with t the share of the way. Up to six roundings.
 * `low` must be less than `high`.
 */
export function smoothstep(low: number, high: number, x: number): number {
  const t = clamp((x - low) / (high - low), 0, 1);
  return t * t * (3 - 2 * t);
}

/** The double nearest to pi; half of a whole turn in `wrapAngle`. */
// biome-ignore lint/suspicious/noApproximativeNumericConstant: the literal fixes the bits, whatever the engine says.
export const PI = 3.141592653589793;
/** The double nearest to 2 pi: a whole turn, in radians. */
export const TAU = 6.283185307179586;

/**
 * The angle within [-PI, PI) that differs from `radians` by whole turns of TAU; exact with respect to
 * the double TAU, which is short of 2 pi by 2.4e-16 a turn. Infinity and NaN give NaN.
 */
export function wrapAngle(radians: number): number {
  const rest = radians % TAU;
  if (rest >= PI) return rest - TAU;
  return rest < -PI ? rest + TAU : rest;
}
