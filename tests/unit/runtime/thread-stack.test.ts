/** Threads that loop: where they stand is told, and whether it was told in time or not, they can be ended. */
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { stackOf } from "../../../runtime/host/thread-stack.ts";

const source = `function inner() { Atomics.add(looping, 0, 1); for (;;); }
function outer() { inner(); }
const looping = require("node:worker_threads").workerData;
outer();`;

test.each([
  [30_000, /^ {4}at inner \(.*:1:\d+\)\n {4}at outer \(.*:2:\d+\)\n/],
  // The thread is stopped only when nobody waits any more, unless this process was held up: it must not stand still for ever.
  [0, /^(?:$| {4}at inner )/],
])("a thread that loops, asked for %i ms", async (waitMillis, expected) => {
  const looping = new Int32Array(new SharedArrayBuffer(4));
  const others = [1, 2].map(() => new Worker(source, { eval: true, workerData: looping }));
  // A thread that has not come to its loop has another stack.
  while (Atomics.load(looping, 0) < others.length) await new Promise((resolve) => setTimeout(resolve, 1));
  expect(await stackOf(others[1]!, waitMillis)).toMatch(expected);
  expect(await Promise.all(others.map((worker) => worker.terminate()))).toEqual([1, 1]);
});
