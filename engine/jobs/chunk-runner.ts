/**
 * Runs chunks in one thread: sets up what a chunk is given and calls the job. The coordinator and each
 * worker have one. In guard mode chunks run one at a time and every other output is hashed before
 * and after, so that a write outside the chunk's rows is found and named.
 */
import { raise } from "../base/faults.ts";
import { RandomStream, randomStateWords, seedStream } from "../base/random.ts";
import type { Column, ReadonlyColumn } from "../ecs/field.ts";
import type { Kernels } from "../kernels/kernels.ts";
import type { Snapshot } from "../snapshot/snapshot.ts";
import { type Chunk, type ChunkPen, type OutputView, silentPen } from "./definition.ts";
import { type Breach, Guard } from "./guard.ts";
import type { JobMemory, Task } from "./job-memory.ts";
import { jobHeaderWord } from "./layout.ts";
import { taskWord } from "./task.ts";

type ColumnsBySlot = Readonly<Record<string, Readonly<Record<string, ReadonlyColumn>>>>;

/** The one chunk object of a task in this thread. */
class RunningChunk implements Chunk {
  number = 0;
  first = 0;
  count = 0;
  itemCount = 0;
  tick = 0;
  snapshot!: Snapshot;
  columns!: ColumnsBySlot;
  output!: Readonly<Record<string, Column>>;
  before!: Readonly<Record<string, Column>>;
  resources: Record<string, Uint8Array | undefined> = {};
  readonly params: Readonly<Record<string, Column>>;
  readonly inputs: Readonly<Record<string, OutputView>>;
  readonly kernels: Kernels;
  readonly pen: ChunkPen;
  readonly #words: Int32Array;
  readonly #jobName: string;
  readonly #seed: number;
  readonly #randomState = new Uint32Array(randomStateWords);
  readonly #random = new RandomStream(this.#randomState, 0);
  #seededFor = -1;

  constructor(memory: JobMemory, task: Task, pen: ChunkPen) {
    this.params = task.params;
    this.kernels = memory.kernels;
    this.pen = pen;
    this.#words = task.words;
    this.#jobName = task.job.name;
    this.#seed = memory.attachment.seed;
    const inputs: Record<string, OutputView> = {};
    for (const input of task.job.inputs)
      inputs[input.name] = memory.tasks.find(({ job }) => job.output === input)!.view;
    this.inputs = inputs;
  }

  get isCancelled(): boolean {
    return Atomics.load(this.#words, taskWord.cancelled) !== 0;
  }

  get random(): RandomStream {
    if (this.#seededFor !== this.number) {
      this.#seededFor = this.number;
      const mixed =
        Math.imul(this.#seed ^ Math.imul(this.tick, 0x9e3779b1), 0x85ebca6b) ^ Math.imul(this.number + 1, 0xc2b2ae35);
      seedStream(this.#randomState, 0, mixed >>> 0, this.#jobName);
    }
    return this.#random;
  }

  begin(): void {
    this.#seededFor = -1;
  }
}

export class ChunkRunner {
  readonly memory: JobMemory;
  readonly participant: number;
  /** Called now and then while another participant has its turn in guard mode, with that one's mark. */
  guardWait: ((mark: number) => void) | undefined;
  readonly #chunks: readonly RunningChunk[];
  /** Columns of each job's components in each slot, made when first read. */
  readonly #columns: (ColumnsBySlot | undefined)[][];
  readonly #guard: Guard;

  constructor(memory: JobMemory, participant: number, pen: ChunkPen = silentPen) {
    this.memory = memory;
    this.participant = participant;
    this.#chunks = memory.tasks.map((task) => new RunningChunk(memory, task, pen));
    this.#columns = memory.tasks.map(() => []);
    this.#guard = new Guard(memory, participant);
  }

  /** Columns of the components that a task's job reads, in `slot`. */
  columnsOf(task: Task, slot: number): ColumnsBySlot {
    const known = this.#columns[task.number]![slot];
    if (known !== undefined) return known;
    const made = this.memory.columnsIn(slot, task.job.reads);
    this.#columns[task.number]![slot] = made;
    return made;
  }

  inputsOf(task: Task): Readonly<Record<string, OutputView>> {
    return this.#chunks[task.number]!.inputs;
  }

  /** Runs a chunk that this participant has claimed and notes how many rows it wrote. Throws what the job throws. */
  run(task: Task, number: number): void {
    const { words, job } = task;
    const chunk = this.#chunks[task.number]!;
    let rowCount: number;
    if (this.memory.header[jobHeaderWord.guard] === 0) {
      this.#set(chunk, task, number);
      rowCount = job.run(chunk) ?? chunk.count * job.rowsPerItem;
    } else rowCount = this.#runGuarded(chunk, task, number);
    if (!(Number.isInteger(rowCount) && rowCount >= 0 && rowCount <= chunk.count * job.rowsPerItem))
      raise("job-failed", {
        job: job.name,
        chunk: number,
        tick: chunk.tick,
        message: `it says that it wrote ${rowCount} rows, and ${chunk.count} items have room for ${chunk.count * job.rowsPerItem}`,
        place: "",
      });
    task.turns[words[taskWord.turn] as 0 | 1].rowCounts[number] = rowCount;
  }

  #set(chunk: RunningChunk, task: Task, number: number): void {
    const { words, job } = task;
    const itemCount = words[taskWord.itemCount]!;
    const turn = words[taskWord.turn] as 0 | 1;
    const slot = words[taskWord.slot]!;
    chunk.begin();
    chunk.number = number;
    chunk.first = number * job.chunkItems;
    chunk.count = Math.min(job.chunkItems, itemCount - chunk.first);
    chunk.itemCount = itemCount;
    chunk.tick = words[taskWord.tick]!;
    chunk.snapshot = this.memory.snapshots[slot]!;
    chunk.columns = this.columnsOf(task, slot);
    chunk.output = task.rowsOf(turn, number);
    chunk.before = task.rowsOf(turn === 0 ? 1 : 0, number);
    for (let i = 0; i < job.resources.length; i++) chunk.resources[job.resources[i]!] = this.memory.resourceOf(task, i);
  }

  #runGuarded(chunk: RunningChunk, task: Task, number: number): number {
    const { job } = task;
    // Before the chunk is set: whoever waits here for a turn may have to run another chunk meanwhile.
    this.#guard.enter(task, number, this.guardWait);
    let rowCount: number;
    let breach: Breach | undefined;
    try {
      this.#set(chunk, task, number);
      rowCount = job.run(chunk) ?? chunk.count * job.rowsPerItem;
    } finally {
      breach = this.#guard.leave();
    }
    if (breach?.isSnapshot === true)
      raise("snapshot-written", { jobs: `${job.name}, chunk ${number}`, tick: chunk.tick, column: breach.name });
    if (breach !== undefined)
      raise("job-wrote-outside", { job: job.name, chunk: number, tick: chunk.tick, output: breach.name });
    return rowCount;
  }
}
