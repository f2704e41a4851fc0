/** Where a pilot drives next on its way: gates at the dock's ramp and a straight run to the furnace. */
import { deckHalfZ, dock } from "../yard/deck.ts";

export interface Goal {
  readonly x: number;
  readonly z: number;
}

/** The run to the furnace begins here, so that the throw goes straight in. */
const runZ = -deckHalfZ + 6.5;

/** Lanes to the furnace, metres east of its middle. */
export const lanes: readonly number[] = [0, -2, 2];

export function carryGoal(x: number, z: number, lane: number): Goal {
  const exit = dockGate(x, z, 0, -deckHalfZ);
  if (exit !== undefined) return exit;
  const aside = Math.abs(x - lane);
  if (z > runZ + 1 || aside > 2.5) return { x: lane, z: aside > 6 ? runZ + 1.5 : runZ - 1 };
  return { x: lane * 0.6, z: -deckHalfZ - 4 };
}

export function seekGoal(x: number, z: number, goalX: number, goalZ: number): Goal {
  return dockGate(x, z, goalX, goalZ) ?? { x: goalX, z: goalZ };
}

/** The dock is entered and left over its ramp; the point to pass first, if there is one. */
function dockGate(x: number, z: number, goalX: number, goalZ: number): Goal | undefined {
  const isOn = isAtDock(x, z, 0);
  const wantsOn = isAtDock(goalX, goalZ, 0);
  if (isOn === wantsOn) return undefined;
  if (isOn) return { x: clampToRamp(x), z: dock.rampNorth - 2.5 };
  if (z < dock.rampNorth + 0.5 && Math.abs(x) < dock.halfX - 0.5) return undefined;
  return { x: clampToRamp(x), z: dock.rampNorth - 1.5 };
}

function isAtDock(x: number, z: number, margin: number): boolean {
  return Math.abs(x) < dock.halfX + margin && z > dock.rampNorth + 0.5;
}

function clampToRamp(x: number): number {
  const limit = dock.halfX - 2.5;
  return Math.max(-limit, Math.min(limit, x));
}
