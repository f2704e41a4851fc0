/**
 * The index of a journal, made of its blocks one after the other: where which ticks, keyframes and swaps are, without
 * what rewinds took back. Refuses what contradicts what came before. The rule a reader could break: what is kept of a
 * block of ticks is its place, never its records, so that a journal of hours fits into memory.
 */
import { ShortRead } from "../base/bytes.ts";
import { raise } from "../base/faults.ts";
import { hashHex } from "../base/hash.ts";
import type { ByteSource } from "../ports/storage.ts";
import { type Block, type BlockPlace, blockKind, readPayload } from "./block.ts";
import {
  decodeAttachment,
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
  type JournalRewind,
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

/** Bytes that a journal carries with it: what they are called and where they are. */
export interface AttachmentEntry {
  readonly topic: string;
  readonly name: string;
  readonly block: BlockPlace;
}

/** Ticks of one block that are still in the journal. */
export interface Segment {
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

/** Most bytes that a keyframe or an attachment may claim to hold; a larger claim is damage. */
const rawBytesMax = 0x80000000;

export class JournalIndex {
  header: JournalHeader | undefined;
  readonly notes: JournalNote[] = [];
  readonly keyframes: KeyframeEntry[] = [];
  readonly swaps: JournalSwap[] = [];
  readonly attachments: AttachmentEntry[] = [];
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
      case blockKind.attachment:
        this.#addAttachment(block);
        return;
      case blockKind.end:
        this.#addEnd(decodeEnd(payload));
    }
  }

  #addAttachment({ payload, ...block }: Block): void {
    const { topic, name, rawLength } = decodeAttachment(payload);
    if (rawLength > rawBytesMax) throw new RangeError(`an attachment of ${rawLength} bytes`);
    this.attachments.push({ topic, name, block });
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
    if (rawLength > rawBytesMax) throw new RangeError(`a keyframe of ${rawLength} bytes`);
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

  #rewind({ tick, undoneSwaps }: JournalRewind): void {
    if (tick < this.startTick || tick > this.#seenTick)
      throw new RangeError(`a rewind to tick ${tick}, the ticks are ${this.startTick} to ${this.#seenTick}`);
    const hash = this.#hashOf(tick);
    this.rewindCount++;
    while ((this.segments.at(-1)?.firstTick ?? 0) > tick) this.segments.pop();
    const cut = this.segments.pop();
    if (cut !== undefined)
      this.segments.push({ ...cut, lastTick: Math.min(cut.lastTick, tick), fullTick: this.#fullTick(cut, tick) });
    while ((this.swaps.at(-1)?.tick ?? -1) > tick) this.swaps.pop();
    for (let undone = 0; undone < undoneSwaps; undone++)
      if (this.swaps.pop()?.tick !== tick)
        throw new RangeError(`a rewind takes ${undoneSwaps} swaps behind tick ${tick} back, there are ${undone}`);
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
