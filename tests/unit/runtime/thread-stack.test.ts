/** Threads that loop: where they stand is told, and whether it was told in time or not, they can be ended. */
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { stackOf } from "../../../runtime/host/thread-stack.ts";

const source = "function inner() { for (;;); }\nfunction outer() { inner(); }\nouter();";

test.each([
  [30_000, /^ {4}at inner \(.*:1:\d+\)\n {4}at outer \(.*:2:\d+\)\n/],
  // The thread is stopped only when nobody waits any more; it must not stand still for ever.
  [0, /^$/],
])("a thread that loops, asked for %i ms", async (waitMillis, expected) => {
  const others = [new Worker(source, { eval: true }), new Worker(source, { eval: true })];
  await Promise.all(others.map((worker) => new Promise((resolve) => worker.once("online", resolve))));
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(await stackOf(others[1]!, waitMillis)).toMatch(expected);
  expect(await Promise.all(others.map((worker) => worker.terminate()))).toEqual([1, 1]);
});
