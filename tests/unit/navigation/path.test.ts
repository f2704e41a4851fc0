/** Paths: prices against plain relaxation, strings that keep off walls, bounds, degenerate grids, ties. */
import { describe, expect, test } from "vitest";
import { type Grid, openGrid } from "../../../engine/navigation/grid.ts";
import { buildGrid } from "../../../engine/navigation/grid-build.ts";
import { encodeGridInput } from "../../../engine/navigation/grid-input.ts";
import {
  defaultPathOptions,
  findPaths,
  openPathResults,
  type PathOptions,
  type PathResults,
  pathResultBytes,
  pathStatus,
} from "../../../engine/navigation/path.ts";
import {
  openPathScratch,
  type PathScratch,
  pathScratchBytes,
  scratchWord,
} from "../../../engine/navigation/path-scratch.ts";
import { expectGolden } from "../golden.ts";
import { Draws, testSeed } from "../seeds.ts";
import { bruteForcePrices, drawnGrid, isLineClear, middle, place, randomGrid, randomPlace, unit } from "./grids.ts";

const seed = testSeed("navigation paths");
const scratch = openPathScratch(40 * 40);

function ask(grid: Grid, queries: Float32Array, options: Partial<PathOptions> = {}, memory = scratch): PathResults {
  const whole = { ...defaultPathOptions, ...options };
  const results = openPathResults(queries.length / 4, whole.waypointsMax);
  findPaths(grid, memory, queries, 0, queries.length / 4, whole, results);
  return results;
}

/** One query from the middle of a cell to that of another. */
function askCells(grid: Grid, start: number, goal: number, options: Partial<PathOptions> = {}, memory?: PathScratch) {
  const results = ask(grid, Float32Array.of(...middle(grid, start), ...middle(grid, goal)), options, memory);
  const waypoints: (readonly [number, number])[] = [];
  for (let i = 0; i < Math.min(results.waypointCount[0]!, results.waypointsMax); i++)
    waypoints.push([results.waypoints[i * 2]!, results.waypoints[i * 2 + 1]!]);
  return {
    status: results.status[0]!,
    moved: results.moved[0]!,
    cost: results.cost[0]!,
    cellCount: results.cellCount[0]!,
    expansionCount: results.expansionCount[0]!,
    waypointCount: results.waypointCount[0]!,
    length: results.length[0]!,
    waypoints,
  };
}

const nothing = { moved: 0, cost: 0, cellCount: 0, expansionCount: 0, waypointCount: 0, length: 0, waypoints: [] };

/** The cells of the last way in the scratch, first to last. */
function lastWay(memory = scratch): number[] {
  return Array.from(memory.path.subarray(0, memory.words[scratchWord.cellCount])).reverse();
}

describe("prices", () => {
  test("are those of plain relaxation, with costs and clearance", () => {
    const draws = new Draws(seed);
    let foundCount = 0;
    for (let round = 0; round < 120; round++) {
      const grid = randomGrid(draws, 22);
      const need = draws.pick([1, 1, 4, 7]);
      const start = draws.below(grid.cost.length);
      const prices = bruteForcePrices(grid, start, need);
      for (let k = 0; k < 6; k++) {
        const goal = draws.below(grid.cost.length);
        const found = askCells(grid, start, goal, { clearanceMin: need });
        const wanted =
          grid.clearance[start]! < need
            ? pathStatus.startBlocked
            : grid.clearance[goal]! < need
              ? pathStatus.goalBlocked
              : Number.isFinite(prices[goal])
                ? pathStatus.found
                : pathStatus.unreachable;
        expect([found.status, wanted === pathStatus.found ? found.cost : 0]).toEqual([
          wanted,
          wanted === pathStatus.found ? prices[goal] : 0,
        ]);
        if (wanted !== pathStatus.found) continue;
        foundCount++;
        // The way is one: neighbour after neighbour, no corner cut, and its price is the price named.
        const way = lastWay();
        const { width, cost } = grid;
        let price = 0;
        for (let i = 1; i < way.length; i++) {
          const [from, to] = [way[i - 1]!, way[i]!];
          const [dx, dz] = [(to % width) - (from % width), Math.floor(to / width) - Math.floor(from / width)];
          expect(Math.max(Math.abs(dx), Math.abs(dz))).toBe(1);
          expect(Math.min(grid.clearance[from + dx]!, grid.clearance[from + dz * width]!)).toBeGreaterThanOrEqual(need);
          price += (dx !== 0 && dz !== 0 ? 14 : 10) * cost[to]!;
        }
        expect([way[0], way.at(-1), price, way.length]).toEqual([start, goal, found.cost, found.cellCount]);
      }
    }
    expect(foundCount).toBeGreaterThan(30);
  });

  test("stay exact at the greatest size and price", () => {
    const grid = openGrid(
      buildGrid(
        encodeGridInput({
          originX: 0,
          originZ: 0,
          cellSize: 1,
          width: 1_024,
          height: 1_024,
          agentRadius: 0,
          tick: 0,
          shapes: [{ form: "box", x: 512, z: 512, halfX: 600, halfZ: 600, effect: { cost: 254 } }],
        }),
      ),
    );
    const memory = openPathScratch(1_024 * 1_024);
    const found = askCells(grid, 0, 1_024 * 1_024 - 1, { expansionsMax: 2_000_000 }, memory);
    expect([found.status, found.cost, found.expansionCount]).toEqual([pathStatus.found, 1_023 * 14 * 254, 1_023]);
  });
});

describe("strings", () => {
  test("never touch what is blocked, end at the goal, and are no longer than the cells' way", () => {
    const draws = new Draws(seed + 1);
    let bentCount = 0;
    for (let round = 0; round < 120; round++) {
      const grid = randomGrid(draws, 30);
      const need = draws.pick([1, 1, 4]);
      for (let k = 0; k < 6; k++) {
        const query = Float32Array.of(...randomPlace(grid, draws), ...randomPlace(grid, draws));
        const results = ask(grid, query, { clearanceMin: need, waypointsMax: 60 });
        if (results.status[0] !== pathStatus.found) continue;
        const count = results.waypointCount[0]!;
        expect(Array.from(results.waypoints.subarray(count * 2 - 2, count * 2))).toEqual([query[2], query[3]]);
        expect(Array.from(results.waypoints.subarray(count * 2)).every((number) => number === 0)).toBe(true);
        const places = [query[0]!, query[1]!, ...results.waypoints.subarray(0, count * 2)];
        let length = 0;
        for (let i = 0; i < count; i++) {
          const [x0, z0, x1, z1] = places.slice(i * 2, i * 2 + 4) as [number, number, number, number];
          const line = [unit(x0, -8), unit(z0, -4), unit(x1, -8), unit(z1, -4)] as const;
          // A step to a neighbour through a corner is the one line that a blocked cell's corner may not bar.
          expect(isLineClear(grid, ...line, need), `${line} of ${count}`).toBe(true);
          length += Math.hypot(x1 - x0, z1 - z0);
        }
        const unitMetres = place.cellSize / 16;
        expect(Math.abs(length - results.length[0]!)).toBeLessThanOrEqual(unitMetres * (2 + count));
        const way = lastWay();
        let wayLength = 2 * place.cellSize;
        for (let i = 1; i < way.length; i++) {
          const isStraight = Math.abs(way[i]! - way[i - 1]!) === 1 || Math.abs(way[i]! - way[i - 1]!) === grid.width;
          wayLength += place.cellSize * (isStraight ? 1 : Math.SQRT2);
        }
        expect(results.length[0]).toBeLessThanOrEqual(wayLength);
        if (count > 1) bentCount++;
      }
    }
    expect(bentCount).toBeGreaterThan(20);
  });

  test("go straight when the goal is in sight, and keep the first waypoints when there is room for few", () => {
    const open = drawnGrid("......", "......", "......", "......");
    expect(askCells(open, 0, 16)).toMatchObject({ status: 1, waypointCount: 1, waypoints: [[-5.75, -2.75]] });
    const bent = drawnGrid("...#....", ".#.#.##.", ".#...#..", ".#####.#", "........");
    const whole = askCells(bent, 0, 4, { waypointsMax: 9 });
    expect(whole.waypoints).toEqual([
      [-6.75, -3.75],
      [-6.75, -2.75],
      [-5.75, -2.75],
      [-5.75, -3.75],
    ]);
    expect(askCells(bent, 0, 4, { waypointsMax: 2 })).toEqual({
      ...whole,
      waypoints: whole.waypoints.slice(0, 2),
    });
    expect(askCells(bent, 0, 4, { waypointsMax: 0 })).toEqual({ ...whole, waypoints: [] });
  });

  test("do not cross what the search paid to go around", () => {
    const grid = drawnGrid(".......", ".99999.", ".......");
    const { waypoints, cost } = askCells(grid, 7, 13);
    expect(cost).toBe(2 * 14 + 4 * 10);
    expect(waypoints).toEqual([
      [-7.25, -3.75],
      [-5.25, -3.75],
      [-4.75, -3.25],
    ]);
  });
});

describe("bounds", () => {
  test("a search that gives up leads to the best cell so far, and closes no more than it may", () => {
    const draws = new Draws(seed + 2);
    let gaveUpCount = 0;
    // How many of the searches can be made to give up is chance: more are drawn until there are some.
    for (let round = 0; round < 60 || (gaveUpCount <= 10 && round < 1_000); round++) {
      const grid = randomGrid(draws, 24);
      const [start, goal] = [draws.below(grid.cost.length), draws.below(grid.cost.length)];
      const whole = askCells(grid, start, goal);
      const expansionsMax = draws.below(whole.expansionCount + 1);
      const some = askCells(grid, start, goal, { expansionsMax, waypointsMax: 40 });
      if (expansionsMax === whole.expansionCount || whole.status !== pathStatus.found) continue;
      gaveUpCount++;
      expect([some.status, some.expansionCount]).toEqual([pathStatus.gaveUp, expansionsMax]);
      const reached = lastWay().at(-1)!;
      expect(some.waypoints.at(-1)).toEqual(middle(grid, reached));
      expect(some.cost).toBe(bruteForcePrices(grid, start, 1)[reached]);
      // No closed cell is nearer to the goal by the estimate.
      const estimate = (cell: number) => {
        const dx = Math.abs((cell % grid.width) - (goal % grid.width));
        const dz = Math.abs(Math.floor(cell / grid.width) - Math.floor(goal / grid.width));
        return 10 * Math.max(dx, dz) + 4 * Math.min(dx, dz);
      };
      const closed = scratch.words[scratchWord.generation]! + 1;
      const estimates = Array.from(grid.cost.keys())
        .filter((cell) => scratch.stamp[cell] === closed)
        .map(estimate);
      expect(estimates.length).toBe(expansionsMax);
      expect(estimate(reached)).toBe(Math.min(estimate(start), ...estimates));
    }
    expect(gaveUpCount).toBeGreaterThan(10);
  });

  test("another region is told without a search, a passage too narrow with one", () => {
    const grid = drawnGrid("...#...", "...#...", "...#...");
    expect(askCells(grid, 0, 6)).toEqual({ ...nothing, status: pathStatus.unreachable });
    // Two rooms with a door of one cell: with more clearance than 3 the search fills the first room, door-step included.
    const wall = "....#....";
    const rooms = drawnGrid(wall, wall, wall, ".........", wall, wall, wall);
    expect(askCells(rooms, 29, 33)).toMatchObject({ status: pathStatus.found, cellCount: 5 });
    expect(askCells(rooms, 29, 33, { clearanceMin: 4 })).toMatchObject({
      status: pathStatus.unreachable,
      expansionCount: 11,
      cellCount: 2,
      waypoints: [middle(rooms, 30)],
    });
  });
});

describe("degenerate questions", () => {
  test("one cell, all blocked, start at the goal, outside, NaN", () => {
    const one = drawnGrid(".");
    expect(askCells(one, 0, 0)).toEqual({
      ...nothing,
      status: pathStatus.found,
      cellCount: 1,
      waypointCount: 1,
      waypoints: [[-7.75, -3.75]],
    });
    expect(askCells(drawnGrid("#"), 0, 0)).toEqual({ ...nothing, status: pathStatus.startBlocked });
    expect(askCells(drawnGrid("##", "##"), 0, 3, { snapCells: 5 })).toEqual({
      ...nothing,
      status: pathStatus.startBlocked,
    });
    const near = ask(one, Float32Array.of(-7.9, -3.9, -7.6, -3.5625));
    expect([near.status[0], near.waypointCount[0], near.waypoints[0]]).toEqual([1, 1, Math.fround(-7.6)]);
    expect(near.length[0]).toBeCloseTo(Math.hypot(0.3, 0.34), 1);
    const outside = ask(
      one,
      Float32Array.of(-9, -4, -8, -4, -8, -4, -8, 4, Number.NaN, -4, -8, -4, -8, -4, -8, Number.POSITIVE_INFINITY),
    );
    expect(Array.from(outside.status)).toEqual([4, 5, 4, 5]);
  });

  test("ends that are blocked or outside move to the nearest open cell, and the result says so", () => {
    const grid = drawnGrid("......", ".###..", ".###..", "......");
    const cell = (x: number, z: number) => z * 6 + x;
    expect(askCells(grid, cell(2, 1), cell(5, 3))).toMatchObject({ status: pathStatus.startBlocked });
    expect(askCells(grid, cell(2, 1), cell(5, 3), { snapCells: 1 })).toMatchObject({
      status: pathStatus.found,
      moved: 1,
      waypoints: [
        [-6.75, -3.75],
        [-5.75, -3.75],
        [-5.25, -2.25],
      ],
      length: Math.fround(0.5 + 1 + Math.hypot(0.5, 1.5)),
    });
    expect(askCells(grid, cell(5, 3), cell(2, 2), { snapCells: 1 })).toMatchObject({ moved: 2, waypointCount: 1 });
    const outside = ask(grid, Float32Array.of(-8.4, -3.75, -7.75, -4.3), { snapCells: 1 });
    expect([outside.status[0], outside.moved[0], ...outside.waypoints.subarray(0, 4)]).toEqual([
      pathStatus.found,
      3,
      -7.75,
      -3.75,
      -7.75,
      -3.75,
    ]);
    expect(ask(grid, Float32Array.of(-8.6, -3.75, -7.75, -3.75), { snapCells: 1 }).status[0]).toBe(
      pathStatus.startBlocked,
    );
  });
});

describe("batches", () => {
  test("do not depend on chunks, on earlier queries, nor on what the memory held", () => {
    const draws = new Draws(seed + 3);
    const grid = randomGrid(draws, 40);
    const count = 40;
    const ends = Array.from({ length: count * 2 }, () => randomPlace(grid, draws));
    const queries = Float32Array.from(ends.flat());
    const options: PathOptions = { clearanceMin: 1, expansionsMax: 300, snapCells: 2, waypointsMax: 3 };
    const whole = ask(grid, queries, options, openPathScratch(40 * 40));
    const bytes = (results: PathResults) => new Uint8Array(results.cost.buffer);
    const memory = new SharedArrayBuffer(8 + pathScratchBytes(40 * 40));
    for (let at = 8; at < memory.byteLength; at += 4) new Uint32Array(memory, at, 1)[0] = draws.u32() & 0xfffe_fffe;
    const dirty = openPathScratch(40 * 40, memory, 8);
    dirty.stamp.fill(0);
    dirty.words[scratchWord.generation] = 0xffff_fff0 - 8;
    const cut = openPathResults(count, 3, new ArrayBuffer(pathResultBytes(count, 3)));
    bytes(cut).fill(0x77, 0, count * (16 + 24 + 4));
    for (let first = count; first > 0; ) {
      const chunk = Math.min(first, 1 + draws.below(7));
      first -= chunk;
      findPaths(grid, dirty, queries, first, chunk, options, cut);
    }
    expect(bytes(cut)).toEqual(bytes(whole));
  });

  test("refuse a grid larger than the scratch and results of another size", () => {
    const grid = drawnGrid("....", "....");
    const small = openPathScratch(7);
    expect(() => askCells(grid, 0, 1, {}, small)).toThrow("the scratch fits the grid");
    const results = openPathResults(1, 2);
    expect(() => findPaths(grid, scratch, new Float32Array(4), 0, 1, defaultPathOptions, results)).toThrow(
      "results have room for the waypoints asked for",
    );
  });
});

describe("ties", () => {
  test("are broken the same way always (golden)", () => {
    const text: string[] = [];
    const draw = (title: string, grid: Grid, start: number, goal: number) => {
      const { cost, expansionCount } = askCells(grid, start, goal);
      const way = lastWay();
      const marks = Array.from(grid.cost, (price, cell) => {
        const at = way.indexOf(cell);
        if (at >= 0) return String.fromCharCode(97 + (at % 26));
        return price === 255 ? "#" : scratch.stamp[cell]! === scratch.words[scratchWord.generation]! + 1 ? "," : ".";
      });
      text.push(`${title}: cost ${cost}, ${expansionCount} cells closed`);
      for (let row = 0; row < grid.height; row++)
        text.push(`  ${marks.slice(row * grid.width, (row + 1) * grid.width).join("")}`);
    };
    const open = drawnGrid(...Array.from({ length: 7 }, () => ".".repeat(12)));
    draw("open field, south-east", open, 0, 12 * 3 + 11);
    draw("open field, north-west", open, 12 * 3 + 11, 0);
    const pillar = drawnGrid(".........", ".........", "....#....", ".........", ".........");
    draw("round a pillar, east", pillar, 18, 26);
    draw("round a pillar, west", pillar, 26, 18);
    const blocks = drawnGrid(
      "..........",
      ".##.##.##.",
      ".##.##.##.",
      "..........",
      ".##.##.##.",
      ".##.##.##.",
      "..........",
    );
    draw("between blocks", blocks, 0, 69);
    draw("between blocks, back", blocks, 69, 0);
    expectGolden("navigation-ties.txt", `${text.join("\n")}\n`);
  });
});
