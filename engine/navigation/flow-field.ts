/**
 * The flow field: the cheapest ways from all cells to one goal at once (Dijkstra from the goal against the
 * direction of travel), for many agents that want the same place. An agent asks its cell for the next one.
 *
 *    0  ┌────────────────────────────────────────────┐
 *       │ distance   u32 a cell: price, or unreached │
 *       │ direction  u16 a cell: 0..7 (neighbours.ts)│
 *       └────────────────────────────────────────────┘
 *
 * Cells are closed by (price, index); of two equally cheap ways the first found stays. The one rule: a field
 * belongs to the grid that it was made from; on a newer grid its directions may lead into a wall.
 */
import { assert } from "../base/assertions.ts";
import { centreUnits, type Grid, metresOf, unitBits, unitOf } from "./grid.ts";
import { directionCount, openDirections, stepLength, stepX, stepZ } from "./neighbours.ts";
import { appendToHeap, beginSearch, type PathScratch, scratchWord, siftUp, takeFirst } from "./path-scratch.ts";
import { isClearLine } from "./sight.ts";

/** The distance of a cell from which the goal is not reached. */
export const unreached = 0xffff_ffff;
/** Directions that are none: this cell is the goal; no way leads from this cell. */
export const flowGoal = directionCount;
export const flowNone = 0xffff;

export interface FlowField {
  readonly distance: Uint32Array;
  readonly direction: Uint16Array;
}

/** Bytes of the field of a grid. */
export function flowFieldBytes(cellCount: number): number {
  return (cellCount * 6 + 15) & ~15;
}

/** Views of a field in `memory` from `byteOffset`, a multiple of 4. */
export function openFlowField(
  cellCount: number,
  memory: ArrayBufferLike = new ArrayBuffer(flowFieldBytes(cellCount)),
  byteOffset = 0,
): FlowField {
  return {
    distance: new Uint32Array(memory, byteOffset, cellCount),
    direction: new Uint16Array(memory, byteOffset + cellCount * 4, cellCount),
  };
}

/**
 * Fills `field` with the ways to the cell `goal` over cells with a clearance of at least `clearanceMin`, out to a
 * price of `distanceMax`; gives the number of cells reached, 0 when the goal is no such cell (-1 included).
 */
export function fillFlowField(
  grid: Grid,
  scratch: PathScratch,
  goal: number,
  clearanceMin: number,
  distanceMax: number,
  field: FlowField,
): number {
  const { width, height, cost, clearance } = grid;
  const { words, heapKey, heapAt, stamp } = scratch;
  const { distance, direction } = field;
  const need = Math.max(1, clearanceMin);
  assert(width * height <= scratch.cellCountMax, "the scratch fits the grid", { cells: width * height });
  assert(distance.length >= width * height, "the field fits the grid", { cells: distance.length });
  distance.fill(unreached);
  direction.fill(flowNone);
  if (!(goal >= 0 && goal < width * height) || clearance[goal]! < need) return 0;
  const open = beginSearch(scratch);
  const closed = open + 1;
  distance[goal] = 0;
  direction[goal] = flowGoal;
  stamp[goal] = open;
  heapKey[appendToHeap(scratch, goal)] = 0;
  let reachedCount = 0;
  while (words[scratchWord.heapCount]! > 0) {
    const cell = takeFirst(scratch);
    stamp[cell] = closed;
    reachedCount++;
    const x = cell % width;
    const z = (cell - x) / width;
    const directions = openDirections(clearance, width, height, cell, x, z, need);
    // Whoever steps onto this cell pays its price, from whichever side.
    const price = cost[cell]!;
    for (let side = 0; side < directionCount; side++) {
      if ((directions & (1 << side)) === 0) continue;
      const next = (z + stepZ[side]!) * width + x + stepX[side]!;
      const mark = stamp[next]!;
      if (mark === closed) continue;
      const total = distance[cell]! + stepLength[side]! * price;
      if (total > distanceMax || total >= distance[next]!) continue;
      distance[next] = total;
      // Back the way that the search came: two further on in the table, within its half.
      direction[next] = (side & 4) | ((side + 2) & 3);
      let place = heapAt[next]!;
      if (mark !== open) {
        stamp[next] = open;
        place = appendToHeap(scratch, next);
      }
      heapKey[place] = total;
      siftUp(scratch, place);
    }
  }
  return reachedCount;
}

/**
 * For each agent i in [first, first + count), at (places[2 i], places[2 i + 1]) metres, writes the place to head for
 * to the same numbers of `out`: the middle of the last cell along its way, of the next `cellsMax`, up to which every
 * cell is in sight. Agents outside, at the goal's cell or without a way get their own place. Allocates nothing.
 */
export function followFlow(
  grid: Grid,
  field: FlowField,
  places: Float32Array,
  first: number,
  count: number,
  clearanceMin: number,
  cellsMax: number,
  out: Float32Array,
): void {
  const { width, height, cost, originX, originZ, cellSize } = grid;
  const { direction } = field;
  const need = Math.max(1, clearanceMin);
  for (let agent = first; agent < first + count; agent++) {
    const x = places[agent * 2]!;
    const z = places[agent * 2 + 1]!;
    out[agent * 2] = x;
    out[agent * 2 + 1] = z;
    const u = unitOf(x, originX, cellSize, width);
    const v = unitOf(z, originZ, cellSize, height);
    if (u < 0 || v < 0) continue;
    let cell = (v >> unitBits) * width + (u >> unitBits);
    let costMax = cost[cell]!;
    for (let step = 0; step < cellsMax; step++) {
      const way = direction[cell]!;
      if (way >= directionCount) break;
      cell += stepZ[way]! * width + stepX[way]!;
      costMax = Math.max(costMax, cost[cell]!);
      const column = cell % width;
      const toU = (column << unitBits) + centreUnits;
      const toV = (((cell - column) / width) << unitBits) + centreUnits;
      // The first step needs no look: the field does not cut corners.
      if (step > 0 && !isClearLine(grid, u, v, toU, toV, need, costMax)) break;
      out[agent * 2] = metresOf(toU, originX, cellSize);
      out[agent * 2 + 1] = metresOf(toV, originZ, cellSize);
    }
  }
}
