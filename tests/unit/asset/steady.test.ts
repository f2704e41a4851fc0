/** A poll with nothing to do allocates nothing. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

test("a hundred thousand steady polls, look-ups and pins leave no garbage", async () => {
  const file = fileURLToPath(new URL("./steady-run.ts", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ["--expose-gc", file]);
  const { bytes, ...rest } = JSON.parse(stdout) as { bytes: number; version: number; isIdle: boolean };
  expect(rest).toEqual({ version: 1, isIdle: true });
  // One number a poll would be 1,200,000 bytes; what remains is V8's own and the call that reads the figure.
  expect(bytes).toBeLessThan(100_000);
});
