#!/usr/bin/env node
/**
 * The command `orrery`: runs a game's entry file with the given command line, on the pinned Node.
 *
 * Plain JavaScript, for it begins on the system's Node >= 20. The entry is the first argument that
 * names a TypeScript file, else game/main.ts or main.ts in the current folder, else Orrery's own game.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const node = join(root, "node_modules", "node", "bin", process.platform === "win32" ? "node.exe" : "node");

const args = process.argv.slice(2);
const named = args.findIndex((arg) => /\.m?ts$/.test(arg) && existsSync(arg));
const entry =
  named >= 0
    ? args.splice(named, 1)[0]
    : ["game/main.ts", "main.ts", join(root, "game/main.ts")].find((file) => existsSync(file));

if (existsSync(node)) {
  const child = spawn(node, [resolve(entry), ...args], { stdio: "inherit" });
  // A terminal sends its interrupt to both; the game ends itself and this process waits for it.
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  child.on("close", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 1)));
} else {
  console.error(`error: the pinned Node is not installed\ntype: node ${join(root, "build.mjs")} setup`);
  process.exitCode = 1;
}
