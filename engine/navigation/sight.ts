/**
 * Lines of sight over a grid: whether an agent could go straight from one point to another. A line is clear when
 * every cell that it touches is open, be it only at a corner; so a sees b exactly when b sees a.
 *
 * The walk compares the next crossing of a column's border with that of a row's, both as whole numbers on a common
 * denominator: nothing is rounded after the points are in units.
 */
import { type Grid, unitBits, unitOf, unitsPerCell } from "./grid.ts";

/**
 * For each line i in [first, first + count) writes 1 to out[i] when its ends see each other, else 0. A line is four
 * numbers of `lines`: x0 z0 x1 z1, metres. Cells with less than `clearanceMin` (see grid.ts; 0 and 1: any open cell)
 * hide what is behind them. Points outside the grid, and NaN, see nothing. Allocates nothing.
 */
export function seeLines(
  grid: Grid,
  lines: Float32Array,
  first: number,
  count: number,
  clearanceMin: number,
  out: Uint8Array,
): void {
  const { width, height, cellSize, originX, originZ } = grid;
  const need = Math.max(1, clearanceMin);
  for (let line = first; line < first + count; line++) {
    const at = line * 4;
    const u0 = unitOf(lines[at]!, originX, cellSize, width);
    const v0 = unitOf(lines[at + 1]!, originZ, cellSize, height);
    const u1 = unitOf(lines[at + 2]!, originX, cellSize, width);
    const v1 = unitOf(lines[at + 3]!, originZ, cellSize, height);
    const isInside = u0 >= 0 && v0 >= 0 && u1 >= 0 && v1 >= 0;
    out[line] = isInside && isClearLine(grid, u0, v0, u1, v1, need, 254) ? 1 : 0;
  }
}

/**
 * Whether all cells touched by the line from (u0, v0) to (u1, v1), units, none on a border, have a clearance of at
 * least `need` (1 or more) and a price of at most `costMax`.
 */
export function isClearLine(
  grid: Grid,
  u0: number,
  v0: number,
  u1: number,
  v1: number,
  need: number,
  costMax: number,
): boolean {
  const { width, clearance, cost } = grid;
  const distanceU = Math.abs(u1 - u0);
  const distanceV = Math.abs(v1 - v0);
  const stepU = u1 > u0 ? 1 : -1;
  const stepV = v1 > v0 ? width : -width;
  let cell = (v0 >> unitBits) * width + (u0 >> unitBits);
  if (clearance[cell]! < need || cost[cell]! > costMax) return false;
  const within = unitsPerCell - 1;
  // Where the next borders are crossed, as shares of the way times distanceU * distanceV.
  let crossU = (stepU > 0 ? unitsPerCell - (u0 & within) : u0 & within) * distanceV;
  let crossV = (v1 > v0 ? unitsPerCell - (v0 & within) : v0 & within) * distanceU;
  const crossStepU = unitsPerCell * distanceV;
  const crossStepV = unitsPerCell * distanceU;
  let left = Math.abs((u1 >> unitBits) - (u0 >> unitBits)) + Math.abs((v1 >> unitBits) - (v0 >> unitBits));
  while (left > 0) {
    if (crossU < crossV) {
      cell += stepU;
      crossU += crossStepU;
      left--;
    } else if (crossU > crossV) {
      cell += stepV;
      crossV += crossStepV;
      left--;
    } else {
      // Through a corner: the two cells beside the line are touched there.
      const besideU = cell + stepU;
      const besideV = cell + stepV;
      if (clearance[besideU]! < need || cost[besideU]! > costMax) return false;
      if (clearance[besideV]! < need || cost[besideV]! > costMax) return false;
      cell += stepU + stepV;
      crossU += crossStepU;
      crossV += crossStepV;
      left -= 2;
    }
    if (clearance[cell]! < need || cost[cell]! > costMax) return false;
  }
  return true;
}
