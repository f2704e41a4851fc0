/**
 * The eight steps from a cell, and which of them may be taken: diagonals do not cut corners, so both cells beside
 * one must be open too.
 *
 *    6 3 7    0 east        1 south       2 west        3 north
 *    2 · 0    4 south-east  5 south-west  6 north-west  7 north-east
 *    5 1 4
 *
 * The one rule: the order of this table is part of the results, because of two equal ways the first found stays.
 */

export const directionCount = 8;
/** Columns and rows of a step. */
export const stepX: Int8Array = Int8Array.of(1, 0, -1, 0, 1, -1, -1, 1);
export const stepZ: Int8Array = Int8Array.of(0, 1, 0, -1, 1, 1, -1, -1);
/** The length of a step, in tenths of a cell; times the price of the cell entered it is the price of the step. */
export const stepLength: Uint8Array = Uint8Array.of(10, 10, 10, 10, 14, 14, 14, 14);
export const straightLength = 10;
export const diagonalLength = 14;

/** A bit for each direction in which a neighbour of `cell` with a clearance of at least `need` (1 or more) lies. */
export function openDirections(
  clearance: Uint8Array,
  width: number,
  height: number,
  cell: number,
  x: number,
  z: number,
  need: number,
): number {
  const isEast = x + 1 < width && clearance[cell + 1]! >= need;
  const isSouth = z + 1 < height && clearance[cell + width]! >= need;
  const isWest = x > 0 && clearance[cell - 1]! >= need;
  const isNorth = z > 0 && clearance[cell - width]! >= need;
  let open = (isEast ? 1 : 0) | (isSouth ? 2 : 0) | (isWest ? 4 : 0) | (isNorth ? 8 : 0);
  if (isSouth) {
    if (isEast && clearance[cell + width + 1]! >= need) open |= 16;
    if (isWest && clearance[cell + width - 1]! >= need) open |= 32;
  }
  if (isNorth) {
    if (isWest && clearance[cell - width - 1]! >= need) open |= 64;
    if (isEast && clearance[cell - width + 1]! >= need) open |= 128;
  }
  return open;
}
