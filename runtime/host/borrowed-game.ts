/**
 * Borrowing a game: a main file calls `launch(game)` when it is loaded. Whoever wants the game of another main file and
 * not its program loads the file in here, and `launch` hands the game over instead of running it.
 */
import type { Game } from "../../engine/game.ts";

let borrowers = 0;
let lent: Game[] = [];

/** Loads something by `load`; gives the games that were launched on the way. */
export async function borrowGames(load: () => Promise<void>): Promise<readonly Game[]> {
  borrowers++;
  lent = [];
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
  lent.push(game);
  return true;
}
