/** The state hash: known answers, every bit counts, and what would cancel in a weaker hash does not. */
import { describe, expect, test } from "vitest";
import { avalanche, hashBytes, hashHex, hashText, hashTextHex, hashWords } from "../../../engine/base/hash.ts";

function hexOf(words: Uint32Array, from = 0, count = words.length): string {
  const out = new Uint32Array(2);
  hashWords(words, from, count, out, 0);
  return hashHex(out[1] as number, out[0] as number);
}

/** Words that are no pattern of anything. */
function filled(wordCount: number): Uint32Array {
  return Uint32Array.from({ length: wordCount }, (_, i) => avalanche(i + 1));
}

describe("known answers", () => {
  test("of avalanche: MurmurHash3's finaliser", () => {
    expect([0, 1, 2, 0xffffffff].map(avalanche)).toEqual([0, 0x514e28b7, 0x30f4c306, 0x81f16f39]);
  });

  test("of words", () => {
    expect([0, 16, 32, 1024].map((count) => [count, hexOf(new Uint32Array(count)), hexOf(filled(count))])).toEqual([
      [0, "56908ae6657102f8", "56908ae6657102f8"],
      [16, "2a1ede0f339c8d27", "a62395e5a3926eb3"],
      [32, "ccb819543b503efb", "526424bd507a3204"],
      [1024, "3eb915903ef3a50c", "bf61ffe06a76b02a"],
    ]);
  });

  test("of bytes and text", () => {
    expect(["", "a", "Position x:f32", "é", "\u{1f680}"].map((text) => [text, hashTextHex(text)])).toEqual([
      ["", "2a1ede0f339c8d27"],
      ["a", "9d0f222842c9fd48"],
      ["Position x:f32", "20ed853f6053084c"],
      ["é", "3389887f93f498de"],
      ["\u{1f680}", "9f2030a3102cd1e6"],
    ]);
    const { low, high } = hashBytes(Uint8Array.of(1, 2, 3));
    expect(hashHex(high, low)).toBe("2387e051f09cc19e");
  });

  test("have sixteen digits, high half first", () => {
    expect(hashHex(0xabc, -1)).toBe("00000abcffffffff");
  });
});

describe("every bit counts", () => {
  test("each single flip in 4 KiB changes the hash", () => {
    const words = filled(1_024);
    const before = hexOf(words);
    let unchanged = 0;
    for (let bit = 0; bit < 1_024 * 32; bit++) {
      words[bit >> 5]! ^= 1 << (bit & 31);
      if (hexOf(words) === before) unchanged++;
      words[bit >> 5]! ^= 1 << (bit & 31);
    }
    expect(unchanged).toBe(0);
    expect(hexOf(words)).toBe(before);
  });

  test("each flip changes both halves about by half", () => {
    const words = filled(1_024);
    const [low, high] = halves(words);
    let changed = 0;
    for (let bit = 0; bit < 1_024 * 32; bit += 7) {
      words[bit >> 5]! ^= 1 << (bit & 31);
      const [otherLow, otherHigh] = halves(words);
      changed += bitCount(low ^ otherLow) + bitCount(high ^ otherHigh);
      words[bit >> 5]! ^= 1 << (bit & 31);
    }
    expect(changed / Math.ceil((1_024 * 32) / 7) / 64).toBeCloseTo(0.5, 2);
  });

  test("the length counts, also of zeros", () => {
    const spans = new Set<string>();
    for (let count = 0; count <= 1_024; count += 16) spans.add(hexOf(new Uint32Array(count)));
    expect(spans.size).toBe(65);
    const bytes = new Set<string>();
    for (let length = 0; length < 200; length++) {
      const { low, high } = hashBytes(new Uint8Array(length));
      bytes.add(hashHex(high, low));
    }
    expect(bytes.size).toBe(200);
  });

  test("the place counts: swapped words, lanes and blocks differ", () => {
    const words = new Uint32Array(64);
    const seen = new Set<string>();
    for (let i = 0; i < 64; i++) {
      words[i] = 1;
      seen.add(hexOf(words));
      words[i] = 0;
    }
    expect(seen.size).toBe(64);
  });

  test("two sign flips in one lane do not cancel", () => {
    const words = new Uint32Array(new Float32Array(16 * 8).fill(1.5).buffer);
    const seen = new Set([hexOf(words)]);
    let tried = 1;
    for (let first = 0; first < 128; first++)
      for (let second = first + 1; second < 128; second++) {
        words[first]! ^= 0x80000000;
        words[second]! ^= 0x80000000;
        seen.add(hexOf(words));
        tried++;
        words[first]! ^= 0x80000000;
        words[second]! ^= 0x80000000;
      }
    expect(seen.size).toBe(tried);
  });

  test("no flips of two bits in one lane cancel", () => {
    const words = filled(32);
    const before = hexOf(words);
    words[3]! ^= 0x80000000;
    words[19]! ^= 1 << 4;
    expect(hexOf(words)).not.toBe(before);
  });

  test("two small whole f32 in one lane give 4,096 hashes for 4,096 pairs", () => {
    expect(distinctPairs((value) => new Uint32Array(Float32Array.of(value).buffer)[0] as number)).toBe(4_096);
  });

  test("two small u32 in one lane give 4,096 hashes for 4,096 pairs", () => {
    expect(distinctPairs((value) => value)).toBe(4_096);
  });
});

/** How many hashes the pairs of 0..63, in words 3 and 19 of 32, give. */
function distinctPairs(bitsOf: (value: number) => number): number {
  const seen = new Set<string>();
  const words = new Uint32Array(32);
  for (let a = 0; a < 64; a++)
    for (let b = 0; b < 64; b++) {
      words[3] = bitsOf(a);
      words[19] = bitsOf(b);
      seen.add(hexOf(words));
    }
  return seen.size;
}

test("a span in the middle is hashed as itself", () => {
  const words = filled(64);
  expect(hexOf(words, 16, 32)).toBe(hexOf(words.slice(16, 48)));
  const out = Uint32Array.of(9, 9, 9, 9);
  hashWords(words, 0, 16, out, 1);
  expect([out[0], out[3]]).toEqual([9, 9]);
});

test("a text is its code units", () => {
  expect(hashText("ab")).toEqual(hashBytes(Uint8Array.of(97, 0, 98, 0)));
  expect(hashTextHex("ab")).not.toBe(hashTextHex("ba"));
});

function halves(words: Uint32Array): [low: number, high: number] {
  const out = new Uint32Array(2);
  hashWords(words, 0, words.length, out, 0);
  return [out[0] as number, out[1] as number];
}

function bitCount(value: number): number {
  let count = 0;
  for (let rest = value; rest !== 0; rest &= rest - 1) count++;
  return count;
}

test("bytes are those of whole blocks with zeros and their length behind them, wherever they lie", () => {
  const all = new Uint8Array(filled(80).buffer);
  for (const length of [0, 1, 63, 64, 65, 127, 128, 200])
    for (const offset of [0, 1, 2, 4, 7]) {
      const padded = new Uint8Array(Math.ceil(length / 64) * 64 + 64);
      padded.set(all.subarray(offset, offset + length));
      const words = new Uint32Array(padded.buffer);
      words[words.length - 1] = length;
      for (const bytes of [all.subarray(offset, offset + length), Buffer.from(all.buffer, offset, length)]) {
        const { low, high } = hashBytes(bytes);
        expect([length, offset, hashHex(high, low)]).toEqual([length, offset, hexOf(words)]);
      }
    }
});
