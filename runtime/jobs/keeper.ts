/**
 * The keeper: owns the worker threads of a pool. It lives in a thread that never blocks (the main
 * thread), starts workers, ends those that the coordinator no longer wants, and replaces those that
 * have ended as soon as the coordinator has cleared up after them.
 */
import type { Worker } from "node:worker_threads";
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
import { startThread } from "../host/threads.ts";
import type { AttachMessage, WorkerThreadData } from "./worker-thread.ts";

export interface KeeperOptions {
  readonly workerCount: number;
  /** The entry file that workers run, when it is not the one that the process was started with. */
  readonly entry?: URL;
  /** Old space of a worker, in megabytes: a job that wants more ends its worker, not the process. */
  readonly heapMegabytesMax?: number;
}

/** A worker that has been replaced this often in a row without having been ready is not replaced again. */
const failedStartMax = 5;
const defaultHeapMegabytes = 512;

export class Keeper {
  readonly memory: SharedArrayBuffer;
  readonly workerCount: number;
  readonly #words: Int32Array;
  readonly #options: KeeperOptions;
  readonly #workers: (Worker | undefined)[] = [];
  readonly #failedStarts: number[] = [];
  #attachment: WorldAttachment | undefined;
  #isClosed = false;

  constructor(options: KeeperOptions) {
    this.memory = allocatePool();
    this.#words = poolWords(this.memory);
    this.#options = options;
    this.workerCount = Math.min(options.workerCount, workerCountMax);
  }

  /** Starts the workers; they take work as soon as a world is attached. */
  start(): void {
    for (let worker = 0; worker < this.workerCount; worker++) {
      this.#failedStarts[worker] = 0;
      this.#begin(worker);
    }
  }

  /** Hands a world to every worker, and to those that come later. */
  attach(attachment: WorldAttachment): void {
    this.#attachment = attachment;
    const message: AttachMessage = { attachment };
    for (const worker of this.#workers) worker?.postMessage(message);
  }

  /** Worker threads that run. */
  get threadCount(): number {
    return this.#workers.filter((worker) => worker !== undefined).length;
  }

  /** Ends worker `worker` at once, wherever it is: for tests of the pool. */
  async kill(worker: number): Promise<void> {
    await this.#workers[worker]?.terminate();
  }

  /** Ends every worker. */
  async close(): Promise<void> {
    this.#isClosed = true;
    Atomics.store(this.#words, poolWord.stopping, 1);
    Atomics.add(this.#words, poolWord.epoch, 1);
    Atomics.notify(this.#words, poolWord.epoch);
    await Promise.all(this.#workers.map((worker) => worker?.terminate()));
  }

  #begin(number: number): void {
    const state = wordOf(number, workerWord.state);
    Atomics.store(this.#words, state, workerState.starting);
    Atomics.add(this.#words, wordOf(number, workerWord.starts), 1);
    const data: WorkerThreadData = { role: "job-worker", pool: this.memory, worker: number };
    const worker = startThread(data, {
      name: `worker ${number}`,
      limits: { maxOldGenerationSizeMb: this.#options.heapMegabytesMax ?? defaultHeapMegabytes },
      ...(this.#options.entry === undefined ? {} : { entry: this.#options.entry }),
    });
    worker.unref();
    // What went wrong in the thread is told by the coordinator, which knows what it was doing.
    worker.on("error", () => {});
    worker.on("exit", () => this.#ended(number, worker));
    this.#workers[number] = worker;
    if (this.#attachment !== undefined) worker.postMessage({ attachment: this.#attachment } satisfies AttachMessage);
    void this.#watch(number, worker);
  }

  /** Ends the worker when the coordinator asks for it. */
  async #watch(number: number, worker: Worker): Promise<void> {
    const state = wordOf(number, workerWord.state);
    while (this.#workers[number] === worker && !this.#isClosed) {
      const now = Atomics.load(this.#words, state);
      if (now === workerState.unwanted) {
        void worker.terminate();
        return;
      }
      await this.#changeOf(state, now);
    }
  }

  #ended(number: number, worker: Worker): void {
    if (this.#workers[number] !== worker) return;
    this.#workers[number] = undefined;
    const state = wordOf(number, workerWord.state);
    const before = Atomics.exchange(this.#words, state, workerState.ended);
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
