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
      ours: expect.stringMatching(/^[\d.]+ (?:us|ms) a tick$/),
      peer: expect.stringMatching(/^[\d.]+ (?:ns|us|ms) 64 empty calls$/),
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
  for (const row of rows) expect(row.ours).toMatch(/^[\d.]+ (?:us|ms)$/);
});

test("has no rows of a name that is not there", async () => {
  expect(await runBench({ only: "no such row", onProgress: () => {}, size: "tiny" })).toEqual([]);
});
