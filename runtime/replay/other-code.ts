/**
 * Other code for a replay: the game that a file of TypeScript or JavaScript exports, as its default or as its only game.
 * A game's main file will do as well: it is loaded like any module, and the game that it would launch is taken. So will the
 * folder that it lies in.
 *
 * The rule a reader could break: the other game is built of this program's engine. One that brings an engine of its own
 * has components that this one does not know.
 */
import { existsSync, realpathSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { raise } from "../../engine/base/faults.ts";
import type { Game } from "../../engine/game.ts";
import { borrowGames } from "../host/borrowed-game.ts";
import { packagedProgram } from "../host/program.ts";
import { entryUrl } from "../host/project.ts";

const mainFiles = ["game/main.ts", "main.ts"];

/** `running` is the game of this program, whose main file has been loaded and launches nothing more. Raises "file-missing" or "code-unusable". */
export async function gameOfFile(given: string, running: Game): Promise<Game> {
  if (!existsSync(given)) raise("file-missing", { path: given, purpose: "code" });
  const path = statSync(given).isDirectory() ? mainFileIn(given) : given;
  if (isEntry(path)) return running;
  const refuse = (problem: string, cause?: unknown): never => raise("code-unusable", { path, problem }, cause);
  let exported: Readonly<Record<string, unknown>> = {};
  const launched = await borrowGames(async () => {
    try {
      exported = (await import(pathToFileURL(resolve(path)).href)) as typeof exported;
    } catch (thrown) {
      refuse(thrown instanceof Error ? thrown.message : String(thrown), thrown);
    }
  });
  const named = exported["default"];
  if (isGame(named)) return named;
  const games = [...new Set([...Object.values(exported).filter(isGame), ...launched])];
  if (games.length === 1) return games[0]!;
  return refuse(games.length === 0 ? "it exports no game" : `it exports ${games.length} games and none by default`);
}

/** The main file of a folder, by the names that the command `orrery` looks for. */
function mainFileIn(folder: string): string {
  const found = mainFiles.map((name) => join(folder, name)).find((file) => existsSync(file));
  return (
    found ?? raise("code-unusable", { path: folder, problem: `it is a folder without a ${mainFiles.join(" or ")}` })
  );
}

function isEntry(path: string): boolean {
  if (packagedProgram() !== undefined) return false;
  const entry = fileURLToPath(entryUrl());
  return existsSync(entry) && realpathSync(entry) === realpathSync(path);
}

function isGame(value: unknown): value is Game {
  if (typeof value !== "object" || value === null) return false;
  const { id, tickRate, systems, components, setup } = value as Partial<Game>;
  const isData = typeof id === "string" && typeof tickRate === "number" && typeof setup === "function";
  return isData && Array.isArray(systems) && Array.isArray(components);
}
