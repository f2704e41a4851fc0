/**
 * Cube root: a parabola to 6 bits, a cubic in t^3/m to 23, and one Halley step whose square is exact.
 * The plan, a rounded estimate before the last step, is that of fdlibm 5.3 (s_cbrt.c, Sun Microsystems
 * 1993); both polynomials are Orrery's, fitted on [1, 8) and on the parabola's error.
 * The one rule: the estimate has 24 digits when it is squared, or the last step is off by more than a unit.
 */

import { exponentOf, leastNormal, lift, powerOfTwo } from "./scaling.ts";

/** The roots of lifted subnormals come back by 2^-18. */
const liftRoot = 3.814697265625e-6;

/** The cube root of a normal, positive number. */
function positiveRoot(a: number): number {
  // The half keeps the quotient of a whole multiple of 3 from rounding to below it.
  const k = Math.floor((exponentOf(a) + 0.5) / 3);
  const m = a * powerOfTwo(-3 * k);
  const seed = 0.7625 + m * (0.2681 - m * 0.01467);
  const r = seed * seed * (seed / m);
  const inverseRoot =
    1.728464955399737 + r * (-1.2961768568562364 + r * (0.7402924394290599 - r * 0.17258063154635125));
  const t = Math.fround(seed * inverseRoot);
  const other = m / (t * t);
  return (t + t * ((other - t) / (t + t + other))) * powerOfTwo(k);
}

/** Cube root. See `engine/base/math.ts`. */
export function cbrt(x: number): number {
  const a = Math.abs(x);
  if (!(a > 0 && a < Number.POSITIVE_INFINITY)) return x;
  const root = a < leastNormal ? positiveRoot(a * lift) * liftRoot : positiveRoot(a);
  return x < 0 ? -root : root;
}
