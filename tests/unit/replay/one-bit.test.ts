/** One flipped bit is found from the hash alone, wherever it is; anything else finds nothing that would be believed. */
import { describe, expect, test } from "vitest";
import { hashBlockBytes, hashWords } from "../../../engine/base/hash.ts";
import { oneBitDifferences } from "../../../engine/replay/one-bit.ts";
import { Draws, testSeed } from "../seeds.ts";

const seed = testSeed("one-bit");

/** The low half that the world's hash has for these bytes, padded to whole blocks. */
function lowOf(bytes: Uint8Array): number {
  const padded = new Uint8Array(Math.ceil(bytes.length / hashBlockBytes) * hashBlockBytes);
  padded.set(bytes);
  const out = new Uint32Array(2);
  hashWords(new Uint32Array(padded.buffer), 0, padded.length / 4, out, 0);
  return out[0]!;
}

function drawn(draws: Draws, byteLength: number): Uint8Array {
  return Uint8Array.from({ length: byteLength }, () => (draws.below(3) === 0 ? 0 : draws.below(256)));
}

/** Flips bit `at`, which must be found; returns how many others are, which chance puts there once in 2^27 words. */
function othersFound(bytes: Uint8Array, at: number, name: string): number {
  const flipped = bytes.slice();
  flipped[at >> 3]! ^= 1 << (at & 7);
  const found = oneBitDifferences(bytes, lowOf(flipped));
  expect(found, name).toContainEqual({ word: at >> 5, bit: at & 31 });
  return found.length - 1;
}

describe("a flipped bit", () => {
  test("every bit of a span of three blocks", () => {
    const bytes = drawn(new Draws(seed), 3 * hashBlockBytes);
    let otherCount = 0;
    for (let at = 0; at < bytes.length * 8; at++) otherCount += othersFound(bytes, at, `seed ${seed}, bit ${at}`);
    // Of 70,000 words one seed in two thousand has one by chance, and one in millions has two.
    expect(otherCount).toBeLessThan(2);
  });

  test("of spans of every length, also those that do not fill a block or a word", () => {
    const draws = new Draws(seed + 1);
    let otherCount = 0;
    for (let byteLength = 1; byteLength <= 300; byteLength++) {
      const bytes = drawn(draws, byteLength);
      const at = draws.below(byteLength * 8);
      otherCount += othersFound(bytes, at, `seed ${seed + 1}, ${byteLength} bytes, bit ${at}`);
    }
    expect(otherCount).toBeLessThan(2);
  });

  test("of a column of 16,384 entities", () => {
    const draws = new Draws(seed + 2);
    const bytes = drawn(draws, 65_536);
    for (let round = 0; round < 20; round++) {
      const at = draws.below(bytes.length * 8);
      othersFound(bytes, at, `seed ${seed + 2}, bit ${at}`);
    }
  });
});

describe("nothing is found", () => {
  test("where nothing differs", () => {
    const bytes = drawn(new Draws(seed + 3), 1_000);
    expect(oneBitDifferences(bytes, lowOf(bytes))).toEqual([]);
    expect(oneBitDifferences(new Uint8Array(0), lowOf(new Uint8Array(0)))).toEqual([]);
  });

  test("where two bits or whole values differ", () => {
    const draws = new Draws(seed + 4);
    let found = 0;
    for (let round = 0; round < 2_000; round++) {
      const bytes = drawn(draws, 256);
      const changed = bytes.slice();
      const [a, b] = [draws.below(1_024), 1_024 + draws.below(1_024)];
      changed[a >> 3]! ^= 1 << (a & 7);
      changed[b >> 3]! ^= 1 << (b & 7);
      found += oneBitDifferences(bytes, lowOf(changed)).length;
    }
    // By chance it happens about once in two million of these spans.
    expect(found).toBeLessThan(2);
  });
});
