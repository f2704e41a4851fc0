/**
 * Other code for a replay: the game that a file of TypeScript or JavaScript exports, as its default or as its only game.
 * A game's main file will do as well: it is loaded like any module, and the game that it would launch is taken.
 *
 * The rule a reader could break: the other game is built of this program's engine. One that brings an engine of its own
 * has components that this one does not know.
 */
import { existsSync, realpathSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { raise } from "../../engine/base/faults.ts";
import type { Game } from "../../engine/game.ts";
import { borrowGame } from "../host/borrowed-game.ts";
import { packagedProgram } from "../host/program.ts";
import { entryUrl } from "../host/project.ts";

/** `running` is the game of this program, whose main file has been loaded and launches nothing more. Raises "file-missing" or "code-unusable". */
export async function gameOfFile(path: string, running: Game): Promise<Game> {
  if (!existsSync(path)) raise("file-missing", { path, purpose: "code" });
  if (isEntry(path)) return running;
  const refuse = (problem: string, cause?: unknown): never => raise("code-unusable", { path, problem }, cause);
  let exported: Readonly<Record<string, unknown>> = {};
  const launched = await borrowGame(async () => {
    try {
      exported = (await import(pathToFileURL(resolve(path)).href)) as typeof exported;
    } catch (thrown) {
      refuse(thrown instanceof Error ? thrown.message : String(thrown), thrown);
    }
  });
  const named = exported["default"];
  if (isGame(named)) return named;
  const games = [
    ...new Set([...Object.values(exported).filter(isGame), ...(launched === undefined ? [] : [launched])]),
  ];
  if (games.length === 1) return games[0]!;
  return refuse(games.length === 0 ? "it exports no game" : `it exports ${games.length} games and none by default`);
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
