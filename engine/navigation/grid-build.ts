/**
 * Building a grid's block from its input, whole or in slices of rows. The state between slices is flat numbers, so
 * that each slice may run on another thread, or in another frame, than the one before.
 *
 *    0  ┌──────────────────────────┐ state: 4 words, then one a cell
 *       │ phase row regionCount 0  │
 *    4  ├──────────────────────────┤
 *       │ parent  u32 a cell       │ union-find over cells: a lower cell of the same region, or itself
 *       └──────────────────────────┘
 *
 * Phases pass over all rows one after the other: cost, forward, backward, join, label; then the block is sealed.
 * The one rule: a row is a function of the input and of rows that are done, never of where a slice began.
 */
import { assert } from "../base/assertions.ts";
import {
  blockedCost,
  gridByteLength,
  gridMagic,
  gridVersion,
  gridViews,
  gridWord,
  sealGrid,
  unknownRegion,
} from "./grid.ts";
import { inputHeaderCount, inputNumber, shapeForm, shapeNumberCount } from "./grid-input.ts";

const stateHeaderCount = 4;
const stateWord = { phase: 0, row: 1, regionCount: 2 } as const;
const phase = { cost: 0, forward: 1, backward: 2, join: 3, label: 4, done: 5 } as const;
/** A diagonal step of the circle on which the edge of the ground is felt for. */
const diagonalShare = Math.sqrt(0.5);

/** Words of the state that `stepGridBuild` needs, zero at first. */
export function gridBuildStateWords(width: number, height: number): number {
  return stateHeaderCount + width * height;
}

/** Bytes of the block that `input` gives. */
export function gridBlockBytes(input: Float32Array): number {
  return gridByteLength(input[inputNumber.width]!, input[inputNumber.height]!);
}

/** The whole block of `input` at once; the same bytes as in slices. */
export function buildGrid(input: Float32Array): Uint8Array {
  const width = input[inputNumber.width]!;
  const height = input[inputNumber.height]!;
  const block = new Uint8Array(gridByteLength(width, height));
  stepGridBuild(input, new Uint32Array(gridBuildStateWords(width, height)), block, Number.POSITIVE_INFINITY);
  return block;
}

/**
 * Goes on with a build by up to `rowCount` rows of a pass (there are five passes) and says whether it is finished.
 * `state` has `gridBuildStateWords` words, all zero before the first call; `block` has `gridBlockBytes` bytes and
 * may hold anything. Once finished, further calls change nothing.
 */
export function stepGridBuild(input: Float32Array, state: Uint32Array, block: Uint8Array, rowCount: number): boolean {
  const width = input[inputNumber.width]!;
  const height = input[inputNumber.height]!;
  assert(rowCount >= 1, "a slice has rows", { rowCount });
  assert(state.length >= gridBuildStateWords(width, height), "the state fits the grid", { words: state.length });
  assert(block.length >= gridByteLength(width, height), "the block fits the grid", { bytes: block.length });
  const views = gridViews(block, width, height);
  const parents = state.subarray(stateHeaderCount);
  if (state[stateWord.phase] === phase.cost && state[stateWord.row] === 0) {
    // What the block held before must not shine through the padding, which is hashed.
    block.fill(0);
    writeHeader(input, views.words, views.numbers);
  }
  for (let left = rowCount; left > 0 && state[stateWord.phase] !== phase.done; left--) {
    const row = state[stateWord.row]!;
    switch (state[stateWord.phase]) {
      case phase.cost:
        costRow(input, row, views.cost);
        break;
      case phase.forward:
        forwardRow(width, row, views.cost, views.clearance);
        break;
      case phase.backward:
        backwardRow(width, height, height - 1 - row, views.clearance);
        break;
      case phase.join:
        joinRow(width, row, views.cost, parents);
        break;
      default:
        state[stateWord.regionCount] = labelRow(
          width,
          row,
          views.cost,
          parents,
          views.regions,
          state[stateWord.regionCount]!,
        );
    }
    state[stateWord.row] = row + 1;
    if (row + 1 < height) continue;
    state[stateWord.row] = 0;
    state[stateWord.phase] = state[stateWord.phase]! + 1;
    if (state[stateWord.phase] === phase.done) finish(views.words, views.cost, state[stateWord.regionCount]!, block);
  }
  return state[stateWord.phase] === phase.done;
}

function writeHeader(input: Float32Array, words: Uint32Array, numbers: Float32Array): void {
  const width = input[inputNumber.width]!;
  const height = input[inputNumber.height]!;
  words[gridWord.magic] = gridMagic;
  words[gridWord.version] = gridVersion;
  words[gridWord.byteLength] = gridByteLength(width, height);
  words[gridWord.width] = width;
  words[gridWord.height] = height;
  numbers[gridWord.cellSize] = input[inputNumber.cellSize]!;
  numbers[gridWord.originX] = input[inputNumber.originX]!;
  numbers[gridWord.originZ] = input[inputNumber.originZ]!;
  words[gridWord.tick] = input[inputNumber.tickLow]! + input[inputNumber.tickHigh]! * 65_536;
}

function finish(words: Uint32Array, cost: Uint8Array, regionCount: number, block: Uint8Array): void {
  let costMin = blockedCost;
  let openCount = 0;
  for (let cell = 0; cell < cost.length; cell++) {
    const price = cost[cell]!;
    if (price === blockedCost) continue;
    openCount++;
    if (price < costMin) costMin = price;
  }
  words[gridWord.regionCount] = regionCount;
  words[gridWord.costMin] = openCount === 0 ? 1 : costMin;
  words[gridWord.openCount] = openCount;
  sealGrid(block);
}

/** Prices of one row: off the ground blocked, else the dearest shape over the middle of the cell. */
function costRow(input: Float32Array, row: number, cost: Uint8Array): void {
  const width = input[inputNumber.width]!;
  const cellSize = input[inputNumber.cellSize]!;
  const originX = input[inputNumber.originX]!;
  const z = input[inputNumber.originZ]! + (row + 0.5) * cellSize;
  const radius = input[inputNumber.agentRadius]!;
  const growth = Math.max(radius, cellSize / 2);
  const shapeCount = input[inputNumber.shapeCount]!;
  const groundCount = input[inputNumber.groundCount]!;
  const hasGround = groundCount > 0;
  const firstCell = row * width;
  for (let column = 0; column < width; column++) {
    const x = originX + (column + 0.5) * cellSize;
    cost[firstCell + column] = hasGround && !isOnGround(input, groundCount, x, z, radius) ? blockedCost : 1;
  }
  for (let shape = groundCount; shape < shapeCount; shape++) {
    const at = inputHeaderCount + shape * shapeNumberCount;
    const price = input[at + 1]!;
    const margin = price === blockedCost ? growth : 0;
    // A circle around the shape bounds the columns that are worth a look.
    const reach = input[at + 4]! + input[at + 5]! + margin;
    if (Math.abs(z - input[at + 3]!) > reach) continue;
    const first = Math.max(0, Math.floor((input[at + 2]! - reach - originX) / cellSize) - 1);
    const last = Math.min(width - 1, Math.floor((input[at + 2]! + reach - originX) / cellSize) + 1);
    for (let column = first; column <= last; column++) {
      if (price <= cost[firstCell + column]!) continue;
      if (isWithin(input, at, originX + (column + 0.5) * cellSize, z, margin)) cost[firstCell + column] = price;
    }
  }
}

/** Whether (x, z) and eight points around it, `radius` away, lie on ground; a hole between the points is not seen. */
function isOnGround(input: Float32Array, groundCount: number, x: number, z: number, radius: number): boolean {
  if (!isGround(input, groundCount, x, z)) return false;
  if (radius === 0) return true;
  const across = radius * diagonalShare;
  return (
    isGround(input, groundCount, x + radius, z) &&
    isGround(input, groundCount, x - radius, z) &&
    isGround(input, groundCount, x, z + radius) &&
    isGround(input, groundCount, x, z - radius) &&
    isGround(input, groundCount, x + across, z + across) &&
    isGround(input, groundCount, x - across, z + across) &&
    isGround(input, groundCount, x + across, z - across) &&
    isGround(input, groundCount, x - across, z - across)
  );
}

function isGround(input: Float32Array, groundCount: number, x: number, z: number): boolean {
  for (let shape = 0; shape < groundCount; shape++) {
    if (isWithin(input, inputHeaderCount + shape * shapeNumberCount, x, z, 0)) return true;
  }
  return false;
}

/** Whether (x, z) is at most `margin` metres from the shape at `at`; borders count. */
function isWithin(input: Float32Array, at: number, x: number, z: number, margin: number): boolean {
  const fromX = x - input[at + 2]!;
  const fromZ = z - input[at + 3]!;
  if (input[at] === shapeForm.disc) {
    const reach = input[at + 4]! + margin;
    return fromX * fromX + fromZ * fromZ <= reach * reach;
  }
  const cosine = input[at + 6]!;
  const sine = input[at + 7]!;
  const beyondX = Math.max(0, Math.abs(fromX * cosine - fromZ * sine) - input[at + 4]!);
  const beyondZ = Math.max(0, Math.abs(fromX * sine + fromZ * cosine) - input[at + 5]!);
  return beyondX * beyondX + beyondZ * beyondZ <= margin * margin;
}

/** Clearance as seen from the north and the west; outside counts as blocked. */
function forwardRow(width: number, row: number, cost: Uint8Array, clearance: Uint8Array): void {
  for (let column = 0; column < width; column++) {
    const cell = row * width + column;
    if (cost[cell] === blockedCost) {
      clearance[cell] = 0;
      continue;
    }
    const north = row > 0 ? clearance[cell - width]! : 0;
    const west = column > 0 ? clearance[cell - 1]! : 0;
    const northWest = row > 0 && column > 0 ? clearance[cell - width - 1]! : 0;
    const northEast = row > 0 && column < width - 1 ? clearance[cell - width + 1]! : 0;
    clearance[cell] = Math.min(255, north + 3, west + 3, northWest + 4, northEast + 4);
  }
}

/** The same from the south and the east. */
function backwardRow(width: number, height: number, row: number, clearance: Uint8Array): void {
  for (let column = width - 1; column >= 0; column--) {
    const cell = row * width + column;
    if (clearance[cell] === 0) continue;
    const isLastRow = row === height - 1;
    const south = isLastRow ? 0 : clearance[cell + width]!;
    const east = column < width - 1 ? clearance[cell + 1]! : 0;
    const southEast = isLastRow || column === width - 1 ? 0 : clearance[cell + width + 1]!;
    const southWest = isLastRow || column === 0 ? 0 : clearance[cell + width - 1]!;
    clearance[cell] = Math.min(clearance[cell]!, south + 3, east + 3, southEast + 4, southWest + 4);
  }
}

/**
 * Joins open cells with the open ones to the west and north. Diagonal neighbours need no look: a diagonal step
 * wants both cells beside it open, so whoever can take it is connected by straight steps as well.
 */
function joinRow(width: number, row: number, cost: Uint8Array, parents: Uint32Array): void {
  for (let column = 0; column < width; column++) {
    const cell = row * width + column;
    parents[cell] = cell;
    if (cost[cell] === blockedCost) continue;
    if (column > 0 && cost[cell - 1] !== blockedCost) parents[cell] = rootOf(parents, cell - 1);
    if (row === 0 || cost[cell - width] === blockedCost) continue;
    const west = parents[cell]!;
    const north = rootOf(parents, cell - width);
    // The lower root stays one, so a region's root is its first cell in the order of rows.
    if (north < west) {
      parents[west] = north;
      parents[cell] = north;
    } else parents[north] = west;
  }
}

function rootOf(parents: Uint32Array, cell: number): number {
  let at = cell;
  while (parents[at] !== at) {
    const above = parents[parents[at]!]!;
    parents[at] = above;
    at = above;
  }
  return at;
}

/** Numbers regions by their first cells; gives the count so far. */
function labelRow(
  width: number,
  row: number,
  cost: Uint8Array,
  parents: Uint32Array,
  regions: Uint16Array,
  countBefore: number,
): number {
  let count = countBefore;
  for (let column = 0; column < width; column++) {
    const cell = row * width + column;
    if (cost[cell] === blockedCost) continue;
    const root = rootOf(parents, cell);
    if (root === cell) regions[cell] = Math.min(unknownRegion, ++count);
    else regions[cell] = regions[root]!;
  }
  return count;
}
