/** The parts of the picture that need no graphics: levels of detail of shapes, and which lights shine. */
import { BufferAttribute, BufferGeometry } from "three";
import { expect, test } from "vitest";
import type { ShapeDescription } from "../../../engine/render/scene.ts";
import { chooseLights } from "../../../runtime/drivers/web/client/lights.ts";
import { coarsened } from "../../../runtime/drivers/web/client/mesh-levels.ts";
import { buildLevels, streamedLevels } from "../../../runtime/drivers/web/client/shapes.ts";

test("shapes have as many levels as look different, each with fewer triangles", () => {
  const levels = (shape: ShapeDescription) => {
    const { places, triangleCounts } = buildLevels(shape);
    return { places, triangleCounts };
  };
  expect(levels({ shape: "box", width: 1, height: 1, depth: 1 })).toEqual({ places: [0, 0, 0], triangleCounts: [12] });
  expect(levels({ shape: "box", width: 1, height: 1, depth: 1, bevel: 0.1 })).toEqual({
    places: [0, 1, 1],
    triangleCounts: [44, 12],
  });
  expect(levels({ shape: "plane", width: 1, depth: 1 })).toEqual({ places: [0, 0, 0], triangleCounts: [2] });
  expect(levels({ shape: "sphere", radius: 1 })).toEqual({ places: [0, 1, 2], triangleCounts: [528, 120, 24] });
  expect(levels({ shape: "sphere", radius: 1, segments: 6 }).places).toEqual([0, 0, 0]);
  expect(levels({ shape: "cylinder", radiusTop: 1, radiusBottom: 1, height: 1, segments: 10 }).places).toEqual([
    0, 1, 1,
  ]);
  for (const shape of [
    { shape: "cylinder", radiusTop: 1, radiusBottom: 1, height: 1 },
    { shape: "cone", radius: 1, height: 1 },
    { shape: "capsule", radius: 1, height: 1 },
    { shape: "torus", radius: 1, tube: 0.2 },
  ] as const) {
    const { places, triangleCounts } = levels(shape);
    expect(places).toEqual([0, 1, 2]);
    expect(triangleCounts[1]!).toBeLessThan(triangleCounts[0]! * 0.6);
    expect(triangleCounts[2]!).toBeLessThan(triangleCounts[1]! * 0.7);
  }
});

test("a bevelled box carries a texture upright on each side that stands", () => {
  const { position, normal, uv } = buildLevels({ shape: "box", width: 4, height: 2, depth: 3, bevel: 0.1 })
    .geometries[0]!.attributes as Record<
    string,
    { getX(i: number): number; getY(i: number): number; getZ(i: number): number }
  >;
  for (let i = 0; i < 24; i++) {
    expect(uv!.getX(i)).toBeGreaterThan(0);
    expect(uv!.getX(i)).toBeLessThan(1);
    if (normal!.getY(i) === 0) expect(uv!.getY(i) > 0.5).toBe(position!.getY(i) > 0);
    // Seen from in front of a side, the texture runs to the right.
    if (normal!.getZ(i) === 1) expect(uv!.getX(i) > 0.5).toBe(position!.getX(i) > 0);
    if (normal!.getX(i) === 1) expect(uv!.getX(i) > 0.5).toBe(position!.getZ(i) < 0);
  }
});

test("coarser levels of a streamed mesh leave out its small parts and share its vertices", () => {
  // Parts that share no vertex, right triangles with legs of these lengths; the second is a whole square.
  const positions: number[] = [];
  const indices: number[] = [];
  for (const leg of [40, 4, 1, 0.1]) {
    const first = positions.length / 3;
    positions.push(0, 0, 0, leg, 0, 0, 0, leg, 0);
    indices.push(first, first + 1, first + 2);
    if (leg !== 4) continue;
    positions.push(leg, leg, 0);
    indices.push(first + 1, first + 3, first + 2);
  }
  const geometry = new BufferGeometry()
    .setAttribute("position", new BufferAttribute(Float32Array.from(positions), 3))
    .setIndex(new BufferAttribute(Uint32Array.from(indices), 1));
  const levels = coarsened(geometry);
  // The radius is 28.3, so parts of 1.2 and of 3.5 metres are kept: of 5 triangles 4 (which is no saving) and 3.
  expect(levels.map(({ index }) => [...index!.array])).toEqual([indices, indices.slice(0, 9)]);
  for (const level of levels.slice(1)) expect(level.attributes).toEqual(geometry.attributes);
  expect(streamedLevels(levels, 0).places).toEqual([0, 1, 1]);
  expect(streamedLevels(levels, 1).places).toEqual([1, 1, 1]);
});

test("the lights that matter most to a camera shine, as by sorting all", () => {
  const random = lehmer(20_26);
  for (let round = 0; round < 200; round++) {
    const count = Math.floor(random() * 20);
    const lights = Float32Array.from({ length: count * 8 }, (_, i) =>
      i % 8 === 3 ? 1 + random() * 20 : i % 8 > 3 ? random() * 4 : random() * 100 - 50,
    );
    const eye = { x: random() * 20, y: random() * 20, z: random() * 20 };
    const forward = { x: 0, y: 0, z: -1 };
    const scored: { row: number; score: number }[] = [];
    for (let row = 0; row < count; row++) {
      const [x, y, z, radius, r, g, b] = lights.subarray(row * 8) as unknown as number[];
      const away = [x! - eye.x, y! - eye.y, z! - eye.z] as const;
      const distance2 = away[0] ** 2 + away[1] ** 2 + away[2] ** 2;
      if (-away[2] < -radius!) continue;
      const brightness = r! * 0.21 + g! * 0.72 + b! * 0.07;
      scored.push({ row, score: (brightness * radius! * radius!) / (radius! * radius! + distance2) });
    }
    scored.sort((a, b) => b.score - a.score);
    const order = new Uint16Array(7);
    const scores = new Float64Array(7);
    const chosen = chooseLights(lights, 7, eye, forward, order, scores);
    expect([...order.subarray(0, chosen)]).toEqual(scored.slice(0, 7).map(({ row }) => row));
  }
});

/** Numbers from 0 to 1, the same each time. */
function lehmer(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
