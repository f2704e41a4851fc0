/**
 * The journal as it is read: an index of a file whose every block has been checked, and ticks that are decoded when they
 * are asked for. What rewinds took back is gone from it; swaps and keyframes are known by their ticks. The bytes of each
 * payload are drawn in wire.ts.
 *
 * A journal begins at tick 1, or, as a black box does, at a keyframe: the ticks before that are skipped. A journal
 * without an end block was cut short. The rule a reader could break: a tick that this gives was checked again when it
 * was read; whoever keeps one keeps its records as well, so nothing here holds more than two blocks of them.
 */
import { ShortRead } from "../base/bytes.ts";
import { crc32 } from "../base/checksum.ts";
import { raise } from "../base/faults.ts";
import { hashHex } from "../base/hash.ts";
import type { Decompressor } from "../ports/compressor.ts";
import type { ByteSource } from "../ports/storage.ts";
import { type Block, type BlockPlace, blockKind, memorySource, readPayload, scanBlocks } from "./block.ts";
import type { ProgramIdentity } from "./identity.ts";
import {
  decodeEnd,
  decodeHeader,
  decodeKeyframePayload,
  decodeNote,
  decodeRewind,
  decodeSwap,
  decodeTicks,
  type JournalEnd,
  type JournalHeader,
  type JournalNote,
  type JournalSwap,
  type JournalTick,
} from "./wire.ts";

/** A keyframe of a journal: where it is and what it claims to be. */
export interface KeyframeEntry {
  readonly tick: number;
  readonly hashHigh: number;
  readonly hashLow: number;
  /** Swaps that its program has behind it. */
  readonly swapCount: number;
  readonly rawLength: number;
  readonly block: BlockPlace;
}

/** Ticks of one block that are still in the journal. */
interface Segment {
  readonly block: BlockPlace;
  readonly firstTick: number;
  readonly lastTick: number;
  readonly spanCount: number;
  /** The last of these ticks that lists every span; 0 when none does. */
  readonly fullTick: number;
}

/** What a journal says about the state behind a tick. */
export interface TickHash {
  readonly high: number;
  readonly low: number;
}

/** Most bytes that a keyframe may claim to hold; a larger claim is damage. */
const keyframeBytesMax = 2 ** 31;

export class Journal {
  readonly path: string;
  readonly header: JournalHeader;
  readonly notes: readonly JournalNote[];
  /** By ascending tick. */
  readonly keyframes: readonly KeyframeEntry[];
  /** By ascending tick. */
  readonly swaps: readonly JournalSwap[];
  /** How often the world was put back to an earlier tick. */
  readonly rewindCount: number;
  /** Undefined when the journal was cut short. */
  readonly end: JournalEnd | undefined;
  /** Bytes behind the last whole block that were left out. */
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
    const index = new IndexBuilder(source, path);
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
  keyframeBytes(entry: KeyframeEntry, decompressor: Decompressor): Uint8Array {
    const { block } = entry;
    const { codec, bytes, rawLength, crc } = decodeKeyframePayload(readPayload(this.#source, this.path, block));
    const refuse = (problem: string): never =>
      raise("journal-damaged", { path: this.path, block: block.number, offset: block.offset, problem });
    let raw: Uint8Array;
    try {
      raw = decompressor.decompress(codec, bytes, rawLength);
    } catch (thrown) {
      if (!(thrown instanceof RangeError)) throw thrown;
      return refuse(`its keyframe cannot be read: ${thrown.message}`);
    }
    if (raw.length !== rawLength) refuse(`its keyframe has ${raw.length} bytes, ${rawLength} were written`);
    const found = crc32(raw);
    if (found !== crc) refuse(`its keyframe has checksum ${hex(found)}, ${hex(crc)} was written`);
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

/** Gathers what the blocks say, one after the other, and refuses what contradicts what came before. */
class IndexBuilder {
  header: JournalHeader | undefined;
  readonly notes: JournalNote[] = [];
  readonly keyframes: KeyframeEntry[] = [];
  readonly swaps: JournalSwap[] = [];
  readonly segments: Segment[] = [];
  rewindCount = 0;
  end: JournalEnd | undefined;
  startTick = 0;

  readonly #source: ByteSource;
  readonly #path: string;
  /** The last tick of the blocks so far, skipped ones included, and its hash. */
  #seenTick = 0;
  #seenHash: TickHash | undefined = { high: 0, low: 0 };
  #hasTicks = false;
  #spanCount = 0;

  constructor(source: ByteSource, path: string) {
    this.#source = source;
    this.#path = path;
  }

  get lastTick(): number {
    return this.segments.at(-1)?.lastTick ?? this.startTick;
  }

  add(block: Block): void {
    try {
      this.#read(block);
    } catch (thrown) {
      if (!(thrown instanceof RangeError || thrown instanceof ShortRead)) throw thrown;
      const { number, offset } = block;
      if (number === 0) raise("journal-unreadable", { path: this.#path, problem: thrown.message, offset });
      raise("journal-damaged", { path: this.#path, block: number, offset, problem: thrown.message });
    }
  }

  #read(block: Block): void {
    const { payload } = block;
    switch (block.kind) {
      case blockKind.header:
        this.header = decodeHeader(payload);
        this.#spanCount = this.header.spans.length;
        return;
      case blockKind.ticks:
        this.#addTicks(block);
        return;
      case blockKind.note:
        this.notes.push(decodeNote(payload));
        return;
      case blockKind.keyframe:
        this.#addKeyframe(block);
        return;
      case blockKind.rewind:
        this.#rewind(decodeRewind(payload));
        return;
      case blockKind.swap:
        this.#addSwap(decodeSwap(payload));
        return;
      case blockKind.end:
        this.#addEnd(decodeEnd(payload));
    }
  }

  #addTicks({ payload, ...place }: Block): void {
    const ticks = decodeTicks(payload, this.#spanCount);
    const firstTick = readFirstTick(payload);
    // Ahead of a keyframe that the journal begins with, ticks may begin anywhere.
    const mayBegin = !this.#hasTicks && this.startTick > 0 && firstTick >= 1 && firstTick <= this.startTick + 1;
    if (!mayBegin && firstTick !== this.#seenTick + 1)
      throw new RangeError(`tick ${firstTick} follows tick ${this.#seenTick}`);
    if (ticks.length === 0) return;
    this.#hasTicks = true;
    const last = ticks.at(-1)!;
    const ofStart = ticks[this.startTick - firstTick];
    const start = this.keyframes[0];
    if (ofStart !== undefined && start !== undefined && this.startTick > 0) refuseOther(start, hashOfTick(ofStart));
    this.#seenTick = last.tick;
    this.#seenHash = hashOfTick(last);
    if (last.tick <= this.startTick) return;
    let fullTick = 0;
    for (const { tick, changed } of ticks) if (changed.length === this.#spanCount * 2) fullTick = tick;
    this.segments.push({
      block: place,
      firstTick: Math.max(firstTick, this.startTick + 1),
      lastTick: last.tick,
      spanCount: this.#spanCount,
      fullTick: fullTick > this.startTick ? fullTick : 0,
    });
  }

  #addKeyframe({ payload, ...block }: Block): void {
    const { tick, hashHigh, hashLow, rawLength } = decodeKeyframePayload(payload);
    if (rawLength > keyframeBytesMax) throw new RangeError(`a keyframe of ${rawLength} bytes`);
    if (!this.#hasTicks && this.keyframes.length === 0 && this.swaps.length === 0 && this.rewindCount === 0) {
      this.startTick = tick;
      this.#seenTick = tick;
      this.#seenHash = { high: hashHigh, low: hashLow };
    } else {
      if (tick < this.startTick || tick > this.lastTick)
        throw new RangeError(`a keyframe of tick ${tick}, the ticks are ${this.startTick} to ${this.lastTick}`);
      if ((this.keyframes.at(-1)?.tick ?? -1) >= tick) throw new RangeError(`a second keyframe of tick ${tick}`);
      const recorded = this.#hashOf(tick);
      if (recorded !== undefined) refuseOther({ tick, hashHigh, hashLow }, recorded);
    }
    const swapCount = this.swaps.filter((swap) => swap.tick <= tick).length;
    this.keyframes.push({ tick, hashHigh, hashLow, swapCount, rawLength, block });
  }

  #rewind(tick: number): void {
    if (tick < this.startTick || tick > this.#seenTick)
      throw new RangeError(`a rewind to tick ${tick}, the ticks are ${this.startTick} to ${this.#seenTick}`);
    const hash = this.#hashOf(tick);
    this.rewindCount++;
    while ((this.segments.at(-1)?.firstTick ?? 0) > tick) this.segments.pop();
    const cut = this.segments.pop();
    if (cut !== undefined)
      this.segments.push({ ...cut, lastTick: Math.min(cut.lastTick, tick), fullTick: this.#fullTick(cut, tick) });
    while ((this.swaps.at(-1)?.tick ?? -1) >= tick) this.swaps.pop();
    // The keyframe that a journal begins with stays: nothing goes back to before it.
    while (this.keyframes.length > 0 && isBeyond(this.keyframes.at(-1)!, tick, this.swaps.length)) this.keyframes.pop();
    this.#spanCount = (this.swaps.at(-1) ?? this.header!).spans.length;
    this.#seenTick = tick;
    this.#seenHash = hash;
  }

  #addSwap(swap: JournalSwap): void {
    if (swap.tick !== this.#seenTick)
      throw new RangeError(`a swap behind tick ${swap.tick}, the blocks end with tick ${this.#seenTick}`);
    this.swaps.push(swap);
    this.#spanCount = swap.spans.length;
    const start = this.keyframes[0];
    // A swap among the ticks that are skipped: the keyframe was taken of the program behind it.
    if (start !== undefined && swap.tick < this.startTick)
      this.keyframes[0] = { ...start, swapCount: this.swaps.length };
  }

  #addEnd(end: JournalEnd): void {
    const seen = this.#seenHash ?? { high: 0, low: 0 };
    if (end.tick !== this.#seenTick || end.hashHigh !== seen.high || end.hashLow !== seen.low)
      throw new RangeError(
        `the end names tick ${end.tick}, hash ${hashHex(end.hashHigh, end.hashLow)}; the blocks end with tick ${this.#seenTick}, hash ${hashHex(seen.high, seen.low)}`,
      );
    this.end = end;
  }

  #fullTick({ block, spanCount, fullTick, firstTick }: Segment, lastTick: number): number {
    if (fullTick <= lastTick) return fullTick;
    const ticks = decodeTicks(readPayload(this.#source, this.#path, block), spanCount);
    const full = ticks.findLast(({ tick, changed }) => tick <= lastTick && changed.length === spanCount * 2);
    return full === undefined || full.tick < firstTick ? 0 : full.tick;
  }

  /** The hash on record for a tick that is still in the journal; undefined for one that is not. */
  #hashOf(tick: number): TickHash | undefined {
    if (tick === this.#seenTick) return this.#seenHash;
    if (tick === 0) return { high: 0, low: 0 };
    const segment = this.segments.findLast(({ firstTick, lastTick }) => firstTick <= tick && tick <= lastTick);
    if (segment === undefined) {
      const keyframe = this.keyframes.find((entry) => entry.tick === tick);
      return keyframe === undefined ? undefined : { high: keyframe.hashHigh, low: keyframe.hashLow };
    }
    const ticks = decodeTicks(readPayload(this.#source, this.#path, segment.block), segment.spanCount);
    return hashOfTick(ticks[tick - ticks[0]!.tick]!);
  }
}

/** Whether a keyframe is of what a rewind to `tick` takes back. */
function isBeyond(keyframe: KeyframeEntry, tick: number, swapCount: number): boolean {
  return keyframe.tick > tick || (keyframe.tick === tick && keyframe.swapCount > swapCount);
}

/** Raises RangeError when a keyframe has another hash than the tick that it is of. */
function refuseOther(keyframe: { tick: number; hashHigh: number; hashLow: number }, recorded: TickHash): void {
  const { tick, hashHigh, hashLow } = keyframe;
  if (hashHigh === recorded.high && hashLow === recorded.low) return;
  throw new RangeError(
    `a keyframe of tick ${tick} has hash ${hashHex(hashHigh, hashLow)}, the tick has ${hashHex(recorded.high, recorded.low)}`,
  );
}

function hashOfTick({ hashHigh, hashLow }: JournalTick): TickHash {
  return { high: hashHigh, low: hashLow };
}

/** A block of ticks without a tick still says where it stands. */
function readFirstTick(payload: Uint8Array): number {
  return (payload[0]! | (payload[1]! << 8) | (payload[2]! << 16) | (payload[3]! << 24)) >>> 0;
}

function hex(word: number): string {
  return `0x${word.toString(16).padStart(8, "0")}`;
}
