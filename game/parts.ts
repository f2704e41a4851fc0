/** Parts that are seen: a mesh and a material at a place, as the components of a spawn. */
import { type Initial, Position, Renderable, Rotation, Scale, tint, untinted } from "../engine/index.ts";
import { look } from "./look.ts";
import type { Quaternion } from "./orientation.ts";

export type Vector = readonly [x: number, y: number, z: number];

export interface PartOptions {
  /** Factors along the axes; of the unit box, lengths in metres. */
  readonly size?: Vector;
  readonly rotation?: Quaternion;
  /** 0xRRGGBB, multiplies the material's colour. */
  readonly color?: number;
}

export function part(
  mesh: keyof typeof look.mesh,
  material: keyof typeof look.material,
  [x, y, z]: Vector,
  { size, rotation, color }: PartOptions = {},
): Initial[] {
  const components = [
    Position.of({ x, y, z }),
    Renderable.of({
      mesh: look.mesh[mesh],
      material: look.material[material],
      tint: color === undefined ? untinted : tint(color),
    }),
  ];
  if (size !== undefined) components.push(Scale.of({ x: size[0], y: size[1], z: size[2] }));
  if (rotation !== undefined) components.push(Rotation.of(rotation));
  return components;
}

/** An unseen node that carries parts. */
export function place([x, y, z]: Vector, rotation?: Quaternion): Initial[] {
  return rotation === undefined ? [Position.of({ x, y, z })] : [Position.of({ x, y, z }), Rotation.of(rotation)];
}
