/**
 * A saved state: everything that decides how a world goes on, at a boundary between two ticks: the arena's part and
 * that of each subsystem that has state elsewhere, such as Rapier's memory. Shares nothing with the running engine.
 */
import { assert } from "../base/assertions.ts";
import { raise } from "../base/faults.ts";
import type { Limits } from "../base/limits.ts";
import type { Program } from "./program.ts";
import type { SavedWorld } from "./saved-world.ts";

/** What must be equal of two engines for a save of one to be a state of the other. */
export interface SaveOrigin {
  readonly game: string;
  readonly schemaHash: string;
  readonly planHash: string;
  readonly limits: Limits;
  readonly seed: number;
}

export function originOf({ id, schemaHash, planHash, limits }: Program, seed: number): SaveOrigin {
  return { game: id, schemaHash, planHash, limits, seed };
}

/** Raises "save-mismatch" when an engine of this origin cannot go on from a save, with the first entry in which they differ. */
export function requireOrigin(saved: SavedState, engine: SaveOrigin): void {
  const { origin } = saved;
  assert(origin !== undefined, "a save is what an engine's `save` gave");
  const differ = (field: string, save: unknown, program: unknown): void => {
    if (save !== program) raise("save-mismatch", { field, saved: String(save), program: String(program) });
  };
  differ("game", origin.game, engine.game);
  differ("schema", origin.schemaHash, engine.schemaHash);
  differ("plan", origin.planHash, engine.planHash);
  differ("seed", origin.seed, engine.seed);
  for (const name of Object.keys(engine.limits).sort() as (keyof Limits)[])
    differ(`limit ${name}`, origin.limits[name], engine.limits[name]);
}

export interface SavedPart {
  /** Name of the subsystem. */
  readonly name: string;
  readonly state: unknown;
}

export interface SavedState {
  readonly origin: SaveOrigin;
  /** Ticks made. */
  readonly tick: number;
  /** Hash of the last tick. */
  readonly hashHigh: number;
  readonly hashLow: number;
  readonly world: SavedWorld;
  /** In the order in which subsystems start. */
  readonly parts: readonly SavedPart[];
}
