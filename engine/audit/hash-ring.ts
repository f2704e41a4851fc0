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
import { defineSubsystem, type Subsystem, type SubsystemDefinition } from "../sim/subsystem.ts";
import type { World } from "../sim/world.ts";
import { HashShape, type HashShapeOptions, HashTree } from "./hash-tree.ts";

const word = { leafCount: 0, tickCount: 1, lastTick: 2, firstTick: 3 } as const;
const headBytes = 64;
const rowHeadWords = 4;

export class HashRing {
  readonly shape: HashShape;
  readonly buffer: SharedArrayBuffer;
  readonly #head: Int32Array;
  readonly #rows: Uint32Array;
  readonly #rowWords: number;
  /** Ticks that the ring holds at most. */
  readonly tickCountMax: number;

  /** Opens memory that `allocate` laid out for worlds of this shape. */
  constructor(shape: HashShape, buffer: SharedArrayBuffer) {
    this.shape = shape;
    this.buffer = buffer;
    this.#head = new Int32Array(buffer, 0, headBytes >> 2);
    this.#rows = new Uint32Array(buffer, headBytes);
    this.#rowWords = rowHeadWords + shape.leafCount * 2;
    this.tickCountMax = this.#head[word.tickCount]!;
    assert(this.#head[word.leafCount] === shape.leafCount, "a ring is opened with the shape that it was made for", {
      leaves: this.#head[word.leafCount]!,
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

  /** The last tick noted, 0 for none. */
  get lastTick(): number {
    return Atomics.load(this.#head, word.lastTick);
  }

  /** The first tick that is still held, 0 for none. */
  get firstTick(): number {
    return Math.max(this.#head[word.firstTick]!, this.lastTick - this.tickCountMax + 1);
  }

  /** Keeps the leaves of the tick that `world` has just made. After a rewind, later rows count no more. */
  note(world: World): void {
    const tick = world.tickCount;
    const head = this.#head;
    // After a rewind the rows behind it are overwritten no earlier than they were; after a gap the ring begins anew.
    if (tick !== head[word.lastTick]! + 1) head[word.firstTick] = this.#holds(tick - 1) ? this.firstTick : tick;
    const rows = this.#rows;
    const at = this.#rowOf(tick);
    rows[at] = tick;
    rows[at + 1] = world.hash.low;
    rows[at + 2] = world.hash.high;
    this.shape.readLeaves(rows, at + rowHeadWords);
    if (head[word.firstTick] === 0) head[word.firstTick] = tick;
    Atomics.store(head, word.lastTick, tick);
  }

  /** The tree of a tick, copied; undefined when the ring does not hold it. */
  tree(tick: number): HashTree | undefined {
    if (!this.#holds(tick)) return undefined;
    const at = this.#rowOf(tick);
    const row = this.#rows.slice(at, at + this.#rowWords);
    // A writer that went round the ring meanwhile has put another tick there.
    if (!this.#holds(tick) || row[0] !== tick) return undefined;
    return new HashTree(this.shape, tick, { low: row[1]!, high: row[2]! }, row.subarray(rowHeadWords));
  }

  /** The first tick, of those that both hold, of which they hold different hashes; undefined when they agree. */
  firstDifference(other: HashRing): number | undefined {
    const last = Math.min(this.lastTick, other.lastTick);
    for (let tick = Math.max(1, this.firstTick, other.firstTick); tick <= last; tick++) {
      const ours = this.#rowOf(tick);
      const theirs = other.#rowOf(tick);
      for (let i = 0; i < this.#rowWords; i++) if (this.#rows[ours + i] !== other.#rows[theirs + i]) return tick;
    }
    return undefined;
  }

  #holds(tick: number): boolean {
    return tick >= 1 && tick >= this.firstTick && tick <= this.lastTick;
  }

  #rowOf(tick: number): number {
    return (tick % this.tickCountMax) * this.#rowWords;
  }
}

export interface HashRingOptions extends HashShapeOptions {
  /** Seconds of ticks that are kept. Default: two minutes. */
  readonly seconds?: number;
}

export interface HashRingSubsystem extends Subsystem {
  /** The ring of a started engine. */
  readonly ring: HashRing | undefined;
}

/** Keeps the hash trees of an engine's last ticks. */
export function hashRingSubsystem({
  seconds = 120,
  ...shape
}: HashRingOptions = {}): SubsystemDefinition<HashRingSubsystem> {
  return defineSubsystem({
    name: "hash-ring",
    create(): HashRingSubsystem {
      let ring: HashRing | undefined;
      return {
        get ring() {
          return ring;
        },
        start({ world }) {
          const tickCount = Math.ceil(seconds * world.program.tickRate);
          ring = HashRing.allocate(new HashShape(world, shape), tickCount);
        },
        afterTick: (world) => ring!.note(world),
      };
    },
  });
}
