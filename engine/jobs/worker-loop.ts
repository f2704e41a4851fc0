/**
 * The loop of a worker: takes chunks of open tasks, frame jobs first, then background work, and sleeps
 * when there is none. It returns when the world it is attached to is over or the pool stops.
 *
 * The worker blocks on purpose: between two wake-ups nothing else runs in its thread.
 */
import { FaultError, faultOf, placeOf } from "../base/faults.ts";
import { ChunkRunner } from "./chunk-runner.ts";
import type { ChunkPen } from "./definition.ts";
import type { JobMemory, Task } from "./job-memory.ts";
import { jobHeaderWord } from "./layout.ts";
import { poolWord, poolWords, wordOf, workerState, workerWord, writeFailure } from "./pool-memory.ts";
import { claimChunk, claimedBy, failedBy, finishChunk, taskWord } from "./task.ts";

/** Work of low priority that a worker takes when no chunk waits. */
export interface Background {
  /** Claims and runs one piece; false when none waits. */
  runOne(worker: number): boolean;
}

/** Told when a worker has run a chunk, for traces. */
export interface ChunkWatch {
  ran(task: Task, chunk: number, startMicros: number): void;
  nowMicros(): number;
  /** What chunks are given to say how long parts of them took. */
  readonly pen?: ChunkPen;
}

/**
 * Looks at the epoch this often before it sleeps, some 60 us: longer than it takes to wake a thread. With less, worker
 * and coordinator fall asleep over each other's waking, and every small job costs two wake-ups.
 */
const spinCount = 12_000;
/** A sleeper looks again after this, so that a lost wake-up costs a moment and no more. */
const sleepMillis = 1_000;

export function runWorkerLoop(
  poolMemory: SharedArrayBuffer,
  worker: number,
  memory: JobMemory,
  background?: Background,
  watch?: ChunkWatch,
): "detached" | "stopping" {
  const words = poolWords(poolMemory);
  const runner = new ChunkRunner(memory, worker + 1, watch?.pen);
  const { serial } = memory.attachment;
  const state = wordOf(worker, workerWord.state);
  const asleep = wordOf(worker, workerWord.asleep);
  if (Atomics.compareExchange(words, state, workerState.starting, workerState.ready) === workerState.unwanted)
    return "stopping";
  for (;;) {
    const seen = Atomics.load(words, poolWord.epoch);
    if (Atomics.load(words, poolWord.stopping) !== 0) return "stopping";
    if (Atomics.load(words, poolWord.serial) !== serial) {
      Atomics.compareExchange(words, state, workerState.ready, workerState.starting);
      return "detached";
    }
    if (runAny(runner, poolMemory, words, worker, watch)) continue;
    if (background?.runOne(worker) === true) continue;
    let spins = spinCount;
    while (spins > 0 && Atomics.load(words, poolWord.epoch) === seen) spins--;
    if (spins > 0) continue;
    // Counted before it is marked and unmarked before it is counted off: one that dies in between leaves the
    // count too high, which costs a needless notify, and never too low, which would cost a wake-up.
    Atomics.add(words, poolWord.sleepers, 1);
    Atomics.store(words, asleep, 1);
    Atomics.wait(words, poolWord.epoch, seen, sleepMillis);
    if (Atomics.exchange(words, asleep, 0) === 1) Atomics.sub(words, poolWord.sleepers, 1);
  }
}

/** Runs one chunk of the first open task that has one. */
function runAny(
  runner: ChunkRunner,
  poolMemory: SharedArrayBuffer,
  words: Int32Array,
  worker: number,
  watch: ChunkWatch | undefined,
): boolean {
  const { tasks, header } = runner.memory;
  // A failure that the coordinator has not read yet would be lost by the next one.
  if (Atomics.load(words, wordOf(worker, workerWord.failed)) !== 0) return false;
  const participant = worker + 1;
  for (let i = 0; i < tasks.length; i++) {
    const task = tasks[i]!;
    if (Atomics.load(task.words, taskWord.state) === 0) continue;
    const chunk = claimChunk(task.words, task.statuses, participant, header[jobHeaderWord.shuffleSeed]!);
    if (chunk < 0) continue;
    const startMicros = watch?.nowMicros() ?? 0;
    try {
      runner.run(task, chunk);
    } catch (thrown) {
      fail(poolMemory, words, worker, task, chunk, thrown);
      return true;
    }
    watch?.ran(task, chunk, startMicros);
    if (finishChunk(task.words, task.statuses, chunk, participant)) tellProgress(words);
    return true;
  }
  return false;
}

function fail(
  poolMemory: SharedArrayBuffer,
  words: Int32Array,
  worker: number,
  task: Task,
  chunk: number,
  thrown: unknown,
): void {
  // The status first: should this thread end here, whoever finds its marks does the chunk again.
  Atomics.compareExchange(task.statuses, chunk, claimedBy(worker + 1), failedBy(worker + 1));
  const fault = faultOf(thrown);
  const isUnexpected = fault.kind === "unexpected";
  writeFailure(poolMemory, worker, {
    task: task.number,
    chunk,
    message: thrown instanceof Error ? thrown.message : String(thrown),
    place: placeOf(thrown),
    fault: isUnexpected || !(thrown instanceof FaultError) ? "" : JSON.stringify(fault),
  });
  tellProgress(words);
}

function tellProgress(words: Int32Array): void {
  Atomics.add(words, poolWord.progress, 1);
  if (Atomics.load(words, poolWord.waiting) !== 0) Atomics.notify(words, poolWord.progress);
}
