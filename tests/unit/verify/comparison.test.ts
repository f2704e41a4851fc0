/** What is said of two testimonies that differ: the earliest tick, what comes first in it, and the element. */
import { describe, expect, test } from "vitest";
import { elementDifference, findDifference } from "../../../runtime/verify/comparison.ts";
import type { Examination } from "../../../runtime/verify/examination.ts";
import { decodeTestimony, encodeTestimony } from "../../../runtime/verify/testimony-codec.ts";
import type { Testimony } from "../../../runtime/verify/witness.ts";

/** Three ticks of: the records, two spans, one packet. */
const base: Testimony = {
  names: ["the records of players", "A.x", "B.y", "the packet"],
  ...{ tickNameCount: 3, spanCount: 2, firstTick: 1, tickCount: 3 },
  words: Uint32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12),
  ...{ hash: "aa", frameHash: "ff", planHash: "pp", schemaHash: "ss" },
};
const blind: Testimony = {
  ...{ ...base, names: base.names.slice(0, 3), frameHash: "" },
  words: Uint32Array.of(1, 2, 3, 5, 6, 7, 9, 10, 11),
};
const withWord = (testimony: Testimony, at: number): Testimony => {
  const words = testimony.words.slice();
  words[at]!++;
  return { ...testimony, words };
};

describe("two testimonies", () => {
  const cases: readonly (readonly [string, Testimony, Testimony, object | undefined])[] = [
    ["that are equal", base, base, undefined],
    ["one of which saw no frames", base, blind, undefined],
    ["one of which saw no frames, with a packet that differs", withWord(base, 7), blind, undefined],
    [
      "one of which began at a keyframe",
      base,
      { ...blind, firstTick: 3, tickCount: 1, words: blind.words.slice(6) },
      undefined,
    ],
    [
      "with a span that differs behind a keyframe",
      base,
      withWord({ ...blind, firstTick: 3, tickCount: 1, words: blind.words.slice(6) }, 2),
      { tick: 3, what: "B.y", expected: "0000000b", found: "0000000c", isState: true },
    ],
    ["with a span that differs", base, withWord(base, 5), { tick: 2, what: "A.x", isState: true }],
    ["with records that differ", base, withWord(base, 4), { tick: 2, what: "the records of players", isState: false }],
    ["with a packet that differs", base, withWord(base, 3), { tick: 1, what: "the packet", isState: false }],
    ["the earlier of two differences", base, withWord(withWord(base, 9), 6), { tick: 2, what: "B.y" }],
    ["of other plans", base, { ...base, planHash: "qq" }, { tick: 0, what: "the plan", expected: "pp", found: "qq" }],
    ["of other schemas", base, { ...base, schemaHash: "tt" }, { tick: 0, what: "the schema" }],
    [
      "with other names",
      base,
      { ...base, names: ["the records of players", "A.x", "C.y", "the packet"] },
      { tick: 0, what: "the list of what is compared" },
    ],
    [
      "of other lengths",
      base,
      { ...base, tickCount: 2, words: base.words.slice(0, 8) },
      { tick: 2, what: "the number of ticks", expected: "3", found: "2" },
    ],
    ["with another hash alone", base, { ...base, hash: "ab" }, { tick: 3, what: "the hash" }],
  ];
  test.each(cases)("%s", (_, expected, found, difference) => {
    const seen = findDifference(expected, found);
    if (difference === undefined) expect(seen).toBeUndefined();
    else expect(seen).toMatchObject(difference);
  });
});

const examined = (values: readonly number[], writers: Examination["writers"] = []): Examination => ({
  ...{ tick: 7, span: "A.x", entity: 0, kind: "column", component: "A", field: "x", scalar: "f32", length: 1 },
  ...{ isAlive: true, hasComponent: true, holders: [1], writers },
  bytes: new Uint8Array(Float32Array.from(values).buffer),
});

describe("two examinations", () => {
  test("give the first element that differs, with bits and last writers", () => {
    const before = examined(
      [0, 1, 2, 3],
      [
        [2, 'system "a" (gameplay)'],
        [2, 'system "b" (gameplay)'],
        [3, 'system "c" (gameplay)'],
      ],
    );
    const after = examined([0, 1, -2, 4], [[2, 'system "a" (gameplay)']]);
    expect(elementDifference("X", before, after)).toEqual({
      kind: "run-differs",
      fields: {
        ...{ comparison: "X", tick: 7, component: "A", field: "x", entity: 2, place: "A.x of entity 2" },
        ...{ expected: "2 (0x40000000)", found: "-2 (0xc0000000)" },
        ...{ expectedWriter: 'system "b" (gameplay)', foundWriter: 'system "a" (gameplay)' },
      },
    });
  });

  test("tell -0 from 0 and a shorter column from a longer one, and nothing from nothing", () => {
    expect(elementDifference("X", examined([0, 0]), examined([0, -0]))?.fields).toMatchObject({
      ...{ entity: 1, expected: "0 (0x00000000)", found: "-0 (0x80000000)" },
    });
    expect(elementDifference("X", examined([1]), examined([1, 5]))?.fields).toMatchObject({
      entity: 1,
      found: "5 (0x40a00000)",
    });
    expect(elementDifference("X", examined([1]), examined([1, 0]))).toBeUndefined();
  });

  test("name the place in a fixed array, and the word of what belongs to no entity", () => {
    const array = (values: readonly number[]): Examination => ({ ...examined(values), length: 4 });
    expect(elementDifference("X", array([1, 2, 3, 4, 5, 6]), array([1, 2, 3, 4, 5, 7]))?.fields).toMatchObject({
      ...{ entity: 1, place: "A.x[1] of entity 1" },
    });
    const seats: Partial<Examination> = { kind: "seats", span: "Input.seats", component: "Input", field: "seats" };
    expect(
      elementDifference("X", { ...examined([1, 2]), ...seats }, { ...examined([1, 3]), ...seats })?.fields,
    ).toMatchObject({ entity: 0, place: "Input.seats at 1" });
  });
});

test("a testimony comes back from its bytes, also from a Buffer at an odd place", () => {
  const whole: Testimony = { ...base, examination: examined([1, 2.5], [[1, "the door"]]) };
  for (const testimony of [base, blind, whole]) {
    const bytes = encodeTestimony(testimony);
    const odd = Buffer.alloc(bytes.length + 3);
    odd.set(bytes, 3);
    for (const given of [bytes, odd.subarray(3)]) expect(decodeTestimony(given)).toEqual(testimony);
  }
});
