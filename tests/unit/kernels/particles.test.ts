/** The particle kernels equal their twins, whole and in chunks, and do what a particle is said to do. */
import { describe, expect, test } from "vitest";
import {
  type Four,
  type Nine,
  type ParticleTable,
  tableBytes,
  writeParticleTable,
} from "../../../engine/kernels/tables.ts";
import { Draws, testSeed } from "../seeds.ts";
import { chunksOf, counts, numbers, TwinArenas } from "./twin-arenas.ts";

const seed = testSeed("particles");

type Constants = Omit<ParticleTable, "before" | "after" | "targets">;
const plain: Constants = {
  deltaSeconds: 0.25,
  acceleration: [0, -8, 0],
  drag: 0.5,
  floorHeight: 0,
  restitution: 0.5,
  floorHalfX: 10,
  floorHalfZ: 5,
  sizeAtEnd: 0.5,
  fadeRate: 4,
};

function system(draws: Draws, count: number, oddOneOf: number, constants: Constants) {
  const arenas = new TwinArenas(65_536);
  const before = Array.from({ length: 9 }, () => arenas.floats(numbers(draws, count, -3, 3, oddOneOf)));
  const after = Array.from({ length: 9 }, () => arenas.floats(numbers(draws, count, 7, 8, 0)));
  const targets = Array.from({ length: 4 }, () => arenas.floats(numbers(draws, count, -3, 3, oddOneOf)));
  const table = arenas.reserve(tableBytes.particles);
  arenas.each((buffer) =>
    writeParticleTable(buffer, table, {
      ...constants,
      before: before as unknown as Nine,
      after: after as unknown as Nine,
      targets: targets as unknown as Four,
    }),
  );
  return { arenas, table, before, after, targets };
}

describe.each(["integrateParticles", "integrateAttracted"] as const)("%s", (kernel) => {
  test("equals its twin on every tail, with odd numbers here and there", () => {
    const draws = new Draws(seed);
    for (const count of counts)
      for (const oddOneOf of [0, 4, 1]) {
        const constants: Constants = {
          ...plain,
          deltaSeconds: draws.between(0, 0.1),
          acceleration: [draws.between(-9, 9), -0, draws.between(-9, 9)],
          drag: draws.between(0, 1),
          floorHeight: draws.pick([0, -1, Number.NEGATIVE_INFINITY]),
          floorHalfX: draws.pick([1, 2, Number.POSITIVE_INFINITY]),
        };
        const { arenas, table } = system(draws, count, oddOneOf, constants);
        arenas.run(`${count} particles`, (kernels) => kernels[kernel](table, 0, count));
      }
  });

  test("gives the same in chunks, and the same again when a chunk is done twice", () => {
    for (const count of [5, 64, 250]) {
      const { arenas, table } = system(new Draws(seed + count), count, 9, plain);
      arenas.twin[kernel](table, 0, count);
      const draws = new Draws(seed);
      const chunks = chunksOf(draws, count);
      for (const chunk of [...chunks, draws.pick(chunks)].reverse())
        arenas.kernel[kernel](table, chunk.first, chunk.count);
      arenas.compare(`${chunks.length} chunks of ${count}`);
    }
  });
});

describe("a particle", () => {
  /** One particle's columns after a step. */
  function step(
    values: readonly number[],
    constants: Partial<Constants> = {},
    target: readonly number[] = [0, 0, 0, 0],
    kernel: "integrateParticles" | "integrateAttracted" = "integrateParticles",
  ): number[] {
    const { arenas, table, before, after, targets } = system(new Draws(1), 1, 0, { ...plain, ...constants });
    arenas.each((buffer) => {
      for (const [i, value] of values.entries()) new Float32Array(buffer, before[i], 1).set([value]);
      for (const [i, value] of target.entries()) new Float32Array(buffer, targets[i], 1).set([value]);
    });
    arenas.run("one", (kernels) => kernels[kernel](table, 0, 1));
    return after.map((at) => new Float32Array(arenas.buffers[0], at, 1)[0]!);
  }

  test("moves, slows, falls and fades", () => {
    expect(step([1, 2, 3, 4, 8, -4, 1, 2, 10])).toEqual([2, 4, 2, 2, 2, -2, 0.75, 6.875, 1]);
    expect(step([1, 2, 3, 4, 8, -4, 0.5, 2, 10]).slice(6)).toEqual([0.25, 5.625, 0.5]);
  });

  test("bounces off the floor from above only, and beside the floor falls on", () => {
    expect(step([0, 1, 0, 0, -8, 0, 1, 2, 1]).slice(0, 6)).toEqual([0, 0.5, 0, 0, 3, 0]);
    expect(step([0, -1, 0, 0, -8, 0, 1, 2, 1]).slice(0, 6)).toEqual([0, -3, 0, 0, -6, 0]);
    expect(step([11, 1, 0, 0, -8, 0, 1, 2, 1]).slice(0, 6)).toEqual([11, -1, 0, 0, -6, 0]);
    expect(step([0, 1, -6, 0, -8, 0, 1, 2, 1]).slice(0, 6)).toEqual([0, -1, -6, 0, -6, 0]);
    expect(step([0, 1, 0, 0, -8, 0, 1, 2, 1], { floorHeight: Number.NEGATIVE_INFINITY })[1]).toBe(-1);
  });

  test("is drawn to its target by its weight", () => {
    const still = [1, 2, 3, 0, 0, 0, 1, 2, 1];
    const free = { acceleration: [0, 0, 0], floorHeight: -100 } as const;
    expect(step(still, free, [5, 2, 1, 2], "integrateAttracted").slice(3, 6)).toEqual([2, 0, -1]);
    expect(step(still, free, [5, 2, 1, 0], "integrateAttracted").slice(3, 6)).toEqual([0, 0, 0]);
  });

  test("that is dead or never lived has no alpha and the size of its end", () => {
    expect(step([0, 1, 0, 0, 0, 0, 0, 2, 8]).slice(6)).toEqual([-0.25, 4, 0]);
    expect(step([0, 1, 0, 0, 0, 0, 0.25, 0, 8]).slice(6)).toEqual([0, 4, 0]);
  });
});

test("compactAlive lists what lives, ascending, and equals its twin", () => {
  const draws = new Draws(seed);
  for (const count of counts) {
    for (const first of [0, 4, 16]) {
      const arenas = new TwinArenas(65_536);
      const lives = numbers(draws, first + count, -1, 1, 4);
      const life = arenas.floats(lives);
      const out = arenas.scratch(count * 4);
      const listed = arenas.list(`${first} + ${count}`, out, (kernels) =>
        kernels.compactAlive(life, first, count, out),
      );
      const expected = lives.flatMap((value, i) => (i >= first && Math.fround(value) > 0 ? [i] : []));
      expect(listed).toEqual(expected);
    }
  }
});

test("gatherColumns moves what is listed, bit for bit, to any place, and equals its twin", () => {
  const draws = new Draws(seed);
  for (const count of [...counts, 1_023, 1_024, 1_025, 2_500]) {
    const arenas = new TwinArenas(2 * 65_536);
    const columns = Array.from({ length: 3 }, () => Array.from({ length: count }, () => draws.u32()));
    // All kinds of gaps: none, few and many are left out.
    const dropped = draws.pick([0, 0.1, 0.5, 0.9, 1]);
    const listed = Array.from({ length: count }, (_, i) => i).filter(() => draws.between(0, 1) >= dropped);
    const place = draws.below(9);
    const from = columns.map((column) => arenas.words(column));
    const to = from.map(() => arenas.reserve((place + listed.length) * 4));
    const table = arenas.words(from.flatMap((at, i) => [at, to[i]!]));
    const indices = arenas.words(listed);
    arenas.run(`${listed.length} of ${count}`, (kernels) =>
      kernels.gatherColumns(table, columns.length, indices, listed.length, place),
    );
    for (const [i, column] of columns.entries())
      expect([...new Uint32Array(arenas.buffers[0], to[i]! + place * 4, listed.length)]).toEqual(
        listed.map((number) => column[number]),
      );
  }
});
