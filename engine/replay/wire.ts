/**
 * What the blocks of a journal hold, byte by byte: the writer's and the reader's side of each payload stand together.
 *
 *   header    JSON: format, program identity, seed, names of the hashed spans
 *   ticks     first tick u32, count u32, then for each tick:
 *               record count u16, the records (input/record.ts),
 *               tick hash high u32, low u32,
 *               changed count u16, then (span u16, hash u32) for each span whose hash is not the last one's
 *   end       reason u32 (0 stopped, 1 faulted), tick u32, hash high u32, low u32, text,
 *               record count u16 and the records of the tick that failed
 *   note      ticks made u32, topic, text
 *   keyframe  tick u32, hash high u32, low u32, codec u32, raw length u32, CRC-32 of the raw bytes u32, the bytes
 *   rewind    tick u32, undone u32: what was recorded beyond that tick is taken back, and so many of the swaps behind that
 *             very tick, the newest first; a world that goes back to a swap's tick may keep the program that it brought
 *   swap      JSON: another program from the next tick on, and the names of its hashed spans
 *   attachment  topic, name, codec u32, raw length u32, CRC-32 of the raw bytes u32, the bytes
 *
 * The hash of a span is the low half of its 64 bits. The first tick of a journal, the first behind a rewind, a swap or
 * the request of a keyframe list all spans, so that reading may begin there.
 */
import { ByteReader, ByteWriter, decodeUtf8, encodeUtf8 } from "../base/bytes.ts";
import { decodeRecord, encodeRecord, type WorldRecord } from "../input/record.ts";
import type { Codec, Compressed } from "../ports/compressor.ts";
import { isIdentity, type ProgramIdentity } from "./identity.ts";

export const journalFormat = 2;

export interface JournalRewind {
  /** What was recorded beyond it is taken back. */
  readonly tick: number;
  /** How many of the swaps behind that very tick are taken back with it. */
  readonly undoneSwaps: number;
}

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

/** Units of a note's text that are written; what is beyond is cut off, so whoever has more writes more notes. */
export const noteLengthMax = 16_000;

/** Something worth knowing about the run that decides nothing: `topic` is "budget", "fault" or the like, `text` mostly JSON. */
export interface JournalNote {
  /** Ticks made when it was written. */
  readonly tick: number;
  readonly topic: string;
  readonly text: string;
}

/** A world's whole state behind a tick, as a journal has it. */
export interface KeyframePayload extends Compressed {
  readonly tick: number;
  readonly hashHigh: number;
  readonly hashLow: number;
}

/** Bytes that a journal carries with it: `topic` is what they are, `name` which of those. Replays ask for them by both. */
export interface JournalAttachment extends Compressed {
  readonly topic: string;
  readonly name: string;
}

/** Another program from the tick after `tick` on. */
export interface JournalSwap {
  readonly tick: number;
  /** Content hash of the code in the store beside the journal; null when the code stayed and settings changed. */
  readonly code: { readonly hash: string } | null;
  /** What of the configuration decides the program. */
  readonly settings: unknown;
  readonly program: ProgramIdentity;
  readonly spans: readonly string[];
  /** What became of the state, for people. */
  readonly moved: unknown;
  /** Whether the world went over as a keyframe and nothing else: resources and pipelines may then be others. */
  readonly isRestart?: boolean;
}

export function encodeHeader(header: JournalHeader): Uint8Array {
  return encodeUtf8(JSON.stringify(header));
}

/** Raises RangeError with the problem. */
export function decodeHeader(payload: Uint8Array): JournalHeader {
  const header = parseObject(payload, "its header") as unknown as JournalHeader;
  if (header.format !== journalFormat)
    throw new RangeError(`it has format ${header.format}, this program reads ${journalFormat}`);
  const { program, seed, spans } = header;
  if (!isIdentity(program) || !isSpanList(spans)) throw new RangeError("its header lacks program or spans");
  if (!Number.isInteger(seed) || seed < 0 || seed > 4_294_967_295) throw new RangeError("its header lacks a seed");
  return header;
}

export function encodeRecords(writer: ByteWriter, records: readonly WorldRecord[]): void {
  writer.u16(records.length);
  for (const record of records) encodeRecord(writer, record);
}

function decodeRecords(reader: ByteReader): WorldRecord[] {
  const count = reader.u16();
  const records: WorldRecord[] = [];
  for (let i = 0; i < count; i++) records.push(decodeRecord(reader));
  return records;
}

/** The ticks of one block. Raises ShortRead or RangeError. */
export function decodeTicks(payload: Uint8Array, spanCount: number): JournalTick[] {
  const reader = new ByteReader(payload);
  const firstTick = reader.u32();
  const count = reader.u32();
  const ticks: JournalTick[] = [];
  for (let i = 0; i < count; i++) {
    const records = decodeRecords(reader);
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
  refuseRest(reader);
  return ticks;
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

export function decodeEnd(payload: Uint8Array): JournalEnd {
  const reader = new ByteReader(payload);
  const reason = reader.u32();
  if (reason > 1) throw new RangeError(`an end for reason ${reason}`);
  const end: JournalEnd = {
    reason: reason === 1 ? "faulted" : "stopped",
    tick: reader.u32(),
    hashHigh: reader.u32(),
    hashLow: reader.u32(),
    text: reader.text(),
    records: decodeRecords(reader),
  };
  refuseRest(reader);
  return end;
}

export function encodeNote({ tick, topic, text }: JournalNote): Uint8Array {
  return new ByteWriter().u32(tick).text(topic).text(text.slice(0, noteLengthMax)).take();
}

export function decodeNote(payload: Uint8Array): JournalNote {
  const reader = new ByteReader(payload);
  const note = { tick: reader.u32(), topic: reader.text(), text: reader.text() };
  refuseRest(reader);
  return note;
}

/** Bytes of a keyframe block's payload before the keyframe's own. */
const keyframeHeadBytes = 24;

export function encodeKeyframePayload({
  tick,
  hashHigh,
  hashLow,
  codec,
  rawLength,
  crc,
  bytes,
}: KeyframePayload): Uint8Array {
  const writer = new ByteWriter(keyframeHeadBytes + bytes.length);
  return writer.u32(tick).u32(hashHigh).u32(hashLow).u32(codec).u32(rawLength).u32(crc).bytes(bytes).view();
}

export function decodeKeyframePayload(payload: Uint8Array): KeyframePayload {
  const reader = new ByteReader(payload);
  const tick = reader.u32();
  const hashHigh = reader.u32();
  const hashLow = reader.u32();
  return {
    ...{ tick, hashHigh, hashLow, codec: readCodec(reader, "a keyframe") },
    rawLength: reader.u32(),
    crc: reader.u32(),
    bytes: reader.bytes(reader.remaining),
  };
}

export function encodeAttachment({ topic, name, codec, rawLength, crc, bytes }: JournalAttachment): Uint8Array {
  const writer = new ByteWriter(bytes.length + 64).text(topic).text(name);
  return writer.u32(codec).u32(rawLength).u32(crc).bytes(bytes).view();
}

export function decodeAttachment(payload: Uint8Array): JournalAttachment {
  const reader = new ByteReader(payload);
  const names = { topic: reader.text(), name: reader.text() };
  const codec = readCodec(reader, "an attachment");
  return { ...names, codec, rawLength: reader.u32(), crc: reader.u32(), bytes: reader.bytes(reader.remaining) };
}

export function encodeRewind({ tick, undoneSwaps }: JournalRewind): Uint8Array {
  return new ByteWriter(8).u32(tick).u32(undoneSwaps).take();
}

export function decodeRewind(payload: Uint8Array): JournalRewind {
  const reader = new ByteReader(payload);
  const rewind = { tick: reader.u32(), undoneSwaps: reader.u32() };
  refuseRest(reader);
  return rewind;
}

export function encodeSwap(swap: JournalSwap): Uint8Array {
  return encodeUtf8(JSON.stringify(swap));
}

export function decodeSwap(payload: Uint8Array): JournalSwap {
  const swap = parseObject(payload, "a swap") as unknown as JournalSwap;
  const { tick, code, program, spans } = swap;
  if (!Number.isInteger(tick) || tick < 0) throw new RangeError("a swap without a tick");
  if (code !== null && typeof code?.hash !== "string") throw new RangeError("a swap without code");
  if (!isIdentity(program) || !isSpanList(spans)) throw new RangeError("a swap without program or spans");
  return swap;
}

function readCodec(reader: ByteReader, what: string): Codec {
  const codec = reader.u32();
  if (codec > 2) throw new RangeError(`${what} with codec ${codec}`);
  return codec as Codec;
}

function parseObject(payload: Uint8Array, what: string): object {
  let value: unknown;
  try {
    value = JSON.parse(decodeUtf8(payload));
  } catch {
    throw new RangeError(`${what} is not JSON`);
  }
  if (typeof value !== "object" || value === null) throw new RangeError(`${what} is not an object`);
  return value;
}

function isSpanList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((span) => typeof span === "string");
}

function refuseRest(reader: ByteReader): void {
  if (reader.remaining > 0) throw new RangeError(`${reader.remaining} bytes too many`);
}
