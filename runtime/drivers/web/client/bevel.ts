/**
 * A box with cut edges. Its 24 corners are those of a plain box drawn in from the edges, each with
 * the normal of its side, so that light runs smoothly over the cuts and they look round: as good as
 * a rounded box from a few metres away, for 44 triangles instead of some hundreds.
 */
import { BufferAttribute, BufferGeometry } from "three";

/** For side `axis` and `sign`, corner (u, v) in -1/+1 along the two other axes. */
function cornerIndex(axis: number, sign: number, u: number, v: number): number {
  return axis * 8 + (sign > 0 ? 4 : 0) + (u > 0 ? 2 : 0) + (v > 0 ? 1 : 0);
}

export function buildBevelledBox(width: number, height: number, depth: number, bevel: number): BufferGeometry {
  const half = [width / 2, height / 2, depth / 2];
  const positions = new Float32Array(24 * 3);
  const normals = new Float32Array(24 * 3);
  const places = new Float32Array(24 * 2);
  const signs = [-1, 1];
  for (let axis = 0; axis < 3; axis++)
    for (const sign of signs)
      for (const u of signs)
        for (const v of signs) {
          const at = cornerIndex(axis, sign, u, v) * 3;
          const uAxis = (axis + 1) % 3;
          const vAxis = (axis + 2) % 3;
          positions[at + axis] = half[axis]! * sign;
          positions[at + uAxis] = (half[uAxis]! - bevel) * u;
          positions[at + vAxis] = (half[vAxis]! - bevel) * v;
          normals[at + axis] = sign;
          // A texture lies on each side on its own, upright on the four that stand.
          const across = axis === 0 ? 2 : 0;
          const up = axis === 1 ? 2 : 1;
          const corner = cornerIndex(axis, sign, u, v) * 2;
          const mirrored = (axis === 0 ? -sign : axis === 2 ? sign : 1) as 1 | -1;
          places[corner] = 0.5 + (mirrored * positions[at + across]!) / (half[across]! * 2);
          places[corner + 1] = 0.5 + ((axis === 1 ? -sign : 1) * positions[at + up]!) / (half[up]! * 2);
        }
  const indices: number[] = [];
  const triangle = (a: number, b: number, c: number): void => {
    if (facesOutward(positions, a, b, c)) indices.push(a, b, c);
    else indices.push(a, c, b);
  };
  for (let axis = 0; axis < 3; axis++) {
    const next = (axis + 1) % 3;
    for (const a of signs) {
      const corner = (u: number, v: number): number => cornerIndex(axis, a, u, v);
      triangle(corner(-1, -1), corner(1, -1), corner(1, 1));
      triangle(corner(-1, -1), corner(1, 1), corner(-1, 1));
      // The cut between side (axis, a) and side (next, b) runs along the third axis.
      for (const b of signs) {
        const here = (c: number): number => cornerIndex(axis, a, b, c);
        const there = (c: number): number => cornerIndex(next, b, c, a);
        triangle(here(-1), here(1), there(1));
        triangle(here(-1), there(1), there(-1));
      }
    }
  }
  for (const x of signs)
    for (const y of signs)
      for (const z of signs) triangle(cornerIndex(0, x, y, z), cornerIndex(1, y, z, x), cornerIndex(2, z, x, y));
  return new BufferGeometry()
    .setAttribute("position", new BufferAttribute(positions, 3))
    .setAttribute("normal", new BufferAttribute(normals, 3))
    .setAttribute("uv", new BufferAttribute(places, 2))
    .setIndex(indices);
}

/** Whether a triangle of a convex solid around the origin is wound so that it is seen from outside. */
function facesOutward(positions: Float32Array, a: number, b: number, c: number): boolean {
  const [ax, ay, az] = positions.subarray(a * 3, a * 3 + 3) as unknown as [number, number, number];
  const [bx, by, bz] = positions.subarray(b * 3, b * 3 + 3) as unknown as [number, number, number];
  const [cx, cy, cz] = positions.subarray(c * 3, c * 3 + 3) as unknown as [number, number, number];
  const nx = (by - ay) * (cz - az) - (bz - az) * (cy - ay);
  const ny = (bz - az) * (cx - ax) - (bx - ax) * (cz - az);
  const nz = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax);
  return nx * (ax + bx + cx) + ny * (ay + by + cy) + nz * (az + bz + cz) > 0;
}
