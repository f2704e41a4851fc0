/** The layout of job memory: no two regions overlap, chunks share no cache line, and chunk borders ignore the machine. */
import { expect, test } from "vitest";
import { resolveLimits } from "../../../engine/base/limits.ts";
import { fieldBytes } from "../../../engine/ecs/field.ts";
import { compileJobs } from "../../../engine/jobs/graph.ts";
import { jobHeaderWords, layOutJobs } from "../../../engine/jobs/layout.ts";
import { workerCountMax } from "../../../engine/jobs/pool-memory.ts";
import { taskWordCount } from "../../../engine/jobs/task.ts";
import { bounds, swarm, swarmJobs } from "../../games/swarm.ts";

const graph = compileJobs(swarmJobs);
const limits = resolveLimits(swarm.limits);
const layout = layOutJobs(graph, limits);

test("regions lie one behind the other, at multiples of 64, within the length", () => {
  const regions: { readonly from: number; readonly end: number; readonly name: string }[] = [
    { from: 0, end: jobHeaderWords * 4, name: "header" },
  ];
  const add = (name: string, from: number, byteLength: number): void => {
    regions.push({ name, from, end: from + byteLength });
  };
  for (const { jobNumber, flight, words, statuses, chunkCountMax, rowStride, params, turns } of layout.tasks) {
    const { name, output, params: fields } = graph.jobs[jobNumber]!;
    const label = `${name} ${flight}`;
    add(`${label} words`, words, taskWordCount * 4);
    add(`${label} statuses`, statuses, chunkCountMax * 4);
    for (const [field, offset] of Object.entries(params)) add(`${label} ${field}`, offset, fieldBytes(fields[field]!));
    turns.forEach(({ rowCounts, columns }, turn) => {
      add(`${label} ${turn} rows`, rowCounts, chunkCountMax * 4);
      for (const [field, offset] of Object.entries(columns)) {
        expect((rowStride * fieldBytes(output.fields[field]!)) % 64).toBe(0);
        add(`${label} ${turn} ${field}`, offset, chunkCountMax * rowStride * fieldBytes(output.fields[field]!));
      }
    });
  }
  add("guard scratch", layout.guardScratch, layout.guardScratchBytes * (workerCountMax + 1));
  regions.sort((a, b) => a.from - b.from);
  regions.forEach(({ from, end, name }, at) => {
    expect(from % 64, name).toBe(0);
    expect(end, name).toBeLessThanOrEqual(regions[at + 1]?.from ?? layout.byteLength);
  });
});

test("each run of a tick job that may be on its way has a task of its own", () => {
  const flights = layout.tasks.map(({ jobNumber, flight }) => `${graph.jobs[jobNumber]!.name} ${flight}`);
  expect(flights).toEqual(["bounds 0", "cull 0", "dust 0", "sense 0", "sense 1"]);
});

test("chunks follow from items and from nothing else", () => {
  const [place] = layout.tasks;
  expect(place).toMatchObject({
    itemCountMax: 1_001,
    chunkCountMax: Math.ceil(1_001 / bounds.chunkItems),
    rowStride: 128,
  });
  // Again, from the same definitions, as every worker does it.
  expect(layOutJobs(compileJobs([...swarmJobs].reverse()), limits)).toEqual(layout);
});
