/**
 * What a job's `begin` is given, kept from run to run: one for each task, on the coordinator. It gathers
 * the events of the ticks since the last run, because an event lives for one tick and a frame may make
 * several, or a job may be left out of some.
 */
import { FaultError, faultOf, makeFault, placeOf } from "../base/faults.ts";
import type { Limits } from "../base/limits.ts";
import { RandomStream, randomStateWords, seedStream } from "../base/random.ts";
import { type Column, columnOver, fieldBytes, type ReadonlyColumn } from "../ecs/field.ts";
import { type EventKind, eventCapacity } from "../events/event.ts";
import type { World } from "../sim/world.ts";
import type { Snapshot } from "../snapshot/snapshot.ts";
import type { ChunkRunner } from "./chunk-runner.ts";
import type { JobBegin, OutputView } from "./definition.ts";
import type { Task } from "./job-memory.ts";
import { taskWord } from "./task.ts";

/** Events of one kind since the last run. What finds no room is dropped and counted. */
class HeardEvents {
  readonly kind: EventKind;
  readonly columns: Readonly<Record<string, Column>>;
  count = 0;
  droppedCount = 0;
  readonly #capacity: number;
  readonly #names: readonly string[];

  constructor(kind: EventKind, capacity: number) {
    this.kind = kind;
    this.#capacity = capacity;
    this.#names = Object.keys(kind.fields).sort();
    const columns: Record<string, Column> = {};
    for (const name of this.#names) {
      const field = kind.fields[name]!;
      columns[name] = columnOver(field, new ArrayBuffer(capacity * fieldBytes(field)), 0, capacity);
    }
    this.columns = columns;
  }

  note(world: World): void {
    const table = world.events.tableOf(this.kind);
    const room = Math.min(table.count, this.#capacity - this.count);
    this.droppedCount += table.count - room;
    for (let n = 0; n < this.#names.length; n++) {
      const name = this.#names[n]!;
      const { length } = this.kind.fields[name]!;
      const from = table.columns[name]!;
      const to = this.columns[name]!;
      const at = this.count * length;
      for (let i = 0; i < room * length; i++) to[at + i] = from[i]!;
    }
    this.count += room;
  }
}

/** Ticks whose events are kept for a job that is left out of frames. */
const heardTickCount = 4;

const noFeeds: Readonly<Record<string, Float32Array>> = Object.freeze({});

export class BeginContext implements JobBegin {
  tick = 0;
  snapshot!: Snapshot;
  previous!: Snapshot;
  columns!: Readonly<Record<string, Readonly<Record<string, ReadonlyColumn>>>>;
  deltaSeconds = 0;
  quality = 1;
  output: Readonly<Record<string, Column>>;
  before: Readonly<Record<string, Column>>;
  readonly random: RandomStream;
  readonly inputs: Readonly<Record<string, OutputView>>;
  readonly params: Readonly<Record<string, Column>>;
  readonly events: JobBegin["events"];
  readonly feeds: Readonly<Record<string, Float32Array>>;
  readonly limits: Limits;
  readonly #task: Task;
  readonly #runner: ChunkRunner;
  readonly #heard: readonly HeardEvents[];
  readonly #tickSeconds: number;
  readonly #randomState = new Uint32Array(randomStateWords);
  readonly #seed: number;
  readonly #paramNames: readonly string[];
  #lastTick = -1;

  constructor(task: Task, runner: ChunkRunner, world: World, feeds: Readonly<Record<string, Float32Array>>) {
    this.#task = task;
    this.#runner = runner;
    this.#seed = world.seed;
    this.random = new RandomStream(this.#randomState, 0);
    this.output = task.turns[0].columns;
    this.before = task.turns[1].columns;
    this.#tickSeconds = 1 / world.program.tickRate;
    this.inputs = runner.inputsOf(task);
    this.params = task.params;
    this.#paramNames = Object.keys(task.params);
    // What presentation feeds depends on whether the world is shown, and must not reach it.
    this.feeds = task.job.kind === "tick" ? noFeeds : feeds;
    this.limits = world.limits;
    this.#heard = task.job.hears.map(
      (kind) => new HeardEvents(kind, eventCapacity(kind, world.limits) * heardTickCount),
    );
    const events: Record<string, HeardEvents> = {};
    for (const heard of this.#heard) events[heard.kind.name] = heard;
    this.events = events as unknown as JobBegin["events"];
  }

  noteEvents(world: World): void {
    for (let i = 0; i < this.#heard.length; i++) this.#heard[i]!.note(world);
  }

  /** Events that found no room since the world began. */
  get droppedEventCount(): number {
    let count = 0;
    for (let i = 0; i < this.#heard.length; i++) count += this.#heard[i]!.droppedCount;
    return count;
  }

  /** Ticks begin anew: nothing is known of runs before. */
  restored(): void {
    this.#lastTick = -1;
    for (let i = 0; i < this.#heard.length; i++) this.#heard[i]!.count = 0;
  }

  /** Calls the job's begin. Raises "job-failed" with its place when that throws. */
  begin(snapshot: Snapshot, previous: Snapshot, slot: number, quality: number): number {
    const { job } = this.#task;
    this.tick = snapshot.tick;
    seedStream(this.#randomState, 0, (this.#seed ^ Math.imul(snapshot.tick, 0x9e3779b1)) >>> 0, job.name);
    const turn = this.#task.words[taskWord.turn] as 0 | 1;
    this.output = this.#task.turns[turn].columns;
    this.before = this.#task.turns[turn === 0 ? 1 : 0].columns;
    this.snapshot = snapshot;
    this.previous = previous;
    this.columns = this.#runner.columnsOf(this.#task, slot);
    if (job.kind === "tick") {
      for (const name of this.#paramNames) this.params[name]!.fill(0);
      this.deltaSeconds = job.every * this.#tickSeconds;
    } else this.deltaSeconds = this.#lastTick < 0 ? 0 : (snapshot.tick - this.#lastTick) * this.#tickSeconds;
    this.quality = quality;
    this.#lastTick = snapshot.tick;
    try {
      return job.begin(this);
    } catch (thrown) {
      if (thrown instanceof FaultError) throw thrown;
      const fault = faultOf(thrown);
      throw new FaultError(
        makeFault("job-failed", {
          job: job.name,
          chunk: 0,
          tick: snapshot.tick,
          message: fault.kind === "unexpected" ? fault.fields.message : String(thrown),
          place: placeOf(thrown),
        }),
        thrown,
      );
    } finally {
      for (let i = 0; i < this.#heard.length; i++) this.#heard[i]!.count = 0;
    }
  }
}
