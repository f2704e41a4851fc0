/**
 * Guard mode: finds jobs that write where they must not. While a chunk runs, all outputs but its own rows,
 * the parameters and the snapshot are hashed before and after, one chunk at a time under a lock. The
 * snapshot is hashed around a whole group as well (SlotGuard), which sees what `begin` does. It costs
 * a multiple of the work, so it is for tests and for `verify`.
 */
import { raise } from "../base/faults.ts";
import { hashBlockBytes, hashHex } from "../base/hash.ts";
import type { Column } from "../ecs/field.ts";
import { layOutSnapshot } from "../snapshot/layout.ts";
import type { JobMemory, Task } from "./job-memory.ts";
import { jobHeaderWord } from "./layout.ts";
import { claimedBy, taskWord } from "./task.ts";

interface GuardedRegion {
  readonly name: string;
  /** Offset in the world's memory, and whole length: multiples of 64. */
  readonly byteOffset: number;
  readonly byteLength: number;
}

/** What a chunk changed that is not its own. */
export interface Breach {
  readonly name: string;
  /** It is a column of the snapshot, and not of an output or of the parameters. */
  readonly isSnapshot: boolean;
}

export class Guard {
  readonly #memory: JobMemory;
  readonly #mark: number;
  readonly #outputs: readonly GuardedRegion[];
  /** Columns of slot 0; those of slot s are s * slotBytes behind. */
  readonly #snapshot: readonly GuardedRegion[];
  readonly #slotBytes: number;
  readonly #table: Uint32Array;
  readonly #results: Uint32Array;
  readonly #capacity: number;
  /** What is watched while a chunk runs: pieces of memory, the outputs first, then columns of the snapshot. */
  #pieces: GuardedRegion[] = [];
  #firstOfSnapshot = 0;
  #before: Uint32Array = new Uint32Array(0);

  constructor(memory: JobMemory, participant: number) {
    this.#memory = memory;
    this.#mark = claimedBy(participant);
    const { jobsOffset } = memory.attachment;
    const { guardScratch, guardScratchBytes } = memory.layout;
    this.#outputs = memory.tasks.flatMap((task) =>
      task.turns.flatMap((turn) =>
        Object.entries(turn.columns).map(([field, column]) => regionOf(`${task.job.output.name}.${field}`, column)),
      ),
    );
    this.#snapshot = slotRegions(memory);
    this.#slotBytes = layOutSnapshot(memory.program.schema, memory.program.limits).slotBytes;
    const at = jobsOffset + guardScratch + participant * guardScratchBytes;
    this.#capacity = Math.floor((guardScratchBytes - hashBlockBytes) / 16);
    this.#table = new Uint32Array(memory.buffer, at, this.#capacity * 2);
    this.#results = new Uint32Array(memory.buffer, at + this.#capacity * 8, this.#capacity * 2);
  }

  /**
   * Waits for its turn and notes what everything but the chunk's rows is like: all outputs, the task's
   * parameters, and the snapshot. `wait` is called now and then with the mark of the one whose turn it is.
   */
  enter(task: Task, chunk: number, wait: ((mark: number) => void) | undefined): void {
    const { header } = this.#memory;
    // The lock says who has it: when that one dies, the coordinator opens it.
    for (;;) {
      const holder = Atomics.compareExchange(header, jobHeaderWord.guardLock, 0, this.#mark);
      if (holder === 0) break;
      Atomics.wait(header, jobHeaderWord.guardLock, holder, 10);
      wait?.(holder);
    }
    Atomics.add(header, jobHeaderWord.guardTurns, 1);
    this.#pieces = this.#piecesFor(task, chunk);
    this.#before = this.#hashes();
  }

  /** Compares and lets the next one in. What has changed first, or undefined. */
  leave(): Breach | undefined {
    const now = this.#hashes();
    const at = now.findIndex((half, i) => half !== this.#before[i]) >> 1;
    Atomics.store(this.#memory.header, jobHeaderWord.guardLock, 0);
    Atomics.notify(this.#memory.header, jobHeaderWord.guardLock, 1);
    return at < 0 ? undefined : { name: this.#pieces[at]!.name, isSnapshot: at >= this.#firstOfSnapshot };
  }

  #piecesFor(task: Task, chunk: number): GuardedRegion[] {
    const own = Object.values(task.rowsOf(task.words[taskWord.turn] as 0 | 1, chunk));
    const pieces: GuardedRegion[] = [];
    const add = (name: string, from: number, end: number): void => {
      if (end > from) pieces.push({ name, byteOffset: from, byteLength: end - from });
    };
    for (const { name, byteOffset, byteLength } of this.#outputs) {
      const end = byteOffset + byteLength;
      const mine = own.find((column) => column.byteOffset >= byteOffset && column.byteOffset < end);
      add(name, byteOffset, mine?.byteOffset ?? end);
      if (mine !== undefined) add(name, mine.byteOffset + mine.byteLength, end);
    }
    for (const [name, column] of Object.entries(task.params))
      if (!task.job.sharedParams.includes(name)) pieces.push(regionOf(`${task.job.name}.params.${name}`, column));
    this.#firstOfSnapshot = pieces.length;
    const slotOffset = task.words[taskWord.slot]! * this.#slotBytes;
    for (const { name, byteOffset, byteLength } of this.#snapshot)
      add(name, byteOffset + slotOffset, byteOffset + slotOffset + byteLength);
    return pieces;
  }

  /** Low and high half of the hash of each piece, as many at a time as the table holds. */
  #hashes(): Uint32Array {
    const pieces = this.#pieces;
    const hashes = new Uint32Array(pieces.length * 2);
    for (let first = 0; first < pieces.length; first += this.#capacity) {
      const count = Math.min(this.#capacity, pieces.length - first);
      for (let i = 0; i < count; i++) {
        this.#table[i * 2] = pieces[first + i]!.byteOffset;
        this.#table[i * 2 + 1] = pieces[first + i]!.byteLength;
      }
      this.#memory.kernels.hashRegions(this.#table.byteOffset, count, this.#results.byteOffset);
      hashes.set(this.#results.subarray(0, count * 2), first * 2);
    }
    return hashes;
  }
}

/** The bytes of a column with the padding that its region has behind it. */
function regionOf(name: string, column: Column): GuardedRegion {
  const byteLength = Math.ceil(column.byteLength / hashBlockBytes) * hashBlockBytes;
  return { name, byteOffset: column.byteOffset, byteLength };
}

/** The columns of the snapshot in slot 0. */
function slotRegions({ attachment, program }: JobMemory): GuardedRegion[] {
  const { copies, slotsOffset } = layOutSnapshot(program.schema, program.limits);
  return copies.map(({ to }) => ({
    name: to.name,
    byteOffset: attachment.ringOffset + slotsOffset + to.byteOffset,
    byteLength: to.paddedLength,
  }));
}

/** Hashes of the columns of snapshot slots, taken when jobs are launched and compared when they are joined. */
export class SlotGuard {
  readonly #memory: JobMemory;
  readonly #regions: readonly GuardedRegion[];
  readonly #table: Uint32Array;
  readonly #results: Uint32Array;

  /** Coordinator only: it uses the coordinator's scratch, when no chunk runs there. */
  constructor(memory: JobMemory) {
    this.#memory = memory;
    this.#regions = slotRegions(memory);
    const at = memory.attachment.jobsOffset + memory.layout.guardScratch;
    this.#table = new Uint32Array(memory.buffer, at, 2);
    this.#results = new Uint32Array(memory.buffer, at + hashBlockBytes, 2);
  }

  /** The hash of every column in `slot`. */
  hashesOf(slot: number): string[] {
    const { slotBytes } = layOutSnapshot(this.#memory.program.schema, this.#memory.program.limits);
    return this.#regions.map(({ byteOffset, byteLength }) => {
      this.#table[0] = byteOffset + slot * slotBytes;
      this.#table[1] = byteLength;
      this.#memory.kernels.hashRegions(this.#table.byteOffset, 1, this.#results.byteOffset);
      return hashHex(this.#results[1]!, this.#results[0]!);
    });
  }

  /** Raises "snapshot-written" when a column of `slot` is not as in `before`. */
  check(slot: number, before: readonly string[], jobs: string): void {
    const column = this.changedSince(slot, before);
    if (column !== "") raise("snapshot-written", { jobs, tick: this.#memory.snapshots[slot]!.tick, column });
  }

  /** The name of the first column of `slot` whose hash is not as in `before`, or "". */
  changedSince(slot: number, before: readonly string[]): string {
    const now = this.hashesOf(slot);
    const at = now.findIndex((hash, i) => hash !== before[i]);
    return at < 0 ? "" : this.#regions[at]!.name;
  }
}
