/** Blocks: what is framed comes back, and a place is named for everything that is not as it was written. */
import { describe, expect, test } from "vitest";
import { crc32 } from "../../../engine/base/checksum.ts";
import { type Fault, faultText } from "../../../engine/base/faults.ts";
import { blockHeadBytes, blockKind, encodeBlock, splitBlocks } from "../../../engine/replay/block.ts";
import { framed, type JournalPart, joined, partsOf } from "../../data/journals.ts";
import { Draws, testSeed } from "../seeds.ts";
import { faultOf } from "../small-world.ts";

const seed = testSeed("block");
const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const three = framed([
  { kind: blockKind.header, payload: text("{}") },
  { kind: blockKind.ticks, payload: text("one") },
  { kind: blockKind.end, payload: text("end") },
]);

describe("framing", () => {
  test("the layout is the one that is drawn", () => {
    const block = encodeBlock(blockKind.ticks, 5, 0xaabbccdd, text("abc"));
    const words = new DataView(block.buffer, 0, blockHeadBytes);
    expect(Buffer.from(block.subarray(0, 4)).toString()).toBe("ORJB");
    expect([4, 8, 16].map((at) => words.getUint32(at, true))).toEqual([2, 5, 3]);
    expect(words.getUint32(20, true)).toBe(crc32(text("abc")));
    expect(words.getUint32(24, true)).toBe(crc32(block.subarray(0, 24)));
    expect(block.length).toBe(blockHeadBytes + 3);
  });

  test("lists of payloads come back in order, with their offsets", () => {
    const draws = new Draws(seed);
    for (let round = 0; round < 200; round++) {
      const payloads = Array.from({ length: 1 + draws.below(6) }, () =>
        Uint8Array.from({ length: draws.below(3) === 0 ? 0 : draws.below(2_000) }, () => draws.below(256)),
      );
      const bytes = framed(
        payloads.map((payload, at) => ({ kind: at === 0 ? blockKind.header : blockKind.ticks, payload })),
      );
      const { blocks, tornBytes } = splitBlocks(bytes, "x");
      expect(tornBytes).toBe(0);
      expect(blocks.map((block) => [...block.payload])).toEqual(payloads.map((payload) => [...payload]));
      let offset = 0;
      blocks.forEach((block, number) => {
        expect([block.number, block.offset]).toEqual([number, offset]);
        offset += blockHeadBytes + block.payload.length;
      });
    }
  });

  test("an empty file has no blocks", () => {
    expect(splitBlocks(new Uint8Array(0), "x")).toEqual({ blocks: [], tornBytes: 0 });
  });
});

describe("what is refused", () => {
  const refused = (bytes: Uint8Array): Fault => faultOf(() => splitBlocks(bytes, "x.orj"));
  const refusal = (bytes: Uint8Array): string => faultText(refused(bytes));
  const [header, ticks, end] = partsOf(three) as [JournalPart, JournalPart, JournalPart];

  test("bytes that begin like nothing", () => {
    expect(refusal(text("a text file that is longer than one head of a block"))).toMatchInlineSnapshot(
      `"x.orj is not a journal that can be read: expected a block, found bytes 0x65742061 (byte 0)."`,
    );
    expect(refusal(text("short"))).toMatchInlineSnapshot(
      `"x.orj is not a journal that can be read: the bytes are not the beginning of a block (byte 0)."`,
    );
  });

  test("swapped, repeated and missing blocks", () => {
    expect(refusal(joined([header, end, ticks]))).toMatchInlineSnapshot(
      `"x.orj is damaged in block 1, at byte 30: this is block 2 where block 1 belongs."`,
    );
    expect(refusal(joined([header, ticks, ticks, end]))).toMatchInlineSnapshot(
      `"x.orj is damaged in block 2, at byte 61: this is block 1 where block 2 belongs."`,
    );
    expect(refusal(joined([header, end]))).toMatchInlineSnapshot(
      `"x.orj is damaged in block 1, at byte 30: this is block 2 where block 1 belongs."`,
    );
    expect(refusal(joined([ticks, end]))).toMatchInlineSnapshot(
      `"x.orj is not a journal that can be read: this is block 1 where block 0 belongs (byte 0)."`,
    );
    expect(refusal(joined([header, header]))).toMatchInlineSnapshot(
      `"x.orj is damaged in block 1, at byte 30: this is block 0 where block 1 belongs."`,
    );
  });

  test("a block behind the end, and kinds where they cannot stand", () => {
    const kinds = (...list: (1 | 2 | 3)[]): Uint8Array =>
      framed(list.map((kind) => ({ kind, payload: text(String(kind)) })));
    expect(refusal(kinds(1, 3, 2))).toMatchInlineSnapshot(
      `"x.orj is damaged in block 2, at byte 58: there is a block behind the end."`,
    );
    expect(refusal(kinds(1, 3, 3))).toMatchInlineSnapshot(
      `"x.orj is damaged in block 2, at byte 58: there is a block behind the end."`,
    );
    expect(refusal(kinds(1, 1))).toMatchInlineSnapshot(
      `"x.orj is damaged in block 1, at byte 29: a block of kind 1 cannot stand here."`,
    );
    expect(refusal(kinds(2, 2))).toMatchInlineSnapshot(
      `"x.orj is not a journal that can be read: a block of kind 2 cannot stand here (byte 0)."`,
    );
    expect(refusal(kinds(1, 9 as 3))).toMatchInlineSnapshot(
      `"x.orj is damaged in block 1, at byte 29: a block of kind 9 cannot stand here."`,
    );
  });

  test("a block of another journal in the place of one's own", () => {
    const other = framed([
      { kind: blockKind.header, payload: text("{ }") },
      { kind: blockKind.ticks, payload: text("two") },
    ]);
    expect(refusal(joined([header, partsOf(other)[1]!, end]))).toMatchInlineSnapshot(
      `"x.orj is damaged in block 1, at byte 30: this block follows one with checksum 0x7d1f6e5c, the one before it has 0x153d6cfa."`,
    );
  });

  test("zeros behind the last block that other bytes follow", () => {
    for (const count of [1, 3, 27, 28, 29, 4_096]) {
      const zeros = { bytes: new Uint8Array(count) };
      for (const behind of [end, { bytes: Uint8Array.of(1) }])
        expect(refused(joined([header, ticks, zeros, behind]))).toMatchObject({
          kind: "journal-damaged",
          fields: { path: "x.orj", block: 2, offset: end.offset },
        });
    }
  });

  test("a block that ends in a few zeros of its own, with a byte that was changed", () => {
    const payload = Uint8Array.from({ length: 40 }, (_, at) => (at < 25 ? 1 : 0));
    const bytes = framed([
      { kind: blockKind.header, payload: text("{}") },
      { kind: blockKind.ticks, payload },
    ]);
    bytes[30 + blockHeadBytes]! ^= 2;
    expect(refusal(bytes)).toMatch(/^x\.orj is damaged in block 1, at byte 30: the contents have checksum /);
    // Zeros of nobody behind it are no excuse for a block that was written to its end.
    bytes[30 + blockHeadBytes]! ^= 2;
    const whole = joined([{ bytes }, { bytes: new Uint8Array(600) }]);
    expect(splitBlocks(whole, "x")).toMatchObject({ blocks: { length: 2 }, tornBytes: 600 });
    whole[30 + 24]! ^= 2;
    expect(refusal(whole)).toBe(
      "x.orj is damaged in block 1, at byte 30: the block's head does not match its checksum.",
    );
  });
});

describe("what is recovered", () => {
  test("the whole blocks of a file that ends within one", () => {
    const ends = partsOf(three).map(({ offset, bytes }) => offset + bytes.length);
    for (let length = 0; length <= three.length; length++) {
      const { blocks, tornBytes } = splitBlocks(three.subarray(0, length), "x");
      const whole = ends.filter((at) => at <= length);
      expect(blocks.length).toBe(whole.length);
      expect(tornBytes).toBe(length - (whole.at(-1) ?? 0));
    }
  });

  test("the whole blocks of a file that goes on with zeros, from within a block or from behind one", () => {
    const ends = partsOf(three).map(({ offset, bytes }) => offset + bytes.length);
    for (let length = 0; length <= three.length; length++)
      for (const count of [16, 27, 28, 600]) {
        const zeros = { bytes: new Uint8Array(count) };
        const { blocks, tornBytes } = splitBlocks(joined([{ bytes: three.subarray(0, length) }, zeros]), "x");
        const whole = ends.filter((at) => at <= length);
        expect(blocks.length).toBe(whole.length);
        expect(tornBytes).toBe(length + count - (whole.at(-1) ?? 0));
      }
    // Behind a whole block one is enough: no block begins so.
    for (const count of [1, 3, 15])
      expect(splitBlocks(joined([{ bytes: three }, { bytes: new Uint8Array(count) }]), "x").tornBytes).toBe(count);
  });
});
