/** 200 starts and stops of one engine with physics hold no more memory than 100. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

interface Sample {
  readonly cycle: number;
  readonly external: number;
  readonly arrayBuffers: number;
  readonly heap: number;
  readonly physics: number;
  readonly live: number;
}

test("200 starts and stops leave memory flat", async () => {
  const file = fileURLToPath(new URL("./memory-run.ts", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ["--expose-gc", file]);
  const samples = JSON.parse(stdout) as Sample[];
  expect(samples.map(({ cycle }) => cycle)).toEqual([50, 100, 150, 200]);
  // V8 goes on compiling for about a hundred cycles; what is held after them must not grow.
  const [first, middle, last] = samples.slice(1) as [Sample, Sample, Sample];
  // A stopped engine holds no world and no arena; a few may wait for the collector.
  expect(Math.max(...samples.map(({ live }) => live))).toBeLessThan(8);
  // 1 KB a cycle would be 100,000.
  expect(last.external - first.external).toBeLessThan(60_000);
  expect(last.arrayBuffers - first.arrayBuffers).toBeLessThan(60_000);
  // A kilobyte a cycle allows for the counters and code that V8 keeps. It may compile late, but a leak is in both halves.
  expect(Math.min(middle.heap - first.heap, last.heap - middle.heap)).toBeLessThan(50 * 1_024);
  // Rapier's own memory grows in pages and never shrinks: freed worlds are used again.
  expect(first.physics).toBeGreaterThan(0);
  expect(last.physics).toBe(first.physics);
});
