/**
 * The hash ring: the leaves of the hash trees of the last ticks, in shared memory of a fixed size. Each tick overwrites the
 * row of the oldest. Any thread may open a ring over its memory and ask for the tree of a tick, or for the first tick at
 * which two rings part.
 *
 *     head  i32 x 16          see `word`
 *     row   u32 x (4 + 2 l)   tick, low and high of the tick hash, 0, then (low, high) of each of l leaves
 *
 * The rule a reader could break: rows behind `lastTick` are of a line that was rewound and count no more.
 */
import { assert } from "../base/assertions.ts";
import type { Hash64 } from "../base/hash.ts";
import { defineSubsystem, type Subsystem, type SubsystemDefinition, type SubsystemHost } from "../sim/subsystem.ts";
import type { World } from "../sim/world.ts";
import { HashShape, type HashShapeOptions, HashTree } from "./hash-tree.ts";

const word = { leafCount: 0, tickCount: 1, lastTick: 2, firstTick: 3 } as const;
const headBytes = 64;
const rowHeadWords = 4;

/** The rows of a ring, for whoever knows nothing of the world: which ticks are held, and their words. */
export class HashRows {
  readonly buffer: SharedArrayBuffer;
  /** Ticks that the ring holds at most, and leaves of a tick. */
  readonly tickCountMax: number;
  readonly leafCount: number;
  protected readonly head: Int32Array;
  protected readonly words: Uint32Array;
  protected readonly rowWords: number;

  /** Opens memory that `HashRing.allocate` laid out, on any thread. */
  constructor(buffer: SharedArrayBuffer) {
    this.buffer = buffer;
    this.head = new Int32Array(buffer, 0, headBytes >> 2);
    this.words = new Uint32Array(buffer, headBytes);
    this.tickCountMax = this.head[word.tickCount]!;
    this.leafCount = this.head[word.leafCount]!;
    this.rowWords = rowHeadWords + this.leafCount * 2;
  }

  /** The last tick noted, 0 for none. */
  get lastTick(): number {
    return Atomics.load(this.head, word.lastTick);
  }

  /** The first tick that is still held, 0 for none. */
  get firstTick(): number {
    return Math.max(this.head[word.firstTick]!, this.lastTick - this.tickCountMax + 1);
  }

  /** The hashes of a tick, copied; undefined when the ring does not hold it. */
  row(tick: number): HashRow | undefined {
    if (!this.holds(tick)) return undefined;
    const at = this.rowOf(tick);
    const row = this.words.slice(at, at + this.rowWords);
    // A writer that went round the ring meanwhile has put another tick there.
    if (!this.holds(tick) || row[0] !== tick) return undefined;
    return { tick, chain: { low: row[1]!, high: row[2]! }, leaves: row.subarray(rowHeadWords) };
  }

  protected holds(tick: number): boolean {
    return tick >= 1 && tick >= this.firstTick && tick <= this.lastTick;
  }

  protected rowOf(tick: number): number {
    return (tick % this.tickCountMax) * this.rowWords;
  }
}

/** The hashes of one tick: its own, which is chained to those before, and (low, high) of each leaf. */
export interface HashRow {
  readonly tick: number;
  readonly chain: Hash64;
  readonly leaves: Uint32Array;
}

export class HashRing extends HashRows {
  readonly shape: HashShape;

  /** Opens memory that `allocate` laid out for worlds of this shape. */
  constructor(shape: HashShape, buffer: SharedArrayBuffer) {
    super(buffer);
    this.shape = shape;
    assert(this.leafCount === shape.leafCount, "a ring is opened with the shape that it was made for", {
      leaves: this.leafCount,
      shape: shape.leafCount,
    });
  }

  /** An empty ring for `tickCount` ticks. */
  static allocate(shape: HashShape, tickCount: number): HashRing {
    assert(Number.isInteger(tickCount) && tickCount > 0, "a ring holds ticks", { tickCount });
    const buffer = new SharedArrayBuffer(headBytes + tickCount * (rowHeadWords + shape.leafCount * 2) * 4);
    const head = new Int32Array(buffer, 0, headBytes >> 2);
    head[word.leafCount] = shape.leafCount;
    head[word.tickCount] = tickCount;
    return new HashRing(shape, buffer);
  }

  /** Keeps the leaves of the tick that `world` has just made. After a rewind, later rows count no more. */
  note(world: World): void {
    const tick = world.tickCount;
    const { head, words } = this;
    // After a rewind the rows behind it are overwritten no earlier than they were; after a gap the ring begins anew.
    if (tick !== head[word.lastTick]! + 1) head[word.firstTick] = this.holds(tick - 1) ? this.firstTick : tick;
    const at = this.rowOf(tick);
    words[at] = tick;
    words[at + 1] = world.hash.low;
    words[at + 2] = world.hash.high;
    this.shape.readLeaves(words, at + rowHeadWords);
    if (head[word.firstTick] === 0) head[word.firstTick] = tick;
    Atomics.store(head, word.lastTick, tick);
  }

  /** The tree of a tick, copied; undefined when the ring does not hold it. */
  tree(tick: number): HashTree | undefined {
    const row = this.row(tick);
    return row === undefined ? undefined : new HashTree(this.shape, tick, row.chain, row.leaves);
  }

  /** The first tick, of those that both hold, of which they hold different hashes; undefined when they agree. */
  firstDifference(other: HashRing): number | undefined {
    const last = Math.min(this.lastTick, other.lastTick);
    for (let tick = Math.max(1, this.firstTick, other.firstTick); tick <= last; tick++) {
      const ours = this.rowOf(tick);
      const theirs = other.rowOf(tick);
      for (let i = 0; i < this.rowWords; i++) if (this.words[ours + i] !== other.words[theirs + i]) return tick;
    }
    return undefined;
  }
}

export interface HashRingOptions extends HashShapeOptions {
  /** Seconds of ticks that are kept, at most 16,384 ticks. Default: two minutes. */
  readonly seconds?: number;
  /** Told of a ring that is written from the next tick on, behind `afterTick`. */
  onRing?(ring: HashRing, afterTick: number): void;
}

export interface HashRingSubsystem extends Subsystem {
  /** The ring of a started engine; undefined for a successor that has no world yet. */
  readonly ring: HashRing | undefined;
}

/**
 * Keeps the hash trees of an engine's last ticks. A successor goes on with the ring of the engine before when its trees
 * have the same leaves; with others it begins a ring of its own.
 */
export function hashRingSubsystem({
  seconds = 120,
  onRing,
  ...shape
}: HashRingOptions = {}): SubsystemDefinition<HashRingSubsystem> {
  return defineSubsystem({ name: "hash-ring", create: () => new RingPart(seconds, shape, onRing) });
}

/** Two minutes at 136 ticks a second: faster worlds would take memory by the hundred megabytes. */
const keptTicksMax = 16_384;

class RingPart implements HashRingSubsystem {
  ring: HashRing | undefined;
  readonly #seconds: number;
  readonly #options: HashShapeOptions;
  readonly #onRing: HashRingOptions["onRing"];
  #world: World | undefined;
  #shape: HashShape | undefined;

  constructor(seconds: number, options: HashShapeOptions, onRing: HashRingOptions["onRing"]) {
    this.#seconds = seconds;
    this.#options = options;
    this.#onRing = onRing;
  }

  start({ world, isSuccessor }: SubsystemHost): void {
    this.#world = world;
    this.#shape = new HashShape(world, this.#options);
    // Megabytes that a successor mostly has no need of.
    if (!isSuccessor) this.#begin();
  }

  takeOver(before: Subsystem | undefined): boolean {
    const ring = before instanceof RingPart ? before.ring : undefined;
    if (ring !== undefined && this.#fits(ring)) this.ring = new HashRing(this.#shape!, ring.buffer);
    else this.#begin();
    return true;
  }

  afterTick(world: World): void {
    this.ring!.note(world);
  }

  /** Whose ring comes back has it still. */
  #begin(): void {
    this.ring ??= HashRing.allocate(this.#shape!, this.#tickCount);
    this.#onRing?.(this.ring, this.#world!.tickCount);
  }

  #fits({ shape, tickCountMax }: HashRing): boolean {
    const { leafNames } = this.#shape!;
    const isSame = shape.leafCount === leafNames.length && shape.leafNames.every((name, at) => name === leafNames[at]);
    return isSame && tickCountMax === this.#tickCount;
  }

  get #tickCount(): number {
    return Math.min(keptTicksMax, Math.ceil(this.#seconds * this.#world!.program.tickRate));
  }
}
