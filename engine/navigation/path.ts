/**
 * Path queries in batches, as the chunks of a job run them: flat arrays in, flat arrays out.
 *
 * Each query is answered by itself, so results do not depend on how a batch is cut into chunks, nor on the scratch.
 * The one rule: a result is read by its status first; the fields that a status leaves alone are zero.
 */
import { assert } from "../base/assertions.ts";
import { centreUnits, type Grid, metresOf, unitBits, unitOf, unitsPerCell } from "./grid.ts";
import { type PathScratch, scratchWord } from "./path-scratch.ts";
import { searchPath, tracePath } from "./search.ts";
import { pullString } from "./string-pull.ts";

/** 0 in the results means that nobody has answered. */
export const pathStatus = {
  /** The way leads to the goal and is a cheapest one. */
  found: 1,
  /** No way exists. With the labels of regions this costs no search and there are no waypoints; else as `gaveUp`. */
  unreachable: 2,
  /** `expansionsMax` cells were closed without an answer; the way leads to the best of them. */
  gaveUp: 3,
  /** The start is outside, or too far from an open cell. */
  startBlocked: 4,
  goalBlocked: 5,
} as const;

/** Bits of `moved`: the end of the way is not the point that was asked for but the middle of the nearest open cell. */
export const movedEnd = { start: 1, goal: 2 } as const;

export interface PathOptions {
  /** The least clearance (grid.ts) of a cell of the way; 0 and 1: any open cell. */
  readonly clearanceMin: number;
  /** Cells that one query may close; bounds its time. */
  readonly expansionsMax: number;
  /** An end that is blocked or outside moves to the nearest open cell up to this many columns and rows away. */
  readonly snapCells: number;
  /** Waypoints kept of each way. */
  readonly waypointsMax: number;
}

export const defaultPathOptions: PathOptions = {
  clearanceMin: 1,
  expansionsMax: 4_096,
  snapCells: 0,
  waypointsMax: 4,
};

/** Results, one a query; a chunk's own memory or a part of a whole batch's. */
export interface PathResults {
  readonly waypointsMax: number;
  /** Of pathStatus. */
  readonly status: Uint8Array;
  /** Of movedEnd. */
  readonly moved: Uint8Array;
  /** Places of the way after the start; at most waypointsMax of them are in `waypoints`. */
  readonly waypointCount: Uint16Array;
  /** The price of the way: 10 or 14 a step times the price of the cell entered. */
  readonly cost: Uint32Array;
  /** Cells of the way, start and end included. */
  readonly cellCount: Uint32Array;
  /** Cells that the search closed. */
  readonly expansionCount: Uint32Array;
  /** Metres along the waypoints, all of them. */
  readonly length: Float32Array;
  /** x and z of waypointsMax places a query, metres; the first is the farthest that is straight ahead. */
  readonly waypoints: Float32Array;
}

/** Bytes of the results of `queryCount` queries: words, then waypoints, then halves, then bytes. */
export function pathResultBytes(queryCount: number, waypointsMax: number): number {
  return (queryCount * (16 + waypointsMax * 8 + 4) + 15) & ~15;
}

/** Views of results in `memory` from `byteOffset`, a multiple of 4. */
export function openPathResults(
  queryCount: number,
  waypointsMax: number,
  memory: ArrayBufferLike = new ArrayBuffer(pathResultBytes(queryCount, waypointsMax)),
  byteOffset = 0,
): PathResults {
  assert(byteOffset % 4 === 0, "results begin at a multiple of 4 bytes", { byteOffset });
  const halves = byteOffset + queryCount * (16 + waypointsMax * 8);
  return {
    waypointsMax,
    cost: new Uint32Array(memory, byteOffset, queryCount),
    cellCount: new Uint32Array(memory, byteOffset + queryCount * 4, queryCount),
    expansionCount: new Uint32Array(memory, byteOffset + queryCount * 8, queryCount),
    length: new Float32Array(memory, byteOffset + queryCount * 12, queryCount),
    waypoints: new Float32Array(memory, byteOffset + queryCount * 16, queryCount * waypointsMax * 2),
    waypointCount: new Uint16Array(memory, halves, queryCount),
    status: new Uint8Array(memory, halves + queryCount * 2, queryCount),
    moved: new Uint8Array(memory, halves + queryCount * 3, queryCount),
  };
}

/**
 * Answers the queries [first, first + count): four numbers of `queries` each, x0 z0 x1 z1, metres; results go to the
 * same numbers of `results`, whose waypointsMax is that of the options. Allocates nothing.
 */
export function findPaths(
  grid: Grid,
  scratch: PathScratch,
  queries: Float32Array,
  first: number,
  count: number,
  options: PathOptions,
  results: PathResults,
): void {
  assert(options.waypointsMax === results.waypointsMax, "results have room for the waypoints asked for", {
    asked: options.waypointsMax,
    room: results.waypointsMax,
  });
  for (let query = first; query < first + count; query++) findPath(grid, scratch, queries, query, options, results);
}

function findPath(
  grid: Grid,
  scratch: PathScratch,
  queries: Float32Array,
  query: number,
  options: PathOptions,
  results: PathResults,
): void {
  const { width, regions, originX, originZ, cellSize } = grid;
  const { snapCells, expansionsMax, waypointsMax } = options;
  const need = Math.max(1, options.clearanceMin);
  const firstNumber = query * waypointsMax * 2;
  clearResult(results, query, firstNumber);
  const x0 = queries[query * 4]!;
  const z0 = queries[query * 4 + 1]!;
  const x1 = queries[query * 4 + 2]!;
  const z1 = queries[query * 4 + 3]!;
  const start = openCellNear(grid, queries, query * 4, need, snapCells);
  if (start < 0) {
    results.status[query] = pathStatus.startBlocked;
    return;
  }
  const goal = openCellNear(grid, queries, query * 4 + 2, need, snapCells);
  if (goal < 0) {
    results.status[query] = pathStatus.goalBlocked;
    return;
  }
  let startU = unitOf(x0, originX, cellSize, width);
  let startV = unitOf(z0, originZ, cellSize, grid.height);
  let goalU = unitOf(x1, originX, cellSize, width);
  let goalV = unitOf(z1, originZ, cellSize, grid.height);
  const isStartMoved = startU < 0 || startV < 0 || (startV >> unitBits) * width + (startU >> unitBits) !== start;
  const isGoalMoved = goalU < 0 || goalV < 0 || (goalV >> unitBits) * width + (goalU >> unitBits) !== goal;
  results.moved[query] = (isStartMoved ? movedEnd.start : 0) | (isGoalMoved ? movedEnd.goal : 0);
  if (regions[start] !== regions[goal]) {
    results.status[query] = pathStatus.unreachable;
    return;
  }
  const status = searchPath(grid, scratch, start, goal, need, expansionsMax);
  const reached = scratch.words[scratchWord.reached]!;
  results.status[query] = status;
  results.expansionCount[query] = scratch.words[scratchWord.expansionCount]!;
  results.cost[query] = scratch.distance[reached]!;
  results.cellCount[query] = tracePath(grid, scratch);
  const { waypoints } = results;
  let placeCount = 0;
  let length = 0;
  if (isStartMoved) {
    startU = middleU(start, width);
    startV = middleV(start, width);
    const middleX = metresOf(startU, originX, cellSize);
    const middleZ = metresOf(startV, originZ, cellSize);
    length = Math.sqrt((middleX - x0) * (middleX - x0) + (middleZ - z0) * (middleZ - z0));
    if (waypointsMax > 0) {
      waypoints[firstNumber] = middleX;
      waypoints[firstNumber + 1] = middleZ;
    }
    placeCount = 1;
  }
  if (reached !== goal || isGoalMoved) {
    goalU = middleU(reached, width);
    goalV = middleV(reached, width);
  }
  const room = Math.max(0, waypointsMax - placeCount);
  const at = firstNumber + placeCount * 2;
  const pulledCount = pullString(grid, scratch, startU, startV, goalU, goalV, need, room, waypoints, at);
  placeCount += pulledCount;
  length += (scratch.lengths[0]! / unitsPerCell) * cellSize;
  // The last place is the goal itself, not the unit that it lies in.
  if (reached === goal && !isGoalMoved && placeCount <= waypointsMax) {
    waypoints[firstNumber + placeCount * 2 - 2] = x1;
    waypoints[firstNumber + placeCount * 2 - 1] = z1;
  }
  results.waypointCount[query] = Math.min(placeCount, 65_535);
  results.length[query] = length;
}

function clearResult(results: PathResults, query: number, firstNumber: number): void {
  results.status[query] = 0;
  results.moved[query] = 0;
  results.waypointCount[query] = 0;
  results.cost[query] = 0;
  results.cellCount[query] = 0;
  results.expansionCount[query] = 0;
  results.length[query] = 0;
  for (let k = 0; k < results.waypointsMax * 2; k++) results.waypoints[firstNumber + k] = 0;
}

const middleU = (cell: number, width: number): number => ((cell % width) << unitBits) + centreUnits;
const middleV = (cell: number, width: number): number => (Math.floor(cell / width) << unitBits) + centreUnits;

/**
 * The cell of (places[at], places[at + 1]), metres, if its clearance is at least `need`, else the nearest such cell
 * (by the distance of columns and rows, then the lower index) at most `cellsMax` columns and rows away; -1 for none
 * and for NaN. The place comes in its array because V8 boxes numbers that are no small integers on their way in.
 */
export function openCellNear(grid: Grid, places: Float32Array, at: number, need: number, cellsMax: number): number {
  const { width, height, clearance } = grid;
  const column = Math.floor((places[at]! - grid.originX) / grid.cellSize);
  const row = Math.floor((places[at + 1]! - grid.originZ) / grid.cellSize);
  const isNear = column >= -cellsMax && row >= -cellsMax && column < width + cellsMax && row < height + cellsMax;
  if (!isNear) return -1;
  const isInside = column >= 0 && row >= 0 && column < width && row < height;
  if (isInside && clearance[row * width + column]! >= need) return row * width + column;
  let nearest = -1;
  let nearestSquare = 0;
  for (let toZ = Math.max(0, row - cellsMax); toZ <= Math.min(height - 1, row + cellsMax); toZ++)
    for (let toX = Math.max(0, column - cellsMax); toX <= Math.min(width - 1, column + cellsMax); toX++) {
      if (clearance[toZ * width + toX]! < need) continue;
      const square = (toX - column) * (toX - column) + (toZ - row) * (toZ - row);
      if (nearest >= 0 && square >= nearestSquare) continue;
      nearest = toZ * width + toX;
      nearestSquare = square;
    }
  return nearest;
}
