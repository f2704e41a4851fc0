/**
 * The writer of a journal: gathers ticks into blocks of about a second and hands each block to the sink whole. It knows
 * worlds only while it is told of one, so it outlives the program that it began with: a swap goes on in the same file.
 *
 * The rule a reader could break: ticks that were gathered are written before a block of any other kind, because a block
 * says something about what stands before it.
 */
import { assert } from "../base/assertions.ts";
import { ByteWriter } from "../base/bytes.ts";
import type { WorldRecord } from "../input/record.ts";
import type { ByteSink } from "../ports/storage.ts";
import type { World } from "../sim/world.ts";
import { type BlockKind, blockKind, blockLink, encodeBlock } from "./block.ts";
import { identityOf } from "./identity.ts";
import {
  encodeEnd,
  encodeHeader,
  encodeKeyframePayload,
  encodeNote,
  encodeRecords,
  encodeRewind,
  encodeSwap,
  type JournalHeader,
  type JournalSwap,
  journalFormat,
  type KeyframePayload,
} from "./wire.ts";

/** A second at 60 ticks a second: what a journal loses at most when its process is killed. */
const ticksPerBlockUsual = 60;
const blockBytesMax = 256 * 1024;

/** A keyframe that was asked for and has not come yet. */
interface Awaited {
  readonly tick: number;
  readonly hashHigh: number;
  readonly hashLow: number;
}

/** Where a journal stands. Plain data: a writer of another thread goes on from it. */
export interface JournalPlace {
  readonly blockNumber: number;
  readonly link: number;
  readonly tick: number;
  readonly hashHigh: number;
  readonly hashLow: number;
  /** Whether who leaves it wrote a swap: one that gives the world back is taken back with it. */
  readonly hasSwapped: boolean;
}

/** The header of a journal of `world`. */
export function journalHeaderOf(world: World): JournalHeader {
  const spans = world.hash.spans.map((span) => span.name);
  return { format: journalFormat, program: identityOf(world.program), seed: world.seed, spans };
}

export class JournalWriter {
  readonly #sink: ByteSink;
  readonly #ticksPerBlock: number;
  readonly #ticks = new ByteWriter(blockBytesMax);
  #blockNumber = 0;
  #link = 0;
  #gatheredTicks = 0;
  #hasEnded = false;
  /** Whether another writer goes on with the journal. */
  #hasLeft = false;
  /** Whether a keyframe may still be what the journal begins with. */
  #isFresh = true;
  #tick = 0;
  #hashHigh = 0;
  #hashLow = 0;
  #lastHashes = new Uint32Array(0);
  #listsAll = true;
  #awaited: Awaited[] = [];
  #hasSwapped = false;

  constructor(sink: ByteSink, ticksPerBlock = ticksPerBlockUsual) {
    this.#sink = sink;
    this.#ticksPerBlock = ticksPerBlock;
  }

  /** The last tick on record. */
  get tick(): number {
    return this.#tick;
  }

  /** Whether the header has been written. */
  get hasBegun(): boolean {
    return this.#blockNumber > 0;
  }

  /** Writes what was gathered and says where the journal stands; nothing can be written here until it comes back. */
  leave(): JournalPlace {
    this.flush();
    this.#hasLeft = true;
    const place = { tick: this.#tick, hashHigh: this.#hashHigh, hashLow: this.#hashLow };
    return { blockNumber: this.#blockNumber, link: this.#link, ...place, hasSwapped: this.#hasSwapped };
  }

  /** Goes on with a journal that another writer has left; also the writer that left it first. */
  goOn({ blockNumber, link, tick, hashHigh, hashLow }: JournalPlace): void {
    assert((!this.hasBegun || this.#hasLeft) && blockNumber > 0, "a writer goes on with one journal, which has begun");
    this.#hasLeft = false;
    this.#awaited = [];
    this.#listsAll = true;
    this.#blockNumber = blockNumber;
    this.#link = link;
    this.#tick = tick;
    this.#hashHigh = hashHigh;
    this.#hashLow = hashLow;
    this.#isFresh = false;
  }

  /** Writes the header. */
  begin(world: World): void {
    assert(!this.hasBegun, "a journal begins once");
    this.#write(blockKind.header, encodeHeader(journalHeaderOf(world)));
    this.#sink.flush();
  }

  /** Gathers the tick that `world` has just made. */
  addTick(world: World): void {
    const writer = this.#ticks;
    const { hash } = world;
    if (this.#gatheredTicks === 0) {
      writer.clear();
      writer.u32(world.tickCount).u32(0);
    }
    const { results } = hash;
    const spanCount = hash.spans.length;
    if (this.#lastHashes.length !== spanCount) {
      this.#lastHashes = new Uint32Array(spanCount);
      this.#listsAll = true;
    }
    encodeRecords(writer, world.door.entered);
    writer.u32(hash.high).u32(hash.low);
    const countAt = writer.length;
    writer.u16(0);
    let changedCount = 0;
    for (let span = 0; span < spanCount; span++) {
      const found = results[span * 2]!;
      if (found === this.#lastHashes[span] && !this.#listsAll) continue;
      this.#lastHashes[span] = found;
      writer.u16(span).u32(found);
      changedCount++;
    }
    writer.patchU16(countAt, changedCount);
    this.#listsAll = false;
    this.#isFresh = false;
    this.#gatheredTicks++;
    this.#note(world);
    if (this.#gatheredTicks >= this.#ticksPerBlock || writer.length >= blockBytesMax) this.flush();
  }

  /** Writes what was gathered. */
  flush(): void {
    if (this.#gatheredTicks === 0) return;
    this.#ticks.patchU32(4, this.#gatheredTicks);
    this.#write(blockKind.ticks, this.#ticks.view());
    this.#gatheredTicks = 0;
  }

  note(topic: string, text: string): void {
    this.flush();
    this.#write(blockKind.note, encodeNote({ tick: this.#tick, topic, text }));
  }

  /** Writes a note ahead of ticks that are still gathered: one that says nothing of what stands before it. */
  noteAhead(topic: string, text: string): void {
    this.#write(blockKind.note, encodeNote({ tick: this.#tick, topic, text }));
  }

  /** A keyframe of the last tick is on its way; the next tick lists all spans, so that reading may begin there. */
  awaitKeyframe(): void {
    this.#listsAll = true;
    this.#awaited.push({ tick: this.#tick, hashHigh: this.#hashHigh, hashLow: this.#hashLow });
  }

  /**
   * Writes a keyframe that was awaited. False when the world has gone back behind it meanwhile: it is then dropped.
   * Behind a `restored` of a fresh journal it is what the journal begins with, and nobody needs to have awaited it.
   */
  keyframe(payload: KeyframePayload): boolean {
    const begins = this.#isFresh && this.#tick > 0 && payload.tick === this.#tick;
    const at = this.#awaited.findIndex(({ tick, hashHigh, hashLow }) => {
      return tick === payload.tick && hashHigh === payload.hashHigh && hashLow === payload.hashLow;
    });
    if (at < 0 && !begins) return false;
    // Those before it were given up: a compressor gives results in the order of the requests.
    this.#awaited.splice(0, at + 1);
    this.flush();
    this.#isFresh = false;
    this.#write(blockKind.keyframe, encodeKeyframePayload(payload));
    return true;
  }

  /**
   * The state of `world` was replaced by that of an earlier tick: what was recorded beyond it is taken back, and with
   * `undoesSwap` the last swap, which stands behind that very tick.
   */
  restored(world: World, undoesSwap = false): void {
    const { tickCount } = world;
    this.flush();
    this.#listsAll = true;
    if (!this.#isFresh) {
      assert(tickCount <= this.#tick, "a recorded world goes back, never forward", { tickCount, recorded: this.#tick });
      this.#write(blockKind.rewind, encodeRewind({ tick: tickCount, undoneSwaps: undoesSwap ? 1 : 0 }));
      this.#awaited = this.#awaited.filter(({ tick }) => tick <= tickCount);
    }
    this.#note(world);
  }

  /** Another program makes the ticks from here on. */
  swap(swap: JournalSwap): void {
    assert(swap.tick === this.#tick, "a swap stands behind the last tick", { swap: swap.tick, tick: this.#tick });
    this.flush();
    // A keyframe of this tick would be of the program before, and nobody could tell.
    this.#awaited = this.#awaited.filter(({ tick }) => tick < swap.tick);
    this.#isFresh = false;
    this.#write(blockKind.swap, encodeSwap(swap));
    this.#hasSwapped = true;
    this.#lastHashes = new Uint32Array(swap.spans.length);
    this.#listsAll = true;
  }

  /** Writes the end; `records` are those of a tick that failed. Nothing can be written behind it. */
  end(reason: "stopped" | "faulted", text: string, records: readonly WorldRecord[]): void {
    if (this.#hasEnded) return;
    this.flush();
    const hash = { hashHigh: this.#hashHigh, hashLow: this.#hashLow };
    this.#write(blockKind.end, encodeEnd({ reason, tick: this.#tick, ...hash, text, records }));
    this.#sink.flush();
    this.#hasEnded = true;
  }

  #note(world: World): void {
    this.#tick = world.tickCount;
    this.#hashHigh = world.hash.high;
    this.#hashLow = world.hash.low;
  }

  #write(kind: BlockKind, payload: Uint8Array): void {
    assert(
      !this.#hasEnded && !this.#hasLeft,
      "nothing is written behind the end of a journal, or while another writes",
    );
    const block = encodeBlock(kind, this.#blockNumber, this.#link, payload);
    this.#sink.append(block);
    // Only now: a block that the sink refused may be tried again under its own number.
    this.#blockNumber++;
    this.#link = blockLink(block);
  }
}
