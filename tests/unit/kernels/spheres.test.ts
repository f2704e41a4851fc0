/** Spheres are made and culled as the twins do it, and as the definition of a sphere and a plane says. */
import { expect, test } from "vitest";
import { type Four, tableBytes, writeCullTable, writeSphereTable } from "../../../engine/kernels/tables.ts";
import { Draws, testSeed } from "../seeds.ts";
import { chunksOf, counts, numbers, planesOf, TwinArenas } from "./twin-arenas.ts";

const seed = testSeed("spheres");

test("cullSpheres equals its twin on every tail, whole and in chunks", () => {
  const draws = new Draws(seed);
  for (const count of counts)
    for (const oddOneOf of [0, 6, 1]) {
      const arenas = new TwinArenas(65_536);
      const columns = [8, 8, 8, 2].map((reach) => arenas.floats(numbers(draws, count, -reach, reach, oddOneOf)));
      const table = arenas.reserve(tableBytes.cull);
      arenas.each((buffer) => writeCullTable(buffer, table, columns as unknown as Four));
      const planes = arenas.floats(oddOneOf === 1 ? numbers(draws, 24, -1, 1, 6) : planesOf(draws, 8));
      const out = arenas.scratch(count * 4);
      const name = `${count} spheres`;
      const whole = arenas.list(name, out, (kernels) => kernels.cullSpheres(table, planes, 0, count, out));
      const parts = chunksOf(draws, count).flatMap((chunk) =>
        arenas.list(name, out, (kernels) => kernels.cullSpheres(table, planes, chunk.first, chunk.count, out)),
      );
      expect(parts).toEqual(whole);
    }
});

test("a sphere is visible unless it lies wholly behind a plane, and NaN is visible", () => {
  const arenas = new TwinArenas(65_536);
  // A box from -10 to 10 along each axis.
  const planes = arenas.floats([1, 0, 0, 10, -1, 0, 0, 10, 0, 1, 0, 10, 0, -1, 0, 10, 0, 0, 1, 10, 0, 0, -1, 10]);
  const rows: readonly (readonly [number, number, number, number, boolean])[] = [
    [0, 0, 0, 1, true],
    [11, 0, 0, 1, true],
    [11.001, 0, 0, 1, false],
    [0, -12, 0, 1.5, false],
    [0, 0, 500, 600, true],
    [0, 0, 500, Number.POSITIVE_INFINITY, true],
    [Number.NaN, 0, 0, 1, true],
    [0, 0, 0, Number.NaN, true],
    [Number.POSITIVE_INFINITY, 0, 0, 1, false],
    [10, 10, 10, 0, true],
  ];
  const columns = [0, 1, 2, 3].map((column) => arenas.floats(rows.map((row) => row[column] as number)));
  const table = arenas.reserve(tableBytes.cull);
  arenas.each((buffer) => writeCullTable(buffer, table, columns as unknown as Four));
  const out = arenas.scratch(rows.length * 4);
  const visible = arenas.list("box", out, (kernels) => kernels.cullSpheres(table, planes, 0, rows.length, out));
  expect(visible).toEqual(rows.flatMap((row, i) => (row[4] ? [i] : [])));
});

test("spheresFromMatrices equals its twin on every tail, whole and in chunks", () => {
  const draws = new Draws(seed);
  const entityCount = 40;
  for (const count of counts)
    for (const oddOneOf of [0, 12, 1]) {
      const arenas = new TwinArenas(65_536);
      const matrices = arenas.floats(numbers(draws, entityCount * 16, -4, 4, oddOneOf));
      const radii = arenas.floats(numbers(draws, entityCount, 0, 3, oddOneOf));
      const entities = arenas.words(Array.from({ length: count }, () => draws.below(entityCount)));
      const spheres = [0, 1, 2, 3].map(() => arenas.reserve(count * 4)) as unknown as Four;
      const table = arenas.reserve(tableBytes.spheres);
      arenas.each((buffer) => writeSphereTable(buffer, table, { matrices, entities, radii, spheres }));
      const name = `${count} entities`;
      arenas.run(name, (kernels) => kernels.spheresFromMatrices(table, 0, count));
      arenas.each((buffer) => new Uint32Array(buffer, spheres[0], count).fill(7));
      for (const chunk of chunksOf(draws, count))
        arenas.run(name, (kernels) => kernels.spheresFromMatrices(table, chunk.first, chunk.count));
    }
});

test("a sphere lies at its matrix's place, and its longest axis scales it", () => {
  const arenas = new TwinArenas(65_536);
  const matrices = arenas.floats([...Array(16).fill(0), 0, 3, 0, 0, -4, 0, 3, 0, 0, 0, 2, 0, 7, 8, 9, 1]);
  const radii = arenas.floats([1, 0.5]);
  const entities = arenas.words([1]);
  const spheres = [0, 1, 2, 3].map(() => arenas.reserve(4)) as unknown as Four;
  const table = arenas.reserve(tableBytes.spheres);
  arenas.each((buffer) => writeSphereTable(buffer, table, { matrices, entities, radii, spheres }));
  arenas.run("one", (kernels) => kernels.spheresFromMatrices(table, 0, 1));
  expect(spheres.map((at) => new Float32Array(arenas.buffers[0], at, 1)[0])).toEqual([7, 8, 9, 2.5]);
});
