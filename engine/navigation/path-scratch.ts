/**
 * The memory that a search works in: one for each thread or chunk, made once and used for any number of queries.
 *
 *    0  ┌───────────────────────────────────────────────────────┐ 16 words
 *       │ generation heapCount reached expansionCount cellCount │
 *   64  ├───────────────────────────────────────────────────────┤ each for `cellCountMax` cells
 *       │ heapKey   f64  keys of the heap, least first          │
 *       │ lengths   f64[2]  the sum of a path's length          │
 *       │ distance  u32  the price of the way to a cell         │
 *       │ stamp     u32  generation when open, + 1 when closed  │
 *       │ heapCell  u32  cells of the heap                      │
 *       │ heapAt    u32  where in the heap a cell is            │
 *       │ path      u32  cells of the found way, last first     │
 *       │ from      u8   the direction in which a cell was      │
 *       │                entered                                │
 *       └───────────────────────────────────────────────────────┘
 *
 * Nothing is cleared between queries: a cell whose stamp is of an earlier generation has not been seen. The one
 * rule: no result may depend on what the memory held before, so a chunk whose worker died is simply run again.
 *
 * The heap is binary and ordered by (key, cell), which is a total order: the order in which cells leave it follows
 * from its content alone.
 */
import { assert } from "../base/assertions.ts";

const headerBytes = 64;
const bytesPerCell = 8 + 5 * 4 + 1;
const lengthsBytes = 16;
/** Generations count in twos: an even one marks open cells, the odd one after it closed cells. */
const generationMax = 0xffff_fff0;

export const scratchWord = { generation: 0, heapCount: 1, reached: 2, expansionCount: 3, cellCount: 4 } as const;

export interface PathScratch {
  readonly cellCountMax: number;
  readonly words: Uint32Array;
  readonly heapKey: Float64Array;
  readonly lengths: Float64Array;
  readonly distance: Uint32Array;
  readonly stamp: Uint32Array;
  readonly heapCell: Uint32Array;
  readonly heapAt: Uint32Array;
  readonly path: Uint32Array;
  readonly from: Uint8Array;
}

/** Bytes of the scratch for grids of up to `cellCountMax` cells: about 29 a cell. */
export function pathScratchBytes(cellCountMax: number): number {
  return (headerBytes + lengthsBytes + cellCountMax * bytesPerCell + 15) & ~15;
}

/** The scratch in `memory` from `byteOffset`, a multiple of 8. The memory is zero at first; afterwards it is kept. */
export function openPathScratch(
  cellCountMax: number,
  memory: ArrayBufferLike = new ArrayBuffer(pathScratchBytes(cellCountMax)),
  byteOffset = 0,
): PathScratch {
  assert(byteOffset % 8 === 0, "the scratch begins at a multiple of 8 bytes", { byteOffset });
  const keys = byteOffset + headerBytes;
  const lengths = keys + cellCountMax * 8;
  const section = (number: number): number => lengths + lengthsBytes + number * cellCountMax * 4;
  const words = (number: number): Uint32Array => new Uint32Array(memory, section(number), cellCountMax);
  return {
    cellCountMax,
    words: new Uint32Array(memory, byteOffset, headerBytes / 4),
    heapKey: new Float64Array(memory, keys, cellCountMax),
    lengths: new Float64Array(memory, lengths, lengthsBytes / 8),
    distance: words(0),
    stamp: words(1),
    heapCell: words(2),
    heapAt: words(3),
    path: words(4),
    from: new Uint8Array(memory, section(5), cellCountMax),
  };
}

/** Begins a search: empties the heap and gives the stamp of open cells. */
export function beginSearch({ words, stamp }: PathScratch): number {
  let generation = words[scratchWord.generation]! + 2;
  if (generation > generationMax) {
    stamp.fill(0);
    generation = 2;
  }
  words[scratchWord.generation] = generation;
  words[scratchWord.heapCount] = 0;
  return generation;
}

/** Puts `cell` at the end of the heap; the caller writes heapKey[the place given] and calls siftUp with it. */
export function appendToHeap({ words, heapCell, heapAt }: PathScratch, cell: number): number {
  const at = words[scratchWord.heapCount]!;
  words[scratchWord.heapCount] = at + 1;
  heapCell[at] = cell;
  heapAt[cell] = at;
  return at;
}

/** Moves the entry at `place`, whose key is new or less than before, to where it belongs. */
export function siftUp({ heapKey, heapCell, heapAt }: PathScratch, place: number): void {
  const key = heapKey[place]!;
  const cell = heapCell[place]!;
  let at = place;
  while (at > 0) {
    const above = (at - 1) >> 1;
    const aboveKey = heapKey[above]!;
    const aboveCell = heapCell[above]!;
    if (aboveKey < key || (aboveKey === key && aboveCell < cell)) break;
    heapKey[at] = aboveKey;
    heapCell[at] = aboveCell;
    heapAt[aboveCell] = at;
    at = above;
  }
  heapKey[at] = key;
  heapCell[at] = cell;
  heapAt[cell] = at;
}

/** Takes the first cell off the heap, which is not empty. */
export function takeFirst({ words, heapKey, heapCell, heapAt }: PathScratch): number {
  const first = heapCell[0]!;
  const count = words[scratchWord.heapCount]! - 1;
  words[scratchWord.heapCount] = count;
  if (count === 0) return first;
  const key = heapKey[count]!;
  const cell = heapCell[count]!;
  let at = 0;
  for (;;) {
    let below = at * 2 + 1;
    if (below >= count) break;
    const other = below + 1;
    if (
      other < count &&
      (heapKey[other]! < heapKey[below]! ||
        (heapKey[other]! === heapKey[below]! && heapCell[other]! < heapCell[below]!))
    )
      below = other;
    const belowKey = heapKey[below]!;
    const belowCell = heapCell[below]!;
    if (key < belowKey || (key === belowKey && cell < belowCell)) break;
    heapKey[at] = belowKey;
    heapCell[at] = belowCell;
    heapAt[belowCell] = at;
    at = below;
  }
  heapKey[at] = key;
  heapCell[at] = cell;
  heapAt[cell] = at;
  return first;
}
