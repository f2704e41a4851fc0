/**
 * The synthetic frame on real threads: one ordering hash and one world for every number of workers, every run
 * and every death of a worker; surfaces that are recorded at the same time; a fault that comes through.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Fault } from "../../../engine/base/faults.ts";
import { validateTrace } from "../../../engine/trace/validate.ts";
import { setEntry } from "../../../runtime/host/project.ts";
import type { WorkerKeeper } from "../../../runtime/jobs/worker-keeper.ts";
import { simulatedLoads } from "../../../runtime/simulate/costs.ts";
import { overlappingSurfaces } from "../../../runtime/simulate/figures.ts";
import { type SimulatedRun, type SimulatedRunOptions, simulatedRun } from "../../../runtime/simulate/simulated-run.ts";

// Threads of a loaded machine take seconds to start, and each test has several runs.
vi.setConfig({ testTimeout: 300_000 });
const folder = mkdtempSync(join(tmpdir(), "orrery-simulation-"));
beforeAll(() => setEntry(new URL("../../games/main.ts", import.meta.url)));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** 90 frames at a tenth of the usual cost, unless `options` say otherwise. */
async function run(options: Partial<SimulatedRunOptions> = {}): Promise<SimulatedRun> {
  const result = await simulatedRun({
    seed: 1,
    frameCount: 90,
    workerCount: 1,
    settings: { roundsPerMicro: 100 },
    ...options,
  });
  if ("fault" in result) throw new Error(JSON.stringify(result.fault));
  return result;
}

let serial: Promise<SimulatedRun> | undefined;
const serialRun = (): Promise<SimulatedRun> => {
  serial ??= run({ workerCount: 0 });
  return serial;
};

/** Frame by frame, so that a difference says where it is. */
async function expectSerial({ outcome }: SimulatedRun): Promise<void> {
  const { outcome: expected } = await serialRun();
  const at = outcome.order.frameHashes.findIndex((hash, i) => hash !== expected.order.frameHashes[i]);
  expect({ differsInFrame: at + 1, ...outcome.order, worldHash: outcome.worldHash }).toEqual({
    differsInFrame: 0,
    ...expected.order,
    worldHash: expected.worldHash,
  });
}

describe("one order", () => {
  test.each([
    { workerCount: 0 },
    { workerCount: 1 },
    { workerCount: 2 },
    { workerCount: 2, settings: { roundsPerMicro: 0 } },
  ])("of a run with %o", async (options) => {
    await expectSerial(await run(options));
  });

  test("of another seed has the same order and another world; of more frames has another order", async () => {
    const { outcome } = await serialRun();
    const { outcome: other } = await run({ seed: 2 });
    expect(other.order.hash).toBe(outcome.order.hash);
    expect(other.worldHash).not.toBe(outcome.worldHash);
    const { outcome: longer } = await run({ frameCount: 91 });
    expect(longer.order.hash).not.toBe(outcome.order.hash);
  });

  test("of the first frame, written out", async () => {
    const { order } = (await serialRun()).outcome;
    expect(order.firstFrame).toEqual([
      "system read-controls",
      "system gather-forces",
      "system step-bodies",
      "system steer-actors",
      "system keep-score",
      "system place-actors",
      "tick 1",
      "stage snapshot",
      "stage jobs",
      "task animation opened: 16 chunks, 1024 rows",
      "task culling opened over Poses of tick 1: 8 chunks, 1024 rows",
      "task level-of-detail opened over Visible of tick 1: 8 chunks, 1024 rows",
      "task particles opened: 12 chunks, 3072 rows",
      "stage integrate",
      "turns ReflectionProbe + ShadowMap, then MainWindow, then UI_Overlay; none idle",
      "stage assemble",
      "task surfaces opened: 4 chunks, 4 rows",
      "stage submit",
      "present ReflectionProbe",
      "present ShadowMap",
      "present MainWindow",
      "present UI_Overlay",
      "stage present",
      "stage publish",
      "device graphics ShadowMap of frame 1",
      "device compute ReflectionProbe of frame 1",
      "device graphics MainWindow of frame 1",
      "device graphics UI_Overlay of frame 1",
      "device present ReflectionProbe of frame 1",
      "device present ShadowMap of frame 1",
      "device present MainWindow of frame 1",
      "device present UI_Overlay of frame 1",
      "stage budget",
    ]);
  });

  test("outlives workers that die while they record", async () => {
    const reports: Fault[] = [];
    let keeper: WorkerKeeper | undefined;
    let deaths = 0;
    const result = await run({
      workerCount: 2,
      settings: { roundsPerMicro: 900 },
      onReport: (fault) => reports.push(fault),
      onKeeper: (made) => {
        keeper = made;
      },
      onProgress(frame) {
        if (frame > 0 && frame < 80) void keeper!.kill(++deaths % 2);
      },
    });
    await expectSerial(result);
    expect(deaths).toBeGreaterThan(0);
    expect(reports.filter(({ kind }) => kind !== "worker-lost")).toEqual([]);
    expect(reports.length).toBeGreaterThan(0);
  });
});

test("every load is ready in the frame in which it is due, the failing one after its second attempt", async () => {
  const { outcome } = await serialRun();
  expect(
    outcome.loads.map(({ name, readyFrame, failedAttempts }) => `${name} ${readyFrame} ${failedAttempts}`),
  ).toEqual(
    simulatedLoads
      .toSorted((a, b) => a.dueFrame - b.dueFrame)
      .map(({ name, dueFrame, failsOnce }) => `${name} ${dueFrame} ${failsOnce === true ? 1 : 0}`),
  );
  const { outcome: short } = await run({ frameCount: 30 });
  expect(short.loads.map(({ readyFrame }) => readyFrame)).toEqual([20, 26, 0, 0, 0, 0, 0]);
});

test("the trace is valid, and surfaces are recorded at the same time on different tracks", async () => {
  const tracePath = join(folder, "trace.json");
  const { spans, trace } = await run({ tracePath, settings: { roundsPerMicro: 900 } });
  expect(validateTrace(readFileSync(tracePath, "utf8"))).toEqual([]);
  expect(trace).toMatchObject({ path: tracePath, droppedCount: 0 });
  const pairs = overlappingSurfaces(spans);
  expect(pairs.length).toBeGreaterThan(0);
  expect(new Set(pairs.flatMap((pair) => pair.map(({ track }) => track)))).toEqual(new Set(["engine", "worker 0"]));
  const drawn = (line: string): number => spans.filter(({ track }) => track === line).length;
  // The overlay goes after 45 frames, the rear view comes; the probe is left out of every second one after 67.
  expect([drawn("gpu graphics"), drawn("gpu copy")]).toEqual([270, simulatedLoads.length]);
});

test("a circle among surfaces is the fault of the run", async () => {
  const circle = (name: string, read: string) =>
    ({ name, kind: "window", width: 8, height: 8, reads: [read] }) as const;
  const settings = { roundsPerMicro: 0, surfaces: [circle("A", "B"), circle("B", "A")] };
  expect(await simulatedRun({ seed: 1, frameCount: 5, workerCount: 1, settings })).toEqual({
    fault: { kind: "surface-cycle", fields: { circle: '"A" reads "B" reads "A"' } },
  });
});
