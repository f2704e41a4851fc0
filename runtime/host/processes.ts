/**
 * Processes: starts this same program again as a child with other arguments, from the entry file in a checkout and from
 * the executable itself when it is one. The child has the parent's working folder, so paths mean the same to both.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { packagedProgram } from "./program.ts";
import { entryUrl } from "./project.ts";
import { isStartedByCommand } from "./start-state.ts";

const programStart = fileURLToPath(new URL("../package/start.ts", import.meta.url));

/** Starts the program with pipes for input, output and errors. */
export function startProcess(args: readonly string[]): ChildProcess {
  const own = packagedProgram() === undefined ? [...process.execArgv, programStart, fileURLToPath(entryUrl())] : [];
  return spawn(process.execPath, [...own, ...args], { stdio: ["pipe", "pipe", "pipe"] });
}

/** What a person types in the current folder to start this program. */
export function typedCommand(): string {
  if (packagedProgram() !== undefined) return relative(process.cwd(), process.execPath) || process.execPath;
  const entry = relative(process.cwd(), fileURLToPath(entryUrl()));
  return `${isStartedByCommand() ? "npx orrery" : "node"} ${entry}`;
}
