/** World matrices the naive way: 4x4 products in f64 from the top down, nothing remembered. */

import type { World } from "../../../engine/sim/world.ts";
import { Position, Rotation, Scale, WorldTransform } from "../../../engine/transform/components.ts";

export type Matrix = readonly number[];

export const identity: Matrix = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];

/** a * b, column-major. */
export function multiply(a: Matrix, b: Matrix): Matrix {
  const out = new Array<number>(16).fill(0);
  for (let column = 0; column < 4; column++)
    for (let row = 0; row < 4; row++)
      for (let k = 0; k < 4; k++) out[column * 4 + row]! += (a[k * 4 + row] as number) * (b[column * 4 + k] as number);
  return out;
}

function value(
  world: World,
  component: typeof Position | typeof Rotation | typeof Scale,
  field: string,
  e: number,
): number {
  return (world.store.columnsOf(component)[field] as Float32Array)[e] as number;
}

function local(world: World, e: number): Matrix {
  const translation: Matrix = [
    ...identity.slice(0, 12),
    ...["x", "y", "z"].map((field) => value(world, Position, field, e)),
    1,
  ];
  const [x, y, z, w] = ["x", "y", "z", "w"].map((field) => value(world, Rotation, field, e)) as [
    number,
    number,
    number,
    number,
  ];
  const rotation: Matrix = [
    ...[1 - 2 * (y * y + z * z), 2 * (x * y + w * z), 2 * (x * z - w * y), 0],
    ...[2 * (x * y - w * z), 1 - 2 * (x * x + z * z), 2 * (y * z + w * x), 0],
    ...[2 * (x * z + w * y), 2 * (y * z - w * x), 1 - 2 * (x * x + y * y), 0],
    ...[0, 0, 0, 1],
  ];
  const [sx, sy, sz] = world.store.has(e, Scale)
    ? ["x", "y", "z"].map((field) => value(world, Scale, field, e))
    : [1, 1, 1];
  const scale: Matrix = [sx as number, 0, 0, 0, 0, sy as number, 0, 0, 0, 0, sz as number, 0, 0, 0, 0, 1];
  return multiply(translation, multiply(rotation, scale));
}

/** The world matrix of `e`; ancestors without a WorldTransform count as if they were not there. */
export function worldMatrix(world: World, e: number): Matrix {
  const parent = world.hierarchy.parentOf(e);
  const above = parent === 0 ? identity : worldMatrix(world, parent);
  return world.store.has(e, WorldTransform) ? multiply(above, local(world, e)) : above;
}

export function matrixOf(world: World, e: number): number[] {
  return [...(world.store.columnsOf(WorldTransform)["matrix"] as Float32Array).slice(e * 16, e * 16 + 16)];
}
