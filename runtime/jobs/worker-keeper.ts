/**
 * The keeper's policy, the same in every host: who starts, ends and replaces the workers of a pool. It
 * lives in a thread that never blocks (Node's main thread, a browser's page), ends workers that the
 * coordinator no longer wants, and replaces those that have ended as soon as the coordinator has cleared
 * up after them. Threads come from the host through `StartWorker`.
 *
 * A worker is called ended only when its thread cannot write any more: its chunks are done again from then on.
 */
import type { WorldAttachment } from "../../engine/jobs/job-memory.ts";
import {
  allocatePool,
  poolWord,
  poolWords,
  wordOf,
  workerCountMax,
  workerState,
  workerWord,
} from "../../engine/jobs/pool-memory.ts";

/** Code of a game as text, which only the host's threads can read. */
export interface Code {
  readonly hash: string;
  readonly text: string;
  readonly map: string;
}

/** One worker thread, as its host gives it. */
export interface WorkerHandle {
  /** Hands a world to the thread, which looks at it when the one before is over. */
  attach(attachment: WorldAttachment, code?: Code): void;
  /** Ends the thread wherever it is. Resolves when it no longer runs. */
  end(): Promise<unknown>;
  /** Resolves when the thread no longer runs, whatever the reason. Never rejects. */
  readonly ended: Promise<unknown>;
}

/** Starts worker `worker` of the pool in `pool`. */
export type StartWorker = (worker: number, pool: SharedArrayBuffer) => WorkerHandle;

/** A worker that has been replaced this often in a row without having been ready is not replaced again. */
const failedStartMax = 5;

export class WorkerKeeper {
  readonly memory: SharedArrayBuffer;
  readonly workerCount: number;
  readonly #words: Int32Array;
  readonly #startWorker: StartWorker;
  readonly #workers: (WorkerHandle | undefined)[] = [];
  readonly #failedStarts: number[] = [];
  #attachment: WorldAttachment | undefined;
  #code: Code | undefined;
  #isClosed = false;

  constructor(workerCount: number, startWorker: StartWorker) {
    this.memory = allocatePool();
    this.#words = poolWords(this.memory);
    this.#startWorker = startWorker;
    this.workerCount = Math.min(workerCount, workerCountMax);
  }

  /** Starts the workers; they take work as soon as a world is attached. */
  start(): void {
    for (let worker = 0; worker < this.workerCount; worker++) {
      this.#failedStarts[worker] = 0;
      this.#begin(worker);
    }
  }

  /** Hands a world to every worker, and to those that come later; `code` is what it runs, if not the program's own. */
  attach(attachment: WorldAttachment, code?: Code): void {
    this.#attachment = attachment;
    this.#code = code;
    for (const worker of this.#workers) worker?.attach(attachment, code);
  }

  /** Worker threads that run. */
  get threadCount(): number {
    return this.#workers.filter((worker) => worker !== undefined).length;
  }

  /** Ends worker `worker` at once, wherever it is: for tests of the pool. */
  async kill(worker: number): Promise<void> {
    await this.#workers[worker]?.end();
  }

  /** Ends every worker. */
  async close(): Promise<void> {
    this.#isClosed = true;
    Atomics.store(this.#words, poolWord.stopping, 1);
    Atomics.add(this.#words, poolWord.epoch, 1);
    Atomics.notify(this.#words, poolWord.epoch);
    await Promise.all(this.#workers.map((worker) => worker?.end()));
  }

  #begin(number: number): void {
    const state = wordOf(number, workerWord.state);
    Atomics.store(this.#words, state, workerState.starting);
    Atomics.add(this.#words, wordOf(number, workerWord.starts), 1);
    const worker = this.#startWorker(number, this.memory);
    this.#workers[number] = worker;
    void worker.ended.then(() => this.#ended(number, worker));
    if (this.#attachment !== undefined) worker.attach(this.#attachment, this.#code);
    void this.#watch(number, worker);
  }

  /** Ends the worker when the coordinator asks for it. */
  async #watch(number: number, worker: WorkerHandle): Promise<void> {
    const state = wordOf(number, workerWord.state);
    while (this.#workers[number] === worker && !this.#isClosed) {
      const now = Atomics.load(this.#words, state);
      if (now === workerState.unwanted) {
        void worker.end();
        return;
      }
      await this.#changeOf(state, now);
    }
  }

  #ended(number: number, worker: WorkerHandle): void {
    if (this.#workers[number] !== worker) return;
    this.#workers[number] = undefined;
    const state = wordOf(number, workerWord.state);
    const before = Atomics.exchange(this.#words, state, workerState.ended);
    // After the state: whoever sees the count finds the worker ended.
    Atomics.add(this.#words, poolWord.deaths, 1);
    Atomics.notify(this.#words, state);
    // The coordinator may be asleep over this worker's chunk.
    Atomics.add(this.#words, poolWord.progress, 1);
    Atomics.notify(this.#words, poolWord.progress);
    this.#failedStarts[number] = before === workerState.starting ? this.#failedStarts[number]! + 1 : 0;
    if (this.#isClosed || this.#failedStarts[number]! >= failedStartMax) return;
    void this.#replace(number);
  }

  /** Waits until nothing carries the mark of the one that ended, then starts another. */
  async #replace(number: number): Promise<void> {
    const state = wordOf(number, workerWord.state);
    while (!this.#isClosed && Atomics.load(this.#words, state) !== workerState.absent)
      await this.#changeOf(state, workerState.ended);
    if (!this.#isClosed) this.#begin(number);
  }

  async #changeOf(word: number, seen: number): Promise<void> {
    const result = Atomics.waitAsync(this.#words, word, seen, 1_000);
    if (result.async) await result.value;
  }
}
