/** The settings of all tests. It lies here and not at the top, and is passed with --config. */
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  root: fileURLToPath(new URL("..", import.meta.url)),
  test: {
    include: ["tests/**/*.test.ts"],
    // Worlds start threads, shared memories and processes of their own; a process per test file keeps them apart.
    pool: "forks",
    // Above every wait within a test, so that what did not happen is told by the wait and not by this.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
