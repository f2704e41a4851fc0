/**
 * The journal: the records and hashes of a run, tick by tick. Replaying it is feeding the door. One
 * file per wire: what the blocks hold, the writer's and the reader's side, stand here together.
 *
 *   header  JSON: format, program identity, seed, names of the hashed spans
 *   ticks   first tick u32, count u32, then for each tick:
 *             record count u16, the records (input/record.ts),
 *             tick hash high u32, low u32,
 *             changed count u16, then (span u16, hash u32) for each span whose hash is not the last one's
 *   end     reason u32 (0 stopped, 1 faulted), tick u32, hash high u32, low u32, text,
 *             record count u16 and the records of the tick that failed
 *
 * The hash of a span is the low half of its 64 bits. A journal without an end block was cut short.
 */
import { ByteReader, ByteWriter, decodeUtf8, encodeUtf8, ShortRead } from "../base/bytes.ts";
import { raise } from "../base/faults.ts";
import { hashHex } from "../base/hash.ts";
import { decodeRecord, encodeRecord, type WorldRecord } from "../input/record.ts";
import { type Block, blockKind, splitBlocks } from "./block.ts";
import type { ProgramIdentity } from "./identity.ts";

export const journalFormat = 1;

export interface JournalHeader {
  readonly format: number;
  readonly program: ProgramIdentity;
  readonly seed: number;
  /** Names of the hashed spans, in the order of their numbers. */
  readonly spans: readonly string[];
}

export interface JournalTick {
  readonly tick: number;
  readonly records: readonly WorldRecord[];
  readonly hashHigh: number;
  readonly hashLow: number;
  /** (span number, hash) pairs of the spans that changed. */
  readonly changed: Uint32Array;
}

export interface JournalEnd {
  readonly reason: "stopped" | "faulted";
  readonly tick: number;
  readonly hashHigh: number;
  readonly hashLow: number;
  /** The fault's text when faulted. */
  readonly text: string;
  /** Records that had entered the tick that failed. */
  readonly records: readonly WorldRecord[];
}

/** A journal that has been read and checked. */
export interface Journal {
  readonly path: string;
  readonly header: JournalHeader;
  readonly ticks: readonly JournalTick[];
  /** Undefined when the journal was cut short. */
  readonly notes: readonly JournalNote[];
  readonly end: JournalEnd | undefined;
  /** Bytes behind the last whole block that were left out. */
  readonly tornBytes: number;
}

/** Something worth knowing about the run that decides nothing: `topic` is "budget", "fault" or the like, `text` mostly JSON. */
export interface JournalNote {
  /** Ticks made when it was written. */
  readonly tick: number;
  readonly topic: string;
  readonly text: string;
}

export function encodeHeader(header: JournalHeader): Uint8Array {
  return encodeUtf8(JSON.stringify(header));
}

export function encodeRecords(writer: ByteWriter, records: readonly WorldRecord[]): void {
  writer.u16(records.length);
  for (const record of records) encodeRecord(writer, record);
}

export function encodeEnd(end: JournalEnd): Uint8Array {
  const writer = new ByteWriter();
  writer
    .u32(end.reason === "faulted" ? 1 : 0)
    .u32(end.tick)
    .u32(end.hashHigh)
    .u32(end.hashLow)
    .text(end.text.slice(0, 16_000));
  encodeRecords(writer, end.records);
  return writer.take();
}

/**
 * Reads and checks a whole journal. `path` is for messages. Raises "journal-unreadable" or
 * "journal-damaged"; a torn tail is not an error.
 */
export function readJournal(bytes: Uint8Array, path: string): Journal {
  const { blocks, tornBytes } = splitBlocks(bytes, path);
  const [first, ...rest] = blocks;
  if (first === undefined)
    raise("journal-unreadable", {
      path,
      problem: bytes.length === 0 ? "it is empty" : "it is cut short within its header",
      offset: 0,
    });
  const header = readHeader(first, path);
  const ticks: JournalTick[] = [];
  const notes: JournalNote[] = [];
  let end: JournalEnd | undefined;
  for (const block of rest) {
    try {
      const reader = new ByteReader(block.payload);
      if (block.kind === blockKind.ticks) readTicks(reader, ticks, header.spans.length);
      else if (block.kind === blockKind.note) notes.push(readNote(reader));
      else end = readEnd(reader);
      if (reader.remaining > 0) throw new RangeError(`${reader.remaining} bytes too many`);
    } catch (thrown) {
      if (!(thrown instanceof RangeError || thrown instanceof ShortRead)) throw thrown;
      raise("journal-damaged", { path, block: block.number, offset: block.offset, problem: thrown.message });
    }
  }
  const last = ticks[ticks.length - 1] ?? { tick: 0, hashHigh: 0, hashLow: 0 };
  if (end !== undefined && (end.tick !== last.tick || end.hashHigh !== last.hashHigh || end.hashLow !== last.hashLow))
    raise("journal-damaged", {
      path,
      block: blocks.length - 1,
      offset: blocks[blocks.length - 1]!.offset,
      problem: `the end names tick ${end.tick}, hash ${hashHex(end.hashHigh, end.hashLow)}; the blocks end with tick ${last.tick}, hash ${hashHex(last.hashHigh, last.hashLow)}`,
    });
  return { path, header, ticks, notes, end, tornBytes };
}

function readHeader(block: Block, path: string): JournalHeader {
  const refuse = (problem: string): never => raise("journal-unreadable", { path, problem, offset: block.offset });
  let header: JournalHeader;
  try {
    header = JSON.parse(decodeUtf8(block.payload)) as JournalHeader;
  } catch {
    return refuse("its header is not JSON");
  }
  if (typeof header !== "object" || header === null) return refuse("its header is not an object");
  if (header.format !== journalFormat)
    return refuse(`it has format ${header.format}, this program reads ${journalFormat}`);
  const { program, seed, spans } = header;
  if (
    typeof program?.game !== "string" ||
    typeof program.limits !== "object" ||
    program.limits === null ||
    !Array.isArray(spans) ||
    !spans.every((span) => typeof span === "string")
  )
    return refuse("its header lacks program or spans");
  if (!Number.isInteger(seed) || seed < 0 || seed > 4_294_967_295) return refuse("its header lacks a seed");
  return header;
}

function readTicks(reader: ByteReader, ticks: JournalTick[], spanCount: number): void {
  const firstTick = reader.u32();
  const count = reader.u32();
  if (firstTick !== ticks.length + 1) throw new RangeError(`tick ${firstTick} follows tick ${ticks.length}`);
  for (let i = 0; i < count; i++) {
    const records = readRecords(reader);
    const hashHigh = reader.u32();
    const hashLow = reader.u32();
    const changedCount = reader.u16();
    const changed = new Uint32Array(changedCount * 2);
    for (let c = 0; c < changedCount; c++) {
      const span = reader.u16();
      if (span >= spanCount) throw new RangeError(`span ${span} of ${spanCount}`);
      changed[c * 2] = span;
      changed[c * 2 + 1] = reader.u32();
    }
    ticks.push({ tick: firstTick + i, records, hashHigh, hashLow, changed });
  }
}

function readNote(reader: ByteReader): JournalNote {
  const tick = reader.u32();
  const topic = reader.text();
  const text = reader.text();
  return { tick, topic, text };
}

export function encodeNote({ tick, topic, text }: JournalNote): Uint8Array {
  return new ByteWriter().u32(tick).text(topic).text(text.slice(0, 16_000)).take();
}

function readRecords(reader: ByteReader): WorldRecord[] {
  const count = reader.u16();
  const records: WorldRecord[] = [];
  for (let i = 0; i < count; i++) records.push(decodeRecord(reader));
  return records;
}

function readEnd(reader: ByteReader): JournalEnd {
  const reason = reader.u32();
  if (reason > 1) throw new RangeError(`an end for reason ${reason}`);
  return {
    reason: reason === 1 ? "faulted" : "stopped",
    tick: reader.u32(),
    hashHigh: reader.u32(),
    hashLow: reader.u32(),
    text: reader.text(),
    records: readRecords(reader),
  };
}
