#!/usr/bin/env node
/**
 * The command `orrery`: runs a game's main file with the given command line, on the pinned Node.
 *
 * Plain JavaScript, for it begins on the system's Node >= 20. The main file is the first word that names a source and is no
 * option's value, whether the file is there or not; else game/main.ts or main.ts in the current folder, else Orrery's own.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const node = join(root, "node_modules", "node", "bin", process.platform === "win32" ? "node.exe" : "node");

const args = process.argv.slice(2);
/** Options whose value is a source that is not the game's main file. */
const sourceOption = /^--(?:code(?:-[ab])?|entry)$/;
const isMain = (word, i) => /^[^-].*\.[cm]?[jt]s$/.test(word) && !sourceOption.test(args[i - 1]);
// Words of `lint` are what it looks at.
const named = args[0] === "lint" ? -1 : args.findIndex(isMain);
const entry =
  named >= 0
    ? args.splice(named, 1)[0]
    : ["game/main.ts", "main.ts", join(root, "game/main.ts")].find((file) => existsSync(file));

if (existsSync(node)) {
  const start = fileURLToPath(new URL("start.ts", import.meta.url));
  let child;
  // The game ends itself and this process waits for it. A terminal sends its signals to both; the game takes two for one.
  // First of all, for one that comes before the game is there would end this process alone.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGUSR2"]) process.on(signal, () => child.kill(signal));
  child = spawn(node, [start, resolve(entry), ...args], { stdio: "inherit" });
  child.on("close", (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
} else {
  console.error(`error: the pinned Node is not installed\ntype: node ${join(root, "build.mjs")} setup`);
  process.exitCode = 1;
}
