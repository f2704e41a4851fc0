/**
 * A saved state: everything that decides how a world goes on, at a boundary between two ticks: the arena's part and
 * that of each subsystem that has state elsewhere, such as Rapier's memory. Shares nothing with the running engine.
 */
import type { SavedWorld } from "./saved-world.ts";

export interface SavedPart {
  /** Name of the subsystem. */
  readonly name: string;
  readonly state: unknown;
}

export interface SavedState {
  /** Ticks made. */
  readonly tick: number;
  /** Hash of the last tick. */
  readonly hashHigh: number;
  readonly hashLow: number;
  readonly world: SavedWorld;
  /** In the order in which subsystems start. */
  readonly parts: readonly SavedPart[];
}
