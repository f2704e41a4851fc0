/** The heading to a goal around round obstacles, as an error to the present one. */

import type { ReadonlyColumnsOf } from "../../engine/index.ts";
import { exact, type Position } from "../../engine/index.ts";
import type { Obstacle } from "../components/yard.ts";
import type { Goal } from "./route.ts";

export interface Course {
  /** Radians to turn, positive left, within [-PI, PI). */
  readonly error: number;
  /** Metres to the goal. */
  readonly distance: number;
}

/** Room that a tug needs beside an obstacle, metres. */
const room = 2.6;

export function steer(
  x: number,
  z: number,
  ahead: Goal,
  goal: Goal,
  obstacles: Uint32Array,
  obstacle: ReadonlyColumnsOf<typeof Obstacle>,
  position: ReadonlyColumnsOf<typeof Position>,
): Course {
  const wayX = goal.x - x;
  const wayZ = goal.z - z;
  const distance = Math.max(0.01, exact.hypot(wayX, wayZ));
  let courseX = wayX / distance;
  let courseZ = wayZ / distance;
  for (let i = 0; i < obstacles.length; i++) {
    const o = obstacles[i]!;
    const fromX = x - position.x[o]!;
    const fromZ = z - position.z[o]!;
    const gap = exact.hypot(fromX, fromZ);
    if (gap < 0.01) continue; // The tug itself.
    const reach = obstacle.radius[o]! + room;
    if (gap > reach || gap > distance + obstacle.radius[o]!) continue;
    const push = (reach - gap) / room;
    // Away from it, and along it on the side where the goal is.
    const side = fromX * wayZ - fromZ * wayX > 0 ? 1 : -1;
    courseX += ((fromX - side * fromZ * 1.2) / gap) * push;
    courseZ += ((fromZ + side * fromX * 1.2) / gap) * push;
  }
  const error = exact.wrapAngle(exact.atan2(-courseX, -courseZ) - exact.atan2(-ahead.x, -ahead.z));
  return { error, distance };
}
