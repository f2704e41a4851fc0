/**
 * Sections of other yards, which drift by in the distance: platforms with plates, containers, cranes, tanks and
 * pipes, each made from a number. The same number gives the same bytes on every machine and thread.
 */
import { graphite, orange, plateShades, teal } from "../palette.ts";
import { buildCrane } from "./crane.ts";
import { Draw } from "./draw.ts";
import { Mesh, type Point } from "./mesh.ts";
import { filledCells, occlude } from "./occlusion.ts";
import { buildPipes, buildTanks } from "./pipes.ts";

const frame = 0x39424a;
const steel = 0x8b979f;
const containerPaints: readonly number[] = [0x3f7f7a, 0xb4582f, 0x4c6a86, 0x8a5a3c, 0x6f7a52, 0x9a3f34];

/** The bytes of section `seed` (mesh.ts), 20,000 to 60,000 vertices about the middle of its deck. */
export function makeSection(seed: number): Uint8Array {
  const mesh = shapeSection(seed);
  occlude(mesh, filledCells(mesh), 0, mesh.vertexCount);
  return mesh.encode();
}

/** The mesh of a section without its shade: the first stage for whoever makes it in slices. */
export function shapeSection(seed: number): Mesh {
  const draw = new Draw(seed);
  const mesh = new Mesh();
  const columns = draw.whole(7, 10);
  const rows = draw.whole(5, 7);
  const halfX = columns * 2;
  const halfZ = rows * 2;
  buildDeck(mesh, draw, columns, rows);
  buildRails(mesh, draw, halfX, halfZ);
  buildEngines(mesh, halfX, halfZ);
  const craneX = draw.between(-halfX * 0.3, halfX * 0.3);
  buildCrane(mesh, draw, [craneX, 0, draw.between(-halfZ * 0.3, halfZ * 0.3)]);
  buildContainers(mesh, draw, halfX, halfZ, craneX);
  buildTanks(mesh, draw, halfX, halfZ);
  buildPipes(mesh, draw, halfX, halfZ);
  return mesh;
}

function buildDeck(mesh: Mesh, draw: Draw, columns: number, rows: number): void {
  for (let column = 0; column < columns; column++)
    for (let row = 0; row < rows; row++) {
      const x = column * 4 - columns * 2 + 2;
      const z = row * 4 - rows * 2 + 2;
      const shade = draw.of(plateShades);
      const color = Math.round((((graphite >>> 16) & 255) * (shade >>> 16)) / 255);
      const plate = (color << 16) | (Math.min(255, color + 9) << 8) | Math.min(255, color + 16);
      mesh.box([x, -0.2, z], [1.95, 0.2, 1.95], draw.shade(plate, 0.04));
      // A seam and bolts, which break the light.
      mesh.box([x, 0.01, z], [1.5, 0.02, 0.05], frame);
      for (const side of [-1, 1])
        for (const end of [-1, 1]) mesh.box([x + side * 1.75, 0.02, z + end * 1.75], [0.09, 0.03, 0.09], steel);
    }
  mesh.box([0, -0.9, 0], [columns * 2 - 0.2, 0.55, rows * 2 - 0.2], frame);
  for (let column = 0; column <= columns; column++)
    mesh.box([column * 4 - columns * 2, -1.75, 0], [0.18, 0.4, rows * 2 - 0.6], frame);
  for (let row = 0; row <= rows; row++) mesh.box([0, -1.75, row * 4 - rows * 2], [columns * 2 - 0.6, 0.4, 0.18], frame);
}

function buildRails(mesh: Mesh, draw: Draw, halfX: number, halfZ: number): void {
  for (const [axis, side] of [
    ["x", -1],
    ["x", 1],
    ["z", -1],
    ["z", 1],
  ] as const) {
    const half = axis === "x" ? halfX : halfZ;
    const out = (axis === "x" ? halfZ : halfX) * side;
    const at = (along: number, y: number): Point => (axis === "x" ? [along, y, out] : [out, y, along]);
    for (let along = -half; along < half; along += 2) {
      // A gap now and then, where ships lie alongside.
      if (draw.unit() < 0.18) continue;
      mesh.bar(at(along, 0), at(along, 1), 0.06, frame);
      for (const y of [0.5, 0.95]) mesh.bar(at(along, y), at(along + 2, y), 0.05, y > 0.6 ? orange : steel);
    }
    mesh.bar(at(-half, -0.35), at(half, -0.35), 0.1, teal);
  }
}

function buildEngines(mesh: Mesh, halfX: number, halfZ: number): void {
  for (const x of [-halfX * 0.65, halfX * 0.65])
    for (const z of [-halfZ * 0.6, halfZ * 0.6]) {
      mesh.tube([x, -1.4, z], [x, -3.6, z], 2.2, 1.9, 28, frame);
      mesh.tube([x, -3.6, z], [x, -4.1, z], 1.95, 2.1, 28, teal);
      mesh.tube([x, -4.1, z], [x, -4.6, z], 1.5, 1.1, 28, steel);
      for (let fin = -1; fin <= 1; fin++) mesh.box([x + fin * 0.9, -2.4, z], [0.08, 0.9, 2.5], steel);
    }
}

function buildContainers(mesh: Mesh, draw: Draw, halfX: number, halfZ: number, craneX: number): void {
  const stacks = draw.whole(5, 8);
  for (let stack = 0; stack < stacks; stack++) {
    const x = draw.between(-halfX + 3.6, halfX - 3.6);
    const z = draw.of([-1, 1]) * draw.between(halfZ * 0.35, halfZ - 2);
    if (Math.abs(x - craneX) < 5) continue;
    const levels = draw.whole(1, 3);
    for (let level = 0; level < levels; level++)
      buildContainer(mesh, draw, [x + draw.between(-0.2, 0.2), 1.22 + level * 2.44, z]);
  }
}

/** Six metres long, with ribs all around and bars on the doors. */
function buildContainer(mesh: Mesh, draw: Draw, [x, y, z]: Point): void {
  const paint = draw.shade(draw.of(containerPaints), 0.1);
  mesh.box([x, y, z], [2.92, 1.14, 1.14], paint);
  for (let rib = 0; rib < 12; rib++)
    for (const side of [-1, 1])
      mesh.box([x - 2.6 + rib * 0.472, y, z + side * 1.14], [0.12, 1.08, 0.06], draw.shade(paint, 0.05));
  for (let rib = 0; rib < 5; rib++)
    mesh.box([x - 2.92, y, z - 0.86 + rib * 0.43], [0.06, 1.08, 0.11], draw.shade(paint, 0.05));
  for (const bar of [-0.6, -0.2, 0.2, 0.6]) mesh.box([x + 2.95, y, z + bar], [0.04, 1, 0.035], steel);
  for (const end of [-1, 1])
    for (const side of [-1, 1]) {
      mesh.box([x + end * 2.94, y, z + side * 1.16], [0.1, 1.2, 0.1], frame);
      mesh.box([x, y + end * 1.16, z + side * 1.16], [2.9, 0.08, 0.08], frame);
    }
}
