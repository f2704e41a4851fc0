/** The pool's words, played by hand: workers that fail and end at moments that threads would hit once in many runs. */
import { expect, test } from "vitest";
import type { Fault } from "../../../engine/base/faults.ts";
import { jobHeaderWord } from "../../../engine/jobs/layout.ts";
import {
  allocatePool,
  poolWord,
  poolWords,
  takeFailure,
  wordOf,
  workerState,
  workerWord,
  writeFailure,
} from "../../../engine/jobs/pool-memory.ts";
import { claimedBy, failedBy } from "../../../engine/jobs/task.ts";
import { countingJob, type Started, startJobs } from "./small-jobs.ts";

/** Marks a worker as the keeper does when its thread has ended. */
function end(words: Int32Array, worker: number): void {
  Atomics.store(words, wordOf(worker, workerWord.state), workerState.ended);
  Atomics.add(words, poolWord.deaths, 1);
}

interface Played extends Started {
  readonly words: Int32Array;
  readonly told: Fault[];
}

/** An engine with one job of three chunks; `during` happens while the coordinator runs the first. */
async function play(
  guard: boolean,
  during: (played: Played) => void,
  onReport?: (played: Played) => void,
): Promise<Played> {
  const memory = allocatePool();
  const told: Fault[] = [];
  let played: Played | undefined;
  let isDone = false;
  const job = countingJob({
    name: "a",
    run: ({ number, output, count }) => {
      if (number === 0 && !isDone) {
        isDone = true;
        during(played!);
      }
      for (let i = 0; i < count; i++) output.x[i] = number + 1;
      return count;
    },
  });
  const pool = {
    memory,
    attach() {},
    report: (fault: Fault) => {
      told.push(fault);
      onReport?.(played!);
    },
  };
  played = { ...(await startJobs([job], {}, { guard, pool })), words: poolWords(memory), told };
  return played;
}

function rowsOf({ jobs }: Played): number[] {
  const { columns, rowStride, rowCounts } = jobs.outputOf(jobs.graph.jobs[0]!.output);
  return [0, 1, 2].flatMap((chunk) => [
    ...columns["x"]!.slice(chunk * rowStride, chunk * rowStride + rowCounts[chunk]!),
  ]);
}

const allRows = [1, 1, 1, 1, 2, 2, 2, 2, 3, 3];

test("what workers had claimed when they ended is done again, and their places are free", async () => {
  const played = await play(false, ({ jobs, words }) => {
    const { statuses } = jobs.memory.tasks[0]!;
    Atomics.store(statuses, 1, claimedBy(1));
    Atomics.store(statuses, 2, claimedBy(2));
    end(words, 0);
    end(words, 1);
  });
  played.engine.step();
  expect(rowsOf(played)).toEqual(allRows);
  expect(played.told).toEqual(
    [0, 1].map((worker) => ({
      kind: "worker-lost",
      fields: { worker, job: "a", chunk: worker + 1, tick: 1, problem: "its thread is gone" },
    })),
  );
  for (const worker of [0, 1]) expect(played.words[wordOf(worker, workerWord.state)]).toBe(workerState.absent);
});

test("one that ended while nobody waited is found at the next join", async () => {
  const played = await play(false, () => {});
  end(played.words, 5);
  played.engine.step();
  expect(played.told).toMatchObject([{ kind: "worker-lost", fields: { worker: 5, job: "" } }]);
  expect(played.words[wordOf(5, workerWord.state)]).toBe(workerState.absent);
});

test("in guard mode, one that ended in its turn holds up no work that another left", async () => {
  const played = await play(
    true,
    ({ jobs, words }) => {
      const { statuses } = jobs.memory.tasks[0]!;
      Atomics.store(statuses, 1, claimedBy(1));
      Atomics.store(statuses, 2, claimedBy(2));
      end(words, 0);
      end(words, 1);
    },
    ({ jobs, told }) => {
      // The chunk of the first is about to be done again, and the second died with the lock.
      if (told.length === 1) Atomics.store(jobs.memory.header, jobHeaderWord.guardLock, claimedBy(2));
    },
  );
  played.engine.step();
  expect(rowsOf(played)).toEqual(allRows);
  expect(played.told.map(({ kind }) => kind)).toEqual(["worker-lost", "worker-lost"]);
});

test("a chunk that failed on a worker is done again, with what the worker said of it", async () => {
  const played = await play(false, ({ jobs }) => {
    Atomics.store(jobs.memory.tasks[0]!.statuses, 2, failedBy(4));
    writeFailure(memoryOf(played), 3, { task: 0, chunk: 2, message: "no luck", place: "a.ts:1:2", fault: "" });
  });
  played.engine.step();
  expect(rowsOf(played)).toEqual(allRows);
  expect(played.told).toEqual([
    { kind: "job-failed", fields: { job: "a", chunk: 2, tick: 1, message: "no luck", place: "a.ts:1:2" } },
  ]);
});

function memoryOf({ words }: Played): SharedArrayBuffer {
  return words.buffer as SharedArrayBuffer;
}

test("a failure's text is cut to what has room: the beginning of a message and the end of a place", () => {
  const memory = allocatePool();
  const words = poolWords(memory);
  const message = `${"\u{1f6f0}".repeat(400)}`;
  const place = `file:///${"directory/".repeat(60)}job.ts:12:34`;
  writeFailure(memory, 63, { task: 2, chunk: 9, message, place, fault: "x".repeat(1_000) });
  const failure = takeFailure(memory, words, 63)!;
  expect(failure).toMatchObject({ task: 2, chunk: 9, fault: "" });
  expect(message.startsWith(failure.message)).toBe(true);
  expect(failure.message.length).toBeGreaterThan(100);
  expect(failure.place.endsWith("directory/job.ts:12:34")).toBe(true);
  expect(takeFailure(memory, words, 63)).toBeUndefined();
});
