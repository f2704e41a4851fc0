/**
 * The golden vectors of engine/base/math: chosen and random arguments, and the bits of every result.
 * Printed as one text, `function argument... result` with doubles as 16 hex digits, so that another
 * engine can run this file alone and its output be compared byte by byte with tests/goldens/math.txt.
 * The one rule: arguments come from bits, integers and exact operations only, never from Math.sin and
 * its kin, or two engines would be asked different questions.
 */

import * as math from "../../../engine/base/math.ts";

export const seed = 20260611;

/** The functions under test by name. */
export const functions = { ...math };

const words = new DataView(new ArrayBuffer(8));

/** A double as 16 hex digits; every NaN as one word, because its bits carry no meaning. */
export function toHex(x: number): string {
  if (Number.isNaN(x)) return "nan";
  words.setFloat64(0, x);
  return words.getBigUint64(0).toString(16).padStart(16, "0");
}

/** The double of 16 hex digits, or NaN. */
export function fromHex(hex: string): number {
  if (hex === "nan") return Number.NaN;
  words.setBigUint64(0, BigInt(`0x${hex}`));
  return words.getFloat64(0);
}

/** 2^exponent from its bits, for normal results. */
export function powerOfTwo(exponent: number): number {
  words.setUint32(0, (exponent + 1023) << 20);
  words.setUint32(4, 0);
  return words.getFloat64(0);
}

/** A small generator of 32-bit words (mulberry32), the same on every engine. */
export function randomWords(start: number): () => number {
  let state = start | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  };
}

/** Draws of doubles from one generator. */
export function randomDoubles(start: number) {
  const word = randomWords(start);
  const share = () => (word() * 2097152 + (word() >>> 11)) / 9007199254740992;
  const between = (low: number, high: number) => low + (high - low) * share();
  const integer = (low: number, high: number) => low + Math.floor(share() * (high - low + 1));
  /** A magnitude spread evenly over the exponents low..high, with a random sign. */
  const spread = (low: number, high: number) =>
    (word() % 2 === 0 ? 1 : -1) * (1 + share()) * powerOfTwo(integer(low, high));
  const pattern = () => {
    words.setUint32(0, word());
    words.setUint32(4, word());
    return words.getFloat64(0);
  };
  return { between, integer, spread, pattern };
}

const least = 5e-324;
const leastNormal = 2.2250738585072014e-308;
const specials = [0, 1, 0.5, 2, 3, 10, least, leastNormal, leastNormal - least, 1e300, Number.MAX_VALUE, Infinity]
  .flatMap((x) => [x, -x])
  .concat(
    NaN,
    1 - 1.1102230246251565e-16,
    1 + Number.EPSILON,
    9007199254740992,
    9007199254740994,
    -9007199254740991,
    709.782712893384,
    -745.1332191019412,
  );

/** Places where reductions change branch; the doubles next to them are asked too. */
const edges = [
  0.35,
  0.4375,
  0.6743316650390625,
  0.6875,
  math.PI / 4,
  0.975,
  1.1875,
  2.4375,
  22,
  710.4758600739439,
].concat(Math.sqrt(0.5), Math.sqrt(2), Math.sqrt(1.5), Math.sqrt(3), 1647099);

/**
 * Doubles that lie closer to a whole number of quarter turns than all others of their size, found by
 * continued fractions: up to 61 bits cancel in the reduction, and 60 to 66 relative to the angle.
 */
export const hardAngles = [
  45.553093477052, 91.106186954104, 46066.74387591393, 321307.9594422229, 1698673.2849629424, 14461176.67027838,
  3.576149729694266e39, 5.319372648326541e255, 1.0638745296653083e256,
];

type Random = ReturnType<typeof randomDoubles>;

function unaryArguments({ between, integer, spread, pattern }: Random): number[] {
  const list = [...specials];
  for (const edge of edges)
    for (const x of [edge - edge * Number.EPSILON, edge, edge + edge * Number.EPSILON]) list.push(x, -x);
  for (const x of hardAngles) list.push(x, -x);
  for (let i = 0; i < 40; i++) list.push(integer(-4_000_000, 4_000_000) * (math.PI / 4));
  for (let i = 0; i < 10; i++) list.push(i * (math.PI / 2), i * (math.PI / 4));
  for (let i = 0; i < 25; i++) list.push(1 + spread(-52, -2));
  for (let i = 0; i < 60; i++) list.push(between(-1, 1), between(-10, 10));
  for (let i = 0; i < 25; i++) list.push(between(-745, 711), spread(-40, 40));
  for (let i = 0; i < 35; i++) list.push(pattern());
  return list;
}

function binaryArguments({ between, integer, spread, pattern }: Random): [number, number][] {
  const list: [number, number][] = [];
  const few = [0, -0, 1, -1, 0.5, -3, least, -1e300, Infinity, -Infinity, NaN];
  for (const x of few) for (const y of few) list.push([x, y]);
  for (let i = 0; i < 80; i++) list.push([between(-10, 10), between(-10, 10)], [between(0, 10), between(-30, 30)]);
  for (let i = 0; i < 40; i++) list.push([spread(-40, 40), integer(-20, 20)], [1 + spread(-40, -8), spread(0, 30)]);
  for (let i = 0; i < 30; i++) list.push([spread(-1000, 1000), spread(-1000, 1000)], [pattern(), pattern()]);
  return list;
}

const unary = [
  "sin",
  "cos",
  "tan",
  "asin",
  "acos",
  "atan",
  "exp",
  "log",
  "log2",
  "log10",
  "cbrt",
  "sinh",
  "cosh",
  "tanh",
  "wrapAngle",
] as const;
const binary = ["atan2", "pow", "hypot"] as const;

/** The whole golden text. */
export function vectorText(): string {
  const random = randomDoubles(seed);
  const lines = [`# engine/base/math, seed ${seed}; UPDATE_GOLDENS=1 rewrites this file`];
  for (const name of unary) {
    for (const x of unaryArguments(random)) lines.push(`${name} ${toHex(x)} ${toHex(functions[name](x))}`);
  }
  for (const name of binary) {
    for (const [x, y] of binaryArguments(random)) {
      lines.push(`${name} ${toHex(x)} ${toHex(y)} ${toHex(functions[name](x, y))}`);
    }
  }
  return `${lines.join("\n")}\n`;
}

if (import.meta.main) process.stdout.write(vectorText());
