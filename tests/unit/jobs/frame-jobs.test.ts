/** Frame jobs: what begin and chunks are given from frame to frame, what readers see, and what the budget grants. */
import { describe, expect, test } from "vitest";
import { faultText } from "../../../engine/base/faults.ts";
import { f32, u32 } from "../../../engine/ecs/field.ts";
import { defineEvent } from "../../../engine/events/event.ts";
import { type AnyJob, defineJob } from "../../../engine/jobs/definition.ts";
import { defineOutput } from "../../../engine/jobs/output.ts";
import { defineSystem } from "../../../engine/sim/system.ts";
import { faultOf } from "../small-world.ts";
import { Aged, countingJob, startJobs } from "./small-jobs.ts";

const tickMicros = Math.ceil(1_000_000 / 60);

describe("from frame to frame", () => {
  const grow = (): AnyJob =>
    countingJob({
      name: "grow",
      run: ({ output, before, count, number }) => {
        for (let i = 0; i < count; i++) output.x[i] = before.x[i]! + 1 + number;
        return count;
      },
    });

  test("`before` is what the last run left", async () => {
    const { engine, jobs } = await startJobs([grow()]);
    const { output } = jobs.graph.jobs[0]!;
    for (let frame = 1; frame <= 5; frame++) {
      engine.step();
      const view = jobs.outputOf(output);
      const rows = Array.from({ length: view.chunkCount }, (_, chunk) =>
        Array.from(
          view.columns["x"]!.subarray(chunk * view.rowStride, chunk * view.rowStride + view.rowCounts[chunk]!),
        ),
      );
      expect(rows).toEqual([new Array(4).fill(frame), new Array(4).fill(2 * frame), new Array(2).fill(3 * frame)]);
      expect(view.tick).toBe(frame);
    }
  });

  test("readers see how many rows each chunk wrote", async () => {
    const emit = countingJob({
      name: "emit",
      run: ({ number, output }) => {
        for (let i = 0; i < number; i++) output.x[i] = number * 10 + i;
        return number;
      },
    });
    let seen: unknown;
    const sum = countingJob({
      name: "sum",
      inputs: [emit.output],
      items: 1,
      run: ({ inputs }) => {
        const { chunkCount, rowCounts, itemCount, rowStride, tick, columns } = inputs.Emit;
        const rows: number[] = [];
        for (let chunk = 0; chunk < chunkCount; chunk++)
          for (let row = 0; row < rowCounts[chunk]!; row++) rows.push(columns.x[chunk * rowStride + row]!);
        seen = { chunkCount, counts: [...rowCounts], itemCount, tick, rows };
        return 1;
      },
    });
    const { engine } = await startJobs([sum, emit]);
    engine.step();
    engine.step();
    expect(seen).toEqual({ chunkCount: 3, counts: [0, 1, 2], itemCount: 10, tick: 2, rows: [10, 20, 21] });
  });

  test("nothing runs in a frame without a tick, or when nobody presents the world", async () => {
    let runs = 0;
    const job = countingJob({
      name: "a",
      begin: () => {
        runs++;
        return 0;
      },
    });
    const { engine } = await startJobs([job]);
    engine.frame(0);
    expect(engine.frame(10)).toBe(0);
    expect(runs).toBe(0);
    expect(engine.frame(10 + 3 * tickMicros)).toBe(3);
    expect(runs).toBe(1);
    engine.stop();
    await engine.start();
    engine.step();
    expect(runs).toBe(1);
  });

  test("random numbers of a chunk depend on job, tick and chunk alone", async () => {
    const drawing = async (shuffleSeed: number): Promise<readonly (readonly number[])[]> => {
      const draw = countingJob({
        name: "draw",
        run: ({ output, random, count }) => {
          for (let i = 0; i < count; i++) output.x[i] = random.unit();
          return count;
        },
      });
      const { engine, jobs } = await startJobs([draw], {}, { shuffleSeed });
      return [1, 2].map(() => {
        engine.step();
        const { columns, rowStride } = jobs.outputOf(draw.output);
        return [0, 1, 2].flatMap((chunk) => [...columns["x"]!.slice(chunk * rowStride, chunk * rowStride + 2)]);
      });
    };
    const [first, second] = await drawing(0);
    expect(new Set([...first!, ...second!]).size).toBe(12);
    expect(await drawing(9)).toEqual([first, second]);
  });
});

describe("events", () => {
  const Ping = defineEvent("Ping", { at: f32, number: u32 });
  const ping = defineSystem({
    name: "ping",
    phase: "gameplay",
    query: [Aged],
    emits: [Ping],
    run({ tick, events }) {
      for (let i = 0; i < tick % 3; i++) events.Ping.emit({ at: tick, number: i });
    },
  });
  const hearing = (heard: unknown[]): AnyJob =>
    defineJob({
      name: "hear",
      hears: [Ping],
      params: { total: u32 },
      output: defineOutput("Heard", { x: f32 }),
      chunkItems: 1,
      itemsMax: () => 1,
      begin({ events, params, deltaSeconds, tick }) {
        const { count, columns } = events.Ping;
        params.total[0] = params.total[0]! + count;
        const rows = Array.from({ length: count }, (_, i) => [columns.at[i], columns.number[i]]);
        heard.push({ tick, rows, total: params.total[0], ticks: Math.round(deltaSeconds * 60) });
        return 0;
      },
      run: () => 0,
    });

  test("of all ticks of a frame are there, and those of frames in which the job was left out", async () => {
    const heard: unknown[] = [];
    const { engine, jobs } = await startJobs([hearing(heard)], { events: [Ping], systems: [ping] });
    engine.frame(0);
    engine.frame(3 * tickMicros);
    jobs.setLevel("hear", { every: 1, quality: 1, isSkipped: true });
    engine.frame(4 * tickMicros);
    jobs.setLevel("hear", { every: 1, quality: 1, isSkipped: false });
    engine.frame(5 * tickMicros);
    engine.frame(6 * tickMicros);
    expect(heard).toEqual([
      {
        tick: 3,
        rows: [
          [1, 0],
          [2, 0],
          [2, 1],
        ],
        total: 3,
        ticks: 0,
      },
      {
        tick: 5,
        rows: [
          [4, 0],
          [5, 0],
          [5, 1],
        ],
        total: 6,
        ticks: 2,
      },
      { tick: 6, rows: [], total: 6, ticks: 1 },
    ]);
  });
});

describe("what the budget grants", () => {
  test("a level of every n-th frame, of skipping, of quality", async () => {
    const begun: string[] = [];
    const a = countingJob({
      name: "a",
      begin: ({ tick, quality }) => {
        begun.push(`a${tick} ${quality}`);
        return 10;
      },
    });
    const b = countingJob({
      name: "b",
      inputs: [a.output],
      begin: ({ tick, inputs }) => {
        begun.push(`b${tick} reads a${inputs.A.tick}`);
        return 10;
      },
    });
    const { engine, jobs } = await startJobs([b, a]);
    engine.step();
    jobs.setLevel("a", { every: 3, quality: 0.5, isSkipped: false });
    for (let frame = 0; frame < 3; frame++) engine.step();
    jobs.setLevel("a", { every: 1, quality: 1, isSkipped: true });
    engine.step();
    jobs.setLevel("a", { every: 1, quality: 1, isSkipped: false });
    engine.step();
    expect(begun).toEqual([
      "a1 1",
      "b1 reads a1",
      "b2 reads a1",
      "a3 0.5",
      "b3 reads a3",
      "b4 reads a3",
      "b5 reads a3",
      "a6 1",
      "b6 reads a6",
    ]);
  });

  test("changes nothing of the world", async () => {
    const hashOf = async (isSkipped: boolean): Promise<string> => {
      const { engine, jobs } = await startJobs([countingJob({ name: "a" })]);
      jobs.setLevel("a", { every: 1, quality: 1, isSkipped });
      for (let tick = 0; tick < 5; tick++) engine.step();
      return `${engine.world.hash.high} ${engine.world.hash.low}`;
    };
    expect(await hashOf(true)).toBe(await hashOf(false));
  });
});

test("an output that no job writes is named", async () => {
  const { jobs } = await startJobs([countingJob({ name: "a" })]);
  expect(faultText(faultOf(() => jobs.outputOf(defineOutput("Other", { x: f32 }))))).toBe(
    'A reader of job outputs names the output "Other", which does not exist.',
  );
});
