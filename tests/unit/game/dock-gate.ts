/** The way over the dock's ramp by hand, for players of tests: they have no job that finds ways for them. */
import type { Goal } from "../../../game/pilot/route.ts";
import { dock } from "../../../game/yard/deck.ts";

/** The point to pass first on the way from (x, z) to `goal`: the ramp's foot or the goal itself. */
export function overRamp(x: number, z: number, goal: Goal): Goal {
  const isOn = isAtDock(x, z);
  if (isOn === isAtDock(goal.x, goal.z)) return goal;
  if (isOn) return { x: clampToRamp(x), z: dock.rampNorth - 2.5 };
  if (z < dock.rampNorth + 0.5 && Math.abs(x) < dock.halfX - 0.5) return goal;
  return { x: clampToRamp(x), z: dock.rampNorth - 1.5 };
}

function isAtDock(x: number, z: number): boolean {
  return Math.abs(x) < dock.halfX && z > dock.rampNorth + 0.5;
}

function clampToRamp(x: number): number {
  const limit = dock.halfX - 2.5;
  return Math.max(-limit, Math.min(limit, x));
}
