/**
 * Journals with keyframes, steps back and swaps that were cut or changed on the way: recovered to the last whole block,
 * or refused with the place; never believed.
 */
import { beforeAll, describe, expect, test } from "vitest";
import { FaultError } from "../../../engine/base/faults.ts";
import { ManualClock } from "../../../engine/ports/clock.ts";
import { plainDecompressor } from "../../../engine/ports/compressor.ts";
import { blockKind } from "../../../engine/replay/block.ts";
import { type Journal, readJournal } from "../../../engine/replay/journal.ts";
import { Replay } from "../../../engine/replay/replay.ts";
import { encodeKeyframePayload } from "../../../engine/replay/wire.ts";
import { framed, type JournalPart, joined, partsOf } from "../../data/journals.ts";
import { Draws, testSeed } from "../seeds.ts";
import { richJournal } from "./rich-journal.ts";
import { ticker } from "./ticker.ts";

const seed = testSeed("rich-journal-fuzz");
const flipCount = 20_000;

let bytes: Uint8Array;
let parts: readonly JournalPart[];
/** Offsets behind each block. */
let ends: readonly number[];
/** What the first blocks of the real journal say, by their count. */
let summaries: readonly string[];

beforeAll(async () => {
  bytes = await richJournal();
  parts = partsOf(bytes);
  ends = parts.map((part) => part.offset + part.bytes.length);
  summaries = ["", ...ends.map((end) => summaryOf(readJournal(bytes.slice(0, end), "x")))];
});

/** All that a journal says, but for what was torn off. */
function summaryOf(journal: Journal): string {
  const { header, notes, keyframes, swaps, rewindCount, end, startTick, lastTick, attachments } = journal;
  const ticks = journal.ticks.map(({ tick, hashHigh, hashLow, records, changed }) => [
    ...[tick, hashHigh, hashLow, records, [...changed]],
  ]);
  const blocks = [keyframes, swaps, attachments];
  return JSON.stringify([header.seed, notes, ...blocks, rewindCount, end, startTick, lastTick, ticks]);
}

function readOrRefusal(input: Uint8Array): Journal | { readonly block: number; readonly offset: number } {
  try {
    return readJournal(input, "x");
  } catch (thrown) {
    if (!(thrown instanceof FaultError)) throw thrown;
    const { fault } = thrown;
    if (fault.kind === "journal-damaged") return fault.fields;
    if (fault.kind === "journal-unreadable") return { block: 0, offset: fault.fields.offset };
    throw thrown;
  }
}

test("the journal has blocks of every kind", () => {
  expect(new Set(parts.map(({ kind }) => kind))).toEqual(new Set(Object.values(blockKind)));
  expect(new Set(summaries).size).toBe(parts.length + 1);
});

test("cut at every byte: what the whole blocks say and nothing else", () => {
  let wholeBlocks = 0;
  let checked = "";
  for (let length = 0; length < bytes.length; length++) {
    const count = ends.filter((end) => end <= length).length;
    const result = readOrRefusal(bytes.subarray(0, length));
    if (count === 0) expect(result).toEqual({ block: 0, offset: 0 });
    else if (!(result instanceof Object) || "block" in result) throw new Error(`cut at ${length}: refused`);
    else {
      if (result.tornBytes !== length - ends[count - 1]!) throw new Error(`cut at ${length}: ${result.tornBytes} torn`);
      // The summary of every cut would take minutes: where a block ends it is whole, elsewhere its counts must do.
      if (count !== wholeBlocks) checked = summaryOf(result);
      wholeBlocks = count;
      if (checked !== summaries[count]) throw new Error(`cut at ${length}: not what ${count} blocks say`);
      const real = JSON.parse(summaries[count]!) as [
        number,
        unknown[],
        unknown[],
        unknown[],
        unknown[],
        number,
        unknown,
        number,
        number,
      ];
      if (result.lastTick !== real[8] || result.keyframes.length !== real[2].length)
        throw new Error(`cut at ${length}: ends with tick ${result.lastTick}`);
    }
  }
}, 600_000);

test(`${flipCount} flipped bits: each is refused at its block, or lies in a torn tail`, () => {
  const draws = new Draws(seed);
  const copy = bytes.slice();
  let tails = 0;
  for (let round = 0; round < flipCount; round++) {
    const length = draws.below(2) === 0 ? bytes.length : 1 + draws.below(bytes.length);
    const at = draws.below(length);
    const bit = 1 << draws.below(8);
    copy[at]! ^= bit;
    const result = readOrRefusal(copy.subarray(0, length));
    copy[at]! ^= bit;
    const where = `seed ${seed}, round ${round}: bit ${bit} of byte ${at}, cut at ${length}`;
    const wholeBlocks = ends.filter((end) => end <= length).length;
    const flippedBlock = ends.findIndex((end) => at < end);
    if (!("block" in result)) {
      tails++;
      // The zeros that a keyframe ends with may be what was never written: then it is left out as well.
      const isLeftOut =
        flippedBlock === wholeBlocks - 1 && bytes.subarray(length - 16, length).every((byte) => byte === 0);
      if (flippedBlock < wholeBlocks && !isLeftOut) throw new Error(`${where}: believed`);
      const said = isLeftOut ? flippedBlock : wholeBlocks;
      if (summaryOf(result) !== summaries[said]) throw new Error(`${where}: says something else`);
    } else if (wholeBlocks > 0 && (result.block !== flippedBlock || result.offset !== parts[flippedBlock]!.offset))
      throw new Error(`${where}: refused at block ${result.block}, byte ${result.offset}`);
  }
  expect(tails).toBeGreaterThan(0);
}, 600_000);

test("any two blocks swapped, any one repeated anywhere, any one left out but the last ones: refused", () => {
  const refused = (blocks: readonly JournalPart[], what: string): void => {
    const result = readOrRefusal(joined(blocks));
    if (!("block" in result)) throw new Error(`${what}: believed`);
  };
  for (let i = 0; i < parts.length; i++) {
    for (let k = i + 1; k < parts.length; k++) {
      const swapped = [...parts];
      [swapped[i], swapped[k]] = [swapped[k]!, swapped[i]!];
      refused(swapped, `${i} and ${k} swapped`);
    }
    for (let at = 0; at <= parts.length; at++)
      refused([...parts.slice(0, at), parts[i]!, ...parts.slice(at)], `${i} again at ${at}`);
    if (i < parts.length - 1) refused([...parts.slice(0, i), ...parts.slice(i + 1)], `${i} left out`);
  }
});

describe("blocks framed anew, so that every checksum of the file holds", () => {
  test("a keyframe with one flipped bit is refused when it is read, and the world is untouched", async () => {
    const draws = new Draws(seed + 1);
    const keyframe = parts.find(({ kind }) => kind === blockKind.keyframe)!;
    const read = readJournal(bytes, "x");
    const [entry] = read.keyframes;
    const raw = read.keyframeBytes(entry!, plainDecompressor);
    for (let round = 0; round < 300; round++) {
      const at = draws.below(raw.length * 8);
      const flipped = raw.slice();
      flipped[at >> 3]! ^= 1 << (at & 7);
      const { tick, hashHigh, hashLow } = entry!;
      const told = { tick, hashHigh, hashLow, codec: 0, rawLength: raw.length } as const;
      // First with the checksum of what was written, then with none that would tell.
      const { crc32 } = await import("../../../engine/base/checksum.ts");
      for (const crc of [crc32(raw), crc32(flipped)]) {
        const payload = encodeKeyframePayload({ ...told, crc, bytes: flipped });
        const box = readJournal(framed([parts[0]!, { kind: keyframe.kind, payload }]), "x");
        const kind = await Replay.open(box, ticker, { clock: new ManualClock() }).then(
          () => "believed",
          (thrown: unknown) => (thrown as FaultError).fault.kind,
        );
        const expected = crc === crc32(raw) ? ["journal-damaged"] : ["keyframe-damaged", "keyframe-mismatch"];
        if (!expected.includes(kind)) throw new Error(`seed ${seed + 1}, bit ${at}: ${kind}`);
      }
    }
  });

  test("another order of blocks is refused, or is a journal of other ticks whose replay says so", () => {
    const draws = new Draws(seed + 2);
    let refusedCount = 0;
    for (let round = 0; round < 500; round++) {
      const order = [...parts];
      const from = 1 + draws.below(parts.length - 1);
      const [moved] = order.splice(from, 1);
      const to = 1 + draws.below(parts.length - 1);
      order.splice(to, 0, moved!);
      const result = readOrRefusal(framed(order));
      if ("block" in result) refusedCount++;
      // Only what says nothing about its place may stand elsewhere: a note, a keyframe, a swap beside a note.
      else if (to !== from && moved!.kind === blockKind.ticks && Math.abs(to - from) > 2)
        throw new Error(`seed ${seed + 2}, round ${round}: ticks moved from ${from} to ${to} are believed`);
    }
    expect(refusedCount).toBeGreaterThan(250);
  });
});
