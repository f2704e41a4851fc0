/**
 * Code of a game as text, and how a thread that runs already takes it up. The engine is not part of it: whatever of the
 * engine the game imports is the module that runs here, so definitions are made by it and running a game takes
 * milliseconds. What of a program ran before, in another program, is not read again.
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
import { checkLaunched } from "../host/start-state.ts";
import { playedGame } from "../traps/wanted.ts";
import { callWithin } from "./bounded-call.ts";
import { type CodeModule, type CodeModules, readModules } from "./code-text.ts";

/** Plain data: it may be sent to threads. */
export interface Code {
  /** Hash of `text`. */
  readonly hash: string;
  readonly text: string;
  /** Source maps of its modules, a line each; "" for none. */
  readonly map: string;
}

export function codeOf(text: string, map: string): Code {
  return { hash: hashOf(text), text, map };
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}

/** Code of which the text was read. */
interface Compiled extends CodeModules {
  readonly byPath: ReadonlyMap<string, CodeModule>;
  readonly scripts: ReadonlyMap<string, Script>;
}

/** How long modules may take to run to their end. A thread that runs them makes no tick meanwhile. */
const loadMillisMax = 2_000;
/** As many programs are kept as an author goes back and forth between. */
const keptCount = 8;
const games = new Map<string, Game>();
const compiled = new Map<string, Compiled>();

function keep<Value>(kept: Map<string, Value>, hash: string, value: Value): void {
  kept.set(hash, value);
  const [oldest] = kept.keys();
  if (kept.size > keptCount) kept.delete(oldest!);
}

/** Does the first half of loading: reads the text. Raises "swap-unloadable". */
export function compileCode({ hash, text, map }: Code): Compiled {
  let made = compiled.get(hash);
  if (made === undefined) {
    const read = readModules(text, map);
    made = {
      ...read,
      byPath: new Map(read.modules.map((module) => [module.path, module])),
      scripts: new Map(read.modules.map((module) => [module.path, scriptOf(module)])),
    };
    keep(compiled, hash, made);
  }
  return made;
}

/** The script of a module; that of another program, if it is the same text, whose functions are compiled already. */
function scriptOf({ path, code, map }: CodeModule): Script {
  for (const other of compiled.values()) if (other.byPath.get(path)?.code === code) return other.scripts.get(path)!;
  const program = `orrery-code-${hashOf(`${path}\n${code}`)}`;
  try {
    const script = new Script(code, { filename: `${program}.js` });
    if (map !== "") addSourceMap(program, map);
    return script;
  } catch (thrown) {
    return raise("swap-unloadable", { problem: String(thrown), place: path }, thrown);
  }
}

/** Runs code and gives its game, as this process runs games. Raises "swap-unloadable" with the author's place. */
export async function loadGame(code: Code): Promise<Game> {
  let game = games.get(code.hash);
  if (game === undefined) {
    game = await playedGame(await evaluated(code));
    keep(games, code.hash, game);
  }
  return game;
}

async function evaluated(code: Code): Promise<Game> {
  const program = compileCode(code);
  let path = "";
  let isDone = false;
  const handed: Game[] = [];
  const launch = (game: Game): void => {
    checkLaunched(game, launch);
    handed.push(game);
  };
  try {
    const running = await runningModules(program);
    running.set(launchModule, { launch });
    const rejected = await rejectionsDuring(async () => {
      isDone = await callWithin(loadMillisMax, () =>
        runModules(program, running, (module) => {
          path = module.path;
        }),
      );
    });
    // Nobody can handle it later, and what it was to do has not happened.
    if (rejected.length > 0) throw rejected[0];
    if (handed.length === 1) return handed[0]!;
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
  if (!isDone)
    raise("swap-unloadable", { problem: `it did not come to its end within ${loadMillisMax} ms`, place: path });
  const problem = `its main file launches ${handed.length === 0 ? "no game" : `${handed.length} games`}`;
  return raise("swap-unloadable", { problem, place: "" });
}

/** What is rejected while `act` runs and is handled by nobody: it would end the process some time later. */
async function rejectionsDuring(act: () => Promise<void>): Promise<readonly unknown[]> {
  const rejected: unknown[] = [];
  const note = (reason: unknown): void => void rejected.push(reason);
  process.on("unhandledRejection", note);
  try {
    await act();
    // They are told once all that is due at once has run.
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    process.off("unhandledRejection", note);
  }
  return rejected;
}

type Require = (specifier: string) => unknown;
type ModuleFunction = (exports: object, require: Require, module: { exports: object }) => void;

/** Runs the entry, and each module when it is first asked for, as imports are followed. */
function runModules(
  { entry, byPath, scripts }: Compiled,
  running: ReadonlyMap<string, unknown>,
  begins: (module: CodeModule) => void,
): void {
  const begun = new Map<string, { exports: object }>();
  /** What ES modules are given of those that have run to their end. */
  const faces = new Map<string, unknown>();
  const run = (module: CodeModule): { exports: object } => {
    const made = { exports: {} };
    begun.set(module.path, made);
    const require: Require = (specifier) => {
      const path = module.links[specifier] ?? specifier;
      const asked = byPath.get(path);
      if (asked === undefined) return running.get(path);
      const { exports } = begun.get(path) ?? run(asked);
      // One that has not come to its end is in a circle of imports with the one that asks.
      begins(module);
      return module.isScript ? exports : (faces.get(path) ?? exports);
    };
    begins(module);
    (scripts.get(module.path)!.runInThisContext() as ModuleFunction)(made.exports, require, made);
    faces.set(
      module.path,
      module.isScript ? namesOf(made.exports) : module.isFixed ? fixed(made.exports) : made.exports,
    );
    return made;
  };
  run(byPath.get(entry)!);
}

/** Exports as plain values, which hot loops read at once; esbuild's are functions that look each time. */
function fixed(exports: object): object {
  return Object.freeze(Object.defineProperty({ ...exports }, "__esModule", { value: true }));
}

/** What ES modules import of one that is none: all that it assigned is its default, as in Node. */
function namesOf(exports: object): object {
  return Object.defineProperty({ ...exports, default: exports }, "__esModule", { value: true });
}

/** The module whose `launch` hands a game over. */
export const launchModule = "runtime/launch.ts";

/** The running modules that code asks for, by their paths. */
async function runningModules({ modules, byPath }: Compiled): Promise<Map<string, unknown>> {
  const found = new Map<string, unknown>([["engine/index.ts", face]]);
  for (const { links } of modules)
    for (const path of Object.values(links)) {
      if (found.has(path) || byPath.has(path) || path === launchModule) continue;
      if (packagedProgram() !== undefined)
        raise("swap-unloadable", {
          problem: `it imports ${path}, and an executable gives engine/index.ts only`,
          place: "",
        });
      found.set(path, await import(new URL(`../../${path}`, import.meta.url).href));
    }
  return found;
}
