/**
 * Random streams: seeded generators whose state lives in the arena, one stream for each system.
 *
 * The generator is xoshiro128** 1.1 (Blackman and Vigna, "Scrambled Linear Pseudorandom Number
 * Generators", 2021), period 2^128 - 1; its state is four u32 words. A stream is seeded from the
 * world's seed and the stream's name, so adding a system leaves the numbers of the others alone.
 * World code draws from its own stream only; `Math.random` is banned.
 */

import { assert } from "./assertions.ts";
import { hashText } from "./hash.ts";

export const randomStateWords = 4;
const wordSpan = 4_294_967_296;

/** Hashes of names by name: jobs seed a stream in every run, and hashing a text leaves garbage. */
const keys = new Map<string, number>();

function keyOf(name: string): number {
  let key = keys.get(name);
  if (key === undefined) {
    key = hashText(name).low;
    keys.set(name, key);
  }
  return key;
}

/** Writes the first state of the stream `name` of a world with `seed` into `state[at..at+3]`. */
export function seedStream(state: Uint32Array, at: number, seed: number, name: string): void {
  let mixer = (keyOf(name) ^ Math.imul(seed, 0x9e3779b9)) >>> 0;
  for (let i = 0; i < randomStateWords; i++) {
    // SplitMix32: each word is an avalanche of a counter that begins at a hash of seed and name.
    mixer = (mixer + 0x9e3779b9) >>> 0;
    let word = mixer;
    word = Math.imul(word ^ (word >>> 16), 0x21f0aaad);
    word = Math.imul(word ^ (word >>> 15), 0x735a2d97);
    state[at + i] = (word ^ (word >>> 15)) >>> 0;
  }
  if ((state[at]! | state[at + 1]! | state[at + 2]! | state[at + 3]!) === 0) state[at] = 1;
}

/** Draws from one stream. Made once per system; drawing allocates nothing. */
export class RandomStream {
  readonly #state: Uint32Array;
  readonly #at: number;

  constructor(state: Uint32Array, at: number) {
    this.#state = state;
    this.#at = at;
  }

  /** A whole number in 0..2^32-1. */
  u32(): number {
    const s = this.#state;
    const at = this.#at;
    const s1 = s[at + 1]!;
    const scrambled = Math.imul(s1, 5);
    const result = Math.imul((scrambled << 7) | (scrambled >>> 25), 9) >>> 0;
    s[at + 2] = s[at + 2]! ^ s[at]!;
    s[at + 3] = s[at + 3]! ^ s1;
    s[at + 1] = s1 ^ s[at + 2]!;
    s[at] = s[at]! ^ s[at + 3]!;
    s[at + 2] = s[at + 2]! ^ (s1 << 9);
    const s3 = s[at + 3]!;
    s[at + 3] = (s3 << 11) | (s3 >>> 21);
    return result;
  }

  /** A number in [0, 1) with 24 random bits, exact in f32. */
  unit(): number {
    return (this.u32() >>> 8) / 16_777_216;
  }

  /** A number in [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * this.unit();
  }

  /** A whole number in 0..count-1, without bias: draws past the last whole multiple are rejected. */
  below(count: number): number {
    assert(Number.isInteger(count) && count > 0 && count <= 2_097_152, "count is in 1..2^21", { count });
    const threshold = wordSpan - (wordSpan % count);
    let draw = this.u32();
    while (draw >= threshold) draw = this.u32();
    return draw % count;
  }

  /** True with probability `chance`. */
  chance(chance: number): boolean {
    return this.unit() < chance;
  }
}
