/** Sections in the distance: meshes that drivers accept, the same bytes for the same seed, closed shapes seen from outside. */
import { expect, test } from "vitest";
import { hashBytes, hashHex } from "../../../engine/base/hash.ts";
import { farSectionPlace, type Sailing } from "../../../game/sections/sailing.ts";
import { makeSection } from "../../../game/sections/section.ts";
import { decodeMesh, type MeshBytes } from "../../../runtime/drivers/web/resource-codec.ts";
import { expectGolden } from "../golden.ts";

function decoded(bytes: Uint8Array): MeshBytes {
  const mesh = decodeMesh(bytes);
  if ("problem" in mesh) throw new Error(mesh.problem);
  return mesh;
}

test("every seed gives a mesh of 20,000 to 60,000 vertices that drivers accept", () => {
  for (let seed = 0; seed < 8; seed++) {
    const { positions, indices } = decoded(makeSection(seed));
    expect(positions.length / 3).toBeGreaterThan(20_000);
    expect(positions.length / 3).toBeLessThan(60_000);
    expect(indices.length % 3).toBe(0);
  }
});

test("a seed always gives the same bytes, and another seed others", () => {
  const hashOf = (seed: number): string => {
    const { high, low } = hashBytes(makeSection(seed));
    return hashHex(high, low);
  };
  expect(hashOf(11)).toBe(hashOf(11));
  expectGolden("scrapyard-sections.txt", [11, 23, 47].map((seed) => `${seed} ${hashOf(seed)}\n`).join(""));
});

test("normals have length 1 and triangles run against the clock seen from where their normals point", () => {
  const { positions, normals, indices } = decoded(makeSection(5));
  let wrongLength = 0;
  for (let i = 0; i < normals.length; i += 3)
    if (Math.abs(Math.hypot(normals[i]!, normals[i + 1]!, normals[i + 2]!) - 1) > 1e-4) wrongLength++;
  expect(wrongLength).toBe(0);
  const corner = (at: number, axis: number): number => positions[indices[at]! * 3 + axis]!;
  let wrongSide = 0;
  for (let at = 0; at < indices.length; at += 3) {
    const edge = (to: number): readonly number[] => [0, 1, 2].map((axis) => corner(at + to, axis) - corner(at, axis));
    const [ax, ay, az] = edge(1) as [number, number, number];
    const [bx, by, bz] = edge(2) as [number, number, number];
    const normal = [ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx];
    // The tip of a cone has triangles without an area.
    if (Math.hypot(...normal) < 1e-7) continue;
    let facing = 0;
    for (let axis = 0; axis < 3; axis++) facing += normal[axis]! * normals[indices[at]! * 3 + axis]!;
    if (facing <= 0) wrongSide++;
  }
  expect(wrongSide).toBe(0);
});

test("colours are opaque, and shade makes some of them dark", () => {
  const { colors } = decoded(makeSection(5));
  let dark = 0;
  for (let i = 0; i < colors.length; i += 4) {
    if (colors[i + 3] !== 255) throw new Error(`vertex ${i / 4} has opacity ${colors[i + 3]}`);
    if (colors[i]! < 48) dark++;
  }
  expect(dark).toBeGreaterThan(colors.length / 4 / 20);
});

test("a section comes as near as it may once a period, goes into the haze and never nearer", () => {
  const sailing: Sailing = { directionX: 0.6, directionZ: -0.8, nearMetres: 80, periodTicks: 6_000, phase: 0 };
  const away = Array.from({ length: 121 }, (_, k) => {
    const { x, z } = farSectionPlace(sailing, k * 50);
    return Math.hypot(x, z);
  });
  expect(away[0]).toBeCloseTo(80, 6);
  expect(away[120]).toBeCloseTo(80, 6);
  expect(Math.min(...away)).toBeGreaterThanOrEqual(80);
  expect(Math.max(...away)).toBeGreaterThan(210);
});
