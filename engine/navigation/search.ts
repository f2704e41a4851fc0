/**
 * The search for a cheapest way between two cells: A* with the octile distance as its estimate.
 *
 * A step costs 10, or 14 diagonally, times the price of the cell entered. The next cell to be closed is the one
 * with the least estimated total; among equals the one nearer to the goal by the estimate; among those the one with
 * the lower index. Of two equally cheap ways to a cell the first found stays; neighbours are looked at in the order
 * of neighbours.ts. So a way is a function of grid and query, whatever engine, thread or earlier query there was.
 */
import { assert } from "../base/assertions.ts";
import type { Grid } from "./grid.ts";
import {
  diagonalLength,
  directionCount,
  openDirections,
  stepLength,
  stepX,
  stepZ,
  straightLength,
} from "./neighbours.ts";
import { appendToHeap, beginSearch, type PathScratch, scratchWord, siftUp, takeFirst } from "./path-scratch.ts";

/** How a search ended. */
export const searchEnd = { found: 1, unreachable: 2, gaveUp: 3 } as const;
export type SearchEnd = (typeof searchEnd)[keyof typeof searchEnd];

/** A key is the estimated total (32 bits) and, below it, the estimate of what is left (21 bits): 53, a double's. */
const leftSpan = 2_097_152;

/**
 * Searches from `start` to `goal`, cells with a clearance of at least `need`, closing at most `expansionsMax` cells.
 * Leaves in the scratch: words[reached], the goal, or else the closed cell with the least estimate of what is left
 * (then the least price, then the least index), distance[reached], words[expansionCount], and the way by `from`.
 */
export function searchPath(
  grid: Grid,
  scratch: PathScratch,
  start: number,
  goal: number,
  need: number,
  expansionsMax: number,
): SearchEnd {
  const { width, height, cost, clearance, costMin } = grid;
  const { words, heapKey, heapAt, distance, stamp, from, heapCell } = scratch;
  assert(width * height <= scratch.cellCountMax, "the scratch fits the grid", { cells: width * height });
  const open = beginSearch(scratch);
  const closed = open + 1;
  const goalX = goal % width;
  const goalZ = (goal - goalX) / width;
  distance[start] = 0;
  stamp[start] = open;
  from[start] = directionCount;
  heapKey[appendToHeap(scratch, start)] = 0;
  let end: SearchEnd = searchEnd.unreachable;
  let expansionCount = 0;
  let best = start;
  let bestLeft = octile(start % width, Math.floor(start / width), goalX, goalZ);
  while (words[scratchWord.heapCount]! > 0) {
    if (heapCell[0] === goal) {
      best = goal;
      end = searchEnd.found;
      break;
    }
    if (expansionCount >= expansionsMax) {
      end = searchEnd.gaveUp;
      break;
    }
    expansionCount++;
    const cell = takeFirst(scratch);
    stamp[cell] = closed;
    const z = (cell / width) | 0;
    const x = cell - z * width;
    const reached = distance[cell]!;
    const left = octile(x, z, goalX, goalZ);
    if (left < bestLeft || (left === bestLeft && isBetter(distance, cell, best))) {
      best = cell;
      bestLeft = left;
    }
    const directions = openDirections(clearance, width, height, cell, x, z, need);
    for (let direction = 0; direction < directionCount; direction++) {
      if ((directions & (1 << direction)) === 0) continue;
      const nextX = x + stepX[direction]!;
      const nextZ = z + stepZ[direction]!;
      const next = nextZ * width + nextX;
      const mark = stamp[next]!;
      // The estimate is consistent, so what is closed has its least price.
      if (mark === closed) continue;
      const price = reached + stepLength[direction]! * cost[next]!;
      if (mark === open && price >= distance[next]!) continue;
      distance[next] = price;
      from[next] = direction;
      let place = heapAt[next]!;
      if (mark !== open) {
        stamp[next] = open;
        place = appendToHeap(scratch, next);
      }
      const nextLeft = octile(nextX, nextZ, goalX, goalZ) * costMin;
      heapKey[place] = (price + nextLeft) * leftSpan + Math.min(nextLeft, leftSpan - 1);
      siftUp(scratch, place);
    }
  }
  words[scratchWord.reached] = best;
  words[scratchWord.expansionCount] = expansionCount;
  return end;
}

function isBetter(distance: Uint32Array, cell: number, best: number): boolean {
  return distance[cell]! < distance[best]! || (distance[cell] === distance[best] && cell < best);
}

/** The price of the shortest way over empty ground of price 1. */
function octile(x: number, z: number, goalX: number, goalZ: number): number {
  const acrossX = Math.abs(x - goalX);
  const acrossZ = Math.abs(z - goalZ);
  return acrossX > acrossZ
    ? straightLength * acrossX + (diagonalLength - straightLength) * acrossZ
    : straightLength * acrossZ + (diagonalLength - straightLength) * acrossX;
}

/** Writes the cells of the way to words[reached] into `path`, last first, and their number; gives that number. */
export function tracePath(grid: Grid, scratch: PathScratch): number {
  const { width } = grid;
  const { words, from, path } = scratch;
  let cell = words[scratchWord.reached]!;
  let count = 0;
  for (;;) {
    path[count++] = cell;
    const direction = from[cell]!;
    if (direction === directionCount) break;
    cell -= stepZ[direction]! * width + stepX[direction]!;
  }
  words[scratchWord.cellCount] = count;
  return count;
}
