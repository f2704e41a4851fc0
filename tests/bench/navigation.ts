/**
 * Navigation on a grid of 128 x 128 cells, as one yard has: sight lines and paths, in batches as a chunk of a job
 * answers them, each against the straightforward form with an object for each cell and each node. Both sides give
 * the same answers: lines seen and prices of paths are compared before anything is measured.
 */
import { RandomStream, randomStateWords, seedStream } from "../../engine/base/random.ts";
import { type Grid, openGrid } from "../../engine/navigation/grid.ts";
import { buildGrid } from "../../engine/navigation/grid-build.ts";
import { encodeGridInput, type GridShape } from "../../engine/navigation/grid-input.ts";
import { defaultPathOptions, findPaths, openPathResults, pathStatus } from "../../engine/navigation/path.ts";
import { openPathScratch } from "../../engine/navigation/path-scratch.ts";
import { seeLines } from "../../engine/navigation/sight.ts";
import { agree, type BenchSize, benchSeed, compare, keep } from "./measure.ts";
import { priceByObjects, seesByObjects } from "./navigation-peer.ts";
import { type BenchGroup, type BenchRow, timeRow } from "./row.ts";

const sightRow = "sight lines, 1,000 on 128 x 128";
const pathRow = "paths, 100 on 128 x 128";
const side = 128;
const lineCount = 1_000;
const pathCount = 100;

export const navigation: BenchGroup = { rowNames: [sightRow, pathRow], run };

function run(size: BenchSize): readonly BenchRow[] {
  const rounds = size === "whole" ? { warmUpCount: 10, roundCount: 40 } : { warmUpCount: 1, roundCount: 2 };
  const draws = benchDraws("navigation");
  const grid = yard(draws);
  return [sightLines(grid, draws, rounds), paths(grid, draws, rounds)];
}

/** A stream of the bench's seed. */
export function benchDraws(name: string): RandomStream {
  const state = new Uint32Array(randomStateWords);
  seedStream(state, 0, benchSeed, name);
  return new RandomStream(state, 0);
}

interface Rounds {
  readonly warmUpCount: number;
  readonly roundCount: number;
}

function sightLines(grid: Grid, draws: RandomStream, rounds: Rounds): BenchRow {
  const lines = Float32Array.from({ length: lineCount * 4 }, () => draws.between(0, side / 2));
  const seen = new Uint8Array(lineCount);
  const peerSeen = new Uint8Array(lineCount);
  const ours = (): void => seeLines(grid, lines, 0, lineCount, 1, seen);
  const peer = (): void => {
    for (let i = 0; i < lineCount; i++) peerSeen[i] = seesByObjects(grid, lines.subarray(i * 4, i * 4 + 4)) ? 1 : 0;
  };
  ours();
  peer();
  agree(sightRow, seen, peerSeen);
  return timeRow(sightRow, compare({ ...rounds, ours, peer }), "an object a cell");
}

function paths(grid: Grid, draws: RandomStream, rounds: Rounds): BenchRow {
  const { cost, width } = grid;
  const openCells = Array.from(cost.keys()).filter((cell) => cost[cell] !== 255);
  const cells = Uint32Array.from({ length: pathCount * 2 }, () => openCells[draws.below(openCells.length)]!);
  const queries = new Float32Array(pathCount * 4);
  cells.forEach((cell, i) => {
    queries.set([((cell % width) + 0.5) / 2, (Math.floor(cell / width) + 0.5) / 2], i * 2);
  });
  const options = { ...defaultPathOptions, expansionsMax: side * side };
  const results = openPathResults(pathCount, options.waypointsMax);
  const scratch = openPathScratch(side * side);
  const peerPrices = new Float64Array(pathCount);
  const ours = (): void => findPaths(grid, scratch, queries, 0, pathCount, options, results);
  const peer = (): void => {
    for (let i = 0; i < pathCount; i++) peerPrices[i] = priceByObjects(grid, cells[i * 2]!, cells[i * 2 + 1]!);
  };
  ours();
  peer();
  const prices = Array.from(results.cost, (price, i) => (results.status[i] === pathStatus.found ? price : -1));
  agree(pathRow, prices, peerPrices);
  const row = timeRow(pathRow, compare({ ...rounds, ours, peer }), "A* over objects");
  keep(results.length.reduce((sum, length) => sum + length, 0));
  return row;
}

/** A yard of 64 m with containers at all angles, pillars and patches that cost more. */
export function yard(draws: RandomStream): Grid {
  const shapes: GridShape[] = [];
  const at = (): { x: number; z: number } => ({ x: draws.between(0, side / 2), z: draws.between(0, side / 2) });
  for (let i = 0; i < 40; i++)
    shapes.push({ form: "box", ...at(), halfX: 3, halfZ: 1.2, yaw: draws.between(-3, 3), effect: "blocked" });
  for (let i = 0; i < 20; i++) shapes.push({ form: "disc", ...at(), radius: 0.6, effect: "blocked" });
  for (let i = 0; i < 12; i++) shapes.push({ form: "disc", ...at(), radius: 4, effect: { cost: 3 } });
  const place = { width: side, height: side, cellSize: 0.5, originX: 0, originZ: 0 };
  return openGrid(buildGrid(encodeGridInput({ ...place, agentRadius: 0.5, tick: 0, shapes })));
}
