/** Lines of sight: equal to the geometry of line and cells, both ways, at corners, with clearance, outside. */
import { expect, test } from "vitest";
import { seeLines } from "../../../engine/navigation/sight.ts";
import { Draws, testSeed } from "../seeds.ts";
import { drawnGrid, isLineClear, place, randomGrid, randomPlace, unit } from "./grids.ts";

const seed = testSeed("navigation sight");

test("is the geometry of the line and all cells, and the same from both ends", () => {
  const draws = new Draws(seed);
  let seenCount = 0;
  let lineCount = 0;
  for (let round = 0; round < 60; round++) {
    const grid = randomGrid(draws, 24);
    const lines = new Float32Array(60 * 4);
    const back = new Float32Array(60 * 4);
    for (let i = 0; i < 60; i++) {
      const from = randomPlace(grid, draws);
      // A third of the lines are short, and a third go from middle to middle, so that many meet corners.
      const far = randomPlace(grid, draws);
      const to = draws.below(3) > 0 ? far : ([from[0] + draws.between(-1, 1), from[1] + draws.between(-1, 1)] as const);
      const isOnMiddles = draws.below(3) === 0;
      const whole = (metres: number) => (isOnMiddles ? Math.floor(metres * 2) / 2 + 0.25 : metres);
      lines.set([...from, ...to].map(whole), i * 4);
      back.set([...lines.subarray(i * 4 + 2, i * 4 + 4), ...lines.subarray(i * 4, i * 4 + 2)], i * 4);
    }
    const need = draws.pick([0, 1, 4, 7]);
    const out = new Uint8Array(60);
    const outBack = new Uint8Array(60);
    seeLines(grid, lines, 0, 60, need, out);
    seeLines(grid, back, 0, 60, need, outBack);
    const wanted = Array.from(out, (_, i) => {
      const [x0, z0, x1, z1] = lines.subarray(i * 4, i * 4 + 4) as unknown as [number, number, number, number];
      const isIn = (x: number, z: number) =>
        x >= place.originX &&
        z >= place.originZ &&
        x < place.originX + grid.width / 2 &&
        z < place.originZ + grid.height / 2;
      if (!isIn(x0, z0) || !isIn(x1, z1)) return 0;
      const [u0, v0, u1, v1] = [unit(x0, -8), unit(z0, -4), unit(x1, -8), unit(z1, -4)];
      return isLineClear(grid, u0, v0, u1, v1, Math.max(1, need)) ? 1 : 0;
    });
    expect(Array.from(out)).toEqual(wanted);
    expect(outBack).toEqual(out);
    seenCount += out.reduce((sum, seen) => sum + seen, 0);
    lineCount += 60;
  }
  expect(seenCount).toBeGreaterThan(lineCount / 50);
  expect(seenCount).toBeLessThan(lineCount);
});

test("does not pass between two cells that touch at a corner, nor along them", () => {
  const grid = drawnGrid("..#.", ".#..", "....");
  const see = (...line: number[]) => {
    const out = new Uint8Array(1);
    // Cells, to metres.
    const metres = line.map((cells, i) => (i % 2 === 0 ? place.originX : place.originZ) + cells / 2);
    seeLines(grid, Float32Array.from(metres), 0, 1, 0, out);
    return out[0];
  };
  expect(see(0.5, 0.5, 1.5, 0.5)).toBe(1);
  // From the north-west to the south-east cell, through the corner at (2, 1), and a unit beside it.
  expect(see(1.5, 0.5, 2.5, 1.5)).toBe(0);
  expect(see(0.5, 0.5, 2.5, 2.5)).toBe(0);
  expect(see(0.5, 1.5, 1.5, 2.5)).toBe(0);
  expect(see(0.5625, 1.5, 1.5625, 2.5)).toBe(0);
  expect(see(0.4375, 1.5, 1.4375, 2.5)).toBe(1);
  expect(see(0.5, 1.5625, 1.5, 2.5625)).toBe(1);
  // Along the border of a blocked cell: the point belongs to the open one.
  expect(see(0, 2, 3.9, 2)).toBe(1);
  expect(see(2.5, 1.5, 2.5, 1.5)).toBe(1);
  expect(see(1.5, 1.5, 1.5, 1.5)).toBe(0);
});

test("answers only the lines asked for, outside and NaN with nothing seen", () => {
  const grid = drawnGrid("....");
  const lines = Float32Array.of(-8, -4, -7, -4, -8, -4, Number.NaN, -4, -8, -4, -5, -4, -8, -4, -6.1, -3.6);
  const out = new Uint8Array(4).fill(9);
  seeLines(grid, lines, 1, 3, 0, out);
  expect(Array.from(out)).toEqual([9, 0, 0, 1]);
});
