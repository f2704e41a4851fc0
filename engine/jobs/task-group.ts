/**
 * A task group: the tasks of one frame, or the one task of a tick job, from opening to join. It opens a
 * task when the tasks it waits for are whole, takes chunks itself while it waits, and carries errors.
 * Used with `using`: a group that is left before it was joined cancels its work and says so, because
 * no task may outlive the snapshot that it reads.
 */
import { assert } from "../base/assertions.ts";
import { type Fault, FaultError, faultOf, makeFault, placeOf } from "../base/faults.ts";
import type { Clock } from "../ports/clock.ts";
import type { ChunkRunner } from "./chunk-runner.ts";
import type { Task } from "./job-memory.ts";
import { jobHeaderWord } from "./layout.ts";
import type { Pool } from "./pool.ts";
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
} from "./task.ts";
import type { ChunkWatch } from "./worker-loop.ts";

/** What a group works with; the same for all groups of an engine. */
export interface Crew {
  readonly runner: ChunkRunner;
  readonly pool: Pool | undefined;
  readonly clock: Clock;
  readonly watch: ChunkWatch | undefined;
  /** False lets workers do everything, which only measurements want. */
  helps: boolean;
  /** Micros that the coordinator has waited for workers. */
  waitedMicros: number;
  /** Chunks that the coordinator did again because a worker failed at them. */
  redoneCount: number;
}

/** A task of a group: opened when those before it are whole. */
export interface GroupTask {
  readonly task: Task;
  /** Places in the group of the tasks whose outputs it reads. */
  readonly after: readonly number[];
  /** Sets parameters and words and says how many items there are; -1 leaves the task out, with its last output. */
  begin(): number;
}

interface Member extends GroupTask {
  state: "waiting" | "open" | "whole";
}

const coordinator = 0;
/** What doing a chunk again would only hide. */
const breaches: readonly Fault["kind"][] = ["job-wrote-outside", "snapshot-written", "banned-call"];
/** Looks this often for progress before it sleeps: some 30 us, the time that a worker takes to wake. */
const spinCount = 6_000;
/** While it sleeps it looks this often whether a worker has ended. */
const waitMillis = 2;

export class TaskGroup {
  readonly #crew: Crew;
  readonly #members: readonly Member[];
  readonly #isJoinedAtOnce: boolean;
  #frame = 0;
  #isJoined = true;
  /** In guard mode: the mark of the one whose turn it is, and since when it is waited for. */
  #guardHolder = 0;
  #guardTurn = 0;
  #guardSinceMicros = 0;

  /**
   * Made once for the tasks of every frame, so that opening it leaves no garbage. One that is joined as soon as
   * it is opened wakes workers only when there are several chunks: a single one is done here before they are awake.
   */
  constructor(crew: Crew, tasks: readonly GroupTask[], isJoinedAtOnce = false) {
    this.#crew = crew;
    this.#isJoinedAtOnce = isJoinedAtOnce;
    this.#members = tasks.map(({ task, after, begin }) => ({ task, after, begin, state: "whole" }));
  }

  /** Begins anew: opens what can be opened, and workers start. */
  open(frame: number): this {
    assert(this.#isJoined, "a group is joined before it is opened again", { frame: this.#frame });
    this.#frame = frame;
    this.#isJoined = false;
    for (let i = 0; i < this.#members.length; i++) this.#members[i]!.state = "waiting";
    try {
      this.#advance();
    } catch (thrown) {
      // A begin that raised: what was opened before it must not run on.
      this.cancel();
      throw thrown;
    }
    return this;
  }

  get hasTasks(): boolean {
    return this.#members.length > 0;
  }

  /** What is not whole yet, by job name. */
  get outstanding(): readonly string[] {
    return this.#members.filter(({ state }) => state !== "whole").map(({ task }) => task.job.name);
  }

  /** Whether everything is whole; does no work. */
  get isWhole(): boolean {
    this.#advance();
    return this.#members.every(({ state }) => state === "whole");
  }

  /** Returns when every task is whole. Raises the fault of a job that cannot be done again, with all work cancelled. */
  join(): void {
    try {
      this.#join();
    } catch (thrown) {
      this.cancel();
      throw thrown;
    }
  }

  #join(): void {
    const { pool, runner } = this.#crew;
    let waitStartMicros = -1;
    runner.guardWait = pool === undefined ? undefined : this.#whileGuarded;
    // Workers that ended while nobody waited for them are replaced from here on.
    if (pool !== undefined) this.#mend(pool);
    while (!this.#advance()) {
      if (this.#takeOne()) {
        waitStartMicros = -1;
        continue;
      }
      // Nothing is left to claim, so workers have the rest. The progress is read before the look: what is done
      // after the look then ends the wait at once.
      const seen = pool?.progress ?? 0;
      if (this.#advance(true) || pool === undefined) continue;
      const nowMicros = this.#crew.clock.nowMicros();
      if (waitStartMicros < 0) waitStartMicros = nowMicros;
      if (this.#wait(pool, seen, waitStartMicros)) waitStartMicros = -1;
      this.#crew.waitedMicros += this.#crew.clock.nowMicros() - nowMicros;
    }
    this.#isJoined = true;
  }

  /** Cancels what is not whole: free chunks are never begun, running ones are told and waited for. */
  cancel(): void {
    for (const { task, state } of this.#members) {
      if (state !== "open") continue;
      Atomics.store(task.words, taskWord.cancelled, 1);
      closeTask(task.words);
      while (claimLeftover(task.words, task.statuses, coordinator) >= 0);
      const { pool } = this.#crew;
      const own = claimedBy(coordinator);
      const isRunning = (): boolean => task.statuses.some((status) => status > own);
      const startMicros = this.#crew.clock.nowMicros();
      while (pool !== undefined && isRunning()) {
        pool.waitForProgress(pool.progress, 1);
        pool.mend(this.#forget);
        if (this.#crew.clock.nowMicros() - startMicros > task.job.timeoutMillis * 1_000)
          pool.endHung(task, this.#forget);
      }
      // A failure whose text is still to come finds its chunk forgotten.
      for (let chunk = 0; chunk < task.statuses.length; chunk++) Atomics.store(task.statuses, chunk, chunkStatus.done);
    }
    for (const member of this.#members) member.state = "whole";
    this.#isJoined = true;
  }

  [Symbol.dispose](): void {
    if (this.#isJoined) return;
    const outstanding = this.outstanding.join(", ");
    this.cancel();
    if (outstanding !== "")
      this.#crew.pool?.report(makeFault("group-outstanding", { frame: this.#frame, outstanding }));
  }

  /** Closes what is done, opens what waited for it. True when everything is whole. `isThorough` as isTaskDone has it. */
  #advance(isThorough = false): boolean {
    let wholeCount = 0;
    let hasOpened = false;
    let openChunks = 0;
    for (let i = 0; i < this.#members.length; i++) {
      const member = this.#members[i]!;
      if (member.state === "waiting" && this.#isReady(member)) {
        this.#open(member);
        hasOpened = true;
      }
      if (member.state === "open" && isTaskDone(member.task.words, member.task.statuses, isThorough)) {
        settle(member.task);
        member.state = "whole";
      }
      if (member.state === "whole") wholeCount++;
      else if (member.state === "open") openChunks += member.task.words[taskWord.chunkCount]!;
    }
    const isWorthWaking = openChunks > 1 || !this.#isJoinedAtOnce || !this.#crew.helps;
    if (hasOpened && isWorthWaking) this.#crew.pool?.wake();
    return wholeCount === this.#members.length;
  }

  #isReady({ after }: Member): boolean {
    for (let i = 0; i < after.length; i++) if (this.#members[after[i]!]!.state !== "whole") return false;
    return true;
  }

  #open(member: Member): void {
    const { words, statuses, job, place } = member.task;
    words[taskWord.turn] = words[taskWord.wholeTurn] === 0 ? 1 : 0;
    const itemCount = member.begin();
    if (itemCount === -1) {
      member.state = "whole";
      return;
    }
    if (!(Number.isInteger(itemCount) && itemCount >= 0 && itemCount <= place.itemCountMax))
      throw new FaultError(
        makeFault("job-failed", {
          job: job.name,
          chunk: 0,
          tick: words[taskWord.tick]!,
          message: `begin asked for ${itemCount} items, and itemsMax is ${place.itemCountMax}`,
          place: "",
        }),
      );
    words[taskWord.itemCount] = itemCount;
    openTask(words, statuses, Math.ceil(itemCount / job.chunkItems));
    member.state = "open";
  }

  /** Runs one chunk on this thread. */
  #takeOne(): boolean {
    const { runner, helps, pool } = this.#crew;
    if (!helps && pool !== undefined) return false;
    const shuffleSeed = runner.memory.header[jobHeaderWord.shuffleSeed]!;
    for (let i = 0; i < this.#members.length; i++) {
      const { task, state } = this.#members[i]!;
      if (state !== "open") continue;
      const chunk = claimChunk(task.words, task.statuses, coordinator, shuffleSeed);
      if (chunk < 0) continue;
      this.#run(task, chunk);
      return true;
    }
    // Only then what someone was offered and did not take: finding it means looking at every status.
    for (let i = 0; i < this.#members.length; i++) {
      const { task, state } = this.#members[i]!;
      if (state !== "open") continue;
      const chunk = claimLeftover(task.words, task.statuses, coordinator);
      if (chunk < 0) continue;
      this.#run(task, chunk);
      return true;
    }
    return false;
  }

  #run(task: Task, chunk: number): void {
    const { runner, watch } = this.#crew;
    const startMicros = watch?.nowMicros() ?? 0;
    try {
      runner.run(task, chunk);
    } catch (thrown) {
      throw new FaultError(explain(task, chunk, thrown), thrown);
    }
    watch?.ran(task, chunk, startMicros);
    finishChunk(task.words, task.statuses, chunk, coordinator);
  }

  /** Waits a moment for progress beyond `seen`, and mends what workers left. True when something moved. */
  #wait(pool: Pool, seen: number, waitStartMicros: number): boolean {
    for (let spin = 0; spin < spinCount; spin++) if (pool.progress !== seen) return this.#mend(pool) || true;
    if (this.#advance(true)) return true;
    pool.waitForProgress(seen, waitMillis);
    if (pool.progress !== seen) return this.#mend(pool) || true;
    if (this.#mend(pool)) return true;
    const waitedMillis = (this.#crew.clock.nowMicros() - waitStartMicros) / 1_000;
    for (const { task, state } of this.#members)
      if (state === "open" && waitedMillis > task.job.timeoutMillis) pool.endHung(task, this.#redo);
    return false;
  }

  #mend(pool: Pool): boolean {
    return pool.mend(this.#redo);
  }

  /** Takes a chunk over from a worker that will not finish it, and runs it here; or raises, as the job declares. */
  readonly #redo = (task: Task, chunk: number, mark: number, fault: Fault): void => {
    if (Atomics.compareExchange(task.statuses, chunk, mark, claimedBy(coordinator)) !== mark) return;
    if (task.job.onFailure === "stop" || breaches.includes(fault.kind)) throw new FaultError(fault);
    this.#crew.pool?.report(fault);
    this.#crew.redoneCount++;
    this.#run(task, chunk);
  };

  /** Takes a chunk of a cancelled task off a worker; chunks of other groups are done again as ever. */
  readonly #forget = (task: Task, chunk: number, mark: number, fault: Fault): void => {
    if (!this.#members.some((member) => member.task === task)) this.#redo(task, chunk, mark, fault);
    else Atomics.compareExchange(task.statuses, chunk, mark, chunkStatus.done);
  };

  /** While this thread waits for its turn in guard mode: mends, and ends a worker that does not give its turn back. */
  readonly #whileGuarded = (mark: number): void => {
    const { clock, runner } = this.#crew;
    const pool = this.#crew.pool!;
    const nowMicros = clock.nowMicros();
    // One worker may take turn after turn before this thread gets one: only a turn that does not end is a hang.
    const turn = Atomics.load(runner.memory.header, jobHeaderWord.guardTurns);
    if (mark !== this.#guardHolder || turn !== this.#guardTurn) {
      this.#guardHolder = mark;
      this.#guardTurn = turn;
      this.#guardSinceMicros = nowMicros;
    }
    this.#mend(pool);
    for (const task of runner.memory.tasks)
      if (nowMicros - this.#guardSinceMicros > task.job.timeoutMillis * 1_000 && task.statuses.includes(mark)) {
        this.#guardHolder = 0;
        pool.endHung(task, this.#redo);
        return;
      }
  };
}

/** Makes the run that is done the one that readers see. */
function settle({ words }: Task): void {
  words[taskWord.wholeTurn] = words[taskWord.turn]!;
  words[taskWord.wholeItems] = words[taskWord.itemCount]!;
  words[taskWord.wholeChunks] = words[taskWord.chunkCount]!;
  words[taskWord.wholeTick] = words[taskWord.tick]! + 1;
  closeTask(words);
}

function explain(task: Task, chunk: number, thrown: unknown): Fault {
  if (thrown instanceof FaultError) return thrown.fault;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const found = faultOf(thrown);
  if (found.kind !== "unexpected") return found;
  return makeFault("job-failed", {
    job: task.job.name,
    chunk,
    tick: task.words[taskWord.tick]!,
    message,
    place: placeOf(thrown),
  });
}
