/**
 * Hyperbolic functions from one exponential kept as a sum of two doubles, so that the subtraction in
 * sinh and the division in tanh start from more than 53 bits. The reduction and the curve are those of
 * exponential.ts; the sums are Orrery's, and do not overflow before their results do.
 * The one rule: `sums` is scratch of this file; read it right after the call that fills it.
 */

import { curveOf, inverseLn2, ln2High, ln2Low } from "./exponential.ts";
import { quotientRest } from "./residue.ts";
import { powerOfTwo } from "./scaling.ts";

/** Up to here the Taylor polynomials are short, and x itself needs no reduction. */
const seriesMax = 0.35;
/** From here e^-x is below a quarter unit of e^x, and tanh is 1. */
const largeMin = 22;
/** Above it sinh and cosh exceed the largest double. */
const overflowMin = 711;

/** e^x as (high + low) * 2^exponent. */
const power = { high: 0, low: 0, exponent: 0 };
/** sinh and cosh of one argument, each high + low. */
const sums = { sinhHigh: 0, sinhLow: 0, coshHigh: 0, coshLow: 0 };

/** Fills `power` with e^x for |x| <= 711; its error is below 2^-55 of the result. */
function raise(x: number): void {
  const k = Math.floor(x * inverseLn2 + 0.5);
  const high = x - k * ln2High;
  const low = k * ln2Low;
  const r = high - low;
  const c = curveOf(r);
  const curved = (r * c) / (2 - c) - low;
  const sum = 1 + high;
  const rest = high - (sum - 1) + curved;
  power.high = sum + rest;
  power.low = rest - (power.high - sum);
  power.exponent = k;
}

/** Fills `sums` for 0 <= x <= 0.35 from the Taylor polynomials. */
function fillFromSeries(x: number): void {
  const z = x * x;
  sums.sinhHigh = x;
  sums.sinhLow =
    x *
    z *
    (1 / 6 +
      z *
        (1 / 120 +
          z * (1 / 5040 + z * (1 / 362880 + z * (1 / 39916800 + z * (1 / 6227020800 + z * (1 / 1307674368000)))))));
  const curved =
    z *
    (1 / 2 +
      z * (1 / 24 + z * (1 / 720 + z * (1 / 40320 + z * (1 / 3628800 + z * (1 / 479001600 + z * (1 / 87178291200)))))));
  sums.coshHigh = 1 + curved;
  sums.coshLow = curved - (sums.coshHigh - 1);
}

/** Fills `sums` for 0.35 < x < 22 from e^x and e^-x. */
function fillFromPowers(x: number): void {
  raise(x);
  const upScale = 0.5 * powerOfTwo(power.exponent);
  const up = power.high * upScale;
  const upLow = power.low * upScale;
  raise(-x);
  const downScale = 0.5 * powerOfTwo(power.exponent);
  const down = power.high * downScale;
  const downLow = power.low * downScale;
  const difference = up - down;
  const total = up + down;
  sums.sinhHigh = difference;
  sums.sinhLow = up - difference - down + (upLow - downLow);
  sums.coshHigh = total;
  sums.coshLow = up - total + down + (upLow + downLow);
}

function fill(x: number): void {
  if (x <= seriesMax) fillFromSeries(x);
  else fillFromPowers(x);
}

/** e^x / 2 for x >= 22, without an overflow on the way. */
function halfPower(x: number): number {
  if (x >= overflowMin) return Number.POSITIVE_INFINITY;
  raise(x);
  return power.high * powerOfTwo(1000) * powerOfTwo(power.exponent - 1001);
}

/** Hyperbolic sine. See `engine/base/math.ts`. */
export function sinh(x: number): number {
  const a = Math.abs(x);
  // Below 2^-27 the cubic term is under half a unit; this also keeps -0, subnormals and NaN.
  if (!(a >= 7.450580596923828e-9)) return x;
  let result: number;
  if (a >= largeMin) result = halfPower(a);
  else {
    fill(a);
    result = sums.sinhHigh + sums.sinhLow;
  }
  return x < 0 ? -result : result;
}

/** Hyperbolic cosine. See `engine/base/math.ts`. */
export function cosh(x: number): number {
  const a = Math.abs(x);
  if (a >= largeMin) return halfPower(a);
  if (Number.isNaN(a)) return a;
  fill(a);
  return sums.coshHigh + sums.coshLow;
}

/** Hyperbolic tangent. See `engine/base/math.ts`. */
export function tanh(x: number): number {
  const a = Math.abs(x);
  if (!(a >= 7.450580596923828e-9)) return x;
  let result = 1;
  if (a < largeMin) {
    fill(a);
    const quotient = sums.sinhHigh / sums.coshHigh;
    const low = (sums.sinhLow - quotient * sums.coshLow) / sums.coshHigh;
    result = quotient + (quotientRest(sums.sinhHigh, sums.coshHigh, quotient) + low);
  }
  return x < 0 ? -result : result;
}
