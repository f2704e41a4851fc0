/**
 * Pipelines over real threads: workers that claim stages at once, that end in the middle of one, readers that hold tables
 * while they change; and, on one thread, the moments of death that no real thread can be made to hit.
 */
import { Worker } from "node:worker_threads";
import { describe, expect, test } from "vitest";
import { bumpBlock } from "../../../engine/asset/heap.ts";
import { allocateAssetMemory, assetLayout } from "../../../engine/asset/memory.ts";
import { definePipeline, defineStage } from "../../../engine/asset/stage.ts";
import { TicketTable, ticketWord } from "../../../engine/asset/ticket-table.ts";
import { Draws, testSeed } from "../seeds.ts";
import { makeBench } from "./bench.ts";
import { head } from "./shared-head.ts";
import { type StageThreadTask, threadPipelines } from "./stage-thread.ts";

const seed = testSeed("asset threads");
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));

describe("real threads", () => {
  test("workers die, 40 times and until one did within a stage: every result is right, nothing leaks, nothing overlaps", async () => {
    const draws = new Draws(seed);
    const resourceCount = 12;
    const memory = allocateAssetMemory({ resources: 32, tickets: 8, threads: 16, heapBytesMax: 64 * 1024 * 1024 });
    const bench = makeBench(new Map(), {
      memory,
      pipelines: threadPipelines,
      retry: { attemptsMax: 100, pauseFrames: 1, pauseFramesMax: 2 },
    });
    const { pipelines, poll, show, published } = bench;
    pipelines.runsStages = false;
    const handles = Array.from({ length: resourceCount }, (_, i) =>
      pipelines.register({ name: `r${i}`, kind: "slow" }),
    );
    const flagsBuffer = new SharedArrayBuffer(16);
    const flags = new Int32Array(flagsBuffer);
    const reports: Promise<string[]>[] = [];
    const start = (role: "worker" | "reader", thread: number): Worker => {
      const workerData: StageThreadTask = { role, thread, memory, flagsBuffer, handles };
      const worker = new Worker(new URL("./stage-thread.ts", import.meta.url), { workerData });
      if (role === "reader")
        reports.push(
          new Promise((resolve, reject) => {
            worker.once("message", resolve);
            worker.once("error", reject);
          }),
        );
      return worker;
    };
    const workers = [1, 2, 3].map((thread) => start("worker", thread));
    const readers = [4, 5].map((thread) => start("reader", thread));
    /** What each resource is to hold once all is done: [bytes, value]. */
    const wanted = new Map<number, readonly [number, number]>();
    try {
      const deadline = Date.now() + 240_000;
      let deathCount = 0;
      let deathInStageCount = 0;
      let killAt = 5;
      let stagesAtDeath = 0;
      for (let frame = 1; ; frame++) {
        const [stageCount, lookupCount] = [Atomics.load(flags, 1), Atomics.load(flags, 2)];
        // Whether a death falls within a stage is chance, and so is who has begun by then: it goes on until all have.
        const isOver = deathCount >= 40 && deathInStageCount > 0 && stageCount > 50 && lookupCount > 50;
        if (!isOver)
          for (const handle of handles) {
            if (draws.below(3) > 0) continue;
            const [length, value] = [draws.below(20_000), draws.below(200)];
            pipelines.requestWith(handle, undefined, [length, value, 20 + draws.below(60)], draws.below(3));
            wanted.set(handle, [length, value]);
          }
        const counts = { deathCount, deathInStageCount, stageCount, lookupCount };
        expect(Date.now(), JSON.stringify(counts)).toBeLessThan(deadline);
        // A death waits for a stage behind the last one: workers that die faster than they start would never run any.
        if (frame >= killAt && stageCount > stagesAtDeath && !isOver) {
          const at = draws.below(workers.length);
          const failedBefore = bench.failed.length;
          await workers[at]!.terminate();
          pipelines.workerEnded(at + 1);
          poll();
          if (bench.failed.length > failedBefore) deathInStageCount++;
          workers[at] = start("worker", at + 1);
          deathCount++;
          stagesAtDeath = Atomics.load(flags, 1);
          killAt = frame + 2 + draws.below(10);
        }
        poll();
        if (isOver && pipelines.isIdle) break;
        await turn();
      }
      for (const [handle, [length, value]] of wanted) {
        const { state, bytes } = show(handle)!;
        expect([state, bytes.length, bytes.every((byte) => byte === value + 1)]).toEqual(["ready", length, true]);
      }
      for (const handle of handles) {
        const versions = published.filter((p) => p.handle === handle).map(({ version }) => version);
        expect(versions).toEqual(versions.map((_, i) => i + 1));
      }
      Atomics.store(flags, 0, 1);
      Atomics.notify(flags, 0);
      expect((await Promise.all(reports)).flat()).toEqual([]);
      expect([pipelines.heap.liveBlockCount, pipelines.buildingRowsTaken]).toEqual([1 + wanted.size, 0]);
      pipelines.heap.check();
    } finally {
      Atomics.store(flags, 0, 1);
      Atomics.notify(flags, 0);
      await Promise.all([...workers, ...readers].map((worker) => worker.terminate()));
    }
  }, 300_000);
});

describe("moments of death", () => {
  test("a block that a thread took and never wrote down is found once no ticket of that moment is left", () => {
    const { pipelines, poll, memory, published } = makeBench();
    pipelines.runsStages = false;
    const [a, b] = ["a", "b"].map((name) => pipelines.register({ name, kind: "yard" })) as [number, number];
    for (const handle of [a, b]) pipelines.requestWith(handle, undefined, [100, 7]);
    poll();
    const tickets = new TicketTable(head(memory), assetLayout(memory.limits).tickets, memory.limits.tickets);
    // Thread 3 dies between taking bytes and writing them down; thread 4 still runs.
    expect(tickets.claim(3)).toBe(0);
    expect(tickets.claim(4)).toBe(1);
    expect(bumpBlock(memory, head(memory), 5_000)).toBeGreaterThan(0);
    pipelines.workerEnded(3);
    poll();
    expect(() => pipelines.heap.check()).toThrow("blocks and free spans reach the top");
    // Thread 4 wrote its block down and dies before it hands it in.
    const offset = bumpBlock(memory, head(memory), 300);
    tickets.set(1, ticketWord.outputAllocated, 300);
    tickets.set(1, ticketWord.outputLength, 200);
    tickets.set(1, ticketWord.outputOffset, offset);
    pipelines.workerEnded(4);
    pipelines.runsStages = true;
    poll(10);
    expect(published.map(({ name }) => name)).toEqual(["a", "b"]);
    expect(pipelines.isIdle).toBe(true);
    pipelines.heap.check();
    expect(pipelines.heap.liveBlockCount).toBe(6);
  });

  test("a block written down on a ticket that moved on but is not collected is not swept as nobody's", () => {
    const { pipelines, poll, memory, published } = makeBench();
    pipelines.runsStages = false;
    const [a, b] = ["a", "b"].map((name) => pipelines.register({ name, kind: "yard" })) as [number, number];
    for (const handle of [a, b]) pipelines.requestWith(handle, undefined, [100, 7]);
    poll();
    const tickets = new TicketTable(head(memory), assetLayout(memory.limits).tickets, memory.limits.tickets);
    expect([tickets.claim(3), tickets.claim(4)]).toEqual([0, 1]);
    const offset = bumpBlock(memory, head(memory), 300);
    tickets.set(1, ticketWord.outputAllocated, 300);
    tickets.set(1, ticketWord.outputLength, 200);
    tickets.set(1, ticketWord.outputOffset, offset);
    // Thread 3's end makes a sweep due; thread 4 is given up, so its ticket moves on, and still holds its block.
    pipelines.workerEnded(3);
    pipelines.workerSilent(4);
    poll();
    pipelines.workerEnded(4);
    pipelines.runsStages = true;
    poll(10);
    expect(published.map(({ name }) => name)).toEqual(["a", "b"]);
    expect(pipelines.isIdle).toBe(true);
    pipelines.heap.check();
    expect(pipelines.heap.liveBlockCount).toBe(6);
  });

  test("a building row that a thread took and never wrote down is free again", () => {
    const { pipelines, poll, memory } = makeBench();
    const layout = assetLayout(memory.limits);
    // The word is the owner's number plus one, as building-rows.ts draws it.
    Atomics.store(new Uint32Array(memory.buffer), layout.buildingRows >> 2, 3 + 1);
    expect(pipelines.buildingRowsTaken).toBe(1);
    pipelines.workerEnded(2);
    expect(pipelines.buildingRowsTaken).toBe(1);
    pipelines.workerEnded(3);
    poll();
    expect(pipelines.buildingRowsTaken).toBe(0);
  });

  test("a thread given up that finishes late publishes nothing and writes into nobody's block", () => {
    let during: (() => void) | undefined;
    const lateStage = defineStage({
      name: "late",
      run(context) {
        const { input } = context;
        const value = context.parameters[0]!;
        const output = context.allocate(1_000);
        const meanwhile = during;
        during = undefined;
        meanwhile?.();
        // What a late thread reads and writes is still its own.
        output.fill(meanwhile === undefined ? value + input[0]! : 255);
      },
    });
    const { pipelines, poll, show, failed, published } = makeBench(new Map(), {
      pipelines: [definePipeline({ name: "late", host: false, stages: [lateStage] })],
      retry: { pauseFrames: 1 },
    });
    const handle = pipelines.register({ name: "a", kind: "late" });
    pipelines.requestWith(handle, Uint8Array.of(5), [1]);
    pipelines.runsStages = false;
    poll();
    during = () => {
      pipelines.workerSilent(3);
      pipelines.runsStages = true;
      poll(3);
      expect(show(handle)).toMatchObject({ version: 1, bytes: new Array(1_000).fill(6) });
      // The heap is churned: were the late thread's block free, somebody would have it by now.
      for (let i = 0; i < 5; i++) {
        pipelines.requestWith(handle, Uint8Array.of(i), [10]);
        poll(2);
      }
      expect(pipelines.isIdle).toBe(false);
    };
    expect(pipelines.runOne(3)).toBe(true);
    poll(3);
    expect(show(handle)).toEqual({ state: "ready", version: 6, bytes: new Array(1_000).fill(14) });
    expect(failed.map(({ fault }) => (fault.fields as { problem: string }).problem)).toEqual([
      "the worker thread that ran it was silent",
    ]);
    expect(published.map(({ version }) => version)).toEqual([1, 2, 3, 4, 5, 6]);
    expect([pipelines.isIdle, pipelines.heap.liveBlockCount, pipelines.buildingRowsTaken]).toEqual([true, 2, 0]);
    pipelines.heap.check();
  });

  test("a thread given up that ends without a word lets go of what it had", () => {
    const { pipelines, poll, memory, published } = makeBench();
    pipelines.runsStages = false;
    pipelines.requestWith(pipelines.register({ name: "a", kind: "grid" }), Uint8Array.of(1), [1]);
    poll();
    const tickets = new TicketTable(head(memory), assetLayout(memory.limits).tickets, memory.limits.tickets);
    tickets.claim(3);
    pipelines.workerSilent(3);
    pipelines.runsStages = true;
    poll(8);
    expect([published.length, pipelines.status.stagesOut, pipelines.isIdle]).toEqual([1, 1, false]);
    pipelines.workerEnded(3);
    poll();
    expect([pipelines.isIdle, pipelines.heap.liveBlockCount]).toEqual([true, 5]);
    pipelines.heap.check();
  });
});
