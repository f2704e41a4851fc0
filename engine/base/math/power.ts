// x to the power y: the library's algorithm for positive bases, and every special case decided here.
// The library (0.3.1) answers pow(-Infinity, 0.5) with NaN, pow(NaN, 0) with NaN, pow(-0, 5e-324)
// with 1, and takes huge even exponents for odd; its fdlibm core is right to under one unit.
// The one rule: the library sees only finite x > 0 other than 1 and finite y other than 0.

import positivePower from "@stdlib/math-base-special-pow";

/** The magnitude of x^y for x in [0, Infinity] except 1, and y in [-Infinity, Infinity] except 0. */
function magnitude(x: number, y: number): number {
  const isGrowing = x > 1 === y > 0;
  if (x === 0 || x === Number.POSITIVE_INFINITY || y === Number.POSITIVE_INFINITY || y === Number.NEGATIVE_INFINITY) {
    return isGrowing ? Number.POSITIVE_INFINITY : 0;
  }
  return positivePower(x, y);
}

/** Power. See `engine/base/math.ts`. */
export function pow(x: number, y: number): number {
  if (y === 0) return 1;
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.NaN;
  const a = Math.abs(x);
  const isYFinite = Number.isFinite(y);
  if (a === 1 && !isYFinite) return Number.NaN;
  // A remainder is exact for every double; those from 2^53 up are even.
  const isYOdd = isYFinite && Math.abs(y % 2) === 1;
  const isNegative = x < 0 || Object.is(x, -0);
  if (isNegative && a !== 0 && Number.isFinite(a) && isYFinite && Math.floor(y) !== y) return Number.NaN;
  const result = a === 1 ? 1 : magnitude(a, y);
  return isNegative && isYOdd ? -result : result;
}
