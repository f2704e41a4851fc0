/** Journals: what is recorded is read, and contents that no recorder writes are refused although their checksums hold. */
import { describe, expect, test } from "vitest";
import { ByteWriter } from "../../../engine/base/bytes.ts";
import { type Fault, faultText } from "../../../engine/base/faults.ts";
import { type BlockKind, blockKind } from "../../../engine/replay/block.ts";
import { readJournal } from "../../../engine/replay/journal.ts";
import { encodeEnd, encodeRecords, type JournalHeader } from "../../../engine/replay/wire.ts";
import { framed, partsOf, record, withHeader } from "../../data/journals.ts";
import { faultOf } from "../small-world.ts";
import { recordTicker, ticker, tickerInput } from "./ticker.ts";

const bytes = await recordTicker(130);
const journal = readJournal(bytes, "x.orj");
const refused = (input: Uint8Array): Fault => faultOf(() => readJournal(input, "x.orj"));
/** The text of a refusal without what depends on the length of the header and on hashes. */
const refusal = (input: Uint8Array): string =>
  faultText(refused(input))
    .replace(/byte [1-9]\d+/, "byte N")
    .replace(/\b[0-9a-f]{16}\b/g, "HASH");

describe("a recorded journal", () => {
  test("holds header, ticks and end of the run", () => {
    expect(journal.header).toMatchObject({ format: 2, seed: 3, program: { game: "ticker", tickRate: 60 } });
    expect(journal.header.program.limits).toMatchObject({ entities: 64, players: 3 });
    expect(new Set(journal.header.spans).size).toBe(journal.header.spans.length);
    expect(journal.header.spans).toContain("Step.drift");
    expect(journal.ticks.map(({ tick }) => tick)).toEqual(Array.from({ length: 130 }, (_, at) => at + 1));
    const { hashHigh, hashLow } = journal.ticks.at(-1)!;
    expect(journal.end).toEqual({ reason: "stopped", tick: 130, hashHigh, hashLow, text: "", records: [] });
  });

  test("holds each record at the tick at which it entered, in order", () => {
    const lines = tickerInput(130)
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { tick: number; press?: string });
    const entered = journal.ticks.flatMap(({ tick, records }) => records.map(() => tick));
    // A press is two records: down and up.
    expect(entered).toEqual(lines.flatMap(({ tick, press }) => (press === undefined ? [tick] : [tick, tick])));
    expect(journal.ticks[0]!.records).toEqual([{ kind: "join", player: 1, name: "ada" }]);
    expect(journal.ticks[1]!.records).toEqual([{ kind: "join", player: 3, name: "ü" }]);
  });

  test("is the same byte for byte when it is recorded again", async () => {
    expect(Buffer.compare(await recordTicker(130), bytes)).toBe(0);
  });

  test("without a tick is whole", async () => {
    const empty = readJournal(await record({ game: ticker, tickCount: 0 }), "x");
    expect(empty.ticks).toEqual([]);
    expect(empty.end).toMatchObject({ reason: "stopped", tick: 0 });
  });
});

describe("contents that no recorder writes", () => {
  type Parts = { readonly kind: BlockKind; readonly payload: Uint8Array }[];
  const parts = partsOf(bytes);
  const [header, ticks] = parts as unknown as [Parts[0], Parts[0]];
  const ticksOf = (first: number, count: number, body: (writer: ByteWriter) => unknown): Uint8Array => {
    const writer = new ByteWriter(1_000).u32(first).u32(count);
    body(writer);
    return framed([header, { kind: blockKind.ticks, payload: writer.take() }]);
  };
  const tickOf = (writer: ByteWriter): ByteWriter => writer.u16(0).u32(1).u32(2).u16(0);

  test("a header that is none", () => {
    const withText = (text: string): Uint8Array => framed([{ kind: blockKind.header, payload: Buffer.from(text) }]);
    expect(refusal(new Uint8Array(0))).toMatchInlineSnapshot(
      `"x.orj is not a journal that can be read: it is empty (byte 0)."`,
    );
    expect(refusal(withText(""))).toMatchInlineSnapshot(
      `"x.orj is not a journal that can be read: its header is not JSON (byte 0)."`,
    );
    expect(refusal(withText("{"))).toMatchInlineSnapshot(
      `"x.orj is not a journal that can be read: its header is not JSON (byte 0)."`,
    );
    expect(refusal(withText("null"))).toMatchInlineSnapshot(
      `"x.orj is not a journal that can be read: its header is not an object (byte 0)."`,
    );
    expect(refusal(withText("[]"))).toMatchInlineSnapshot(
      `"x.orj is not a journal that can be read: it has format undefined, this program reads 2 (byte 0)."`,
    );
    expect(refusal(withText("7"))).toMatchInlineSnapshot(
      `"x.orj is not a journal that can be read: its header is not an object (byte 0)."`,
    );
    expect(refusal(withText('{"format":3}'))).toMatchInlineSnapshot(
      `"x.orj is not a journal that can be read: it has format 3, this program reads 2 (byte 0)."`,
    );
    expect(refusal(withText('{"format":2}'))).toMatchInlineSnapshot(
      `"x.orj is not a journal that can be read: its header lacks program or spans (byte 0)."`,
    );
  });

  test("a header with something of the wrong kind", () => {
    const changes: ((header: JournalHeader) => unknown)[] = [
      ({ program: _, ...rest }) => rest,
      (h) => ({ ...h, program: null }),
      (h) => ({ ...h, program: { ...h.program, limits: null } }),
      (h) => ({ ...h, program: { ...h.program, game: 7 } }),
      (h) => ({ ...h, seed: -1 }),
      (h) => ({ ...h, seed: 2 ** 32 }),
      (h) => ({ ...h, seed: 1.5 }),
      (h) => ({ ...h, seed: "7" }),
      (h) => ({ ...h, spans: {} }),
      (h) => ({ ...h, spans: [...h.spans, 4] }),
    ];
    for (const change of changes) expect(refused(withHeader(bytes, change)).kind).toBe("journal-unreadable");
  });

  test("ticks that do not follow, or hold what cannot be", () => {
    expect(refusal(ticksOf(2, 0, () => {}))).toMatchInlineSnapshot(
      `"x.orj is damaged in block 1, at byte N: tick 2 follows tick 0."`,
    );
    expect(refusal(ticksOf(0, 0, () => {}))).toMatchInlineSnapshot(
      `"x.orj is damaged in block 1, at byte N: tick 0 follows tick 0."`,
    );
    expect(refusal(ticksOf(1, 2, tickOf))).toMatchInlineSnapshot(
      `"x.orj is damaged in block 1, at byte N: wanted 2 bytes at offset 20, 0 remain."`,
    );
    expect(refusal(ticksOf(1, 4_000_000_000, tickOf))).toMatchInlineSnapshot(
      `"x.orj is damaged in block 1, at byte N: wanted 2 bytes at offset 20, 0 remain."`,
    );
    expect(refusal(ticksOf(1, 1, (writer) => tickOf(writer).u8(0)))).toMatchInlineSnapshot(
      `"x.orj is damaged in block 1, at byte N: 1 bytes too many."`,
    );
    expect(
      refusal(ticksOf(1, 1, (writer) => writer.u16(0).u32(1).u32(2).u16(1).u16(999).u32(0))),
    ).toMatchInlineSnapshot(`"x.orj is damaged in block 1, at byte N: span 999 of 46."`);
    expect(refusal(ticksOf(1, 1, (writer) => writer.u16(1).u8(99)))).toMatchInlineSnapshot(
      `"x.orj is damaged in block 1, at byte N: record tag 99."`,
    );
    expect(refusal(ticksOf(1, 1, (writer) => writer.u16(1).u8(2).u16(0)))).toMatchInlineSnapshot(
      `"x.orj is damaged in block 1, at byte N: player key 0."`,
    );
    expect(refusal(ticksOf(1, 1, (writer) => writer.u16(1).u8(4).u16(1).u8(0).f32(Number.NaN)))).toMatchInlineSnapshot(
      `"x.orj is damaged in block 1, at byte N: an axis value of NaN."`,
    );
    expect(refusal(ticksOf(1, 1, (writer) => writer.u16(1).u8(5).u16(0).f64(Infinity)))).toMatchInlineSnapshot(
      `"x.orj is damaged in block 1, at byte N: a setting of Infinity."`,
    );
    expect(refusal(framed([header, { kind: blockKind.ticks, payload: new Uint8Array(3) }]))).toMatchInlineSnapshot(
      `"x.orj is damaged in block 1, at byte N: wanted 4 bytes at offset 0, 3 remain."`,
    );
  });

  test("an end that contradicts the ticks", () => {
    const { hashHigh, hashLow } = journal.ticks[59]!;
    const end = { reason: "stopped", tick: 60, hashHigh, hashLow, text: "", records: [] } as const;
    const ending = (payload: Uint8Array): Uint8Array => framed([header, ticks, { kind: blockKind.end, payload }]);
    expect(readJournal(ending(encodeEnd(end)), "x").end).toEqual(end);
    expect(refusal(ending(encodeEnd({ ...end, tick: 61 })))).toMatchInlineSnapshot(
      `"x.orj is damaged in block 2, at byte N: the end names tick 61, hash HASH; the blocks end with tick 60, hash HASH."`,
    );
    expect(refusal(ending(encodeEnd({ ...end, hashLow: hashLow ^ 1 })))).toContain("the end names tick 60, hash");
    expect(refusal(ending(Uint8Array.of(2, 0, 0, 0)))).toMatchInlineSnapshot(
      `"x.orj is damaged in block 2, at byte N: an end for reason 2."`,
    );
    expect(refusal(ending(Uint8Array.of(...encodeEnd(end), 0)))).toMatchInlineSnapshot(
      `"x.orj is damaged in block 2, at byte N: 1 bytes too many."`,
    );
  });

  test("as many records in a tick as there can be come back", () => {
    const records = Array.from({ length: 65_535 }, (_, at) => ({ kind: "leave", player: 1 + (at % 9) }) as const);
    const many = ticksOf(1, 1, (writer) => {
      encodeRecords(writer, records);
      writer.u32(1).u32(2).u16(0);
    });
    expect(readJournal(many, "x").ticks[0]!.records.length).toBe(65_535);
  });
});
