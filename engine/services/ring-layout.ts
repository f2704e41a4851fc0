/**
 * The layout of a message ring in shared memory, the one place that computes its offsets.
 *
 *     0  ┌──────────────────────────────────────┐
 *        │ tail      u32  next position to claim│  moved by producers
 *        │ wakeCount i32  the consumer waits on │  moved by producers and by whoever stops the consumer
 *        │ refused   u32  messages of revoked tokens
 *    64  ├──────────────────────────────────────┤
 *        │ head      u32  next position to take │  moved by the consumer
 *   128  ├──────────────────────────────────────┤  one entry of 128 bytes for each producer number:
 *        │ state     i32  generation · 4 + state│    registered, revoked and retired, see below
 *        │ retireAt  u32  the tail at revocation│
 *        │ entered   u32  messages begun        │    moved by the producer
 *        │ dropped   u32  found the ring full   │    moved by the producer
 *        │ ... 64 ...                           │
 *        │ read      u32  taken by the consumer │    moved by the consumer, as are the next three
 *        │ lost      u32  never committed       │
 *        │ droppedTold u32, lostTold u32        │    what reports have said already
 *        ├──────────────────────────────────────┤  one entry of cellBytes for each cell:
 *        │ word i32, spare i32, payload         │
 *        └──────────────────────────────────────┘
 *
 * A cell's word is lap · 1024 + state · 256 + producer. The lap is the position divided by the number of cells,
 * so a word says at which position it was written, and memory that starts out as zeros is a ring of free cells.
 *
 *     free(lap) ──claim: compare-exchange by a producer──► claimed(lap, producer) ──commit──► committed(lap, producer)
 *         ▲                                                    │ owner revoked                      │
 *         └─────────── free(lap + 1), by the consumer ◄────────┴────────────────────────────────────┘
 *
 * A producer's state: free ──register──► active ──revoke──► revoked ──the consumer passed retireAt──► free.
 * All counters run modulo 2^32; only differences are used.
 */
import { assert } from "../base/assertions.ts";

export const tailWord = 0;
export const wakeWord = 1;
export const refusedWord = 2;
export const headWord = 16;
const producersAt = 128;
const producerBytes = 128;

/** Words of a producer's entry, from its first one. */
export const producerWord = {
  state: 0,
  retireAt: 1,
  entered: 2,
  dropped: 3,
  read: 16,
  lost: 17,
  droppedTold: 18,
  lostTold: 19,
} as const;

export const producerState = { free: 0, active: 1, revoked: 2 } as const;

export const cellState = { free: 0, claimed: 1, committed: 2 } as const;
/** Bytes of a cell before its payload. */
export const cellHeadBytes = 8;
/** Producer numbers have 8 bits in a cell's word. */
export const producerCountMax = 256;
/** The lap has 22 bits: a producer would have to sleep through 2^22 laps to mistake one for another. */
const lapMask = (1 << 22) - 1;

/** What a thread is handed to open its side; plain data, sent to a thread as it is. */
export interface RingMemory {
  readonly buffer: SharedArrayBuffer;
  readonly byteOffset: number;
  /** A power of two. */
  readonly cellCount: number;
  /** Of one cell with its head: a multiple of 8. */
  readonly cellBytes: number;
  readonly producerCount: number;
}

export type RingSize = Omit<RingMemory, "buffer" | "byteOffset">;

/** Bytes of shared memory that a ring takes; asserts that its size can be one. */
export function ringByteLength({ cellCount, cellBytes, producerCount }: RingSize): number {
  assert(cellCount >= 4 && (cellCount & (cellCount - 1)) === 0, "a ring has a power of two of cells", { cellCount });
  assert(cellBytes > cellHeadBytes && cellBytes % 8 === 0, "a cell is a multiple of 8 bytes", { cellBytes });
  assert(producerCount >= 1 && producerCount <= producerCountMax, "a ring has 1 to 256 producers", { producerCount });
  return cellsAt(producerCount) + cellCount * cellBytes;
}

/** A ring's memory in a buffer of its own. */
export function allocateRing(size: RingSize): RingMemory {
  return { buffer: new SharedArrayBuffer(ringByteLength(size)), byteOffset: 0, ...size };
}

/** Byte offset of the first cell. */
export function cellsAt(producerCount: number): number {
  return producersAt + producerCount * producerBytes;
}

/** Index of the first word of a producer's entry. */
export function producerAt(producer: number): number {
  return (producersAt + producer * producerBytes) >> 2;
}

export function cellWordOf(position: number, lapShift: number, state: number, producer: number): number {
  return (((position >>> lapShift) & lapMask) << 10) | (state << 8) | producer;
}

export function stateOfCell(word: number): number {
  return (word >>> 8) & 3;
}

export function producerOfCell(word: number): number {
  return word & 255;
}

/** Whether a cell's word was written at the lap of `position`. */
export function isOfLap(word: number, position: number, lapShift: number): boolean {
  return word >>> 10 === ((position >>> lapShift) & lapMask);
}
