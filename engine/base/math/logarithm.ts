/**
 * Logarithms to the bases e, 2 and 10: x = 2^k (1 + f) with 1 + f in [sqrt(1/2), sqrt(2)), and
 * ln(1 + f) = f - f^2/2 + s (f^2/2 + tail(s^2)) with s = f / (2 + f), after fdlibm 5.3 (e_log.c, Sun
 * Microsystems 1993). Bases 2 and 10 multiply that sum by 1/ln(base) in two parts, so that the product
 * and the sum with k lose nothing; fdlibm's own log10 rounds both.
 * The one rule: a constant named High has so few digits that its product here is exact.
 */

import { ln2High, ln2Low } from "./exponential.ts";
import { exponentOf, leastNormal, lift, liftExponent, powerOfTwo } from "./scaling.ts";

// biome-ignore lint/suspicious/noApproximativeNumericConstant: the literal fixes the bits, whatever the engine says.
const rootHalf = 0.7071067811865476;

/** 1/ln 2 and 1/ln 10; the upper parts have 24 digits, like what `Math.fround` gives. */
const inverseLn2High = 1.4426950216293335;
const inverseLn2Low = 1.9259629911266175e-8;
const inverseLn10High = 0.4342944920063019;
const inverseLn10Low = -1.0103050052231683e-8;
/** log10 of 2; the upper part has 42 digits, for products with an exponent. */
const log10Of2High = 0.30102999566395283;
const log10Of2Low = 2.8363394551044964e-14;

/** The k for which x = 2^k (1 + f), with 1 + f in [sqrt(1/2), sqrt(2)), for normal x. */
function exponentNear(x: number): number {
  return exponentOf(x * rootHalf) + 1;
}

/** (ln(1 + f) - f + square) / s - square for s = f / (2 + f), square = f^2/2 and z = s^2. */
function tail(z: number): number {
  const w = z * z;
  const even = w * (0.3999999999940942 + w * (0.22222198432149784 + w * 0.15313837699209373));
  const odd = z * (0.6666666666666735 + w * (0.2857142874366239 + w * (0.1818357216161805 + w * 0.14798198605116586)));
  return odd + even;
}

/** ln(x) + shift ln 2 for normal x. */
function natural(x: number, shift: number): number {
  const k = exponentNear(x);
  const f = x * powerOfTwo(-k) - 1;
  const n = k + shift;
  const s = f / (2 + f);
  const square = 0.5 * f * f;
  return n * ln2High - (square - (s * (square + tail(s * s)) + n * ln2Low) - f);
}

/** log2(x) + shift for normal x. */
function binary(x: number, shift: number): number {
  const k = exponentNear(x);
  const f = x * powerOfTwo(-k) - 1;
  const n = k + shift;
  const s = f / (2 + f);
  const square = 0.5 * f * f;
  const high = Math.fround(f - square);
  const low = f - high - square + s * (square + tail(s * s));
  const product = high * inverseLn2High;
  const sum = n + product;
  return sum + (n - sum + product + ((low + high) * inverseLn2Low + low * inverseLn2High));
}

/** log10(x) + shift log10(2) for normal x. */
function decimal(x: number, shift: number): number {
  const k = exponentNear(x);
  const f = x * powerOfTwo(-k) - 1;
  const n = k + shift;
  const s = f / (2 + f);
  const square = 0.5 * f * f;
  const high = Math.fround(f - square);
  const low = f - high - square + s * (square + tail(s * s));
  const product = high * inverseLn10High;
  const whole = n * log10Of2High;
  const sum = whole + product;
  const rest = n * log10Of2Low + ((low + high) * inverseLn10Low + low * inverseLn10High);
  return sum + (whole - sum + product + rest);
}

/** Every logarithm of an argument without one: 0, negative numbers, Infinity, NaN. */
function limit(x: number): number {
  if (x === 0) return Number.NEGATIVE_INFINITY;
  return x < 0 ? Number.NaN : x;
}

const isNormal = (x: number) => x >= leastNormal && x < Number.POSITIVE_INFINITY;
const isSubnormal = (x: number) => x > 0 && x < leastNormal;

/** Natural logarithm. See `engine/base/math.ts`. */
export function log(x: number): number {
  if (isNormal(x)) return natural(x, 0);
  return isSubnormal(x) ? natural(x * lift, -liftExponent) : limit(x);
}

/** Logarithm to base 2. See `engine/base/math.ts`. */
export function log2(x: number): number {
  if (isNormal(x)) return binary(x, 0);
  return isSubnormal(x) ? binary(x * lift, -liftExponent) : limit(x);
}

/** Logarithm to base 10. See `engine/base/math.ts`. */
export function log10(x: number): number {
  if (isNormal(x)) return decimal(x, 0);
  return isSubnormal(x) ? decimal(x * lift, -liftExponent) : limit(x);
}
