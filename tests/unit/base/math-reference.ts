/**
 * High-precision references for engine/base/math: the same functions in BigInt fixed point, computed
 * from series and roots that share nothing with the code under test. Each takes doubles as exact
 * rationals and returns a value `units * 2^-scale` whose relative error is far below 2^-150.
 * The one rule: nothing here may call Math.* beyond exact conversions, or the proof proves itself.
 */

/** An exact binary value: `units * 2^-scale`. */
export interface Binary {
  readonly units: bigint;
  readonly scale: number;
}

const words = new DataView(new ArrayBuffer(8));
const guardBits = 320;

/** The double `x` as an exact binary value. `x` must be finite. */
export function exact(x: number): Binary {
  words.setFloat64(0, x);
  const bits = words.getBigUint64(0);
  const exponent = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  const units = exponent === 0 ? fraction : fraction | 0x10000000000000n;
  return { units: bits >> 63n === 1n ? -units : units, scale: 1075 - (exponent === 0 ? 1 : exponent) };
}

const abs = (n: bigint) => (n < 0n ? -n : n);
const bitLength = (n: bigint) => (n === 0n ? 0 : abs(n).toString(2).length);
const shift = (n: bigint, bits: number) => (bits >= 0 ? n << BigInt(bits) : n >> BigInt(-bits));
const rescale = (v: Binary, scale: number) => shift(v.units, scale - v.scale);
/** Leading binary exponent of a non-zero value. */
const exponentOf = (v: Binary) => bitLength(v.units) - 1 - v.scale;

/** The scale at which an argument keeps its own bits and `guardBits` more, even when it is tiny. */
function scaleFor(...values: Binary[]): number {
  let scale = guardBits;
  for (const v of values) if (v.units !== 0n) scale = Math.max(scale, guardBits - 3 * exponentOf(v), v.scale);
  return scale;
}

/** Floor of the square root of a non-negative integer, by Newton's method from above. */
function squareRoot(n: bigint): bigint {
  if (n < 2n) return n;
  let guess = 1n << BigInt((bitLength(n) >> 1) + 1);
  for (;;) {
    const next = (guess + n / guess) >> 1n;
    if (next >= guess) return guess;
    guess = next;
  }
}

function cubeRoot(n: bigint): bigint {
  if (n === 0n) return 0n;
  let guess = 1n << BigInt(Math.floor(bitLength(n) / 3) + 1);
  for (;;) {
    const next = (2n * guess + n / (guess * guess)) / 3n;
    if (next >= guess) return guess;
    guess = next;
  }
}

/** Sum of x^(2k+1)/(2k+1), alternating in sign for the arctangent, not for its hyperbolic twin. */
function oddSeries(x: bigint, scale: number, alternating: boolean): bigint {
  const square = (x * x) >> BigInt(scale);
  let power = x;
  let sum = x;
  for (let k = 1n; power !== 0n && power !== -1n; k++) {
    power = (power * square) >> BigInt(scale);
    const term = power / (2n * k + 1n);
    sum += alternating && k % 2n === 1n ? -term : term;
  }
  return sum;
}

const constants = new Map<string, bigint>();
function constant(name: string, scale: number, compute: () => bigint): bigint {
  const key = `${name}@${scale}`;
  const value = constants.get(key) ?? compute();
  constants.set(key, value);
  return value;
}

/** pi by Machin's formula, 16 atan(1/5) - 4 atan(1/239). */
function pi(scale: number): bigint {
  return constant("pi", scale, () => {
    const s = scale + 32;
    const one = 1n << BigInt(s);
    return (16n * oddSeries(one / 5n, s, true) - 4n * oddSeries(one / 239n, s, true)) >> 32n;
  });
}

/** ln 2 as 2 atanh(1/3). */
function ln2(scale: number): bigint {
  return constant("ln2", scale, () => (2n * oddSeries((1n << BigInt(scale + 32)) / 3n, scale + 32, false)) >> 32n);
}

/** Sine and cosine of a fixed-point value by their Taylor series after reduction by quarter turns. */
function sineCosine(v: Binary): { sine: bigint; cosine: bigint; scale: number } {
  const scale = scaleFor(v) + (v.units === 0n ? 0 : Math.max(0, exponentOf(v)));
  const x = rescale(v, scale);
  const halfPi = pi(scale + 1100) >> 1n;
  const wide = x << 1100n;
  const turns = (2n * wide + halfPi) / (2n * halfPi) - ((2n * wide + halfPi) % (2n * halfPi) < 0n ? 1n : 0n);
  const r = (wide - turns * halfPi) >> 1100n;
  const square = (r * r) >> BigInt(scale);
  let sine = 0n;
  let cosine = 0n;
  let sineTerm = r;
  let cosineTerm = 1n << BigInt(scale);
  for (let k = 1n; abs(sineTerm) > 1n || cosineTerm > 1n || cosineTerm < -1n; k++) {
    sine += sineTerm;
    cosine += cosineTerm;
    cosineTerm = -((cosineTerm * square) >> BigInt(scale)) / ((2n * k - 1n) * (2n * k));
    sineTerm = -((sineTerm * square) >> BigInt(scale)) / (2n * k * (2n * k + 1n));
  }
  const quarter = Number(((turns % 4n) + 4n) % 4n);
  if (quarter === 0) return { sine, cosine, scale };
  if (quarter === 1) return { sine: cosine, cosine: -sine, scale };
  if (quarter === 2) return { sine: -sine, cosine: -cosine, scale };
  return { sine: -cosine, cosine: sine, scale };
}

/** The angle of the point (x, y), both fixed at `scale`, by halving it until the series is short. */
function angle(y: bigint, x: bigint, scale: number): bigint {
  if (x < 0n) {
    const rest = angle(y, -x, scale);
    return y < 0n ? -pi(scale) - rest : pi(scale) - rest;
  }
  if (abs(y) > x) {
    const quarter = pi(scale) >> 1n;
    return (y < 0n ? -quarter : quarter) - angle(y < 0n ? -x : x, abs(y), scale);
  }
  if (x === 0n) return 0n;
  let tangent = (y << BigInt(scale)) / x;
  const one = 1n << BigInt(scale);
  let halvings = 0;
  for (; halvings < 8; halvings++) {
    const secant = squareRoot(one * one + tangent * tangent);
    tangent = (tangent << BigInt(scale)) / (one + secant);
  }
  return oddSeries(tangent, scale, true) << BigInt(halvings);
}

/** e^v as units and scale: e^v = 2^k e^r, r by Taylor after eight halvings. */
function exponential(v: Binary): Binary {
  const scale = scaleFor(v);
  const x = rescale(v, scale);
  const base = ln2(scale);
  const k = (2n * x + base) / (2n * base);
  const r = (x - k * base) >> 8n;
  const one = 1n << BigInt(scale);
  let sum = one;
  let term = one;
  for (let n = 1n; term !== 0n && term !== -1n; n++) {
    term = ((term * r) >> BigInt(scale)) / n;
    sum += term;
  }
  for (let i = 0; i < 8; i++) sum = (sum * sum) >> BigInt(scale);
  return { units: sum, scale: scale - Number(k) };
}

/** ln of a positive exact value: ln(2^k y) = k ln 2 + 2 atanh((y-1)/(y+1)), y near 1. */
function logarithm(v: Binary): Binary {
  const scale = guardBits + 64;
  let k = exponentOf(v);
  let y = shift(v.units, scale - v.scale - k);
  const one = 1n << BigInt(scale);
  if (2n * y > 3n * one) {
    k += 1;
    y >>= 1n;
  }
  const series = oddSeries(((y - one) << BigInt(scale)) / (y + one), scale, false);
  return { units: 2n * series + BigInt(k) * ln2(scale), scale };
}

function quotient(a: Binary, b: Binary): Binary {
  const lift = Math.max(0, guardBits + bitLength(b.units) - bitLength(a.units));
  return { units: (a.units << BigInt(lift)) / b.units, scale: a.scale + lift - b.scale };
}

const times = (a: Binary, b: Binary): Binary => ({ units: a.units * b.units, scale: a.scale + b.scale });
const minus = (v: Binary): Binary => ({ units: -v.units, scale: v.scale });
function plus(a: Binary, b: Binary): Binary {
  const scale = Math.max(a.scale, b.scale);
  return { units: rescale(a, scale) + rescale(b, scale), scale };
}

function arc(x: number, isCosine: boolean): Binary {
  const v = exact(x);
  const scale = scaleFor(v) + 64;
  const units = rescale(v, scale);
  const one = 1n << BigInt(scale);
  const other = squareRoot(one * one - units * units);
  return { units: isCosine ? angle(other, units, scale) : angle(units, other, scale), scale };
}

const logOfBase =
  (base: number) =>
  (x: number): Binary =>
    quotient(logarithm(exact(x)), logarithm(exact(base)));

function hyperbolic(x: number): { sine: Binary; cosine: Binary } {
  const up = exponential(exact(x));
  const down = exponential(exact(-x));
  const half = (v: Binary): Binary => ({ units: v.units, scale: v.scale + 1 });
  return { sine: half(plus(up, minus(down))), cosine: half(plus(up, down)) };
}

/** The reference for each function, over finite arguments in its domain with a non-zero result. */
export const references = {
  sin: (x: number): Binary => {
    const { sine, scale } = sineCosine(exact(x));
    return { units: sine, scale };
  },
  cos: (x: number): Binary => {
    const { cosine, scale } = sineCosine(exact(x));
    return { units: cosine, scale };
  },
  tan: (x: number): Binary => {
    const { sine, cosine, scale } = sineCosine(exact(x));
    return quotient({ units: sine, scale }, { units: cosine, scale });
  },
  asin: (x: number): Binary => arc(x, false),
  acos: (x: number): Binary => arc(x, true),
  atan: (x: number): Binary => references.atan2(x, 1),
  atan2: (y: number, x: number): Binary => {
    const ratio = x === 0 || y === 0 ? 0 : exponentOf(exact(y)) - exponentOf(exact(x));
    const scale = Math.max(0, exact(x).scale, exact(y).scale) + guardBits + 3 * Math.abs(ratio);
    return { units: angle(rescale(exact(y), scale), rescale(exact(x), scale), scale), scale };
  },
  exp: (x: number): Binary => exponential(exact(x)),
  log: (x: number): Binary => logarithm(exact(x)),
  log2: logOfBase(2),
  log10: logOfBase(10),
  pow: (x: number, y: number): Binary => {
    const power = exponential(times(logarithm(exact(Math.abs(x))), exact(y)));
    return x < 0 && y % 2 !== 0 ? minus(power) : power;
  },
  cbrt: (x: number): Binary => {
    const units = rescale(exact(x), 3 * 500);
    return { units: units < 0n ? -cubeRoot(-units << 600n) : cubeRoot(units << 600n), scale: 700 };
  },
  hypot: (x: number, y: number): Binary => {
    const scale = 1400;
    const [a, b] = [rescale(exact(x), scale), rescale(exact(y), scale)];
    return { units: squareRoot(a * a + b * b), scale };
  },
  sinh: (x: number): Binary => hyperbolic(x).sine,
  cosh: (x: number): Binary => hyperbolic(x).cosine,
  tanh: (x: number): Binary => quotient(hyperbolic(x).sine, hyperbolic(x).cosine),
};

/** Error of `got` against `want`, in units of the last place of the binade that holds `want`. */
export function ulpError(got: number, want: Binary): number {
  const lastPlace = Math.max(exponentOf(want) - 52, -1074);
  if (!Number.isFinite(got)) {
    // 2^1024 - 2^970 and above round to infinity: the only finite reference for which it is right.
    const limit = (1n << 1024n) - (1n << 970n);
    return !Number.isNaN(got) && got > 0 === want.units > 0n && shift(abs(want.units), -want.scale) >= limit
      ? 0.5
      : Number.POSITIVE_INFINITY;
  }
  const scale = Math.max(want.scale, 1140);
  const gap = abs(rescale(exact(got), scale) - rescale(want, scale));
  return Number(shift(gap, 32 - lastPlace - scale)) / 2 ** 32;
}
