/**
 * The grid that paths and sight lines are asked of: flat bytes in one block, made by grid-build.ts, read by any
 * number of threads, and a coordinate system. X points east and is the column, Z points south and is the row.
 *
 *    0  ┌──────────────────────────────────────────────────────┐ header, 16 words of 32 bits
 *       │ magic version byteLength width                       │
 *       │ height cellSize(f32) originX(f32) originZ(f32)       │ metres; the origin is the north-west corner
 *       │ tick hashLow hashHigh regionCount                    │
 *       │ costMin openCount reserved x 2                       │
 *   64  ├──────────────────────────────────────────────────────┤ sections, each at a multiple of 16 bytes
 *       │ cost       u8  a cell: 255 blocked, 1..254 the price │
 *       │ clearance  u8  a cell: thirds of a cell, see below   │
 *       │ regions    u16 a cell: 0 blocked, 65535 unknown      │
 *       └──────────────────────────────────────────────────────┘ padded to a multiple of 64
 *
 * Clearance is the 3-4 chamfer distance to the nearest blocked cell: 0 in one, 3 beside one, 4 diagonally beside
 * one, at most 255; outside the grid everything is blocked. Cells with different regions have no way between them.
 * The one rule: all comparisons are made in units, whole numbers, never in metres: a unit is a 16th of a cell, and
 * no point lies on the border of a cell, so that a point is in exactly one.
 */

import { assert } from "../base/assertions.ts";
import { raise } from "../base/faults.ts";
import { hashWords } from "../base/hash.ts";

export const gridMagic = 0x4e47524f; // "ORGN" in memory order
export const gridVersion = 1;
export const blockedCost = 255;
/** The label of all regions beyond 65,534: two cells that bear it may or may not be connected. */
export const unknownRegion = 65_535;
/** Cells along a side. Products of two distances in units stay below 2^28, so they are small integers. */
export const gridSideMax = 1_024;
export const unitBits = 4;
export const unitsPerCell = 1 << unitBits;
export const centreUnits = unitsPerCell / 2;

const headerBytes = 64;
/** Words of the header. */
export const gridWord = {
  magic: 0,
  version: 1,
  byteLength: 2,
  width: 3,
  height: 4,
  cellSize: 5,
  originX: 6,
  originZ: 7,
  tick: 8,
  hashLow: 9,
  hashHigh: 10,
  regionCount: 11,
  costMin: 12,
  openCount: 13,
} as const;

/** Views of one block. */
export interface Grid {
  readonly width: number;
  readonly height: number;
  /** Metres. */
  readonly cellSize: number;
  readonly originX: number;
  readonly originZ: number;
  /** The tick whose state the grid shows. */
  readonly tick: number;
  /** The hash of all bytes but the tick: equal grids of different ticks have equal hashes. */
  readonly hashLow: number;
  readonly hashHigh: number;
  readonly regionCount: number;
  /** The least price of an open cell; 1 when none is open. */
  readonly costMin: number;
  /** Cells that are not blocked. */
  readonly openCount: number;
  readonly cost: Uint8Array;
  readonly clearance: Uint8Array;
  readonly regions: Uint16Array;
}

const costOffset = headerBytes;
const clearanceOffset = (cellCount: number): number => costOffset + ((cellCount + 15) & ~15);
const regionsOffset = (cellCount: number): number => clearanceOffset(cellCount) + ((cellCount + 15) & ~15);

/** Bytes of the block of a grid; a multiple of 64. */
export function gridByteLength(width: number, height: number): number {
  return (regionsOffset(width * height) + width * height * 2 + 63) & ~63;
}

/** The views of a block whose header holds width and height already; `block` begins at a multiple of 4 bytes. */
export function gridViews(block: Uint8Array, width: number, height: number) {
  const { buffer, byteOffset } = block;
  assert(byteOffset % 4 === 0, "a grid's block begins at a multiple of 4 bytes", { byteOffset });
  const cellCount = width * height;
  return {
    words: new Uint32Array(buffer, byteOffset, headerBytes / 4),
    numbers: new Float32Array(buffer, byteOffset, headerBytes / 4),
    cost: new Uint8Array(buffer, byteOffset + costOffset, cellCount),
    clearance: new Uint8Array(buffer, byteOffset + clearanceOffset(cellCount), cellCount),
    regions: new Uint16Array(buffer, byteOffset + regionsOffset(cellCount), cellCount),
  };
}

/**
 * The grid in `block`, without a copy; raises "grid-unreadable". `isChecked` also compares the hash, which reads
 * all bytes: for blocks that come from a file or another process.
 */
export function openGrid(block: Uint8Array, isChecked = false): Grid {
  const refuse = (problem: string): never => raise("grid-unreadable", { problem });
  assert(block.byteOffset % 4 === 0, "a grid's block begins at a multiple of 4 bytes", { at: block.byteOffset });
  if (block.length < headerBytes) refuse(`it has ${block.length} bytes, a header has ${headerBytes}`);
  const header = new Uint32Array(block.buffer, block.byteOffset, headerBytes / 4);
  if (header[gridWord.magic] !== gridMagic) refuse("it does not begin with the mark of a grid");
  if (header[gridWord.version] !== gridVersion)
    refuse(`its version is ${header[gridWord.version]}, not ${gridVersion}`);
  const width = header[gridWord.width]!;
  const height = header[gridWord.height]!;
  if (width < 1 || height < 1 || width > gridSideMax || height > gridSideMax)
    refuse(`it is ${width} x ${height} cells`);
  const byteLength = gridByteLength(width, height);
  if (header[gridWord.byteLength] !== byteLength || block.length < byteLength)
    refuse(`${block.length} bytes are given, the header says ${header[gridWord.byteLength]}, its size ${byteLength}`);
  const { words, numbers, cost, clearance, regions } = gridViews(block, width, height);
  const grid: Grid = {
    width,
    height,
    cellSize: numbers[gridWord.cellSize]!,
    originX: numbers[gridWord.originX]!,
    originZ: numbers[gridWord.originZ]!,
    tick: words[gridWord.tick]!,
    hashLow: words[gridWord.hashLow]!,
    hashHigh: words[gridWord.hashHigh]!,
    regionCount: words[gridWord.regionCount]!,
    costMin: words[gridWord.costMin]!,
    openCount: words[gridWord.openCount]!,
    cost,
    clearance,
    regions,
  };
  if (isChecked) {
    const sealed = new Uint8Array(byteLength);
    sealed.set(block.subarray(0, byteLength));
    sealGrid(sealed);
    const found = new Uint32Array(sealed.buffer);
    if (found[gridWord.hashLow] !== grid.hashLow || found[gridWord.hashHigh] !== grid.hashHigh)
      refuse("its bytes do not have the hash that its header names");
  }
  return grid;
}

/** Writes the hash of a finished block into its header; the tick is not part of it. */
export function sealGrid(block: Uint8Array): void {
  const words = new Uint32Array(block.buffer, block.byteOffset, block.length >> 2);
  const tick = words[gridWord.tick]!;
  words[gridWord.tick] = 0;
  words[gridWord.hashLow] = 0;
  words[gridWord.hashHigh] = 0;
  hashWords(words, 0, words[gridWord.byteLength]! >> 2, words, gridWord.hashLow);
  words[gridWord.tick] = tick;
}

/**
 * Units east (or south) of the origin for a coordinate in metres, -1 for outside and for NaN. `sideCells` is the
 * width for x and the height for z. Subtraction and division round alike on every engine.
 */
export function unitOf(metres: number, origin: number, cellSize: number, sideCells: number): number {
  const units = Math.floor(((metres - origin) / cellSize) * unitsPerCell);
  if (!(units >= 0 && units < sideCells * unitsPerCell)) return -1;
  return (units & (unitsPerCell - 1)) === 0 ? units + 1 : units;
}

/** The cell that holds (x, z), metres: row * width + column; -1 for outside. */
export function cellAt(grid: Grid, x: number, z: number): number {
  const u = unitOf(x, grid.originX, grid.cellSize, grid.width);
  const v = unitOf(z, grid.originZ, grid.cellSize, grid.height);
  return u < 0 || v < 0 ? -1 : (v >> unitBits) * grid.width + (u >> unitBits);
}

/** Metres of a place in units. */
export function metresOf(units: number, origin: number, cellSize: number): number {
  return origin + (units / unitsPerCell) * cellSize;
}

/**
 * The least clearance of a cell in whose middle a disc of `radius` metres touches no blocked cell, for the
 * `clearanceMin` of a query about things larger than the radius that the grid was built with. 256, which no cell
 * has, for discs that are wider than clearances tell. Looks at every cell that a disc could touch: call it once.
 */
export function clearanceFor(radius: number, cellSize: number): number {
  const reach = radius / cellSize;
  let touched = 0;
  for (let a = 1; a - 0.5 <= reach && a <= 85; a++)
    for (let b = 0; b <= a; b++) {
      // From the middle to the nearest point of the cell a columns and b rows away.
      const across = Math.max(0, b - 0.5);
      if ((a - 0.5) * (a - 0.5) + across * across <= reach * reach) touched = Math.max(touched, 3 * a + b);
    }
  return Math.min(256, touched + 1);
}
