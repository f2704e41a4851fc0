/**
 * Other code for a replay: the game that a file of TypeScript or JavaScript exports, as its default or as its only game.
 * A game's main file will do as well: it is loaded like any module, and the game that it would launch is taken.
 *
 * The rule a reader could break: the other game is built of this program's engine. One that brings an engine of its own
 * has components that this one does not know.
 */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { raise } from "../../engine/base/faults.ts";
import type { Game } from "../../engine/game.ts";
import { borrowGame } from "../host/borrowed-game.ts";

/** Raises "file-missing" or "code-unusable". */
export async function gameOfFile(path: string): Promise<Game> {
  if (!existsSync(path)) raise("file-missing", { path, purpose: "code" });
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

function isGame(value: unknown): value is Game {
  if (typeof value !== "object" || value === null) return false;
  const { id, tickRate, systems, components, setup } = value as Partial<Game>;
  const isData = typeof id === "string" && typeof tickRate === "number" && typeof setup === "function";
  return isData && Array.isArray(systems) && Array.isArray(components);
}
