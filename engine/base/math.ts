/**
 * Exact mathematics: the same bits from the same arguments on every JavaScript engine, optimised or not.
 * ECMAScript leaves sin, exp, pow and their kin to the engine, and they differ between versions of one.
 * Everything here is built from + - * / % sqrt, which the language defines to the last bit. Functions
 * take and give doubles; errors are in ulp, units in the last place of the true result, as the largest
 * seen, rounded up, against 300-bit references (tests/unit/base/math.test.ts asserts that each is at most 1).
 * The one rule: world code imports these instead of Math.*; only Math.abs, ceil, floor, fround, imul,
 * max, min, round, sign, sqrt and trunc are as exact. fdlibm is Sun Microsystems' library, version 5.3 of
 * 1993; its algorithms and coefficients are taken, and each file in math/ says what differs. No call makes an
 * object; V8 boxes the result (16 bytes) of a call that it does not inline.
 */

import { exp as ownExp } from "./math/exponential.ts";
import { cosh as ownCosh, sinh as ownSinh, tanh as ownTanh } from "./math/hyperbolic.ts";
import { hypot as ownHypot } from "./math/hypot.ts";
import { acos as ownAcos, asin as ownAsin, atan as ownAtan, atan2 as ownAtan2 } from "./math/inverse.ts";
import { log as ownLog, log2 as ownLog2, log10 as ownLog10 } from "./math/logarithm.ts";
import { pow as ownPow } from "./math/power.ts";
import { cbrt as ownCbrt } from "./math/root.ts";
import { cos as ownCos, sin as ownSin, tan as ownTan } from "./math/trigonometry.ts";

export { clamp, lerp, PI, smoothstep, TAU, wrapAngle } from "./math/range.ts";

/** Sine of x radians, any finite x, within [-1, 1]; else NaN; odd to the bit. 0.8 ulp. Source: port of fdlibm. */
export const sin: (x: number) => number = ownSin;

/** Cosine of x radians, any finite x, within [-1, 1]; else NaN; even to the bit. 0.8 ulp. Source: port of fdlibm. */
export const cos: (x: number) => number = ownCos;

/** Tangent of x radians, any finite x; else NaN; odd to the bit. 0.8 ulp. Source: port of fdlibm. */
export const tan: (x: number) => number = ownTan;

/** Arcsine in radians, within [-pi/2, pi/2], of x in [-1, 1]; NaN outside. 0.9 ulp. Source: port of fdlibm. */
export const asin: (x: number) => number = ownAsin;

/** Arccosine in radians, within [0, pi], of x in [-1, 1]; NaN outside. 0.9 ulp. Source: port of fdlibm. */
export const acos: (x: number) => number = ownAcos;

/** Arctangent in radians, within [-pi/2, pi/2]. 0.8 ulp. Source: port of fdlibm. */
export const atan: (x: number) => number = ownAtan;

/**
 * Angle in radians, within [-pi, pi], from the positive x-axis to the point (x, y); note the order of the
 * arguments, y first. Signed zeros and infinities as in Math.atan2. 0.8 ulp. Source: after fdlibm.
 */
export const atan2: (y: number, x: number) => number = ownAtan2;

/** e to the power x: 0 from below -745.13, Infinity from above 709.78. 0.9 ulp. Source: port of fdlibm. */
export const exp: (x: number) => number = ownExp;

/** Natural logarithm: -Infinity at 0, NaN below. 0.9 ulp. Source: port of fdlibm. */
export const log: (x: number) => number = ownLog;

/** Logarithm to base 2: exact at powers of two, -Infinity at 0, NaN below. 0.9 ulp. Source: after fdlibm. */
export const log2: (x: number) => number = ownLog2;

/** Logarithm to base 10: exact at powers of ten, -Infinity at 0, NaN below. 0.8 ulp. Source: after fdlibm. */
export const log10: (x: number) => number = ownLog10;

/**
 * x to the power y, with the special cases of Math.pow: pow(x, 0) is 1 even for NaN, pow(1, Infinity) is
 * NaN, a negative x wants an integer y. For x > 0 the exponents -1, 0.5, 1 and 2 give 1 / x, sqrt(x), x and
 * x * x. 0.9 ulp. Source: after fdlibm.
 */
export const pow: (x: number, y: number) => number = ownPow;

/** Cube root, any sign. 0.7 ulp. Source: after fdlibm. */
export const cbrt: (x: number) => number = ownCbrt;

/** Length of (x, y) without overflow or underflow on the way; Infinity if either is infinite. 1.0 ulp. Source: after musl. */
export const hypot: (x: number, y: number) => number = ownHypot;

/** Hyperbolic sine; infinite from above |x| = 710.48. 0.8 ulp. Source: own sums over fdlibm's exponential. */
export const sinh: (x: number) => number = ownSinh;

/** Hyperbolic cosine, at least 1; Infinity from above |x| = 710.48. 0.7 ulp. Source: own sums over fdlibm's exponential. */
export const cosh: (x: number) => number = ownCosh;

/** Hyperbolic tangent, within [-1, 1]. 0.7 ulp. Source: own sums over fdlibm's exponential. */
export const tanh: (x: number) => number = ownTanh;
