/** Bytes that a journal carries with it: found by what they are called, and refused where they are not as written. */
import { describe, expect, test } from "vitest";
import { crc32 } from "../../../engine/base/checksum.ts";
import { faultText } from "../../../engine/base/faults.ts";
import { codec, plainDecompressor } from "../../../engine/ports/compressor.ts";
import { blockKind } from "../../../engine/replay/block.ts";
import { type Journal, readJournal } from "../../../engine/replay/journal.ts";
import { encodeAttachment, type JournalAttachment } from "../../../engine/replay/wire.ts";
import { framed, type JournalPart, partsOf } from "../../data/journals.ts";
import { faultOf } from "../small-world.ts";
import { carried, richJournal } from "./rich-journal.ts";

const bytes = await richJournal();

describe("an attachment", () => {
  const [header] = partsOf(bytes) as [JournalPart];
  const payload = (change: Partial<JournalAttachment>): JournalPart => {
    const { topic, name, bytes } = carried;
    const stored = { codec: codec.none, rawLength: bytes.length, crc: crc32(bytes), bytes };
    const part = { kind: blockKind.attachment, payload: encodeAttachment({ topic, name, ...stored, ...change }) };
    return { ...header, ...part };
  };
  const read = (...list: readonly JournalPart[]): Journal => readJournal(framed([header, ...list]), "x.orj");

  test("is found by topic and name, the first of several, and replays pass by it", async () => {
    expect(readJournal(bytes, "x").attachmentBytes("letter", "to whom", plainDecompressor)).toEqual(carried.bytes);
    const second = payload({ bytes: new Uint8Array(8) });
    const journal = read(
      payload({}),
      second,
      payload({ name: "other", rawLength: 0, crc: 0, bytes: new Uint8Array(0) }),
    );
    expect(journal.attachments.map(({ topic, name }) => [topic, name])).toEqual([
      ["letter", "to whom"],
      ["letter", "to whom"],
      ["letter", "other"],
    ]);
    expect(journal.attachmentBytes("letter", "to whom", plainDecompressor)).toEqual(carried.bytes);
    expect(journal.attachmentBytes("letter", "other", plainDecompressor)).toEqual(new Uint8Array(0));
    expect(journal.attachmentBytes("to whom", "letter", plainDecompressor)).toBeUndefined();
  });

  test("whose bytes are fewer or others than were written, or of an unknown codec, is refused", () => {
    const refused = (change: Partial<JournalAttachment>): string =>
      faultText(faultOf(() => read(payload(change)).attachmentBytes("letter", "to whom", plainDecompressor))).replace(
        /byte \d+/,
        "byte N",
      );
    expect(refused({ rawLength: 9 })).toMatchInlineSnapshot(
      `"x.orj is damaged in block 1, at byte N: its attachment has 8 bytes, 9 were written."`,
    );
    expect(refused({ crc: 7 })).toMatchInlineSnapshot(
      `"x.orj is damaged in block 1, at byte N: its attachment has checksum 0x0871b492, 0x00000007 was written."`,
    );
    expect(refused({ codec: 2 })).toMatchInlineSnapshot(
      `"x.orj is damaged in block 1, at byte N: its attachment cannot be read: codec 2 is not known here."`,
    );
    expect(refused({ codec: 3 as 2 })).toMatchInlineSnapshot(
      `"x.orj is damaged in block 1, at byte N: an attachment with codec 3."`,
    );
    expect(refused({ rawLength: 0xffff_ffff })).toMatchInlineSnapshot(
      `"x.orj is damaged in block 1, at byte N: an attachment of 4294967295 bytes."`,
    );
  });
});
