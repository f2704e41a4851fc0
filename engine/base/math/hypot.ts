/**
 * Length of a vector of two: the square root of a sum of squares whose rounding errors are put back,
 * after the method of musl's hypot.c. Dividing by the longer side instead costs up to 1.8 units in the
 * last place.
 * The one rule: the squares are summed from the smallest part up; another order changes the bits.
 */

import { productRest } from "./residue.ts";

/** At a ratio of 2^54 or more the shorter side is below half a unit of the longer. */
const ratioMax = 18014398509481984;
/** Sides above 2^500 or below 2^-400 are brought near 1 by 2^700, so that their squares stay normal. */
const largeMin = 3.273390607896142e150;
const smallMax = 3.8725919148493183e-121;
const scaleUp = 5.260135901548374e210;
const scaleDown = 1.90109156629516e-211;

/** Length of (x, y). See `engine/base/math.ts`. */
export function hypot(x: number, y: number): number {
  const a = Math.abs(x);
  const b = Math.abs(y);
  if (a === Number.POSITIVE_INFINITY || b === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
  let long = a > b ? a : b;
  let short = a > b ? b : a;
  if (short === 0 || long > short * ratioMax) return long + short;
  let scale = 1;
  if (long > largeMin) {
    long *= scaleDown;
    short *= scaleDown;
    scale = scaleUp;
  } else if (short < smallMax) {
    long *= scaleUp;
    short *= scaleUp;
    scale = scaleDown;
  }
  const longSquare = long * long;
  const shortSquare = short * short;
  const rest = productRest(short, short, shortSquare) + productRest(long, long, longSquare);
  return scale * Math.sqrt(rest + shortSquare + longSquare);
}
