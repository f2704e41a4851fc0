/**
 * The pool as the coordinator sees it: who is there, waking them, and what to do about one that threw,
 * hung or ended. Threads are not started here: the keeper, which never blocks, does that and speaks
 * through the words of pool-memory.ts. A pool without workers is a pool: the coordinator does all.
 */
import { type Fault, makeFault, raise } from "../base/faults.ts";
import type { Clock } from "../ports/clock.ts";
import { beat, type Pulse } from "../ports/pulse.ts";
import type { JobMemory, Task, WorldAttachment } from "./job-memory.ts";
import { jobHeaderWord } from "./layout.ts";
import {
  type ChunkFailure,
  poolWord,
  poolWords,
  takeFailure,
  wordOf,
  workerCountMax,
  workerState,
  workerWord,
} from "./pool-memory.ts";
import { claimedBy, failedBy, taskWord } from "./task.ts";

/** What the host gives an engine that may use workers. */
export interface PoolPort {
  readonly memory: SharedArrayBuffer;
  /** Hands the attachment to every worker that is there and to each that comes later. */
  attach(attachment: WorldAttachment): void;
  /** Told of each worker that failed, and of what was done again; the world goes on. */
  report(fault: Fault): void;
}

/** A worker that cannot be ended within this is given up, and with it the world. */
const endWaitMillis = 5_000;
/** A worker that is longer at something of another world is given up; a busy machine may hold a healthy one up for less. */
const leaveWaitMicros = 100_000;

export class Pool {
  readonly words: Int32Array;
  readonly #port: PoolPort;
  readonly #clock: Clock;
  readonly #memory: JobMemory;
  readonly #pulse: Pulse;
  readonly #onEnded: (worker: number) => void;
  /** Of the attachment that workers were given last by this pool. */
  #serial = 0;
  /** Failures and deaths that have been looked at; another count means that there is something to mend. */
  #seenFailures = -1;
  #seenDeaths = -1;
  /** Workers that are being cleared up after: in guard mode doing a chunk again may come here once more. */
  readonly #burials = new Set<number>();
  /** Looks at the workers that are under way, one within the other. */
  #lookCount = 0;

  /** `onEnded` is told of each worker that has ended for certain. */
  constructor(port: PoolPort, memory: JobMemory, clock: Clock, pulse: Pulse, onEnded: (worker: number) => void) {
    this.#port = port;
    this.#pulse = pulse;
    this.#onEnded = onEnded;
    this.#clock = clock;
    this.#memory = memory;
    this.words = poolWords(port.memory);
  }

  /** Hands this world to the workers; they leave the one that they have. May be done again when another had them since. */
  attach(): void {
    // What failed in the world before is of no interest, and names tasks that this one may not have.
    for (let worker = 0; worker < workerCountMax; worker++) takeFailure(this.#port.memory, this.words, worker);
    const serial = Atomics.load(this.words, poolWord.serial) + 1;
    this.#serial = serial;
    Atomics.store(this.words, poolWord.serial, serial);
    this.wake();
    this.#awaitLeaving();
    this.#port.attach({ ...this.#memory.attachment, serial });
  }

  /** Waits until no worker is in another world, whose code it would run on what is asked from here on. */
  #awaitLeaving(): void {
    const startMicros = this.#clock.nowMicros();
    for (let waitMillis = 0; this.readyCount > 0; waitMillis = 0.1) {
      this.#beat();
      if (this.#clock.nowMicros() - startMicros > leaveWaitMicros)
        for (let worker = 0; worker < workerCountMax; worker++) this.giveUp(worker);
      else if (waitMillis > 0) Atomics.wait(this.words, poolWord.progress, this.progress, waitMillis);
    }
  }

  /** Workers that are attached and take work. */
  get readyCount(): number {
    let count = 0;
    for (let worker = 0; worker < workerCountMax; worker++) if (this.#stateOf(worker) === workerState.ready) count++;
    return count;
  }

  /** Lets workers leave this world. Does nothing when another has them already. */
  detach(): void {
    const { words } = this;
    if (Atomics.compareExchange(words, poolWord.serial, this.#serial, this.#serial + 1) === this.#serial) this.wake();
  }

  /** Says that there may be work. Costs a system call only when someone sleeps. */
  wake(): void {
    Atomics.add(this.words, poolWord.epoch, 1);
    if (Atomics.load(this.words, poolWord.sleepers) > 0) Atomics.notify(this.words, poolWord.epoch);
  }

  /** Blocks until progress has moved on from `seen`, at most `millis`. */
  waitForProgress(seen: number, millis: number): void {
    this.#beat();
    Atomics.store(this.words, poolWord.waiting, 1);
    Atomics.wait(this.words, poolWord.progress, seen, millis);
    Atomics.store(this.words, poolWord.waiting, 0);
  }

  /** Whoever waits for workers shows that it lives: it is they who are slow, and they have limits of their own. */
  #beat(): void {
    beat(this.#pulse);
  }

  get progress(): number {
    return Atomics.load(this.words, poolWord.progress);
  }

  report(fault: Fault): void {
    this.#port.report(fault);
  }

  /**
   * Looks at every worker when one has failed or ended; costs two loads otherwise. `redo` is called for each chunk that one left undone, with the fault that says
   * why; it takes the chunk over or raises. True when there was anything.
   */
  mend(redo: (task: Task, chunk: number, mark: number, fault: Fault) => void): boolean {
    this.#beat();
    const failures = Atomics.load(this.words, poolWord.failures);
    const deaths = Atomics.load(this.words, poolWord.deaths);
    // While a look is under way, one that ended at the same time may not have been come to yet, and may have the
    // turn in guard mode that is waited for.
    if (this.#lookCount === 0 && failures === this.#seenFailures && deaths === this.#seenDeaths) return false;
    // Before the look: what comes to pass meanwhile is looked at next time.
    this.#seenFailures = failures;
    this.#seenDeaths = deaths;
    this.#lookCount++;
    try {
      return this.#look(redo);
    } finally {
      this.#lookCount--;
    }
  }

  #look(redo: (task: Task, chunk: number, mark: number, fault: Fault) => void): boolean {
    let found = false;
    for (let worker = 0; worker < workerCountMax; worker++) {
      const failure = takeFailure(this.#port.memory, this.words, worker);
      const task = failure === undefined ? undefined : this.#memory.tasks[failure.task];
      if (failure !== undefined && task !== undefined) {
        found = true;
        redo(task, failure.chunk, failedBy(worker + 1), faultOfFailure(task, failure));
      }
      if (this.#stateOf(worker) !== workerState.ended || this.#burials.has(worker)) continue;
      found = true;
      this.#bury(worker, redo, (task, chunk) => this.#lost(worker, task, chunk));
    }
    return found;
  }

  /** Has a worker ended that does something else without end; it is buried when the keeper has seen its end. */
  giveUp(worker: number): void {
    const state = wordOf(worker, workerWord.state);
    if (Atomics.compareExchange(this.words, state, workerState.ready, workerState.unwanted) === workerState.ready)
      Atomics.notify(this.words, state);
  }

  /** Ends every worker that has a chunk of `task`, and has its chunks done again. Raises "pool-silent". */
  endHung(task: Task, redo: (task: Task, chunk: number, mark: number, fault: Fault) => void): void {
    for (let worker = 0; worker < workerCountMax; worker++) {
      const mark = claimedBy(worker + 1);
      if (!task.statuses.includes(mark)) continue;
      this.giveUp(worker);
      const startMicros = this.#clock.nowMicros();
      while (this.#stateOf(worker) !== workerState.ended) {
        const waitedMillis = (this.#clock.nowMicros() - startMicros) / 1_000;
        if (waitedMillis > endWaitMillis) raise("pool-silent", { worker, waitedMillis: Math.round(waitedMillis) });
        this.#beat();
        Atomics.wait(this.words, wordOf(worker, workerWord.state), workerState.unwanted, 50);
      }
      this.#bury(worker, redo, (hung, chunk) =>
        hung === task
          ? makeFault("job-hung", {
              job: hung.job.name,
              chunk,
              tick: tickOf(hung),
              waitedMillis: hung.job.timeoutMillis,
            })
          : this.#lost(worker, hung, chunk),
      );
    }
  }

  #bury(
    worker: number,
    redo: (task: Task, chunk: number, mark: number, fault: Fault) => void,
    faultOf: (task: Task, chunk: number) => Fault,
  ): void {
    // Only the outermost may call it absent: a successor's chunks would carry the mark that is looked for here.
    if (this.#burials.has(worker)) return;
    this.#burials.add(worker);
    try {
      this.#clearUp(worker, redo, faultOf);
    } finally {
      this.#burials.delete(worker);
    }
  }

  #clearUp(
    worker: number,
    redo: (task: Task, chunk: number, mark: number, fault: Fault) => void,
    faultOf: (task: Task, chunk: number) => Fault,
  ): void {
    const mark = claimedBy(worker + 1);
    const { header, tasks } = this.#memory;
    if (Atomics.compareExchange(header, jobHeaderWord.guardLock, mark, 0) === mark)
      Atomics.notify(header, jobHeaderWord.guardLock);
    let wasIdle = true;
    for (const task of tasks)
      for (let chunk = 0; chunk < task.statuses.length; chunk++) {
        const status = Atomics.load(task.statuses, chunk);
        if (status !== mark && status !== failedBy(worker + 1)) continue;
        wasIdle = false;
        redo(task, chunk, status, faultOf(task, chunk));
      }
    if (wasIdle) this.report(this.#lost(worker, undefined, 0));
    // In the order of the worker's own steps backwards, so that sleepers never count less than sleep.
    if (Atomics.exchange(this.words, wordOf(worker, workerWord.asleep), 0) === 1)
      Atomics.sub(this.words, poolWord.sleepers, 1);
    this.#onEnded(worker);
    // Only now may the keeper put another in its place: nothing carries the old one's mark any more.
    Atomics.store(this.words, wordOf(worker, workerWord.state), workerState.absent);
    Atomics.notify(this.words, wordOf(worker, workerWord.state));
  }

  #lost(worker: number, task: Task | undefined, chunk: number): Fault {
    return makeFault("worker-lost", {
      worker,
      job: task?.job.name ?? "",
      chunk,
      tick: task === undefined ? 0 : tickOf(task),
      problem: "its thread is gone",
    });
  }

  #stateOf(worker: number): number {
    return Atomics.load(this.words, wordOf(worker, workerWord.state));
  }
}

function tickOf(task: Task): number {
  return task.words[taskWord.tick]!;
}

function faultOfFailure(task: Task, { chunk, message, place, fault }: ChunkFailure): Fault {
  if (fault !== "") return JSON.parse(fault) as Fault;
  return makeFault("job-failed", { job: task.job.name, chunk, tick: tickOf(task), message, place });
}
