/**
 * An angle less its whole quarter turns, as a sum of two doubles. Up to 2^20 quarter turns pi/2 is
 * subtracted in three parts (Cody and Waite 1980, as in fdlibm 5.3, e_rem_pio2.c, Sun Microsystems
 * 1993); beyond, and for the few angles too close to a whole number of turns, x * 2/pi is multiplied out
 * over the digits of 2/pi that matter to the fraction (Payne and Hanek 1983).
 * The one rule: `reduced` is scratch of this file; read it right after the call that fills it.
 */

import { productRest } from "./residue.ts";
import { exponentOf, powerOfTwo } from "./scaling.ts";

/** 2^20 quarter turns, rounded down to an integer. */
const mediumMax = 1647099;
const twoOverPi = 0.6366197723675814;
/** pi/2 in parts of 33, 33 and 53 bits: a count of up to 2^20 times one of the first two is exact. */
const halfPiFirst = 1.5707963267341256;
const halfPiSecond = 6.077100506303966e-11;
const halfPiThird = 2.0222662487959506e-21;
/** The parts together are short of pi/2 by 2^-120: a remainder above 2^-60 of the angle has 60 good bits. */
const cancellationMax = 8.673617379884035e-19;

/** 1.5 * 2^52: adding and subtracting it rounds to the nearest integer, alike for both signs. */
const roundingShift = 6755399441055744;

const halfPi = 1.5707963267948966;
const halfPiLow = 6.123233995736766e-17;

/** One digit of the long multiplication has 24 bits, so that a product of two and sums of them are exact. */
const digitBits = 24;
const radix = 16777216;
/** The digits of 2/pi after the point, from 2^-24 down to 2^-1200. */
// biome-ignore format: a table.
const twoOverPiDigits = new Float64Array([
  0xa2f983, 0x6e4e44, 0x1529fc, 0x2757d1, 0xf534dd, 0xc0db62, 0x95993c, 0x439041, 0xfe5163, 0xabdebb,
  0xc561b7, 0x246e3a, 0x424dd2, 0xe00649, 0x2eea09, 0xd1921c, 0xfe1deb, 0x1cb129, 0xa73ee8, 0x8235f5,
  0x2ebb44, 0x84e99c, 0x7026b4, 0x5f7e41, 0x3991d6, 0x398353, 0x39f49c, 0x845f8b, 0xbdf928, 0x3b1ff8,
  0x97ffde, 0x05980f, 0xef2f11, 0x8b5a0a, 0x6d1f6d, 0x367ecf, 0x27cb09, 0xb74f46, 0x3f669e, 0x5fea2d,
  0x7527ba, 0xc7ebe5, 0xf17b3d, 0x0739f7, 0x8a5292, 0xea6bfb, 0x5fb11f, 0x8d5d08, 0x560330, 0x46fc7b,
]);
/** An angle has at most this many digits. */
const angleDigitCount = 4;
/** One digit for the whole quarter turns (only the last two bits count), six for the fraction, one for its carry. */
const turnDigitCount = 8;

const angleDigits = new Float64Array(angleDigitCount);
const turnDigits = new Float64Array(turnDigitCount);

/** What is left of the angle after the last `reduce`: within [-pi/4, pi/4], the rounded value, then its error. */
export const reduced = new Float64Array(2);

/** Splits a into angleDigits[0] * 2^(24 shift) and smaller digits; returns shift, 0 or more. */
function splitAngle(a: number): number {
  const shift = Math.floor(exponentOf(a) / digitBits);
  let rest = a * powerOfTwo(-digitBits * shift);
  for (let index = 0; index < angleDigitCount; index++) {
    const digit = Math.floor(rest);
    angleDigits[index] = digit;
    rest = (rest - digit) * radix;
  }
  return shift;
}

/** Fills `turnDigits` with a * 2/pi, less a multiple of 2^24 quarter turns. */
function multiplyOut(a: number): void {
  const shift = splitAngle(a);
  let carry = 0;
  for (let place = turnDigitCount - 1; place >= 0; place--) {
    let sum = carry;
    for (let index = 0; index < angleDigitCount; index++) {
      const digit = place + shift - index - 1;
      if (digit >= 0) sum += angleDigits[index]! * twoOverPiDigits[digit]!;
    }
    carry = Math.floor(sum / radix);
    turnDigits[place] = sum - carry * radix;
  }
}

/** `reduce` for any finite |x| >= 1. */
function reduceByDigits(x: number): number {
  multiplyOut(Math.abs(x));
  // From half a turn up the fraction is counted down from the next whole: its digits are complemented.
  const isAbove = turnDigits[1]! >= radix / 2;
  if (isAbove) for (let place = 1; place < turnDigitCount; place++) turnDigits[place] = radix - 1 - turnDigits[place]!;
  const lead = (turnDigits[1]! * radix + turnDigits[2]!) * powerOfTwo(-2 * digitBits);
  const middle = (turnDigits[3]! * radix + turnDigits[4]!) * powerOfTwo(-4 * digitBits);
  const last = (turnDigits[5]! * radix + turnDigits[6]!) * powerOfTwo(-6 * digitBits);
  const fraction = lead + (middle + last);
  const fractionRest = lead - fraction + middle + last;
  const product = fraction * halfPi;
  const rest = productRest(fraction, halfPi, product) + (fraction * halfPiLow + fractionRest * halfPi);
  const high = product + rest;
  const low = rest - (high - product);
  const isNegative = isAbove !== x < 0;
  reduced[0] = isNegative ? -high : high;
  reduced[1] = isNegative ? -low : low;
  const count = turnDigits[0]! + (isAbove ? 1 : 0);
  return (x < 0 ? -count : count) | 0;
}

/**
 * Fills `reduced` with the part of x that whole quarter turns leave, NaN for infinities and NaN, and
 * returns the count of quarter turns, give or take multiples of 4. |x| must be above pi/4, or not a number.
 */
export function reduce(x: number): number {
  const a = Math.abs(x);
  if (a <= mediumMax) {
    const count = x * twoOverPi + roundingShift - roundingShift;
    const first = x - count * halfPiFirst;
    const second = first - count * halfPiSecond;
    const rest = count * halfPiThird - (first - second - count * halfPiSecond);
    const high = second - rest;
    if (Math.abs(high) >= a * cancellationMax) {
      reduced[0] = high;
      reduced[1] = second - high - rest;
      return count | 0;
    }
  }
  if (a < Number.POSITIVE_INFINITY) return reduceByDigits(x);
  reduced[0] = Number.NaN;
  reduced[1] = 0;
  return 0;
}
