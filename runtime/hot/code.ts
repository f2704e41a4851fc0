/**
 * Code of a game as text: what a bundle of its main file is, and how a thread that runs already takes it up. The engine is
 * not part of it: whatever of the engine the game imports is the module that runs here, so definitions are made by it
 * and running a bundle takes milliseconds.
 *
 * The rule a reader could break: code is known by the hash of its text and nothing else, so the text names no machine.
 */
import { createHash } from "node:crypto";
import { Script } from "node:vm";
import { FaultError, faultText, placeInStack, raise } from "../../engine/base/faults.ts";
import type { Game } from "../../engine/game.ts";
import * as face from "../../engine/index.ts";
import { packagedProgram } from "../host/program.ts";
import { addSourceMap, withSourcePlaces } from "../host/source-places.ts";
import { playedGame } from "../traps/wanted.ts";

/** Plain data: it may be sent to threads. */
export interface Code {
  /** Hash of `text`. */
  readonly hash: string;
  readonly text: string;
  /** Source map of the text, as JSON; "" for none. */
  readonly map: string;
}

export function codeOf(text: string, map: string): Code {
  return { hash: createHash("sha256").update(text).digest("hex").slice(0, 32), text, map };
}

/** First line of a bundle: the modules of engine and runtime that it takes from who runs it, as JSON. */
const modulesMark = "// orrery-modules ";
/** Under this name bundles find the modules of who runs them. */
export const moduleFinder = "orrery.hot-module";

export function withModules(text: string, modules: readonly string[]): string {
  return `${modulesMark}${JSON.stringify(modules)}\n${text}`;
}

const finder = globalThis as { [key: symbol]: ((path: string) => unknown) | undefined };
const games = new Map<string, Game>();
const scripts = new Map<string, Script>();

/** Does the first half of loading: reads the text. Raises "swap-unloadable". */
export function compileCode({ hash, text }: Code): Script {
  let script = scripts.get(hash);
  if (script === undefined) {
    try {
      script = new Script(text, { filename: `${programOf(hash)}.js` });
    } catch (thrown) {
      return raise("swap-unloadable", { problem: String(thrown), place: "" }, thrown);
    }
    scripts.set(hash, script);
  }
  return script;
}

/** Runs code and gives its game, as this process runs games. Raises "swap-unloadable" with the author's place. */
export async function loadGame(code: Code): Promise<Game> {
  let game = games.get(code.hash);
  if (game === undefined) {
    game = await playedGame(await evaluated(code));
    games.set(code.hash, game);
  }
  return game;
}

async function evaluated(code: Code): Promise<Game> {
  const { hash, text, map } = code;
  if (map !== "") addSourceMap(programOf(hash), map);
  const script = compileCode(code);
  try {
    const modules = await modulesOf(text);
    const handed: Game[] = [];
    const launch = { launch: (game: Game) => handed.push(game) };
    finder[Symbol.for(moduleFinder)] = (path) => (path === launchModule ? launch : modules.get(path));
    (script.runInThisContext() as (module: object) => void)({ exports: {} });
    if (handed[0] !== undefined) return handed[0];
  } catch (thrown) {
    const stack = withSourcePlaces(thrown instanceof Error ? (thrown.stack ?? "") : "");
    const problem =
      thrown instanceof FaultError
        ? faultText(thrown.fault)
        : thrown instanceof Error
          ? thrown.message
          : String(thrown);
    raise("swap-unloadable", { problem, place: placeInStack(stack, thrown instanceof FaultError) }, thrown);
  }
  return raise("swap-unloadable", { problem: "its main file launches no game", place: "" });
}

/** The name under which code stands in stacks. */
export function programOf(hash: string): string {
  return `orrery-code-${hash}`;
}

/** The module whose `launch` hands a game over. */
export const launchModule = "runtime/launch.ts";

/** The running modules that code asks for, by their paths. */
async function modulesOf(text: string): Promise<ReadonlyMap<string, unknown>> {
  const line = text.slice(0, text.indexOf("\n"));
  const paths = line.startsWith(modulesMark) ? (JSON.parse(line.slice(modulesMark.length)) as string[]) : [];
  const modules = new Map<string, unknown>([["engine/index.ts", face]]);
  for (const path of paths) {
    if (modules.has(path) || path === launchModule) continue;
    if (packagedProgram() !== undefined)
      raise("swap-unloadable", {
        problem: `it imports ${path}, and an executable gives engine/index.ts only`,
        place: "",
      });
    modules.set(path, await import(new URL(`../../${path}`, import.meta.url).href));
  }
  return modules;
}
