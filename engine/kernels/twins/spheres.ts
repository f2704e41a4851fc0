/**
 * Bounding spheres, TypeScript form; each step of arithmetic is rounded to f32. assembly/spheres.ts draws
 * the tables. A sphere is visible unless a plane proves it outside, so one with NaN is.
 */
import { type Views, wordAt } from "./views.ts";

const round = Math.fround;

/** Writes the numbers of the visible ones of the spheres first..first+count-1 at `out`; returns how many. */
export function cullSpheres(
  views: Views,
  table: number,
  planes: number,
  first: number,
  count: number,
  out: number,
): number {
  const { f32, u32 } = views;
  const x = wordAt(views, table, 0);
  const y = wordAt(views, table, 1);
  const z = wordAt(views, table, 2);
  const r = wordAt(views, table, 3);
  let at = out >>> 2;
  for (let i = first; i < first + count; i++)
    if (isVisible(f32, planes >>> 2, f32[x + i]!, f32[y + i]!, f32[z + i]!, f32[r + i]!)) u32[at++] = i;
  return at - (out >>> 2);
}

function isVisible(f32: Float32Array, planes: number, x: number, y: number, z: number, radius: number): boolean {
  for (let plane = planes; plane < planes + 24; plane += 4) {
    const xy = round(round(f32[plane]! * x) + round(f32[plane + 1]! * y));
    const distance = round(round(xy + round(f32[plane + 2]! * z)) + f32[plane + 3]!);
    if (distance < -radius) return false;
  }
  return true;
}

/** Writes the spheres of the entities listed at first..first+count-1. */
export function spheresFromMatrices(views: Views, table: number, first: number, count: number): void {
  const { f32, u32 } = views;
  const matrices = wordAt(views, table, 0);
  const entities = wordAt(views, table, 1);
  const radii = wordAt(views, table, 2);
  for (let i = first; i < first + count; i++) {
    const e = u32[entities + i]!;
    const matrix = matrices + e * 16;
    const first = squaredLength(f32, matrix);
    const second = squaredLength(f32, matrix + 4);
    const third = squaredLength(f32, matrix + 8);
    const two = first < second ? second : first;
    const longest = two < third ? third : two;
    // Copied as words, so that every NaN keeps its bits.
    for (let axis = 0; axis < 3; axis++) u32[wordAt(views, table, 3 + axis) + i] = u32[matrix + 12 + axis]!;
    f32[wordAt(views, table, 6) + i] = round(round(Math.sqrt(longest)) * f32[radii + e]!);
  }
}

function squaredLength(f32: Float32Array, at: number): number {
  const xx = round(f32[at]! * f32[at]!);
  const yy = round(f32[at + 1]! * f32[at + 1]!);
  return round(round(xx + yy) + round(f32[at + 2]! * f32[at + 2]!));
}
