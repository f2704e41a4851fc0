/**
 * Directions on the ground. A yaw of 0 faces -Z (towards the furnace), positive yaw turns left, and a
 * body that only turns about Y has the rotation (0, sin(yaw/2), 0, cos(yaw/2)).
 */
import { exact } from "../engine/index.ts";

export interface Quaternion {
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly w: number;
}

export function aboutX(radians: number): Quaternion {
  return { x: exact.sin(radians / 2), y: 0, z: 0, w: exact.cos(radians / 2) };
}
export function aboutY(radians: number): Quaternion {
  return { x: 0, y: exact.sin(radians / 2), z: 0, w: exact.cos(radians / 2) };
}
export function aboutZ(radians: number): Quaternion {
  return { x: 0, y: 0, z: exact.sin(radians / 2), w: exact.cos(radians / 2) };
}

/** Half a turn about X: what stood up hangs down. */
export const upsideDown: Quaternion = { x: 1, y: 0, z: 0, w: 0 };

/** x of the forward direction of a body that only turns about Y, from y and w of its rotation. */
export function forwardX(y: number, w: number): number {
  return -2 * w * y;
}
/** z of the forward direction, likewise. */
export function forwardZ(y: number): number {
  return 2 * y * y - 1;
}
