/**
 * The job that finds ways for pilots: one path query and one sight line for each errand, on the grid of
 * the yard. Answers enter the world as Way, a fixed number of ticks later.
 *
 * The grid is the published block of the resource yard-grid. As long as there is none, chunks build it from
 * their snapshot. What a thread keeps from chunk to chunk, scratch and the last grid built, is only there to save
 * time: no result depends on it.
 */
import {
  array,
  defineTickJob,
  f32,
  findPaths,
  type Grid,
  movedEnd,
  openGrid,
  openPathResults,
  openPathScratch,
  type PathOptions,
  type PathResults,
  type PathScratch,
  pathStatus,
  type Snapshot,
  seeLines,
  u32,
  WorldTransform,
} from "../../engine/index.ts";
import { Errand, Way } from "../components/way.ts";
import { Ground, Obstacle } from "../components/yard.ts";
import { buildYardGrid, gridInputOf, yardGridPlace } from "../navigation/yard-grid.ts";
import { seatCount } from "../tugs.ts";

/** The resource whose block the job reads, once it is published (resources.ts). */
const yardGridResource = "yard-grid";

const chunkItems = 8;
const options: PathOptions = { clearanceMin: 1, expansionsMax: 1_024, snapCells: 6, waypointsMax: 2 };

export const pilotWays = defineTickJob({
  name: "pilot-ways",
  every: 6,
  latency: 4,
  reads: [Errand, Ground, Obstacle, WorldTransform],
  params: { tugs: array(u32, seatCount), lines: array(f32, seatCount * 4) },
  resources: [yardGridResource],
  answer: Way,
  chunkItems,
  itemsMax: () => seatCount,
  begin({ snapshot, columns, params }) {
    const { row, bit } = snapshot.presenceOf(Errand);
    const { number, x, z } = columns.Errand;
    const { matrix } = columns.WorldTransform;
    let count = 0;
    for (let e = 1; e < snapshot.slotCount && count < seatCount; e++) {
      if ((row[e]! & bit) === 0 || number[e] === 0) continue;
      params.tugs[count] = e;
      params.lines[count * 4] = matrix[e * 16 + 12]!;
      params.lines[count * 4 + 1] = matrix[e * 16 + 14]!;
      params.lines[count * 4 + 2] = x[e]!;
      params.lines[count * 4 + 3] = z[e]!;
      count++;
    }
    return count;
  },
  run({ first, count, tick, params, columns, output, snapshot, resources }) {
    const block = resources[yardGridResource];
    const grid = block === undefined ? gridOf(snapshot) : openGrid(block);
    const { scratch, results, sights } = ownDesk();
    findPaths(grid, scratch, params.lines, first, count, options, results);
    seeLines(grid, params.lines, first, count, options.clearanceMin, sights);
    const { waypoints, moved, waypointCount, status } = results;
    for (let i = 0; i < count; i++) {
      const query = first + i;
      const tug = params.tugs[query]!;
      // A tug off the grid's open cells is led back to one first, and it may as well make for what comes after.
      const isLed = (moved[query]! & movedEnd.start) !== 0 && waypointCount[query]! > 1;
      const at = (query * options.waypointsMax + (isLed ? 1 : 0)) * 2;
      output.entity[i] = snapshot.handleOf(tug);
      output.x[i] = waypoints[at]!;
      output.z[i] = waypoints[at + 1]!;
      output.status[i] = status[query]!;
      output.hasSight[i] = sights[query]!;
      output.number[i] = columns.Errand.number[tug]!;
      output.tick[i] = tick;
    }
    return count;
  },
});

/** True when the way of a status leads somewhere. */
export function isLeading(status: number): boolean {
  return status === pathStatus.found || status === pathStatus.gaveUp;
}

/** True when nobody gets where the errand is. */
export function isHopeless(status: number): boolean {
  return status === pathStatus.unreachable || status === pathStatus.goalBlocked;
}

interface Desk {
  readonly scratch: PathScratch;
  readonly results: PathResults;
  readonly sights: Uint8Array;
}
// lint-allow module-state: scratch of one run, which writes it before it reads it.
let desk: Desk | undefined;

/** The scratch of this thread. */
function ownDesk(): Desk {
  desk ??= {
    scratch: openPathScratch(yardGridPlace.width * yardGridPlace.height),
    results: openPathResults(seatCount, options.waypointsMax),
    sights: new Uint8Array(seatCount),
  };
  return desk;
}

// lint-allow module-state: a cache by content, so that a run gets the same grid with it or without.
let built: { readonly input: Float32Array; readonly grid: Grid } | undefined;

/** The grid of a snapshot's yard: the last one of this thread when the yard is the same. */
function gridOf(snapshot: Snapshot): Grid {
  const input = gridInputOf(snapshot);
  if (built === undefined || !isSame(built.input, input)) built = { input, grid: openGrid(buildYardGrid(input)) };
  return built.grid;
}

function isSame(a: Float32Array, b: Float32Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
