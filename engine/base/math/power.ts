/**
 * x to the power y as 2^(y log2 x), with log2 x and the product each kept as a sum of two doubles, after
 * fdlibm 5.3 (e_pow.c, Sun Microsystems 1993): the reduction by 1 or 3/2 and the polynomials. Orrery's
 * are the split, `Math.fround` in place of cleared words, one path for exponents of every size, and the
 * single rounding of subnormal results. Special cases follow Math.pow.
 * The one rule: a value named High has at most 24 digits, so a product of two of them is exact.
 */

import { curveOf } from "./exponential.ts";
import { exponentOf, leastNormal, lift, liftExponent, powerOfTwo, timesPowerOfTwo } from "./scaling.ts";

/** Below the first root a mantissa is divided by 1, below the second by 3/2, from there on by 2. */
const rootOfThreeHalves = 1.224744871391589;
const rootOfThree = 1.7320508075688772;
/** log2(3/2). */
const log2OfThreeHalvesHigh = 0.5849624872207642;
const log2OfThreeHalvesLow = 1.350039202129749e-8;
/** 2 / (3 ln 2). */
const twoThirdsOverLn2 = 0.9617966939259756;
const twoThirdsOverLn2High = 0.9617967009544373;
const twoThirdsOverLn2Low = -7.028461650952758e-9;
// biome-ignore lint/suspicious/noApproximativeNumericConstant: the literal fixes the bits, whatever the engine says.
const ln2 = 0.6931471805599453;
const ln2High = 0.6931471824645996;
const ln2Low = -1.904654299957768e-9;
/** Beyond this magnitude of y log2 x the result is infinite or zero. */
const magnitudeMax = 1100;

/** log2 of one argument: the upper part, then the rest. Read it right after `fillLogarithm`. */
const logarithm = new Float64Array(2);

/**
 * Fills `logarithm` with log2(x) + shift for the normal x > 0 in logarithm[0]. The argument travels there
 * because V8 would box it: this function is too long to be inlined.
 */
function fillLogarithm(shift: number): void {
  const x = logarithm[0]!;
  let exponent = exponentOf(x);
  let mantissa = x * powerOfTwo(-exponent);
  let base = 1;
  let ofBaseHigh = 0;
  let ofBaseLow = 0;
  if (mantissa >= rootOfThree) {
    mantissa *= 0.5;
    exponent += 1;
  } else if (mantissa >= rootOfThreeHalves) {
    base = 1.5;
    ofBaseHigh = log2OfThreeHalvesHigh;
    ofBaseLow = log2OfThreeHalvesLow;
  }
  // s = (mantissa - base) / (mantissa + base), as sHigh + sLow.
  const over = mantissa - base;
  const inverse = 1 / (mantissa + base);
  const s = over * inverse;
  const sHigh = Math.fround(s);
  const underHigh = Math.fround(mantissa + base);
  const underLow = mantissa - (underHigh - base);
  const sLow = inverse * (over - sHigh * underHigh - sHigh * underLow);
  // ln(mantissa / base) = 2/3 s (3 + s^2 + tail).
  const z = s * s;
  const w = z * z;
  const polynomial =
    0.5999999999999946 +
    z * 0.4285714285785502 +
    w * (0.33333332981837743 + z * 0.272728123808534 + w * (0.23066074577556175 + z * 0.20697501780033842));
  const tail = w * polynomial + sLow * (sHigh + s);
  const square = sHigh * sHigh;
  const factorHigh = Math.fround(3 + square + tail);
  const factorLow = tail - (factorHigh - 3 - square);
  const product = sHigh * factorHigh;
  const productRest = sLow * factorHigh + factorLow * s;
  const high = Math.fround(product + productRest);
  const low = productRest - (high - product);
  const scaled = twoThirdsOverLn2High * high;
  const scaledRest = twoThirdsOverLn2Low * high + low * twoThirdsOverLn2 + ofBaseLow;
  const whole = exponent + shift + ofBaseHigh;
  const sum = Math.fround(scaled + scaledRest + whole);
  logarithm[0] = sum;
  logarithm[1] = scaledRest - (sum - whole - scaled);
}

/** x^y for finite x > 0 other than 1 and finite y. */
function positivePower(x: number, y: number): number {
  const isSubnormal = x < leastNormal;
  logarithm[0] = isSubnormal ? x * lift : x;
  fillLogarithm(isSubnormal ? -liftExponent : 0);
  const logHigh = logarithm[0]!;
  const logLow = logarithm[1]!;
  const estimate = y * logHigh;
  // A logarithm is at least 2^-53, so past this line |y| is below 2^64 and has its 24 digits.
  if (!(Math.abs(estimate) < magnitudeMax)) return estimate > 0 ? Number.POSITIVE_INFINITY : 0;
  const yHigh = Math.fround(y);
  const high = yHigh * logHigh;
  const low = (y - yHigh) * logHigh + y * logLow;
  const n = Math.floor(estimate + 0.5);
  const fraction = high - n;
  const partHigh = Math.fround(fraction + low);
  const part = partHigh * ln2High;
  const partRest = (low - (partHigh - fraction)) * ln2 + partHigh * ln2Low;
  const r = part + partRest;
  const rest = partRest - (r - part);
  const c = curveOf(r);
  return timesPowerOfTwo(1 - ((r * c) / (c - 2) - (rest + r * rest) - r), n);
}

/** x^y where x is not finite and positive or y is not finite. */
function specialPower(x: number, y: number): number {
  if (y === 0) return 1;
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.NaN;
  const a = Math.abs(x);
  if (Math.abs(y) === Number.POSITIVE_INFINITY) {
    if (a === 1) return Number.NaN;
    return a > 1 === y > 0 ? Number.POSITIVE_INFINITY : 0;
  }
  const isNegative = x < 0 || Object.is(x, -0);
  // Both differences are exact; doubles from 2^53 up are even.
  const isOdd = y - 2 * Math.floor(0.5 * y) === 1;
  let result: number;
  if (a === 0 || a === Number.POSITIVE_INFINITY) result = a > 1 === y > 0 ? Number.POSITIVE_INFINITY : 0;
  else if (Math.floor(y) !== y) return Number.NaN;
  else result = a === 1 ? 1 : positivePower(a, y);
  return isNegative && isOdd ? -result : result;
}

/** Power. See `engine/base/math.ts`. */
export function pow(x: number, y: number): number {
  if (x > 0 && x < Number.POSITIVE_INFINITY && Math.abs(y) < Number.POSITIVE_INFINITY) {
    // Exponents for which the language has an operation get its rounding, the best there is.
    if (y === 2) return x * x;
    if (y === 0.5) return Math.sqrt(x);
    if (y === 1 || x === 1) return x;
    if (y === -1) return 1 / x;
    return positivePower(x, y);
  }
  return specialPower(x, y);
}
