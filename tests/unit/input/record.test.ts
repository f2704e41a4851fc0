/** Records: the codec gives back what it was given, and believes nothing that it was not. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ByteReader, ByteWriter, encodeUtf8 } from "../../../engine/base/bytes.ts";
import {
  decodeRecord,
  decodeRecords,
  encodeRecord,
  playerNameBytesMax,
  type WorldRecord,
} from "../../../engine/input/record.ts";
import { Draws, testSeed } from "../seeds.ts";
import { aim, button, join, leave, makeDesk, move, set } from "./desk.ts";

const seed = testSeed("record");

const player = fc.integer({ min: 1, max: 65_535 });
const u8 = fc.integer({ min: 0, max: 255 });
const record: fc.Arbitrary<WorldRecord> = fc.oneof(
  fc.record({ kind: fc.constant("join" as const), player, name: fc.string({ maxLength: 30 }) }),
  fc.record({ kind: fc.constant("leave" as const), player }),
  fc.record({ kind: fc.constant("button" as const), player, control: u8, down: fc.boolean() }),
  fc.record({
    kind: fc.constant("axis" as const),
    player,
    control: u8,
    value: fc.float({ min: -1, max: 1, noNaN: true }).map((v) => v + 0),
  }),
  fc.record({
    kind: fc.constant("config" as const),
    setting: fc.integer({ min: 0, max: 65_535 }),
    value: fc.double({ noNaN: true, noDefaultInfinity: true }),
  }),
);

function encode(...records: readonly WorldRecord[]): Uint8Array {
  const writer = new ByteWriter(100_000);
  for (const one of records) encodeRecord(writer, one);
  return writer.take();
}

test("any records come back from their bytes", () => {
  fc.assert(
    fc.property(fc.array(record, { maxLength: 30 }), (records) => {
      expect(decodeRecords(encode(...records))).toEqual(records);
    }),
    { seed, numRuns: 500 },
  );
});

test("the wire format is this", () => {
  const hex = (one: WorldRecord): string => Buffer.from(encode(one)).toString("hex");
  expect([join(258), leave(1), button(2, 3, true), button(2, 3, false), move(1, 0, -1), set(513, 2)].map(hex)).toEqual([
    "010201040070323538",
    "020100",
    "0302000301",
    "0302000300",
    "04010000000080bf",
    "0501020000000000000040",
  ]);
});

describe("refusals", () => {
  const refused = (...bytes: readonly number[]): string => {
    const result = decodeRecords(Uint8Array.from(bytes));
    return "problem" in result ? result.problem : "accepted";
  };

  test.each<[string, readonly number[]]>([
    ["record tag 0 after 0 records", [0]],
    ["record tag 8 after 0 records", [8, 1, 0]],
    ["a record of kind answer after 0 records", [6, 1, 0, 0, 0, 0, 0]],
    ["a record of kind publish after 1 records", [2, 1, 0, 7, 1, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 1]],
    ["record tag 255 after 1 records", [2, 1, 0, 255]],
    ["player key 0 after 0 records", [2, 0, 0]],
    ["a button state of 2 after 0 records", [3, 1, 0, 0, 2]],
    ["an axis value of NaN after 0 records", [4, 1, 0, 0, 0, 0, 0xc0, 0x7f]],
    ["an axis value of Infinity after 0 records", [4, 1, 0, 0, 0, 0, 0x80, 0x7f]],
    ["an axis value of 1.0000001192092896 after 0 records", [4, 1, 0, 0, 1, 0, 0x80, 0x3f]],
    ["a setting of Infinity after 0 records", [5, 0, 0, 0, 0, 0, 0, 0, 0, 0xf0, 0x7f]],
    ["wanted 2 bytes at offset 1, 1 remain after 0 records", [2, 1]],
  ])("%s", (problem, bytes) => {
    expect(refused(...bytes)).toBe(problem);
  });

  test("nothing is no record and no problem", () => {
    expect(decodeRecords(new Uint8Array(0))).toEqual([]);
  });

  test("a name of 64 bytes is the longest", () => {
    expect(decodeRecords(encode({ kind: "join", player: 1, name: "x".repeat(64) }))).toHaveLength(1);
    expect(decodeRecords(encode({ kind: "join", player: 1, name: "x".repeat(65) }))).toHaveProperty("problem");
  });

  test("a name of 64 letters and 192 bytes is too long", () => {
    const name = "€".repeat(64);
    expect(encodeUtf8(name).length).toBeGreaterThan(playerNameBytesMax);
    expect(decodeRecords(encode({ kind: "join", player: 1, name }))).toHaveProperty("problem");
  });
});

describe("fuzz", () => {
  const check = (bytes: Uint8Array): boolean => {
    const result = decodeRecords(bytes);
    if ("problem" in result) return false;
    // What is accepted means the same when it is written and read again.
    expect(decodeRecords(encode(...result))).toEqual(result);
    return true;
  };

  test("100,000 random messages: a refusal or whole records, never a throw", () => {
    const draws = new Draws(seed);
    let accepted = 0;
    for (let run = 0; run < 100_000; run++) {
      const bytes = new Uint8Array(draws.below(24));
      for (let i = 0; i < bytes.length; i++) bytes[i] = draws.below(4) === 0 ? draws.below(256) : draws.below(6);
      if (check(bytes)) accepted++;
    }
    expect(accepted).toBeGreaterThan(1_000);
  });

  test("every cut and every flipped bit of a message", () => {
    const whole = encode(join(1), button(1, 2, true), move(1, 0, 0.5), set(1, 3), leave(1));
    for (let length = 0; length < whole.length; length++) check(whole.slice(0, length));
    for (let bit = 0; bit < whole.length * 8; bit++) {
      const flipped = whole.slice();
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      check(flipped);
    }
  });

  test("one bad record refuses the whole message", () => {
    const bytes = Uint8Array.of(...encode(join(1), leave(1)), 9);
    expect(decodeRecords(bytes)).toEqual({ problem: "record tag 9 after 2 records" });
    const reader = new ByteReader(bytes);
    expect([decodeRecord(reader), decodeRecord(reader)]).toEqual([join(1), leave(1)]);
    expect(() => decodeRecord(reader)).toThrow(RangeError);
  });
});

describe("a world replayed from the bytes of its records has the same hashes", () => {
  const hashes = (records: readonly WorldRecord[]): string[] => {
    const desk = makeDesk();
    desk.admit(join(1));
    desk.ticks(1);
    desk.admit(...records);
    return [1, 2].map(() => {
      desk.ticks(1);
      return `${desk.world.hash.high} ${desk.world.hash.low}`;
    });
  };
  const replayed = (records: readonly WorldRecord[]): readonly WorldRecord[] =>
    decodeRecords(encode(...records)) as WorldRecord[];

  test.each([0.1, 1 / 3, -1, 1e-30])("with an axis at %d", (value) => {
    expect(hashes(replayed([move(1, aim, value)]))).toEqual(hashes([move(1, aim, value)]));
  });

  test("with an axis at -0", () => {
    expect(hashes(replayed([move(1, aim, -0)]))).toEqual(hashes([move(1, aim, -0)]));
  });
});
