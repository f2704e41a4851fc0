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
import { withSourcePlaces } from "../host/source-places.ts";
import { hasLaunched, startedByCommand } from "../host/start-state.ts";

const main = resolve(process.argv[2] ?? "main.ts");
// From here on the process looks as if it had been started with the main file.
process.argv.splice(1, 2, main);
startedByCommand();
/** Where the game itself was at fault. */
let place = "";
try {
  await load();
} catch (thrown) {
  const { Terminal } = await import("../cli/terminal.ts");
  const { exitCodeOf } = await import("../cli/command-line.ts");
  const terminal = new Terminal(process.argv.includes("--json"));
  process.exitCode = exitCodeOf(terminal.failure(thrown));
  if (place !== "") terminal.note(`      at ${withSourcePlaces(place)}`);
  terminal.finish("failed");
}

async function load(): Promise<void> {
  const path = relative(process.cwd(), main);
  if (!existsSync(main)) raise("file-missing", { path, purpose: "the main file of the game" });
  try {
    await import(pathToFileURL(main).href);
  } catch (thrown) {
    const mistake = await mistakeBehind(thrown);
    if (mistake !== undefined) raise("program-unloadable", { path, ...mistake }, thrown);
    // A definition is refused where it stands.
    if (thrown instanceof FaultError) place = placeOf(thrown);
    throw thrown;
  }
  if (!hasLaunched()) raise("program-unloadable", { path, problem: "it launches no game", place: "" });
}

/** What of the sources kept them from being loaded; undefined when they were, and threw. */
async function mistakeBehind(thrown: unknown): Promise<{ problem: string; place: string } | undefined> {
  if (!(thrown instanceof Error)) return undefined;
  const isOfLoader = thrown instanceof SyntaxError || String((thrown as { code?: unknown }).code).startsWith("ERR_");
  if (!isOfLoader) return undefined;
  const { mistakeInProgram } = await import("./mistakes.ts");
  const found = await mistakeInProgram(main);
  if (found !== undefined) return { problem: found.problem, place: found.place };
  return placeOf(thrown) === "" ? { problem: thrown.message, place: "" } : undefined;
}
