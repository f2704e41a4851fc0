/** The settings of all tests. It lies here and not at the top, and is passed with --config. */
import { rmSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** Where Node keeps what it compiled. Hundreds of tests run the command, and loading its sources was half of their time. */
const compileCache = fileURLToPath(new URL(".tmp/compile-cache", import.meta.url));
const dayMillis = 86_400_000;
// Tests edit copies of games, so it grows with each run.
const madeMillis = statSync(compileCache, { throwIfNoEntry: false })?.birthtimeMs ?? Number.POSITIVE_INFINITY;
if (Date.now() - madeMillis > dayMillis) rmSync(compileCache, { recursive: true, force: true });

export default defineConfig({
  root: fileURLToPath(new URL("..", import.meta.url)),
  test: {
    include: ["tests/**/*.test.ts"],
    // Worlds start threads, shared memories and processes of their own; a process per test file keeps them apart.
    pool: "forks",
    // One at a time, however many cores there are: many take both of a small machine for themselves.
    fileParallelism: false,
    env: { NODE_COMPILE_CACHE: compileCache },
    // Above every wait within a test, so that what did not happen is told by the wait and not by this.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
