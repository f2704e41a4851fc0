/** Flow fields: prices against plain relaxation in the direction of travel, directions that pay them, followers. */
import { expect, test } from "vitest";
import {
  fillFlowField,
  flowGoal,
  flowNone,
  followFlow,
  openFlowField,
  unreached,
} from "../../../engine/navigation/flow-field.ts";
import type { Grid } from "../../../engine/navigation/grid.ts";
import { stepLength, stepX, stepZ } from "../../../engine/navigation/neighbours.ts";
import { openPathScratch } from "../../../engine/navigation/path-scratch.ts";
import { seeLines } from "../../../engine/navigation/sight.ts";
import { Draws, testSeed } from "../seeds.ts";
import { bruteForcePrices, drawnGrid, middle, randomGrid, randomPlace } from "./grids.ts";

const seed = testSeed("navigation flow fields");
const scratch = openPathScratch(40 * 40);

function fieldTo(grid: Grid, goal: number, need = 1, distanceMax = 1e9) {
  const field = openFlowField(grid.cost.length);
  const reachedCount = fillFlowField(grid, scratch, goal, need, distanceMax, field);
  return { field, reachedCount };
}

test("bears at each cell the price of the cheapest way from there, and a step that pays it", () => {
  const draws = new Draws(seed);
  for (let round = 0; round < 40; round++) {
    const grid = randomGrid(draws, 16);
    const need = draws.pick([1, 1, 4]);
    const goal = draws.below(grid.cost.length);
    const { field, reachedCount } = fieldTo(grid, goal, need);
    if (grid.clearance[goal]! < need) {
      expect([reachedCount, new Set(field.distance), new Set(field.direction)]).toEqual([
        0,
        new Set([unreached]),
        new Set([flowNone]),
      ]);
      continue;
    }
    const wanted = Array.from(grid.cost.keys(), (cell) =>
      grid.clearance[cell]! < need ? Number.POSITIVE_INFINITY : bruteForcePrices(grid, cell, need)[goal]!,
    );
    expect(Array.from(field.distance)).toEqual(wanted.map((price) => (Number.isFinite(price) ? price : unreached)));
    expect(reachedCount).toBe(wanted.filter(Number.isFinite).length);
    for (let cell = 0; cell < wanted.length; cell++) {
      const direction = field.direction[cell]!;
      if (cell === goal) expect(direction).toBe(flowGoal);
      else if (!Number.isFinite(wanted[cell])) expect(direction).toBe(flowNone);
      else {
        const next = cell + stepZ[direction]! * grid.width + stepX[direction]!;
        expect(wanted[cell]).toBe(wanted[next]! + stepLength[direction]! * grid.cost[next]!);
      }
    }
  }
});

test("ends at the greatest price asked for, and knows no way outside it", () => {
  const { field, reachedCount } = fieldTo(drawnGrid("......"), 0, 1, 30);
  expect([reachedCount, Array.from(field.distance)]).toEqual([4, [0, 10, 20, 30, unreached, unreached]]);
  expect(Array.from(field.direction)).toEqual([flowGoal, 2, 2, 2, flowNone, flowNone]);
  expect(fieldTo(drawnGrid("..."), -1).reachedCount).toBe(0);
  expect(fieldTo(drawnGrid("..."), 3).reachedCount).toBe(0);
});

test("followers get to the goal by places that are in sight", () => {
  const draws = new Draws(seed + 1);
  let walkedCount = 0;
  for (let round = 0; round < 40; round++) {
    const grid = randomGrid(draws, 24);
    const goal = draws.below(grid.cost.length);
    const { field } = fieldTo(grid, goal);
    const at = Float32Array.from(randomPlace(grid, draws));
    const next = new Float32Array(2);
    for (let hop = 0; ; hop++) {
      expect(hop).toBeLessThan(grid.cost.length);
      followFlow(grid, field, at, 0, 1, 1, 12, next);
      if (next[0] === at[0] && next[1] === at[1]) break;
      const seen = new Uint8Array(1);
      seeLines(grid, Float32Array.of(...at, ...next), 0, 1, 1, seen);
      expect(seen[0]).toBe(1);
      at.set(next);
      if (at[0] === middle(grid, goal)[0] && at[1] === middle(grid, goal)[1]) {
        walkedCount++;
        break;
      }
    }
  }
  expect(walkedCount).toBeGreaterThan(0);
});

test("followers without a way stay, and only those asked for are moved", () => {
  const grid = drawnGrid("..#.", "..#.");
  const { field } = fieldTo(grid, 0);
  const places = Float32Array.of(-6.3, -3.3, -7.2, -3.2, -20, 0, Number.NaN, 1, -7.2, -3.2);
  const out = new Float32Array(10).fill(9);
  followFlow(grid, field, places, 0, 4, 1, 5, out);
  expect(Array.from(out)).toEqual([...Float32Array.of(-6.3, -3.3, -7.75, -3.75, -20, 0, Number.NaN, 1), 9, 9]);
});
