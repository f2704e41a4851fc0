/**
 * Seeds of random tests: a new one for every run, printed first, so that each run looks elsewhere and
 * every failure can be had again: ORRERY_TEST_SEED=<seed> vitest run ...
 */
import { randomInt } from "node:crypto";

/** The seed of one test file, printed under `name`. */
export function testSeed(name: string): number {
  const given = process.env["ORRERY_TEST_SEED"];
  const seed = given === undefined ? randomInt(2 ** 31) : Number(given);
  console.log(`${name}: ORRERY_TEST_SEED=${seed}`);
  return seed;
}

/** Draws of one test from its seed: SplitMix32, independent of the engine's own generator. */
export class Draws {
  #state: number;
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }
  u32(): number {
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    let word = this.#state;
    word = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
    word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
    return (word ^ (word >>> 16)) >>> 0;
  }
  below(count: number): number {
    return Math.floor((this.u32() / 2 ** 32) * count);
  }
  between(low: number, high: number): number {
    return low + (high - low) * (this.u32() / 2 ** 32);
  }
  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }
}
