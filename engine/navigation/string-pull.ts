/**
 * String pulling: the way of cells that a search has left in the scratch becomes a few places between which an
 * agent goes straight. From each place the next is the last cell of the way up to which every cell is in sight.
 *
 * The one rule: a shortcut crosses no cell that is dearer than the dearest cell of the piece of way it replaces, so
 * what the search paid to go around is not crossed by the string.
 */
import { centreUnits, type Grid, metresOf, unitBits } from "./grid.ts";
import { type PathScratch, scratchWord } from "./path-scratch.ts";
import { isClearLine } from "./sight.ts";

/**
 * Pulls the way in scratch.path, from the place (startU, startV) in its first cell to (goalU, goalV) in its last,
 * units, and writes the first `waypointsMax` places, start left out, as x and z in metres to out[at...]. Gives the
 * number of all places; their summed length in units goes to scratch.lengths[0].
 */
export function pullString(
  grid: Grid,
  scratch: PathScratch,
  startU: number,
  startV: number,
  goalU: number,
  goalV: number,
  need: number,
  waypointsMax: number,
  out: Float32Array,
  at: number,
): number {
  const { width, cost, originX, originZ, cellSize } = grid;
  const { words, path, lengths } = scratch;
  const last = words[scratchWord.cellCount]! - 1;
  let anchor = 0;
  let anchorU = startU;
  let anchorV = startV;
  let count = 0;
  let length = 0;
  let wholeCost = 0;
  for (let i = 0; i <= last; i++) wholeCost = Math.max(wholeCost, cost[path[i]!]!);
  const isStraight = isClearLine(grid, startU, startV, goalU, goalV, need, wholeCost);
  do {
    let placeU = goalU;
    let placeV = goalV;
    let reach = isStraight ? last : Math.min(anchor + 1, last);
    let pieceCost = Math.max(cost[path[last - anchor]!]!, cost[path[last - reach]!]!);
    if (reach < last) {
      // The neighbour of a cell is in reach without a look: the search does not cut corners.
      const cell = path[last - reach]!;
      placeU = ((cell % width) << unitBits) + centreUnits;
      placeV = (Math.floor(cell / width) << unitBits) + centreUnits;
    }
    while (reach < last) {
      const cell = path[last - reach - 1]!;
      const isLast = reach + 1 === last;
      const nextU = isLast ? goalU : ((cell % width) << unitBits) + centreUnits;
      const nextV = isLast ? goalV : (Math.floor(cell / width) << unitBits) + centreUnits;
      pieceCost = Math.max(pieceCost, cost[cell]!);
      if (!isClearLine(grid, anchorU, anchorV, nextU, nextV, need, pieceCost)) break;
      placeU = nextU;
      placeV = nextV;
      reach++;
    }
    if (count < waypointsMax) {
      out[at + count * 2] = metresOf(placeU, originX, cellSize);
      out[at + count * 2 + 1] = metresOf(placeV, originZ, cellSize);
    }
    count++;
    length += Math.sqrt((placeU - anchorU) * (placeU - anchorU) + (placeV - anchorV) * (placeV - anchorV));
    anchor = reach;
    anchorU = placeU;
    anchorV = placeV;
  } while (anchor < last);
  lengths[0] = length;
  return count;
}
