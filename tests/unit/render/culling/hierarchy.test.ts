/**
 * A hierarchy of boxes answers as the test of every sphere does, whatever the spheres, after a build, after fits
 * of spheres that moved, and with fewer or more of them; and its boxes hold what they are about.
 */
import { describe, expect, test } from "vitest";
import { type Four, tableBytes, writeCullTable } from "../../../../engine/kernels/tables.ts";
import {
  hierarchyByteLength,
  hierarchyScratchBytes,
  SphereHierarchy,
} from "../../../../engine/render/culling/hierarchy.ts";
import { type Segment, spheresOn, touches } from "../../../../engine/render/culling/segment.ts";
import { numbers, planesOf, TwinArenas } from "../../kernels/twin-arenas.ts";
import { Draws, testSeed } from "../../seeds.ts";

const seed = testSeed("hierarchy");
const counts = [0, 1, 2, 7, 8, 9, 63, 64, 65, 100, 511, 512, 513, 1_000, 4_500];

/** A hierarchy in each of two arenas over the same spheres: one on kernels, one on twins. */
function sceneOf(draws: Draws, capacity: number, reach: number, oddOneOf: number) {
  const arenas = new TwinArenas(16 * 65_536);
  const at = [reach, reach, reach].map((side) => arenas.floats(numbers(draws, capacity, -side, side, oddOneOf)));
  at.push(arenas.floats(numbers(draws, capacity, 0, reach / 20, 0)));
  const spheres = at as unknown as Four;
  const place = arenas.reserve(hierarchyByteLength(capacity));
  const scratch = arenas.scratch(hierarchyScratchBytes(capacity));
  const planes = arenas.reserve(96);
  const table = arenas.reserve(tableBytes.cull);
  const out = arenas.scratch(capacity * 4);
  arenas.each((buffer) => writeCullTable(buffer, table, spheres));
  const [ours, twin] = [arenas.kernel, arenas.twin].map(
    (kernels, side) => new SphereHierarchy(arenas.buffers[side]!, kernels, place, capacity, spheres),
  ) as [SphereHierarchy, SphereHierarchy];
  return { arenas, spheres, scratch, planes, table, out, ours, twin };
}

type Columns = [Float32Array, Float32Array, Float32Array, Float32Array];
type Scene = ReturnType<typeof sceneOf>;

/** Asks with random planes by boxes and by asking every sphere; both lists and all bytes are equal. */
function ask({ arenas, planes, table, scratch, out, ours }: Scene, name: string, values: readonly number[]): number[] {
  arenas.each((buffer) => new Float32Array(buffer, planes, 24).set(values));
  const byBoxes = arenas.list(name, out, (kernels) => kernels.cullHierarchy(ours.table, planes, scratch, out));
  const each = arenas.list(name, out, (kernels) => kernels.cullSpheres(table, planes, 0, ours.sphereCount, out));
  expect(byBoxes, name).toEqual(each);
  const bits = new Uint8Array(arenas.buffers[0], scratch + 512, Math.ceil(ours.sphereCount / 128) * 16);
  expect(bits.every((byte) => byte === 0)).toBe(true);
  return byBoxes;
}

function build({ ours, twin, arenas }: Scene, count: number): void {
  ours.build(count);
  twin.build(count);
  arenas.compare(`build of ${count}`);
}

describe("a query", () => {
  test.each([0, 30, 3])("equals asking every sphere, for every count (one number of %i is odd)", (oddOneOf) => {
    const draws = new Draws(seed);
    for (const count of counts) {
      const scene = sceneOf(draws, 4_500, 50, oddOneOf);
      build(scene, count);
      for (let query = 0; query < 12; query++)
        ask(scene, `${count} spheres`, planesOf(draws, draws.pick([5, 50, 200])));
    }
  });

  test("equals asking every sphere after spheres moved and the boxes were fitted, or were built anew with others", () => {
    const draws = new Draws(seed);
    const scene = sceneOf(draws, 1_200, 50, 0);
    build(scene, 1_000);
    let visibleCount = 0;
    for (let frame = 0; frame < 30; frame++) {
      const moved = Array.from({ length: 300 }, () => [draws.below(1_200), draws.between(-60, 60)] as const);
      scene.arenas.each((buffer) => {
        const column = new Float32Array(buffer, scene.spheres[frame % 4], 1_200);
        for (const [sphere, value] of moved) column[sphere] = frame % 4 === 3 ? Math.abs(value) / 20 : value;
      });
      if (frame % 10 === 9) build(scene, draws.below(1_200));
      else {
        scene.ours.fit();
        scene.twin.fit();
        scene.arenas.compare(`fit ${frame}`);
      }
      visibleCount += ask(scene, `frame ${frame}`, planesOf(draws, 50)).length;
    }
    expect(visibleCount).toBeGreaterThan(100);
  });

  test("of a second camera leaves nothing in the scratch for the next", () => {
    const draws = new Draws(seed);
    const scene = sceneOf(draws, 700, 50, 0);
    build(scene, 700);
    // Planes of random directions may leave nothing between them; two cameras that see nothing would prove nothing.
    let first: number[] = [];
    for (let trial = 0; trial < 1_000 && first.length < 20; trial++) first = ask(scene, "first", planesOf(draws, 80));
    const again = new Float32Array(scene.arenas.buffers[0], scene.planes, 24).slice();
    const second = ask(scene, "second", planesOf(draws, 30));
    expect(ask(scene, "first again", [...again])).toEqual(first);
    expect(second).not.toEqual(first);
  });

  test("at the border between visible and not answers as the sphere's own test does", () => {
    const draws = new Draws(seed);
    for (let trial = 0; trial < 300; trial++) {
      const scene = sceneOf(draws, 64, 1_000, 0);
      // Spheres that touch one plane to the last bit, up to the rounding of their own test.
      const values = planesOf(draws, 1e6);
      const [nx, ny, nz] = values as [number, number, number];
      const offset = draws.between(-500, 500);
      values[3] = -offset;
      scene.arenas.each((buffer) => {
        const [x, y, z, r] = scene.spheres.map((at) => new Float32Array(buffer, at, 64)) as Columns;
        for (let i = 0; i < 64; i++) {
          if (i % 3 === 0) r[i] = 0;
          const away = nx * x[i]! + ny * y[i]! + nz * z[i]! - offset + r[i]!;
          x[i] = x[i]! - nx * away;
          y[i] = y[i]! - ny * away;
          z[i] = z[i]! - nz * away;
        }
      });
      build(scene, 64);
      ask(scene, `border ${trial}`, values);
    }
  });

  test("finds nothing among no spheres", () => {
    const scene = sceneOf(new Draws(seed), 16, 5, 0);
    build(scene, 0);
    expect(ask(scene, "none", planesOf(new Draws(1), 5))).toEqual([]);
    expect(spheresOn(scene.ours, segment(-9, 0, 0, 9, 0, 0), new Uint32Array(16))).toBe(0);
  });
});

test("chunks of boxes give what one fit gives", () => {
  const draws = new Draws(seed);
  const scene = sceneOf(draws, 900, 50, 20);
  build(scene, 900);
  scene.arenas.each((buffer) => new Float32Array(buffer, scene.spheres[1], 900).fill(3));
  scene.twin.fit();
  const { table, levels } = scene.ours;
  for (let first = 0; first < levels[0]!.boxCount; first += 16)
    scene.arenas.kernel.fitSpheres(table, first, Math.min(16, levels[0]!.boxCount - first));
  for (let level = 1; level < scene.ours.levelCount; level++)
    for (let box = 0; box < levels[level]!.boxCount; box++) scene.arenas.kernel.fitBoxes(table, level, box, 1);
  scene.arenas.compare("chunks");
});

test("the order is a permutation that keeps equal places in the order of their numbers, and follows from the columns alone", () => {
  const draws = new Draws(seed);
  const scene = sceneOf(draws, 2_000, 50, 10);
  build(scene, 2_000);
  const order = [...scene.ours.order.slice(0, 2_000)];
  expect([...order].sort((a, b) => a - b)).toEqual(order.map((_, i) => i));
  build(scene, 1_000);
  build(scene, 2_000);
  expect([...scene.ours.order.slice(0, 2_000)]).toEqual(order);
  scene.arenas.each((buffer) => {
    for (const at of scene.spheres) new Float32Array(buffer, at, 2_000).fill(1);
  });
  build(scene, 2_000);
  expect([...scene.ours.order.slice(0, 2_000)]).toEqual(order.map((_, i) => i));
});

test("boxes of neighbours on the curve are small, and grow loose when spheres scatter", () => {
  const scene = sceneOf(new Draws(seed), 4_000, 50, 0);
  build(scene, 4_000);
  // Eight of 4,000 spheres evenly spread over a cube of side 100 fill a cube of side 12.6: 38 of edges a box.
  expect(scene.ours.size() / 500).toBeLessThan(120);
  expect(scene.ours.looseness()).toBe(1);
  const draws = new Draws(seed + 1);
  scene.arenas.each((buffer) =>
    new Float32Array(buffer, scene.spheres[0], 4_000).set(numbers(draws, 4_000, -50, 50, 0)),
  );
  scene.ours.fit();
  expect(scene.ours.looseness()).toBeGreaterThan(1.5);
});

describe("a segment", () => {
  test("touches the spheres that asking each finds, for every count", () => {
    const draws = new Draws(seed);
    let touchedCount = 0;
    for (const count of counts)
      for (const oddOneOf of [0, 10]) {
        const scene = sceneOf(draws, 4_500, 50, oddOneOf);
        scene.ours.build(count);
        const [x, y, z, r] = scene.spheres.map((at) => new Float32Array(scene.arenas.buffers[0], at, count)) as Columns;
        const out = new Uint32Array(count);
        for (let query = 0; query < 20; query++) {
          const ends = Array.from({ length: 6 }, () => draws.between(-60, 60)) as [
            number,
            number,
            number,
            number,
            number,
            number,
          ];
          if (query % 5 === 0) ends[3] = ends[0];
          if (query % 5 === 1) ends[5] = ends[2];
          if (query % 7 === 0) [ends[3], ends[4], ends[5]] = [ends[0], ends[1], ends[2]];
          const line = segment(...ends);
          const expected = Array.from({ length: count }, (_, i) => i).filter((i) =>
            touches(line, x[i]!, y[i]!, z[i]!, r[i]!),
          );
          const found = spheresOn(scene.ours, line, out);
          expect([...out.subarray(0, found)]).toEqual(expected);
          touchedCount += found;
        }
      }
    expect(touchedCount).toBeGreaterThan(50);
  });

  test("that just touches spheres finds them, though their boxes are rounded", () => {
    const draws = new Draws(seed);
    let touchedCount = 0;
    for (let trial = 0; trial < 400; trial++) {
      const scene = sceneOf(draws, 8, 1_000, 0);
      const [x, y, z, r] = scene.spheres.map((at) => new Float32Array(scene.arenas.buffers[0], at, 8)) as Columns;
      // One sphere eight times; the segment ends on its surface, straight ahead along an axis.
      for (const column of [x, y, z, r]) column.fill(column[0]!);
      const ends = [x[0]!, y[0]!, z[0]!] as [number, number, number];
      const axis = trial % 3;
      const from = ends.slice() as [number, number, number];
      ends[axis] = ends[axis]! + (trial % 2 === 0 ? r[0]! : -r[0]!);
      from[axis] = ends[axis]! * 2 - from[axis]!;
      scene.ours.build(8);
      const line = segment(...from, ...ends);
      const expected = touches(line, x[0]!, y[0]!, z[0]!, r[0]!) ? [0, 1, 2, 3, 4, 5, 6, 7] : [];
      const out = new Uint32Array(8);
      expect([...out.subarray(0, spheresOn(scene.ours, line, out))]).toEqual(expected);
      touchedCount += expected.length;
    }
    expect(touchedCount).toBeGreaterThan(400);
  });

  test("ends where it ends, and a point is a segment", () => {
    expect(touches(segment(0, 0, 0, 10, 0, 0), 11, 0, 0, 1)).toBe(true);
    expect(touches(segment(0, 0, 0, 10, 0, 0), 11.1, 0, 0, 1)).toBe(false);
    expect(touches(segment(0, 0, 0, 10, 0, 0), -1, 0, 0, 1)).toBe(true);
    expect(touches(segment(0, 0, 0, 10, 0, 0), 5, 2, 0, 1.9)).toBe(false);
    expect(touches(segment(1, 2, 3, 1, 2, 3), 1, 2, 4, 1)).toBe(true);
    expect(touches(segment(0, 0, 0, Number.NaN, 0, 0), 0, 0, 0, 1)).toBe(false);
  });
});

function segment(fromX: number, fromY: number, fromZ: number, toX: number, toY: number, toZ: number): Segment {
  return { fromX, fromY, fromZ, toX, toY, toZ };
}
