/**
 * Lights in clusters equal their twin in every chunking, no light that reaches a cell is missing, and none is
 * listed that is farther from the cell's box than rounding explains.
 */
import { expect, test } from "vitest";
import {
  type ClusterGrid,
  clusterBorderBytes,
  clusterScratchBytes,
  type Four,
  tableBytes,
  writeClusterTable,
} from "../../../engine/kernels/tables.ts";
import { Draws, testSeed } from "../seeds.ts";
import { numbers, TwinArenas } from "./twin-arenas.ts";

const seed = testSeed("lights");

function gridOf(columnCount: number, rowCount: number, sliceCount: number, near: number, far: number): ClusterGrid {
  const even = (count: number, reach: number): number[] =>
    Array.from({ length: count + 1 }, (_, i) => Math.fround((2 * i) / count - 1) * reach);
  return {
    ...{ columnCount, rowCount, sliceCount },
    slopesX: even(columnCount, 1.1),
    slopesY: even(rowCount, 0.6),
    depths: Array.from({ length: sliceCount + 1 }, (_, i) => near * (far / near) ** (i / sliceCount)),
  };
}

function scene(lights: readonly (readonly number[])[], grid: ClusterGrid, countMax: number) {
  const arenas = new TwinArenas(40 * 65_536);
  const lightCount = lights[0]!.length;
  const columns = lights.map((column) => arenas.floats(column)) as unknown as Four;
  const cellCount = grid.columnCount * grid.rowCount * grid.sliceCount;
  const borders = arenas.reserve(clusterBorderBytes(grid));
  const counts = arenas.reserve(cellCount * 2);
  const lists = arenas.reserve(cellCount * countMax * 2);
  const table = arenas.reserve(tableBytes.lights);
  arenas.each((buffer) =>
    writeClusterTable(buffer, table, { lights: columns, lightCount, grid, borders, counts, lists, countMax }),
  );
  const scratch = arenas.scratch(clusterScratchBytes(lightCount));
  const listOf = (cell: number): number[] => {
    const [buffer] = arenas.buffers;
    const count = new Uint16Array(buffer, counts, cellCount)[cell]!;
    return [...new Uint16Array(buffer, lists + cell * countMax * 2, count)];
  };
  return { arenas, table, scratch, listOf, counts, cellCount };
}

/** Lights within and about the frustum: columns x y depth radius. */
function lightsOf(draws: Draws, count: number, far: number, oddOneOf: number): number[][] {
  const depth = numbers(draws, count, -5, far * 1.1, oddOneOf);
  const beside = (reach: number): number[] =>
    depth.map((d) => (Number.isFinite(d) ? d * draws.between(-reach, reach) : 0));
  return [beside(1.3), beside(0.8), depth, numbers(draws, count, 0, far / 8, oddOneOf)];
}

test("equals its twin with every count of lights, odd numbers and full cells, whole and slice by slice", () => {
  const draws = new Draws(seed);
  const grid = gridOf(16, 9, 6, 0.5, 80);
  for (const count of [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 40, 130])
    for (const oddOneOf of [0, 5])
      for (const countMax of [4, 64]) {
        const { arenas, table, scratch, counts, cellCount } = scene(
          lightsOf(draws, count, 80, oddOneOf),
          grid,
          countMax,
        );
        const name = `${count} lights, at most ${countMax}`;
        arenas.run(name, (kernels) => kernels.binLights(table, 0, grid.sliceCount, scratch));
        arenas.each((buffer) => new Uint16Array(buffer, counts, cellCount).fill(99));
        for (let slice = 0; slice < grid.sliceCount; slice += 2)
          arenas.run(`${name}, slice ${slice}`, (kernels) => kernels.binLights(table, slice, 2, scratch));
      }
});

test("works for grids of other sizes", () => {
  const draws = new Draws(seed);
  for (const [columnCount, rowCount, sliceCount] of [
    [1, 1, 1],
    [3, 5, 2],
    [7, 1, 9],
  ] as const) {
    const { arenas, table, scratch } = scene(
      lightsOf(draws, 50, 40, 8),
      gridOf(columnCount, rowCount, sliceCount, 0, 40),
      50,
    );
    arenas.run(`${columnCount} x ${rowCount}`, (kernels) => kernels.binLights(table, 0, sliceCount, scratch));
  }
});

test("lists exactly the lights that reach a cell's box, save for a hair's breadth, and counts what is too much", () => {
  const draws = new Draws(seed);
  for (const far of [50, 1_000, 20_000]) {
    const grid = gridOf(16, 9, 24, 0.25, far);
    const lights = lightsOf(draws, 300, far, 0).map((column) => column.map(Math.fround));
    const { arenas, table, scratch, listOf } = scene(lights, grid, 300);
    expect(arenas.kernel.binLights(table, 0, 24, scratch)).toBe(0);
    const hair = far * 1e-5;
    let listedCount = 0;
    for (let cell = 0; cell < 16 * 9 * 24; cell++) {
      const listed = listOf(cell);
      listedCount += listed.length;
      expect(listed).toEqual([...listed].sort((a, b) => a - b));
      const box = boxOf(grid, cell);
      for (let light = 0; light < 300; light++) {
        const distance = distanceTo(box, [lights[0]![light]!, lights[1]![light]!, lights[2]![light]!]);
        const radius = lights[3]![light]!;
        const isListed = listed.includes(light);
        if (distance <= radius && !isListed) expect(`light ${light} of cell ${cell}`).toBe("listed");
        if (distance > radius * 1.00001 + hair && isListed) expect(`light ${light} of cell ${cell}`).toBe("not listed");
      }
    }
    expect(listedCount).toBeGreaterThan(1_000);
    const tight = scene(lights, grid, 8);
    const overflow = tight.arenas.kernel.binLights(tight.table, 0, 24, tight.scratch);
    let keptCount = 0;
    for (let cell = 0; cell < 16 * 9 * 24; cell++) {
      keptCount += tight.listOf(cell).length;
      expect(tight.listOf(cell)).toEqual(listOf(cell).slice(0, 8));
    }
    expect(keptCount + overflow).toBe(listedCount);
  }
});

test("lists every light that just touches a cell's box, to the last bit of its radius", () => {
  const draws = new Draws(seed);
  const far = 1_000;
  const grid = gridOf(16, 9, 24, 0.25, far);
  const lightCount = 300;
  const cells = Array.from({ length: lightCount }, () => draws.below(16 * 9 * 24));
  const rows = cells.map((cell) => {
    const box = boxOf(grid, cell);
    // Far away along one axis or beside a corner; the radius is the distance, rounded up to an f32.
    const alone = draws.below(4);
    const place = box.map(([low, high], axis) => {
      if (alone < 3 && alone !== axis) return Math.fround(draws.between(low, high));
      const away = draws.pick([1e-4, 0.01, 1, 30]);
      return Math.fround(draws.below(2) === 0 ? low - away : high + away);
    });
    return [...place, upTo32(distanceTo(box, place))];
  });
  const columns = [0, 1, 2, 3].map((column) => rows.map((row) => row[column]!));
  const { arenas, table, scratch, listOf } = scene(columns, grid, lightCount);
  arenas.kernel.binLights(table, 0, 24, scratch);
  expect(cells.filter((cell, light) => !listOf(cell).includes(light))).toEqual([]);
});

/** The least f32 that is not below `value`, which is at least 0. */
function upTo32(value: number): number {
  const near = Math.fround(value);
  if (near >= value) return near;
  const bits = new Uint32Array(new Float32Array([near]).buffer);
  return new Float32Array(new Uint32Array([bits[0]! + 1]).buffer)[0]!;
}

type Box = readonly (readonly [number, number])[];

/** The box about a cell in real numbers, from the borders as f32. */
function boxOf(grid: ClusterGrid, cell: number): Box {
  const column = cell % grid.columnCount;
  const row = Math.floor(cell / grid.columnCount) % grid.rowCount;
  const slice = Math.floor(cell / (grid.columnCount * grid.rowCount));
  const depth = [Math.fround(grid.depths[slice]!), Math.fround(grid.depths[slice + 1]!)] as const;
  const span = (slopes: readonly number[], i: number): [number, number] => {
    const low = Math.fround(slopes[i]!);
    const high = Math.fround(slopes[i + 1]!);
    return [Math.min(low * depth[0], low * depth[1]), Math.max(high * depth[0], high * depth[1])];
  };
  return [span(grid.slopesX, column), span(grid.slopesY, row), depth];
}

function distanceTo(box: Box, place: readonly number[]): number {
  const gaps = box.map(([low, high], axis) => Math.max(low - place[axis]!, place[axis]! - high, 0));
  return Math.hypot(...gaps);
}
