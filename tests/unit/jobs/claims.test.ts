/** Claims: whoever asks and in whatever order, each chunk is given out exactly once, also when claimants die. */
import { Worker } from "node:worker_threads";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  chunkStatus,
  claimChunk,
  claimedBy,
  claimLeftover,
  closeTask,
  finishChunk,
  isTaskDone,
  openTask,
  taskWord,
  taskWordCount,
} from "../../../engine/jobs/task.ts";
import { testSeed } from "../seeds.ts";
import { type ClaimData, claimAll } from "./claim-thread.ts";

function taskOf(chunkCountMax: number): { words: Int32Array; statuses: Int32Array } {
  return {
    words: new Int32Array(new SharedArrayBuffer(taskWordCount * 4)),
    statuses: new Int32Array(new SharedArrayBuffer(chunkCountMax * 4)),
  };
}

/** All chunks in the order in which `participant` alone is given them. */
function offered(chunkCount: number, participant: number, shuffleSeed: number): number[] {
  const { words, statuses } = taskOf(chunkCount);
  openTask(words, statuses, chunkCount);
  const chunks: number[] = [];
  for (;;) {
    const chunk = claimChunk(words, statuses, participant, shuffleSeed);
    if (chunk < 0) return chunks;
    expect(statuses[chunk]).toBe(claimedBy(participant));
    chunks.push(chunk);
  }
}

describe("one claimant", () => {
  test("begins with its own quarter and is then given the others'", () => {
    expect(offered(8, 0, 0)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(offered(8, 1, 0)).toEqual([2, 3, 4, 5, 6, 7, 0, 1]);
    expect(offered(8, 3, 0)).toEqual([6, 7, 0, 1, 2, 3, 4, 5]);
    expect(offered(8, 5, 0)).toEqual([2, 3, 4, 5, 6, 7, 0, 1]);
    // Quarters of a few are empty.
    expect(offered(3, 0, 0)).toEqual([0, 1, 2]);
    expect(offered(1, 2, 0)).toEqual([0]);
    expect(offered(0, 0, 0)).toEqual([]);
  });

  test("shuffled, is given every chunk once, for every count up to 40 and many seeds", () => {
    for (let count = 1; count <= 40; count++)
      for (let seed = 0; seed <= 40; seed++)
        expect(
          offered(count, seed % 5, seed).sort((a, b) => a - b),
          `${count} chunks, seed ${seed}`,
        ).toEqual(Array.from({ length: count }, (_, chunk) => chunk));
  });

  test("shuffled, for any count and seed", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000 }), fc.nat(2 ** 31 - 1), fc.nat(64), (count, seed, participant) => {
        expect(new Set(offered(count, participant, seed)).size).toBe(count);
      }),
      { seed: testSeed("shuffled claims"), numRuns: 60 },
    );
  });

  test("is given them in another order by most seeds", () => {
    const orders = new Set(Array.from({ length: 50 }, (_, seed) => offered(13, 0, seed + 1).join()));
    expect(orders.size).toBeGreaterThan(25);
  });
});

describe("a claimant that dies", () => {
  test("before it has marked a chunk leaves it to be found", () => {
    const { words, statuses } = taskOf(8);
    openTask(words, statuses, 8);
    // Offers of chunk 2 and 3 that nobody takes.
    Atomics.add(words, taskWord.lanes + 1, 2);
    const chunks: number[] = [];
    for (let chunk = claimChunk(words, statuses, 0, 0); chunk >= 0; chunk = claimChunk(words, statuses, 0, 0))
      chunks.push(chunk);
    expect(chunks).toEqual([0, 1, 4, 5, 6, 7]);
    expect([claimLeftover(words, statuses, 0), claimLeftover(words, statuses, 0)]).toEqual([2, 3]);
    expect(claimLeftover(words, statuses, 0)).toBe(-1);
  });

  test("after it has marked one as done and before it has counted it, is found by a thorough look", () => {
    const { words, statuses } = taskOf(2);
    openTask(words, statuses, 2);
    const first = claimChunk(words, statuses, 0, 0);
    const second = claimChunk(words, statuses, 1, 0);
    Atomics.store(statuses, second, chunkStatus.done);
    expect(finishChunk(words, statuses, first, 0)).toBe(false);
    expect(isTaskDone(words, statuses, false)).toBe(false);
    expect(isTaskDone(words, statuses, true)).toBe(true);
  });

  test("is not believed when it finishes what another has taken over", () => {
    const { words, statuses } = taskOf(1);
    openTask(words, statuses, 1);
    const chunk = claimChunk(words, statuses, 1, 0);
    expect(Atomics.compareExchange(statuses, chunk, claimedBy(1), claimedBy(0))).toBe(claimedBy(1));
    expect(finishChunk(words, statuses, chunk, 1)).toBe(false);
    expect(isTaskDone(words, statuses, true)).toBe(false);
    expect(finishChunk(words, statuses, chunk, 0)).toBe(true);
    expect(isTaskDone(words, statuses, false)).toBe(true);
  });
});

test("one that was held up before it counted ends no later opening early", () => {
  const { words, statuses } = taskOf(4);
  openTask(words, statuses, 2);
  for (const participant of [0, 1]) claimChunk(words, statuses, participant, 0);
  finishChunk(words, statuses, 0, 0);
  // Marked as done, held up before the count; the opening is whole, closed, and the next one begins.
  Atomics.store(statuses, 1, chunkStatus.done);
  expect(isTaskDone(words, statuses, true)).toBe(true);
  closeTask(words);
  openTask(words, statuses, 2);
  Atomics.add(words, taskWord.finished, 1);
  const chunk = claimChunk(words, statuses, 0, 0);
  finishChunk(words, statuses, chunk, 0);
  expect(Atomics.load(words, taskWord.finished)).toBe(2);
  expect(isTaskDone(words, statuses, false)).toBe(false);
  expect(isTaskDone(words, statuses, true)).toBe(false);
});

test("one that is late by an opening finds no chunk beyond those that there are", () => {
  const { words, statuses } = taskOf(8);
  openTask(words, statuses, 8);
  for (let chunk = claimChunk(words, statuses, 0, 0); chunk >= 0; chunk = claimChunk(words, statuses, 0, 0))
    finishChunk(words, statuses, chunk, 0);
  closeTask(words);
  openTask(words, statuses, 3);
  expect([...statuses]).toEqual([0, 0, 0, -3, -3, -3, -3, -3]);
});

describe("many threads", () => {
  test.each([
    { name: "claim every chunk exactly once", isForgetful: false },
    { name: "claim every chunk exactly once, though offers are lost", isForgetful: true },
  ])("$name", async ({ isForgetful }) => {
    const threadCount = 3;
    const rounds = 60;
    const shared = (words: number): SharedArrayBuffer => new SharedArrayBuffer(words * 4);
    const data: ClaimData = {
      words: shared(taskWordCount),
      statuses: shared(500),
      counts: shared(500),
      gate: shared(3),
      participant: 0,
      rounds,
      shuffleSeeds: [0, 1, 17, 4_711],
      isForgetful,
    };
    const words = new Int32Array(data.words);
    const statuses = new Int32Array(data.statuses);
    const counts = new Int32Array(data.counts);
    const gate = new Int32Array(data.gate);
    const threads = Array.from(
      { length: threadCount },
      (_, at) =>
        new Worker(new URL("./claim-thread.ts", import.meta.url), { workerData: { ...data, participant: at + 1 } }),
    );
    const reached = async (word: number, count: number): Promise<void> => {
      for (let now = Atomics.load(gate, word); now < count; now = Atomics.load(gate, word))
        await Atomics.waitAsync(gate, word, now, 1_000).value;
    };
    try {
      for (let round = 0; round < rounds; round++) {
        const chunkCount = 1 + ((round * 97) % 500);
        await reached(0, threadCount * (round + 1));
        counts.fill(0);
        openTask(words, statuses, chunkCount);
        Atomics.store(gate, 1, round + 1);
        Atomics.notify(gate, 1);
        claimAll(data, round);
        await reached(2, threadCount * (round + 1));
        // What was lost while the others were at it.
        claimAll(data, round);
        expect(isTaskDone(words, statuses, true)).toBe(true);
        expect([...counts.subarray(0, chunkCount)], `round ${round}`).toEqual(new Array(chunkCount).fill(1));
        expect([...counts.subarray(chunkCount)].every((count) => count === 0)).toBe(true);
        closeTask(words);
      }
    } finally {
      await Promise.all(threads.map((thread) => thread.terminate()));
    }
  });
});
