/**
 * A mesh in the making: blocks and tubes with flat and round shading, and the bytes of the finished one.
 *
 *    0  ┌──────────────────────────────────────────────┐ u32, little-endian
 *       │ magic "ORMS"  vertexCount  indexCount  flags │ flags: 0
 *   16  ├──────────────────────────────────────────────┤
 *       │ positions  f32[3] a vertex, metres           │
 *       │ normals    f32[3] a vertex                   │
 *       │ colours    u8[4]  a vertex, sRGB and 255     │
 *       │ indices    u32    three a triangle           │
 *       └──────────────────────────────────────────────┘ triangles are counter-clockwise seen from outside
 *
 * The one rule: everything is computed with exact mathematics in a fixed order, so equal calls give equal bytes.
 */
import { exact } from "../../engine/index.ts";

export type Point = readonly [x: number, y: number, z: number];

export const meshMagic = 0x534d_524f; // "ORMS" in memory order
export const meshHeaderBytes = 16;
/** A mesh takes no more than this; what is beyond is left out whole. */
export const vertexCountMax = 60_000;
const indexCountMax = vertexCountMax * 3;

export class Mesh {
  vertexCount = 0;
  indexCount = 0;
  readonly positions = new Float32Array(vertexCountMax * 3);
  readonly normals = new Float32Array(vertexCountMax * 3);
  readonly colors = new Uint8Array(vertexCountMax * 4);
  readonly #indices = new Uint32Array(indexCountMax);

  /** A box about `middle` with three half axes at right angles, u x v pointing along w. */
  block(middle: Point, u: Point, v: Point, w: Point, color: number): void {
    if (!this.#hasRoom(24, 36)) return;
    this.#face(middle, u, v, w, 1, color);
    this.#face(middle, u, v, w, -1, color);
    this.#face(middle, v, w, u, 1, color);
    this.#face(middle, v, w, u, -1, color);
    this.#face(middle, w, u, v, 1, color);
    this.#face(middle, w, u, v, -1, color);
  }

  /** A box along the axes. */
  box(middle: Point, half: Point, color: number): void {
    this.block(middle, [half[0], 0, 0], [0, half[1], 0], [0, 0, half[2]], color);
  }

  /** A bar of square section from `a` to `b`. */
  bar(a: Point, b: Point, halfWidth: number, color: number): void {
    const { along, side, up, length } = frameOf(a, b);
    this.block(
      [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2, (a[2] + b[2]) / 2],
      scaled(side, halfWidth),
      scaled(up, halfWidth),
      scaled(along, length / 2),
      color,
    );
  }

  /** A round bar, or a cone, from `a` to `b`, closed at both ends. */
  tube(a: Point, b: Point, radiusA: number, radiusB: number, sides: number, color: number): void {
    if (!this.#hasRoom(sides * 4 + 4, sides * 12)) return;
    const { along, side, up, length } = frameOf(a, b);
    const slope = (radiusA - radiusB) / length;
    const steep = Math.sqrt(1 + slope * slope);
    const first = this.vertexCount;
    for (let i = 0; i <= sides; i++) {
      const angle = (exact.TAU * i) / sides;
      const across = exact.cos(angle);
      const over = exact.sin(angle);
      const out: Point = [
        side[0] * across + up[0] * over,
        side[1] * across + up[1] * over,
        side[2] * across + up[2] * over,
      ];
      const normal: Point = [
        (out[0] + along[0] * slope) / steep,
        (out[1] + along[1] * slope) / steep,
        (out[2] + along[2] * slope) / steep,
      ];
      this.#vertex(a[0] + out[0] * radiusA, a[1] + out[1] * radiusA, a[2] + out[2] * radiusA, normal, color);
      this.#vertex(b[0] + out[0] * radiusB, b[1] + out[1] * radiusB, b[2] + out[2] * radiusB, normal, color);
      if (i === 0) continue;
      const at = first + i * 2;
      this.#triangle(at - 2, at, at + 1);
      this.#triangle(at - 2, at + 1, at - 1);
    }
    this.#cap(a, side, up, along, -1, radiusA, sides, color);
    this.#cap(b, side, up, along, 1, radiusB, sides, color);
  }

  /** The finished bytes. */
  encode(): Uint8Array {
    const { vertexCount, indexCount } = this;
    const bytes = new Uint8Array(meshHeaderBytes + vertexCount * 28 + indexCount * 4);
    new Uint32Array(bytes.buffer, 0, 4).set([meshMagic, vertexCount, indexCount, 0]);
    let at = meshHeaderBytes;
    new Float32Array(bytes.buffer, at, vertexCount * 3).set(this.positions.subarray(0, vertexCount * 3));
    at += vertexCount * 12;
    new Float32Array(bytes.buffer, at, vertexCount * 3).set(this.normals.subarray(0, vertexCount * 3));
    at += vertexCount * 12;
    bytes.set(this.colors.subarray(0, vertexCount * 4), at);
    at += vertexCount * 4;
    new Uint32Array(bytes.buffer, at, indexCount).set(this.#indices.subarray(0, indexCount));
    return bytes;
  }

  #hasRoom(vertices: number, indices: number): boolean {
    return this.vertexCount + vertices <= vertexCountMax && this.indexCount + indices <= indexCountMax;
  }

  /** The side of a block that looks along `sign` times w. */
  #face(middle: Point, u: Point, v: Point, w: Point, sign: number, color: number): void {
    const length = Math.sqrt(w[0] * w[0] + w[1] * w[1] + w[2] * w[2]);
    const normal = scaled(w, sign / length);
    const first = this.vertexCount;
    for (let corner = 0; corner < 4; corner++) {
      const alongU = corner === 0 || corner === 3 ? -1 : 1;
      const alongV = (corner < 2 ? -1 : 1) * sign;
      this.#vertex(
        middle[0] + w[0] * sign + u[0] * alongU + v[0] * alongV,
        middle[1] + w[1] * sign + u[1] * alongU + v[1] * alongV,
        middle[2] + w[2] * sign + u[2] * alongU + v[2] * alongV,
        normal,
        color,
      );
    }
    this.#triangle(first, first + 1, first + 2);
    this.#triangle(first, first + 2, first + 3);
  }

  #cap(at: Point, side: Point, up: Point, along: Point, sign: number, radius: number, sides: number, c: number): void {
    if (radius === 0) return;
    const normal = scaled(along, sign);
    const middle = this.vertexCount;
    this.#vertex(at[0], at[1], at[2], normal, c);
    for (let i = 0; i < sides; i++) {
      const angle = (exact.TAU * i * sign) / sides;
      const across = exact.cos(angle) * radius;
      const over = exact.sin(angle) * radius;
      this.#vertex(
        at[0] + side[0] * across + up[0] * over,
        at[1] + side[1] * across + up[1] * over,
        at[2] + side[2] * across + up[2] * over,
        normal,
        c,
      );
      this.#triangle(middle, middle + 1 + i, middle + 1 + ((i + 1) % sides));
    }
  }

  #vertex(x: number, y: number, z: number, normal: Point, color: number): void {
    const at = this.vertexCount++;
    this.positions[at * 3] = x;
    this.positions[at * 3 + 1] = y;
    this.positions[at * 3 + 2] = z;
    this.normals[at * 3] = normal[0];
    this.normals[at * 3 + 1] = normal[1];
    this.normals[at * 3 + 2] = normal[2];
    this.colors[at * 4] = color >>> 16;
    this.colors[at * 4 + 1] = (color >>> 8) & 255;
    this.colors[at * 4 + 2] = color & 255;
    this.colors[at * 4 + 3] = 255;
  }

  #triangle(a: number, b: number, c: number): void {
    this.#indices[this.indexCount++] = a;
    this.#indices[this.indexCount++] = b;
    this.#indices[this.indexCount++] = c;
  }
}

function scaled(vector: Point, factor: number): Point {
  return [vector[0] * factor, vector[1] * factor, vector[2] * factor];
}

/** Directions along and across the way from `a` to `b`: side x up points along. */
function frameOf(a: Point, b: Point): { along: Point; side: Point; up: Point; length: number } {
  const x = b[0] - a[0];
  const y = b[1] - a[1];
  const z = b[2] - a[2];
  const length = Math.sqrt(x * x + y * y + z * z);
  const along: Point = [x / length, y / length, z / length];
  const flat = Math.sqrt(along[0] * along[0] + along[2] * along[2]);
  const side: Point = flat > 1e-4 ? [along[2] / flat, 0, -along[0] / flat] : [1, 0, 0];
  const up: Point = [
    along[1] * side[2] - along[2] * side[1],
    along[2] * side[0] - along[0] * side[2],
    along[0] * side[1] - along[1] * side[0],
  ];
  return { along, side, up, length };
}
