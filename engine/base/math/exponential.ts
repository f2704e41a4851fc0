/**
 * The exponential function, after fdlibm 5.3 (e_exp.c, Sun Microsystems 1993): x = k ln 2 + r with
 * |r| <= ln 2 / 2, then e^r from a rational function in r, then 2^k. `curveOf` is that function's core;
 * powers and hyperbolic functions use it too.
 * The one rule: the order of operations fixes the bits; regrouping a sum changes them.
 */

import { timesPowerOfTwo } from "./scaling.ts";

// biome-ignore lint/suspicious/noApproximativeNumericConstant: the literal fixes the bits, whatever the engine says.
export const inverseLn2 = 1.4426950408889634;
/** ln 2 in two parts; the upper has 21 zero bits at its end, so k times it is exact for |k| < 2^20. */
export const ln2High = 0.6931471803691238;
export const ln2Low = 1.9082149292705877e-10;
/** Beyond this magnitude the result is infinite or zero. */
const magnitudeMax = 746;

/** c for which e^r = 1 + r + r * c / (2 - c), for |r| <= 0.35; the error moves e^r by less than 2^-59. */
export function curveOf(r: number): number {
  const z = r * r;
  const w = z * z;
  const upper = 6.613756321437934e-5 - z * 1.6533902205465252e-6 + w * 4.1381367970572385e-8;
  return r - z * (0.16666666666666602 - z * 0.0027777777777015593 + w * upper);
}

/** e to the power x. See `engine/base/math.ts`. */
export function exp(x: number): number {
  if (!(Math.abs(x) < magnitudeMax)) return x < 0 ? 0 : x > 0 ? Number.POSITIVE_INFINITY : x;
  const k = Math.floor(x * inverseLn2 + 0.5);
  const high = x - k * ln2High;
  const low = k * ln2Low;
  const r = high - low;
  const c = curveOf(r);
  return timesPowerOfTwo(1 - (low - (r * c) / (2 - c) - high), k);
}
