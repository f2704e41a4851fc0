/** Random streams: the published generator bit for bit, streams that do not know of one another, fair draws. */
import { describe, expect, test } from "vitest";
import { RandomStream, randomStateWords, seedStream } from "../../../engine/base/random.ts";

function stream(seed: number, name: string): RandomStream {
  const state = new Uint32Array(randomStateWords);
  seedStream(state, 0, seed, name);
  return new RandomStream(state, 0);
}

const draw = (random: RandomStream, count: number): number[] => Array.from({ length: count }, () => random.u32());

/** xoshiro128** 1.1 as published, in whole numbers of any size: nothing shared with the engine's form. */
function* published(state: readonly number[]): Generator<number> {
  const mask = 0xffffffffn;
  const rotl = (x: bigint, k: bigint): bigint => ((x << k) | (x >> (32n - k))) & mask;
  let [a, b, c, d] = state.map(BigInt) as [bigint, bigint, bigint, bigint];
  for (;;) {
    yield Number((rotl((b * 5n) & mask, 7n) * 9n) & mask);
    const t = (b << 9n) & mask;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = rotl(d, 11n);
  }
}

describe("the generator", () => {
  test("is xoshiro128** 1.1", () => {
    const starts = [
      [1, 0, 0, 0],
      [1, 2, 3, 4],
      [0xffffffff, 0x80000000, 0x7fffffff, 0xdeadbeef],
      [0, 0, 0, 0x80000000],
    ];
    for (const start of starts) {
      const reference = published(start);
      const expected = Array.from({ length: 1_000 }, () => reference.next().value as number);
      expect(draw(new RandomStream(Uint32Array.from(start), 0), 1_000)).toEqual(expected);
    }
  });

  test("gives these first numbers", () => {
    expect(draw(stream(7, "pull-crates"), 4)).toEqual([2009534260, 2226036457, 969436244, 3168922212]);
    expect(draw(stream(0, ""), 4)).toEqual([1328671833, 949507521, 2292597940, 585346157]);
    expect(draw(stream(0xffffffff, "setup"), 4)).toEqual([497660742, 1254723969, 1348196134, 290612085]);
  });

  test("keeps its whole state in the words that it is given", () => {
    const state = new Uint32Array(3 * randomStateWords).fill(0xabcdef);
    seedStream(state, randomStateWords, 3, "x");
    const before = state.slice();
    const first = draw(new RandomStream(state, randomStateWords), 100);
    expect([...state.slice(0, 4), ...state.slice(8)]).toEqual(new Array(8).fill(0xabcdef));
    state.set(before);
    expect(draw(new RandomStream(state, randomStateWords), 100)).toEqual(first);
  });
});

describe("streams", () => {
  test("follow from seed and name alone", () => {
    expect(draw(stream(5, "a"), 50)).toEqual(draw(stream(5, "a"), 50));
    const firsts = new Set<number>();
    for (let seed = 0; seed < 100; seed++)
      for (const name of ["a", "b", "ab", "ba", "setup", "pull-crates"]) firsts.add(stream(seed, name).u32());
    expect(firsts.size).toBe(600);
  });

  test("of neighbouring seeds and names agree in half of their bits, not more", () => {
    const pairs = [
      [stream(1, "a"), stream(2, "a")],
      [stream(1, "a"), stream(1, "b")],
      [stream(0, "a"), stream(0x80000000, "a")],
    ] as const;
    for (const [one, other] of pairs) {
      let equalBits = 0;
      for (let i = 0; i < 4_000; i++) {
        let differing = one.u32() ^ other.u32();
        for (let bit = 0; bit < 32; bit++, differing >>>= 1) equalBits += 1 - (differing & 1);
      }
      // 128,000 fair bits: the standard deviation is 0.14 %; five of them.
      expect(Math.abs(equalBits / 128_000 - 0.5)).toBeLessThan(0.007);
    }
  });
});

describe("draws", () => {
  test("of unit are multiples of 2^-24 in [0, 1) and spread evenly", () => {
    const random = stream(11, "unit");
    const buckets = new Array<number>(64).fill(0);
    for (let i = 0; i < 64_000; i++) {
      const value = random.unit();
      expect(value >= 0 && value < 1 && Math.fround(value) === value && Number.isInteger(value * 2 ** 24)).toBe(true);
      buckets[Math.floor(value * 64)]!++;
    }
    // 63 degrees of freedom: chi squared above 110 has a chance of 2 in 10,000; the seed is fixed.
    expect(chiSquared(buckets, 1_000)).toBeLessThan(110);
  });

  test("of below are whole, in range and even, also where 2^32 is no multiple", () => {
    for (const count of [1, 2, 3, 7, 10, 1_000]) {
      const random = stream(12, `below ${count}`);
      const buckets = new Array<number>(count).fill(0);
      for (let i = 0; i < count * 200; i++) buckets[random.below(count)]!++;
      expect(buckets.reduce((sum, bucket) => sum + bucket, 0)).toBe(count * 200);
      expect(chiSquared(buckets, 200)).toBeLessThan(count + 5 * Math.sqrt(2 * count));
    }
  });

  test("of below reject what would make small results likelier", () => {
    // 2^32 % 3 is 1: of all draws only 0xffffffff is rejected. This state gives it first.
    const state = Uint32Array.of(0, 0, 0, 0);
    const wanted = 0xffffffff;
    // rotl(s1 * 5, 7) * 9 = wanted, solved backwards by the inverses of 9 and 5 modulo 2^32.
    const rotated = Math.imul(wanted, 0x38e38e39) >>> 0;
    state[1] = Math.imul((rotated >>> 7) | (rotated << 25), 0xcccccccd) >>> 0;
    expect(new RandomStream(state.slice(), 0).u32()).toBe(wanted);
    const kept = draw(new RandomStream(state.slice(), 0), 10).find((value) => value !== wanted) as number;
    expect(new RandomStream(state.slice(), 0).below(3)).toBe(kept % 3);
  });

  test("of below refuse what is no count", () => {
    for (const count of [0, -1, 1.5, Number.NaN, 2 ** 21 + 1])
      expect(() => stream(1, "x").below(count)).toThrow("count is in 1..2^21");
  });

  test("of between and chance follow unit", () => {
    const [a, b, c] = [stream(3, "x"), stream(3, "x"), stream(3, "x")];
    for (let i = 0; i < 100; i++) {
      const unit = a.unit();
      expect(b.between(-2, 6)).toBe(-2 + 8 * unit);
      expect(c.chance(0.25)).toBe(unit < 0.25);
    }
    expect(stream(1, "x").chance(0)).toBe(false);
    expect(stream(1, "x").chance(1)).toBe(true);
  });
});

function chiSquared(buckets: readonly number[], expected: number): number {
  return buckets.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}
