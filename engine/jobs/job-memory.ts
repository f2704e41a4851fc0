/**
 * Job memory, opened by one thread: the tasks of a game with typed views of their parameters and outputs,
 * and the snapshots that they read. The coordinator and every worker open their own over the same bytes.
 */

import type { AssetMemory } from "../asset/memory.ts";
import type { Limits } from "../base/limits.ts";
import type { SharedMemory } from "../base/wasm.ts";
import type { Component } from "../ecs/component.ts";
import { type Column, columnOver, type ReadonlyColumn } from "../ecs/field.ts";
import type { Schema } from "../ecs/schema.ts";
import { bindKernels, type Kernels } from "../kernels/kernels.ts";
import { layOutSnapshot } from "../snapshot/layout.ts";
import { Snapshot } from "../snapshot/snapshot.ts";
import type { AnyJob, OutputView } from "./definition.ts";
import type { JobGraph } from "./graph.ts";
import { type JobLayout, jobHeaderWords, layOutJobs, type TaskPlace } from "./layout.ts";
import { resourceCountMax, taskWord, taskWordCount } from "./task.ts";

/** What a worker is told of a world; everything else it computes from the game. */
export interface WorldAttachment {
  /** Set when the world is handed to workers; 0 before. */
  readonly serial: number;
  readonly memory: SharedMemory;
  /** Offsets of the snapshot ring and of job memory. */
  readonly ringOffset: number;
  readonly jobsOffset: number;
  readonly seed: number;
  /** Memory of the trace; undefined when the world is not traced. */
  readonly trace: SharedArrayBuffer | undefined;
  /** Memory of assets; undefined when the game streams nothing. */
  readonly assets: AssetMemory | undefined;
}

/** What of a program jobs are opened with. */
export interface JobProgram {
  readonly graph: JobGraph;
  readonly schema: Schema;
  readonly limits: Limits;
}

type Columns = Readonly<Record<string, Column>>;

interface Turn {
  readonly rowCounts: Uint32Array;
  readonly columns: Columns;
  /** Views of one chunk's rows, made when a chunk is first run here. */
  readonly chunks: (Columns | undefined)[];
}

export class Task {
  readonly number: number;
  readonly job: AnyJob;
  readonly place: TaskPlace;
  readonly words: Int32Array;
  readonly statuses: Int32Array;
  readonly params: Columns;
  readonly turns: readonly [Turn, Turn];
  /** The last whole run, as readers see it. */
  readonly view: TaskView;

  constructor(number: number, job: AnyJob, place: TaskPlace, buffer: SharedArrayBuffer, base: number) {
    this.number = number;
    this.job = job;
    this.place = place;
    this.words = new Int32Array(buffer, base + place.words, taskWordCount);
    this.statuses = new Int32Array(buffer, base + place.statuses, place.chunkCountMax);
    const params: Record<string, Column> = {};
    for (const [name, offset] of Object.entries(place.params))
      params[name] = columnOver(job.params[name]!, buffer, base + offset, 1);
    this.params = params;
    const rows = place.chunkCountMax * place.rowStride;
    const turn = (at: 0 | 1): Turn => {
      const columns: Record<string, Column> = {};
      for (const [name, offset] of Object.entries(place.turns[at].columns))
        columns[name] = columnOver(job.output.fields[name]!, buffer, base + offset, rows);
      const rowCounts = new Uint32Array(buffer, base + place.turns[at].rowCounts, place.chunkCountMax);
      return { rowCounts, columns, chunks: [] };
    };
    this.turns = [turn(0), turn(1)];
    this.view = new TaskView(this);
  }

  /** Whether another task's output lies as this one's does. */
  writesLike({ job, place, turns }: Task): boolean {
    const ofField = (task: Task | { job: AnyJob }): string =>
      JSON.stringify(
        Object.keys(task.job.output.fields)
          .sort()
          .map((name) => [name, task.job.output.fields[name]]),
      );
    return (
      ofField(this) === ofField({ job }) &&
      place.chunkCountMax === this.place.chunkCountMax &&
      place.rowStride === this.place.rowStride &&
      turns.length === this.turns.length
    );
  }

  /** Copies what the other found in its last whole run. */
  takeOver({ words, turns }: Task): void {
    const turn = words[taskWord.wholeTurn] as 0 | 1;
    const [from, to] = [turns[turn], this.turns[turn]];
    const { rowStride } = this.place;
    to.rowCounts.set(from.rowCounts);
    for (const [name, column] of Object.entries(from.columns)) {
      const { length } = this.job.output.fields[name]!;
      for (let chunk = 0; chunk < words[taskWord.wholeChunks]!; chunk++) {
        const first = chunk * rowStride * length;
        to.columns[name]!.set(column.subarray(first, first + from.rowCounts[chunk]! * length), first);
      }
    }
    for (const word of [taskWord.wholeTurn, taskWord.wholeItems, taskWord.wholeChunks, taskWord.wholeTick])
      this.words[word] = words[word]!;
  }

  /** The rows of `chunk` in one half of the output. */
  rowsOf(turn: 0 | 1, chunk: number): Columns {
    const { chunks, columns } = this.turns[turn];
    const known = chunks[chunk];
    if (known !== undefined) return known;
    const { rowStride } = this.place;
    const rows: Record<string, Column> = {};
    for (const name of Object.keys(columns)) {
      const { length } = this.job.output.fields[name]!;
      rows[name] = columns[name]!.subarray(chunk * rowStride * length, (chunk + 1) * rowStride * length);
    }
    chunks[chunk] = rows;
    return rows;
  }
}

/** The last whole run of a task: what inputs and merges read. Follows the task; nothing is copied. */
export class TaskView implements OutputView {
  readonly rowStride: number;
  readonly #task: Task;
  constructor(task: Task) {
    this.#task = task;
    this.rowStride = task.place.rowStride;
  }
  get #turn(): Turn {
    return this.#task.turns[this.#task.words[taskWord.wholeTurn] as 0 | 1];
  }
  get columns(): Columns {
    return this.#turn.columns;
  }
  get rowCounts(): Uint32Array {
    return this.#turn.rowCounts;
  }
  get chunkCount(): number {
    return this.#task.words[taskWord.wholeChunks]!;
  }
  get itemCount(): number {
    return this.#task.words[taskWord.wholeItems]!;
  }
  get tick(): number {
    return this.#task.words[taskWord.wholeTick]! - 1;
  }
}

export class JobMemory {
  readonly program: JobProgram;
  readonly attachment: WorldAttachment;
  readonly layout: JobLayout;
  readonly header: Int32Array;
  readonly buffer: SharedArrayBuffer;
  readonly kernels: Kernels;
  readonly snapshots: readonly Snapshot[];
  /** Frame jobs in running order, then tick jobs: the order in which work is looked for. */
  readonly tasks: readonly Task[];
  readonly #assetBuffer: SharedArrayBuffer | undefined;

  constructor(program: JobProgram, attachment: WorldAttachment) {
    const { graph, schema, limits } = program;
    const { memory, jobsOffset, ringOffset } = attachment;
    this.program = program;
    this.attachment = attachment;
    this.buffer = memory.buffer;
    this.#assetBuffer = attachment.assets?.buffer;
    this.layout = layOutJobs(graph, limits);
    this.header = new Int32Array(this.buffer, jobsOffset, jobHeaderWords);
    this.kernels = bindKernels(memory);
    const snapshotLayout = layOutSnapshot(schema, limits);
    this.snapshots = Array.from(
      { length: snapshotLayout.slotCount },
      (_, slot) => new Snapshot(this.buffer, ringOffset, snapshotLayout, schema, slot),
    );
    this.tasks = this.layout.tasks
      .map((place) => ({ place, job: graph.jobs[place.jobNumber]! }))
      .sort((a, b) => Number(a.job.kind === "tick") - Number(b.job.kind === "tick"))
      .map(({ place, job }, number) => new Task(number, job, place, this.buffer, jobsOffset));
  }

  /** The first task of a job. */
  taskOf(job: AnyJob): Task {
    return this.tasks.find((task) => task.job === job && task.place.flight === 0)!;
  }

  /** Keeps what frame jobs found last in another program's memory, where they write the same: sparks go on flying. */
  takeOver(before: JobMemory): void {
    for (const task of this.tasks) {
      if (task.job.kind !== "frame") continue;
      const other = before.tasks.find(({ job }) => job.name === task.job.name && job.kind === "frame");
      if (other !== undefined && task.writesLike(other)) task.takeOver(other);
    }
  }

  /** Bytes of a resource that a task was launched with. */
  resourceOf(task: Task, number: number): Uint8Array | undefined {
    if (number >= resourceCountMax) return undefined;
    const byteOffset = task.words[taskWord.resources + number * 2]!;
    const byteLength = task.words[taskWord.resources + number * 2 + 1]!;
    if (byteLength === 0 || this.#assetBuffer === undefined) return undefined;
    return new Uint8Array(this.#assetBuffer, byteOffset >>> 0, byteLength >>> 0);
  }

  /** Shared columns of components in a slot, by component name. */
  columnsIn(
    slot: number,
    components: readonly Component[],
  ): Readonly<Record<string, Readonly<Record<string, ReadonlyColumn>>>> {
    const columns: Record<string, Readonly<Record<string, ReadonlyColumn>>> = {};
    for (const component of components) columns[component.name] = this.snapshots[slot]!.columnsOf(component);
    return columns;
  }
}
