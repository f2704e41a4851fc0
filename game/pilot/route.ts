/** Where a pilot with a crate makes for: a place in line with the furnace, then straight at it. */
import { deckHalfZ } from "../yard/deck.ts";

export interface Goal {
  readonly x: number;
  readonly z: number;
}

/** The run to the furnace begins here, so that the throw goes straight in. */
const runZ = -deckHalfZ + 6.5;

/** Lanes to the furnace, metres east of its middle. */
export const lanes: readonly number[] = [0, -2, 2];

/** True when a tug at (x, z) has nothing to do but to drive at the mouth. */
export function isOnRun(x: number, z: number, lane: number): boolean {
  return z <= runZ + 1 && Math.abs(x - lane) <= 2.5;
}

export function carryGoal(x: number, z: number, lane: number): Goal {
  if (isOnRun(x, z, lane)) return { x: lane * 0.6, z: -deckHalfZ - 4 };
  return { x: lane, z: Math.abs(x - lane) > 6 ? runZ + 1.5 : runZ - 1 };
}
