/**
 * Starts a program from its main file: `node start.ts <main file> <words of the command line>`. Given to the process by the
 * command `orrery` and by programs that start themselves again; a person may as well run the main file itself.
 *
 * It knows what the main file cannot: that traps are set before any module of the game is loaded, that the file is there,
 * that it parses, and that a game was launched. What went wrong is told as any fault of a command.
 */
import "../traps/early.ts";
import "../host/console.ts";
import "../host/demand-signal.ts";
import { existsSync } from "node:fs";
import { relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { FaultError, placeOf, raise } from "../../engine/base/faults.ts";
import { hasLaunched, startedByCommand } from "../host/start-state.ts";
import { endFor, watchUncaught } from "../host/uncaught.ts";

const main = resolve(process.argv[2] ?? "main.ts");
// From here on the process looks as if it had been started with the main file.
process.argv.splice(1, 2, main);
startedByCommand();
watchUncaught();
try {
  await load();
} catch (thrown) {
  endFor(thrown);
}

async function load(): Promise<void> {
  const path = relative(process.cwd(), main);
  if (!existsSync(main)) raise("file-missing", { path, purpose: "the main file of the game" });
  try {
    await import(pathToFileURL(main).href);
  } catch (thrown) {
    const mistake = await mistakeBehind(thrown);
    if (mistake !== undefined)
      raise("program-unloadable", { path, ...mistake }, mistake.isOfSource ? undefined : thrown);
    throw thrown;
  }
  if (!hasLaunched()) raise("program-unloadable", { path, problem: "it launches no game", place: "" });
}

interface Mistake {
  readonly problem: string;
  readonly place: string;
  /** Whether it is one of the text, so that a stack tells nothing. */
  readonly isOfSource: boolean;
}

/** What kept the main file from launching a game; undefined for a fault, and when a game was launched before. */
async function mistakeBehind(thrown: unknown): Promise<Mistake | undefined> {
  const place = placeOf(thrown);
  const isOfLoader =
    thrown instanceof SyntaxError || String((thrown as { code?: unknown } | null)?.code).startsWith("ERR_");
  if (thrown instanceof Error && isOfLoader) {
    const { mistakeInProgram } = await import("./mistakes.ts");
    const found = await mistakeInProgram(main);
    if (found !== undefined) return { problem: found.problem, place: found.place, isOfSource: true };
    if (place === "") return { problem: thrown.message, place, isOfSource: true };
  }
  if (thrown instanceof FaultError || hasLaunched()) return undefined;
  return { problem: `it threw ${thrown instanceof Error ? thrown.message : String(thrown)}`, place, isOfSource: false };
}
