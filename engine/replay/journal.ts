/**
 * The journal as it is read: an index of a file whose every block has been checked, and ticks that are decoded when they
 * are asked for. What rewinds took back is gone from it; swaps and keyframes are known by their ticks. The bytes of each
 * payload are drawn in wire.ts.
 *
 * A journal begins at tick 1, or, as a black box does, at a keyframe: the ticks before that are skipped. A journal
 * without an end block was cut short. The rule a reader could break: a tick that this gives was checked again when it
 * was read; whoever keeps one keeps its records as well, so nothing here holds more than two blocks of them.
 */
import { crc32 } from "../base/checksum.ts";
import { raise } from "../base/faults.ts";
import type { Compressed, Decompressor } from "../ports/compressor.ts";
import type { ByteSource } from "../ports/storage.ts";
import { type BlockPlace, memorySource, readPayload, scanBlocks } from "./block.ts";
import type { ProgramIdentity } from "./identity.ts";
import {
  type AttachmentEntry,
  JournalIndex,
  type KeyframeEntry,
  type Segment,
  type TickHash,
} from "./journal-index.ts";
import {
  decodeAttachment,
  decodeKeyframePayload,
  decodeTicks,
  type JournalEnd,
  type JournalHeader,
  type JournalNote,
  type JournalSwap,
  type JournalTick,
} from "./wire.ts";

export class Journal {
  readonly path: string;
  readonly header: JournalHeader;
  readonly notes: readonly JournalNote[];
  /** By ascending tick. */
  readonly keyframes: readonly KeyframeEntry[];
  /** By ascending tick. */
  readonly swaps: readonly JournalSwap[];
  /** What it carries with it, such as code. */
  readonly attachments: readonly AttachmentEntry[];
  /** How often the world was put back to an earlier tick. */
  readonly rewindCount: number;
  /** Undefined when the journal was cut short. */
  readonly end: JournalEnd | undefined;
  /** Bytes behind the last whole block that were left out; with an end there are only zeros behind it. */
  readonly tornBytes: number;
  /** The tick behind which the journal begins: 0, or that of its first keyframe. */
  readonly startTick: number;
  /** The last tick on record; `startTick` when there is none. */
  readonly lastTick: number;

  readonly #source: ByteSource;
  readonly #segments: readonly Segment[];
  /** The last blocks that were decoded, by number. */
  readonly #decoded: { readonly number: number; readonly ticks: readonly JournalTick[] }[] = [];

  /** Reads and checks all of `source`; see readJournal. */
  constructor(source: ByteSource, path: string) {
    const index = new JournalIndex(source, path);
    const tornBytes = scanBlocks(source, path, (block) => index.add(block));
    const header = index.header;
    if (header === undefined)
      raise("journal-unreadable", {
        path,
        problem: source.byteLength === 0 ? "it is empty" : "it is cut short within its header",
        offset: 0,
      });
    this.path = path;
    this.header = header;
    this.notes = index.notes;
    this.keyframes = index.keyframes;
    this.swaps = index.swaps;
    this.attachments = index.attachments;
    this.rewindCount = index.rewindCount;
    this.end = index.end;
    this.tornBytes = tornBytes;
    this.startTick = index.startTick;
    this.lastTick = index.lastTick;
    this.#source = source;
    this.#segments = index.segments;
  }

  get firstTick(): number {
    return this.startTick + 1;
  }

  get tickCount(): number {
    return this.lastTick - this.startTick;
  }

  /** The record of one tick from `firstTick` to `lastTick`; undefined for others. */
  tick(tick: number): JournalTick | undefined {
    const segment = this.#segmentOf(tick);
    if (segment === undefined) return undefined;
    const ticks = this.#ticksOf(segment);
    return ticks[tick - ticks[0]!.tick];
  }

  /** All ticks at once, decoded anew at each call: for journals that are small, or for what is done once. */
  get ticks(): readonly JournalTick[] {
    return [...this.eachTick()];
  }

  /** The ticks from `from` to `to`, both included, one after the other. */
  *eachTick(from = this.firstTick, to = this.lastTick): Generator<JournalTick, void> {
    for (let tick = Math.max(from, this.firstTick); tick <= Math.min(to, this.lastTick); tick++) yield this.tick(tick)!;
  }

  /** The hash that is on record for a tick; undefined when there is none, as before the first. */
  hashOf(tick: number): TickHash | undefined {
    const found = this.tick(tick) ?? this.keyframes.find((keyframe) => keyframe.tick === tick);
    return found === undefined ? undefined : { high: found.hashHigh, low: found.hashLow };
  }

  /** How many swaps are behind the program that makes `tick`. */
  swapCountAt(tick: number): number {
    return this.swaps.filter((swap) => swap.tick < tick).length;
  }

  /** The names of the spans that are hashed at `tick`. */
  spansAt(tick: number): readonly string[] {
    return this.swaps[this.swapCountAt(tick) - 1]?.spans ?? this.header.spans;
  }

  /** The program that makes `tick`. */
  programAt(tick: number): ProgramIdentity {
    return this.swaps[this.swapCountAt(tick) - 1]?.program ?? this.header.program;
  }

  /** The hash of each span behind `tick`, in the order of `spansAt(tick)`. Decodes back to a tick that lists them all. */
  spanHashes(tick: number): Uint32Array {
    const at = this.#segmentAt(tick);
    const hashes = new Uint32Array(this.spansAt(tick).length);
    let from = this.firstTick;
    for (let i = at; i >= 0; i--) {
      const { fullTick } = this.#segments[i]!;
      if (fullTick === 0 || (i === at && fullTick > tick)) continue;
      from = fullTick;
      break;
    }
    // What a program before a swap had counts for nothing: its spans are others.
    from = Math.max(from, (this.swaps[this.swapCountAt(tick) - 1]?.tick ?? 0) + 1);
    for (const { changed } of this.eachTick(from, tick))
      for (let i = 0; i < changed.length; i += 2) hashes[changed[i]!] = changed[i + 1]!;
    return hashes;
  }

  /** The last keyframe behind which `tick` lies, or at which: what a replay that wants to see `tick` begins with. */
  keyframeBefore(tick: number): KeyframeEntry | undefined {
    return this.keyframes.findLast((keyframe) => keyframe.tick <= tick);
  }

  /** The bytes of a keyframe, as `encodeKeyframe` made them. Raises "journal-damaged". */
  keyframeBytes({ block }: KeyframeEntry, decompressor: Decompressor): Uint8Array {
    const payload = decodeKeyframePayload(readPayload(this.#source, this.path, block));
    return this.#raw("keyframe", block, payload, decompressor);
  }

  /** The bytes of the first attachment of this topic and name; undefined when there is none. Raises "journal-damaged". */
  attachmentBytes(topic: string, name: string, decompressor: Decompressor): Uint8Array | undefined {
    const entry = this.attachments.find((attachment) => attachment.topic === topic && attachment.name === name);
    if (entry === undefined) return undefined;
    const payload = decodeAttachment(readPayload(this.#source, this.path, entry.block));
    return this.#raw("attachment", entry.block, payload, decompressor);
  }

  #raw(what: string, place: BlockPlace, { codec, bytes, rawLength, crc }: Compressed, decompressor: Decompressor) {
    const refuse = (problem: string): never =>
      raise("journal-damaged", { path: this.path, block: place.number, offset: place.offset, problem });
    let raw: Uint8Array;
    try {
      raw = decompressor.decompress(codec, bytes, rawLength);
    } catch (thrown) {
      if (!(thrown instanceof RangeError)) throw thrown;
      return refuse(`its ${what} cannot be read: ${thrown.message}`);
    }
    if (raw.length !== rawLength) refuse(`its ${what} has ${raw.length} bytes, ${rawLength} were written`);
    const found = crc32(raw);
    if (found !== crc) refuse(`its ${what} has checksum ${hex(found)}, ${hex(crc)} was written`);
    return raw;
  }

  /** Bytes of the block in which a tick stands: two journals with equal ones have equal ticks. For fast comparison. */
  blockOf(tick: number): { readonly lastTick: number; readonly sum: number; readonly byteLength: number } | undefined {
    const segment = this.#segmentOf(tick);
    if (segment === undefined) return undefined;
    const { payloadSum, payloadBytes } = segment.block;
    return { lastTick: segment.lastTick, sum: payloadSum, byteLength: payloadBytes };
  }

  #segmentOf(tick: number): Segment | undefined {
    const segment = this.#segments[this.#segmentAt(tick)];
    return segment !== undefined && tick >= segment.firstTick && tick <= segment.lastTick ? segment : undefined;
  }

  /** The last segment that begins at `tick` or before; -1 when there is none. */
  #segmentAt(tick: number): number {
    let low = 0;
    let high = this.#segments.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#segments[middle]!.firstTick <= tick) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  #ticksOf({ block, spanCount }: Segment): readonly JournalTick[] {
    const known = this.#decoded.find(({ number }) => number === block.number);
    if (known !== undefined) return known.ticks;
    const ticks = decodeTicks(readPayload(this.#source, this.path, block), spanCount);
    if (this.#decoded.length > 1) this.#decoded.shift();
    this.#decoded.push({ number: block.number, ticks });
    return ticks;
  }
}

/**
 * Reads and checks a whole journal. `path` is for messages. Raises "journal-unreadable" or "journal-damaged"; a torn
 * tail is not an error.
 */
export function readJournal(bytes: Uint8Array, path: string): Journal {
  return new Journal(memorySource(bytes), path);
}

function hex(word: number): string {
  return `0x${word.toString(16).padStart(8, "0")}`;
}
