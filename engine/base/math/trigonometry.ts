/**
 * Sine, cosine and tangent: the argument less its whole quarter turns (reduction.ts), then fdlibm's
 * polynomials on [-pi/4, pi/4] (5.3, k_sin.c, k_cos.c, k_tan.c, Sun Microsystems 1993). The reduced
 * angle is a sum of two doubles, and each polynomial takes both. Sine and tangent are odd and cosine is
 * even to the last bit, because the reduction rounds alike for both signs.
 * The one rule: the order of operations fixes the bits; regrouping a sum changes them.
 */

import { reduce, reduced } from "./reduction.ts";

const quarterPi = 0.7853981633974483;
const quarterPiLow = 3.061616997868383e-17;
/** Below 2^-27 the next term of each series is under half a unit; returning early keeps -0 and subnormals. */
const linearMax = 7.450580596923828e-9;
/** From here tan(x) is taken from tan(pi/4 - x), whose series is short. */
const tangentFlipMin = 0.6743316650390625;

/** sin(x + low) for |x| <= pi/4. */
function sineOf(x: number, low: number): number {
  const z = x * x;
  const cube = z * x;
  const polynomial =
    0.00833333333332249 +
    z * (-1.984126982985795e-4 + z * (2.7557313707070068e-6 + z * (-2.5050760253406863e-8 + z * 1.58969099521155e-10)));
  return x - (z * (0.5 * low - cube * polynomial) - low + cube * 0.16666666666666632);
}

/** cos(x + low) for |x| <= pi/4. */
function cosineOf(x: number, low: number): number {
  const z = x * x;
  const w = z * z;
  const polynomial =
    z * (0.0416666666666666 + z * (-0.001388888888887411 + z * 2.480158728947673e-5)) +
    w * w * (-2.7557314351390663e-7 + z * (2.087572321298175e-9 + z * -1.1359647557788195e-11));
  const half = 0.5 * z;
  const whole = 1 - half;
  return whole + (1 - whole - half + (z * polynomial - x * low));
}

/** The sine of the reduced angle plus `quarterTurns` quarter turns. */
function turnedSine(quarterTurns: number): number {
  const x = reduced[0]!;
  const low = reduced[1]!;
  const value = (quarterTurns & 1) === 0 ? sineOf(x, low) : cosineOf(x, low);
  return (quarterTurns & 2) === 0 ? value : -value;
}

/** -1 / (sum + rest), where sum is the rounded x + rest: the quotient's rounding error is put back. */
function negativeInverse(x: number, rest: number, sum: number): number {
  const high = Math.fround(sum);
  const low = rest - (high - x);
  const quotient = -1 / sum;
  const quotientHigh = Math.fround(quotient);
  return quotientHigh + quotient * (1 + quotientHigh * high + quotientHigh * low);
}

/** tan(x + low) for |x| <= pi/4, or -1 over it. */
function tangentOf(x: number, low: number, isInverse: boolean): number {
  const isFlipped = Math.abs(x) >= tangentFlipMin;
  const side = x < 0 ? -1 : 1;
  const t = isFlipped ? quarterPi - side * x + (quarterPiLow - side * low) : x;
  const tLow = isFlipped ? 0 : low;
  const z = t * t;
  const w = z * z;
  const even =
    0.13333333333320124 +
    w *
      (0.021869488294859542 +
        w *
          (0.0035920791075913124 +
            w * (5.880412408202641e-4 + w * (7.817944429395571e-5 + w * -1.8558637485527546e-5))));
  const odd =
    0.05396825397622605 +
    w *
      (0.0088632398235993 +
        w *
          (0.0014562094543252903 +
            w * (2.464631348184699e-4 + w * (7.140724913826082e-5 + w * 2.5907305186363371e-5))));
  const cube = z * t;
  const rest = tLow + z * (cube * (even + z * odd) + tLow) + 0.3333333333333341 * cube;
  const tangent = t + rest;
  if (isFlipped) {
    const sign = isInverse ? -1 : 1;
    return side * (sign - 2 * (t - ((tangent * tangent) / (tangent + sign) - rest)));
  }
  return isInverse ? negativeInverse(t, rest, tangent) : tangent;
}

/** Sine. See `engine/base/math.ts`. */
export function sin(x: number): number {
  const a = Math.abs(x);
  if (a <= quarterPi) return a < linearMax ? x : sineOf(x, 0);
  return turnedSine(reduce(x));
}

/** Cosine. See `engine/base/math.ts`. */
export function cos(x: number): number {
  if (Math.abs(x) <= quarterPi) return cosineOf(x, 0);
  return turnedSine(reduce(x) + 1);
}

/** Tangent. See `engine/base/math.ts`. */
export function tan(x: number): number {
  const a = Math.abs(x);
  if (a <= quarterPi) return a < linearMax ? x : tangentOf(x, 0, false);
  const isInverse = (reduce(x) & 1) === 1;
  return tangentOf(reduced[0]!, reduced[1]!, isInverse);
}
