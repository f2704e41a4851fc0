/**
 * Powers of two and exponents of doubles: what the other files use to bring an argument near 1 and to
 * put the result back. Scaling by a power of two is exact while the result is normal, and rounds once
 * when it falls among the subnormals.
 * The one rule: `doubles` and `words` are one scratch double; nothing is read from it after another call.
 */

export const leastNormal = 2.2250738585072014e-308;
/** Subnormals are brought among the normals by 2^54. */
export const lift = 18014398509481984;
export const liftExponent = 54;

/** The exponent of the least double, 2^-1074. */
const exponentMin = -1074;
/** The exponent of the greatest power of two that a double holds. */
const exponentMax = 1023;

/** 2^exponentMin to 2^exponentMax, 16.4 KB: a load costs less than a double made from two words. */
const powers = new Float64Array(exponentMax - exponentMin + 1);
powers[0] = 5e-324;
for (let index = 1; index < powers.length; index++) powers[index] = 2 * powers[index - 1]!;

const doubles = new Float64Array([1]);
const words = new Uint32Array(doubles.buffer);
/** Which word of 1 is not zero holds sign and exponent: 1 on little-endian machines. */
const highWord = words[1] === 0 ? 0 : 1;

/** 2^exponent for an integer exponent within [-1074, 1023]. */
export function powerOfTwo(exponent: number): number {
  return powers[exponent - exponentMin]!;
}

/** Floor of the binary logarithm of x, for normal x > 0; -1023 for 0 and subnormals. */
export function exponentOf(x: number): number {
  doubles[0] = x;
  return (words[highWord]! >>> 20) - 1023;
}

/** x * 2^exponent rounded once, overflowing to Infinity, for x in [0.5, 2) and |exponent| <= 2000. */
export function timesPowerOfTwo(x: number, exponent: number): number {
  if (exponent > exponentMax) return x * powerOfTwo(exponentMax) * powerOfTwo(exponent - exponentMax);
  if (exponent < exponentMin) return x * powerOfTwo(exponent - exponentMin) * powerOfTwo(exponentMin);
  return x * powerOfTwo(exponent);
}
