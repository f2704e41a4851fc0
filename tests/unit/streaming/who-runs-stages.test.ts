/**
 * Who runs stages: workers. The coordinator does where there is no pool, where a pool has had no worker for long, and
 * where a tick waits; and then it takes up what the tick waits for and nothing else.
 */
import { expect, test } from "vitest";
import { Engine } from "../../../engine/engine.ts";
import { definePipeline, defineResource, defineStage, type Game } from "../../../engine/index.ts";
import { allocatePool } from "../../../engine/jobs/pool-memory.ts";
import { ManualClock } from "../../../engine/ports/clock.ts";
import { streamingOf } from "../../../engine/streaming/subsystem.ts";
import { chartEvery, chartLatency, makeTide, Reading } from "../../games/tide.ts";
import { makeBench } from "../asset/bench.ts";

interface Shown {
  readonly engine: Engine;
  /** Ticks made when the stage of "sky" was run. */
  readonly runs: number[];
  /** Version of "sky" that is published. */
  version(): number;
}

/** Tide with a resource of presentation that is more urgent than any other, in a world that is shown. */
async function start(hasPool: boolean): Promise<Shown> {
  const runs: number[] = [];
  const tide = makeTide();
  const game: Game = {
    ...tide,
    pipelines: [
      ...tide.pipelines!,
      definePipeline({
        name: "sky",
        host: false,
        stages: [
          defineStage({
            name: "paint-sky",
            run(context) {
              runs.push(engine.status.tick);
              context.allocate(8).fill(7);
            },
          }),
        ],
      }),
    ],
    resources: [...tide.resources!, defineResource({ name: "sky", pipeline: "sky", kind: "bytes", priority: 1_000 })],
  };
  const pool = { memory: allocatePool(), attach() {}, report() {} };
  const engine: Engine = new Engine(
    game,
    { clock: new ManualClock(), jobs: hasPool ? { pool } : {}, assets: { presents: true } },
    { seed: 3 },
  );
  await engine.start();
  // By name: chart 0, sky 1; rows of four words.
  return { engine, runs, version: () => streamingOf(engine).rows[5]! };
}

test("without a pool the coordinator runs stages when it polls", async () => {
  const { engine, runs, version } = await start(false);
  engine.step();
  engine.step();
  expect([runs, version()]).toEqual([[1], 1]);
});

test("with a pool whose workers are not there yet, no frame and no tick takes up a stage of presentation", async () => {
  const { engine, runs, version } = await start(true);
  for (let tick = 1; tick <= 100; tick++) engine.step();
  expect([runs, version()]).toEqual([[], 0]);
  // Ticks that waited for charts had theirs all the same.
  const due = Math.floor((100 - chartLatency - 3) / chartEvery) * chartEvery;
  expect(engine.world.store.columnsOf(Reading)["chartTick"]![5]).toBe(due);
});

test("with a pool that never gets a worker the coordinator does it in the end", async () => {
  const { engine, runs, version } = await start(true);
  for (let tick = 1; tick <= 600; tick++) engine.step();
  expect([runs, version()]).toEqual([[], 0]);
  engine.step();
  engine.step();
  expect([runs.length, version()]).toEqual([1, 1]);
});

test("a thread that asks for urgent stages alone is given no other", () => {
  const { pipelines, poll, show } = makeBench();
  pipelines.runsStages = false;
  const handles = [3, 8].map((priority) => {
    const handle = pipelines.register({ name: `yard ${priority}`, kind: "yard" });
    pipelines.requestWith(handle, undefined, [4, priority], priority);
    return handle;
  });
  poll();
  expect(pipelines.runOne(0, 9)).toBe(false);
  expect(pipelines.hasStages).toBe(true);
  for (let stage = 0; stage < 2; stage++) {
    expect(pipelines.runOne(0, 8)).toBe(true);
    expect(pipelines.runOne(0, 8)).toBe(false);
    poll();
  }
  expect(handles.map((handle) => show(handle)!.version)).toEqual([0, 1]);
  expect(pipelines.runOne(0)).toBe(true);
});
