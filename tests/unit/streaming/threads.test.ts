/** World resources on real workers: equal to the run without any, also when stages are slow or end their worker. */
import { beforeAll, expect, test } from "vitest";
import type { Fault } from "../../../engine/base/faults.ts";
import { setEntry } from "../../../runtime/host/project.ts";
import { firstDifference } from "../../../runtime/verify/comparison.ts";
import type { Testimony } from "../../../runtime/verify/witness.ts";
import { type WitnessedRun, witnessedRun } from "../../../runtime/verify/witnessed-run.ts";
import { makeTide, type TideVariant } from "../../games/tide.ts";

beforeAll(() => setEntry(new URL("../../games/tide-main.ts", import.meta.url)));

const tickCount = 80;

async function runTide(variant: TideVariant, workerCount: number, guard = false) {
  process.env["ORRERY_TEST_GAME"] = variant;
  const reports: Fault[] = [];
  const run = await witnessedRun({
    game: makeTide({ variant }),
    seed: 7,
    tickCount,
    script: [],
    workerCount,
    guard,
    shuffleSeed: 0,
    race: undefined,
    signal: new AbortController().signal,
    onReport: (fault) => reports.push(fault),
  });
  return { run, reports };
}

function testimonyOf(run: WitnessedRun): Testimony {
  if (run.kind === "faulted") throw new Error(JSON.stringify(run.fault));
  return run.testimony;
}

let serial: Testimony;
beforeAll(async () => {
  serial = testimonyOf((await runTide("tide", 0)).run);
});

test.each([
  { variant: "tide", workerCount: 1, guard: false },
  { variant: "tide", workerCount: 2, guard: true },
  { variant: "slow", workerCount: 2, guard: false },
  { variant: "slow", workerCount: 0, guard: false },
  { variant: "fails-twice", workerCount: 2, guard: false },
] as const)("$variant with $workerCount workers, guard $guard", async ({ variant, workerCount, guard }) => {
  const { run, reports } = await runTide(variant, workerCount, guard);
  expect(firstDifference(variant, serial, testimonyOf(run))).toBeUndefined();
  expect(reports).toEqual([]);
});

test("a worker that ends in the midst of a stage is noticed by the tick that waits, and the stage is run elsewhere", async () => {
  // A world that runs freely may reach a tick before a worker has woken, and then runs the stage itself.
  const kinds = new Set<string>();
  for (let attempt = 0; attempt < 5 && kinds.size === 0; attempt++) {
    const { run, reports } = await runTide("ends-worker", 2);
    expect(firstDifference("ends-worker", serial, testimonyOf(run))).toBeUndefined();
    for (const { kind } of reports) kinds.add(kind);
  }
  expect(kinds).toEqual(new Set(["worker-lost"]));
});

test("a stage that never ends stops the world after a bounded wait, with its name", async () => {
  // A world that runs freely may reach a tick before a worker has woken, and then runs the stage itself.
  let run = (await runTide("hangs-on-workers", 1)).run;
  for (let attempt = 1; attempt < 5 && run.kind !== "faulted"; attempt++)
    run = (await runTide("hangs-on-workers", 1)).run;
  if (run.kind !== "faulted") throw new Error("no worker took a stage in five runs");
  expect(run.fault).toMatchObject({
    kind: "resource-overdue",
    fields: { name: "chart", pipeline: "chart", problem: "a stage runs for more than 10 s" },
  });
});
