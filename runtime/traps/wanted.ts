/**
 * Whether the traps of this process are set: the command line says so once, and every thread that is started
 * afterwards knows it. Given a game, hands on the game as this process runs it.
 *
 * In a checkout traps are set, because whoever runs it is writing the game. In an executable they are not: its code
 * is what was tested, and a player gains nothing from a fault where a round could go on.
 */
import { getEnvironmentData, isMainThread, setEnvironmentData } from "node:worker_threads";
import type { Game } from "../../engine/game.ts";
import { packagedProgram } from "../host/program.ts";

/** Environment data of this name reaches every thread that is started afterwards. */
const wantedName = "orrery.traps";

/** Sets traps for this process, or not; `given` is the command line's word, undefined when it has none. */
export function wantTraps(given: boolean | undefined): void {
  setEnvironmentData(wantedName, given ?? packagedProgram() === undefined);
}

/**
 * Whether this thread may come to make ticks under traps; for the main thread, which has not read its command line yet,
 * as its words look. `bench` measures functions of the host as they are.
 */
export function mayWantTraps(): boolean {
  if (!isMainThread) return getEnvironmentData(wantedName) === true;
  const words = process.argv.slice(2);
  if (words.includes("--no-traps") || words[0] === "bench") return false;
  return packagedProgram() === undefined || words.includes("--traps");
}

/** The game with its world code trapped when traps are wanted; else the game. */
export async function playedGame(game: Game): Promise<Game> {
  if (getEnvironmentData(wantedName) !== true) return game;
  const { withTraps } = await import("./world-code.ts");
  return withTraps(game);
}
