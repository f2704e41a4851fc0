/**
 * Borrowing a game: a main file calls `launch(game)` when it is loaded. Whoever wants the game of another main file and
 * not its program loads the file in here, and `launch` hands the game over instead of running it.
 */
import type { Game } from "../../engine/game.ts";

let borrowers = 0;
let lent: Game | undefined;

/** Loads something by `load`; gives the game that was launched on the way, or undefined. */
export async function borrowGame(load: () => Promise<void>): Promise<Game | undefined> {
  borrowers++;
  lent = undefined;
  try {
    await load();
    return lent;
  } finally {
    borrowers--;
  }
}

/** For the launcher alone: true when the game is borrowed and must not be run. */
export function lendGame(game: Game): boolean {
  if (borrowers === 0) return false;
  lent = game;
  return true;
}
