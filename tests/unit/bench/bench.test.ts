/**
 * The bench runs and gives rows of the promised shape. Sizes are tiny and times are never looked at:
 * how fast something is is for the bench itself to say, on a machine that is left alone.
 */
import { expect, test } from "vitest";
import { runBench } from "../../bench/main.ts";

test("gives rows of the promised shape, and only those asked for", async () => {
  const told: string[] = [];
  const rows = await runBench({ only: "coordinator", onProgress: (text) => told.push(text), size: "tiny" });
  expect(rows).toEqual([
    {
      name: "coordinator, 64 empty systems",
      ours: expect.stringMatching(/^[\d.]+ (?:ns|us|ms|s) a tick$/),
      peer: expect.stringMatching(/^[\d.]+ (?:ns|us|ms|s) 64 empty calls$/),
      ratio: expect.stringMatching(/^[\d.]+x$/),
      goal: "<= 30 us a tick",
      met: expect.any(Boolean),
    },
  ]);
  expect(told).toEqual(["seed 20260: coordinator, 64 empty systems"]);
});

test("computes the same world transforms as three", async () => {
  const rows = await runBench({ only: "WORLD TRANSFORMS", onProgress: () => {}, size: "tiny" });
  expect(rows.map(({ name }) => name)).toEqual(["world transforms, 100,000 nodes", "world transforms, 1 % moved"]);
  for (const row of rows) expect(row.ours).toMatch(/^[\d.]+ (?:ns|us|ms|s)$/);
});

test("has no rows of a name that is not there", async () => {
  expect(await runBench({ only: "no such row", onProgress: () => {}, size: "tiny" })).toEqual([]);
});

test("runs jobs on a worker and gives the same answers as the coordinator alone", async () => {
  const told: string[] = [];
  const rows = await runBench({ only: "scaling", onProgress: (text) => told.push(text), size: "tiny" });
  expect(rows.map(({ name }) => name)).toEqual([
    "scaling: 512 paths, 1 worker",
    "scaling: 1,000,000 particles, 1 worker",
  ]);
  // A group whose answers differ, or whose worker fails, says "failed" instead.
  for (const row of rows) expect(row.ours).toMatch(/^[\d.]+ (?:ns|us|ms|s)$/);
});

test("culls by jobs what three's test of every object culls", async () => {
  const rows = await runBench({ only: "culling as jobs", onProgress: () => {}, size: "tiny" });
  expect(rows).toHaveLength(2);
  for (const row of rows) expect(row.ours).toMatch(/^[\d.]+ (?:ns|us|ms|s)$/);
});

test("publishes no more of a snapshot than has changed", async () => {
  const rows = await runBench({ only: "snapshot publish", onProgress: () => {}, size: "tiny" });
  expect(rows.map(({ ours }) => ours.replace(/^[\d.]+ \w+/, "").replace(/, .*/, ""))).toEqual([
    "",
    " for 1.63 KB",
    " for 6.53 KB",
    " for 13.1 KB",
  ]);
});
