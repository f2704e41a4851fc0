/** Levels of detail equal their twin, follow the thresholds, and do not flap. */
import { expect, test } from "vitest";
import { type Four, tableBytes, writeLevelTable, writeThresholds } from "../../../engine/kernels/tables.ts";
import { Draws, testSeed } from "../seeds.ts";
import { chunksOf, counts, numbers, oddNumbers, TwinArenas } from "./twin-arenas.ts";

const seed = testSeed("levels");

test("selectLevels equals its twin on every tail, whole and in chunks", () => {
  const draws = new Draws(seed);
  const entityCount = 300;
  for (const count of counts)
    for (const oddOneOf of [0, 6, 1]) {
      const arenas = new TwinArenas(65_536);
      const spheres = [30, 30, 30, 3].map((reach) => arenas.floats(numbers(draws, count, -reach, reach, oddOneOf)));
      const order = Array.from({ length: entityCount }, (_, e) => e).sort(() => draws.between(-1, 1));
      const entities = arenas.words(order.slice(0, count));
      const mesh = arenas.reserve(entityCount * 2);
      const before = arenas.reserve(entityCount);
      const after = arenas.reserve(entityCount);
      const thresholds = arenas.reserve(3 * 16);
      const table = arenas.reserve(tableBytes.levels);
      const meshes = Array.from({ length: entityCount }, () => draws.below(3));
      const levels = Array.from({ length: entityCount }, () => draws.below(4));
      const odd = draws.pick(oddNumbers);
      arenas.each((buffer) => {
        new Uint16Array(buffer, mesh, entityCount).set(meshes);
        new Uint8Array(buffer, before, entityCount).set(levels);
        writeThresholds(buffer, thresholds, 0, [100, 50, 10]);
        writeThresholds(buffer, thresholds, 1, [300, 40, 0]);
        writeThresholds(buffer, thresholds, 2, [odd, 20, 5]);
        writeLevelTable(buffer, table, {
          spheres: spheres as unknown as Four,
          ...{ entities, mesh, before, after, thresholds },
          camera: [1, 2, 3],
          projectionScale: 600,
          hysteresis: 0.1,
        });
      });
      const name = `${count} spheres`;
      arenas.run(name, (kernels) => kernels.selectLevels(table, 0, count));
      arenas.each((buffer) => new Uint8Array(buffer, after, entityCount).fill(9));
      for (const chunk of chunksOf(draws, count))
        arenas.run(name, (kernels) => kernels.selectLevels(table, chunk.first, chunk.count));
    }
});

/** The levels of one sphere of radius 1 that is seen at each of `distances` in turn. */
function levelsAlong(distances: readonly number[], start: number, hysteresis: number): number[] {
  const arenas = new TwinArenas(65_536);
  const spheres = [0, 0, 0, 1].map((value) => arenas.floats([value])) as unknown as Four;
  const entities = arenas.words([1]);
  const mesh = arenas.reserve(4);
  const thresholds = arenas.reserve(16);
  const sides = [arenas.reserve(2), arenas.reserve(2)] as const;
  const table = arenas.reserve(tableBytes.levels);
  arenas.each((buffer) => {
    writeThresholds(buffer, thresholds, 0, [100, 50, 10]);
    new Uint8Array(buffer, sides[0], 2)[1] = start;
  });
  return distances.map((distance, frame) => {
    const [before, after] = frame % 2 === 0 ? sides : [sides[1], sides[0]];
    arenas.each((buffer) =>
      writeLevelTable(buffer, table, {
        ...{ spheres, entities, mesh, before, after, thresholds, hysteresis },
        camera: [0, 0, distance],
        projectionScale: 1_000,
      }),
    );
    arenas.run(`frame ${frame}`, (kernels) => kernels.selectLevels(table, 0, 1));
    return new Uint8Array(arenas.buffers[0], after, 2)[1]!;
  });
}

test("thresholds part the levels", () => {
  expect(levelsAlong([0, 9, 11, 19, 21, 99, 101, 1e9, Number.NaN], 3, 0)).toEqual([0, 0, 1, 1, 2, 2, 3, 3, 3]);
});

test("a size that trembles within the band changes nothing, one that leaves it changes the level once", () => {
  // Size 100 is at distance 10; the band of 10 % is 9.09 to 11.11.
  const trembling = Array.from({ length: 40 }, (_, frame) => (frame % 2 === 0 ? 9.2 : 11));
  expect(new Set(levelsAlong(trembling, 0, 0.1))).toEqual(new Set([0]));
  expect(new Set(levelsAlong(trembling, 1, 0.1))).toEqual(new Set([1]));
  expect(new Set(levelsAlong(trembling, 0, 0))).toEqual(new Set([0, 1]));
  expect(levelsAlong([10, 11, 11.2, 10, 9.2, 9, 10], 0, 0.1)).toEqual([0, 0, 1, 1, 1, 0, 0]);
});

test("along any way the level changes only by leaving a band", () => {
  const draws = new Draws(seed);
  const sizes = [100, 50, 10];
  // Away and back twice, trembling on the way.
  const way = Array.from({ length: 400 }, (_, frame) => {
    const far = 1 - Math.abs(1 - (frame % 200) / 100);
    return Math.fround((5 + 120 * far) * draws.between(0.93, 1.08));
  });
  const levels = levelsAlong(way, 1, 0.1);
  let before = 1;
  levels.forEach((level, frame) => {
    const size = 1_000 / way[frame]!;
    for (let border = 0; border < 3; border++) {
      if (before <= border && level > border) expect(size).toBeLessThan(sizes[border]! * 0.9001);
      if (before > border && level <= border) expect(size).toBeGreaterThan(sizes[border]! * 1.0999);
    }
    before = level;
  });
  expect([...new Set(levels)].sort()).toEqual([0, 1, 2, 3]);
});
