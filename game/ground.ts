/**
 * What is below a point. The engine has no ray casts, and hovering needs none: ground is a short list
 * of rectangles.
 */
import type { Position, ReadonlyColumnsOf } from "../engine/index.ts";
import type { Ground } from "./components/yard.ts";

/** Ground this far above a point still counts as below it, so that ramps can be climbed. */
export const stepMetres = 0.5;

type Grounds = ReadonlyColumnsOf<typeof Ground>;
type Places = ReadonlyColumnsOf<typeof Position>;

/**
 * The highest of `grounds` below (x, y, z), reaching `margin` metres beyond its edges; 0 for none.
 */
export function groundBelow(
  grounds: Uint32Array,
  ground: Grounds,
  position: Places,
  x: number,
  y: number,
  z: number,
  margin: number,
): number {
  let found = 0;
  let foundHeight = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < grounds.length; i++) {
    const g = grounds[i]!;
    if (Math.abs(x - position.x[g]!) > ground.halfX[g]! + margin) continue;
    if (Math.abs(z - position.z[g]!) > ground.halfZ[g]! + margin) continue;
    const height = groundHeight(g, ground, position, x, z);
    if (height > y + stepMetres || height <= foundHeight) continue;
    found = g;
    foundHeight = height;
  }
  return found;
}

/** Height of ground `g` at (x, z); beyond its edges, that of the nearest edge. */
export function groundHeight(g: number, ground: Grounds, position: Places, x: number, z: number): number {
  const halfX = ground.halfX[g]!;
  const halfZ = ground.halfZ[g]!;
  const acrossX = Math.max(-halfX, Math.min(halfX, x - position.x[g]!));
  const acrossZ = Math.max(-halfZ, Math.min(halfZ, z - position.z[g]!));
  return position.y[g]! + ground.top[g]! + ground.riseX[g]! * acrossX + ground.riseZ[g]! * acrossZ;
}
