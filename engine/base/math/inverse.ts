/**
 * Inverse trigonometry: asin, acos, atan, atan2 after fdlibm 5.3 (s_atan.c, e_asin.c, Sun Microsystems
 * 1993: the reductions and the minimax coefficients). Two things are Orrery's: atan2 carries the rounding
 * error of its division into the result, and the quadrant is part of the reduction table, so no bit is
 * lost to it.
 * The one rule: only + - * / sqrt fround, in the order written; regrouping a sum changes its bits.
 */

import { PI as piHigh } from "./range.ts";
import { quotientRest } from "./residue.ts";

const piLow = 1.2246467991473532e-16;
const halfPiHigh = 1.5707963267948966;
const halfPiLow = 6.123233995736766e-17;
const quarterPi = 0.7853981633974483;

/** Beyond this ratio of magnitudes, 2^60, the smaller coordinate no longer moves the angle by a bit. */
const ratioMax = 1152921504606847000;
/** Coordinates are brought inside [2^-500, 2^500] by 2^600, so that split products neither overflow nor underflow. */
const scaleUp = 4.149515568880993e180;
const scaleDown = 2.409919865102884e-181;
const largeMin = 3.273390607896142e150;
const smallMax = 3.054936363499605e-151;

/** asin(x) = x + x * tailRatio(x*x) for |x| <= 0.5. */
function tailRatio(z: number): number {
  const p =
    z *
    (0.16666666666666666 +
      z *
        (-0.3255658186224009 +
          z *
            (0.20121253213486293 +
              z * (-0.04005553450067941 + z * (7.915349942898145e-4 + z * 3.479331075960212e-5)))));
  const q =
    1 + z * (-2.403394911734414 + z * (2.0209457602335057 + z * (-0.6882839716054533 + z * 0.07703815055590194)));
  return p / q;
}

/** Arcsine. See `engine/base/math.ts`. */
export function asin(x: number): number {
  const a = Math.abs(x);
  if (!(a <= 1)) return Number.NaN;
  // Below 2^-26 the cubic term is under half a unit; this also keeps -0 and subnormals.
  if (a < 1.4901161193847656e-8) return x;
  if (a < 0.5) return x + x * tailRatio(x * x);
  const z = (1 - a) * 0.5;
  const s = Math.sqrt(z);
  const r = tailRatio(z);
  let angle: number;
  if (a >= 0.975) {
    angle = halfPiHigh - (2 * (s + s * r) - halfPiLow);
  } else {
    const high = Math.fround(s);
    const low = (z - high * high) / (s + high);
    angle = quarterPi - (2 * s * r - (halfPiLow - 2 * low) - (quarterPi - 2 * high));
  }
  return x < 0 ? -angle : angle;
}

/** Arccosine. See `engine/base/math.ts`. */
export function acos(x: number): number {
  const a = Math.abs(x);
  if (!(a <= 1)) return Number.NaN;
  if (a < 0.5) return halfPiHigh - (x - (halfPiLow - x * tailRatio(x * x)));
  const z = (1 - a) * 0.5;
  const s = Math.sqrt(z);
  if (z === 0) return x < 0 ? piHigh : 0;
  const r = tailRatio(z);
  if (x < 0) return 2 * (halfPiHigh - (s + (r * s - halfPiLow)));
  const high = Math.fround(s);
  const low = (z - high * high) / (s + high);
  return 2 * (high + (r * s + low));
}

/** t - atan(t) over t for |t| <= 7/16, as fdlibm's odd and even halves. */
function atanDeficit(t: number): number {
  const z = t * t;
  const w = z * z;
  const odd =
    z *
    (0.3333333333333293 +
      w *
        (0.14285714272503466 +
          w *
            (0.09090887133436507 + w * (0.06661073137387531 + w * (0.049768779946159324 + w * 0.016285820115365782)))));
  const even =
    w *
    (-0.19999999999876483 +
      w * (-0.11111110405462356 + w * (-0.0769187620504483 + w * (-0.058335701337905735 + w * -0.036531572744216916))));
  return odd + even;
}

/**
 * The angle atan(q + rest), or pi minus it, for q >= 0: q is moved next to one of the five angles
 * atan(0), atan(1/2), atan(1), atan(3/2), pi/2, whose values (or pi minus them) are known to 107 bits.
 */
function angleOf(q: number, rest: number, isReflected: boolean): number {
  let t = q;
  let high = 0;
  let low = 0;
  if (q < 0.4375) {
    if (isReflected) {
      high = piHigh;
      low = piLow;
    }
  } else if (q < 0.6875) {
    t = (2 * q - 1) / (2 + q);
    high = isReflected ? 2.677945044588987 : 0.4636476090008061;
    low = isReflected ? 1.5527705369303147e-16 : 2.2698777452961687e-17;
  } else if (q < 1.1875) {
    t = (q - 1) / (q + 1);
    high = isReflected ? 2.356194490192345 : 0.7853981633974483;
    low = isReflected ? 9.184850993605148e-17 : 3.061616997868383e-17;
  } else if (q < 2.4375) {
    t = (q - 1.5) / (1 + 1.5 * q);
    high = isReflected ? 2.158798930342464 : 0.982793723247329;
    low = isReflected ? 2.1958367134601997e-16 : 1.3903311031230998e-17;
  } else {
    t = -1 / q;
    high = halfPiHigh;
    low = halfPiLow;
  }
  const offset = t - (t * atanDeficit(t) - rest / (1 + q * q));
  return isReflected ? high - (offset - low) : high + (offset + low);
}

/** Arctangent. See `engine/base/math.ts`. */
export function atan(x: number): number {
  const a = Math.abs(x);
  // Below 2^-27 the cubic term is under half a unit; this also keeps -0, subnormals and NaN.
  if (!(a >= 7.450580596923828e-9)) return x;
  const angle = a > ratioMax ? halfPiHigh : angleOf(a, 0, false);
  return x < 0 ? -angle : angle;
}

/** Angle of the point (x, y) without its sign, for finite, non-zero coordinates given as magnitudes. */
function quadrantAngle(y: number, x: number, isReflected: boolean): number {
  const q = y / x;
  if (q > ratioMax) return halfPiHigh;
  if (q < 1 / ratioMax) return isReflected ? piHigh : q;
  const scale = x > largeMin || y > largeMin ? scaleDown : x < smallMax || y < smallMax ? scaleUp : 1;
  return angleOf(q, quotientRest(y * scale, x * scale, q), isReflected);
}

/** Angle of a point. See `engine/base/math.ts`. */
export function atan2(y: number, x: number): number {
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.NaN;
  const isLeft = x < 0 || Object.is(x, -0);
  const isBelow = y < 0 || Object.is(y, -0);
  const a = Math.abs(x);
  const b = Math.abs(y);
  let angle: number;
  if (b === 0) angle = isLeft ? piHigh : 0;
  else if (a === 0) angle = halfPiHigh;
  else if (a === Number.POSITIVE_INFINITY) {
    if (b === Number.POSITIVE_INFINITY) angle = isLeft ? 2.356194490192345 : quarterPi;
    else angle = isLeft ? piHigh : 0;
  } else if (b === Number.POSITIVE_INFINITY) angle = halfPiHigh;
  else angle = quadrantAngle(b, a, isLeft);
  return isBelow ? -angle : angle;
}
