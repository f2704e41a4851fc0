/**
 * Guard mode: finds jobs that write where they must not. While a chunk runs, all outputs but its own rows
 * are hashed before and after, one chunk at a time under a lock. The snapshots are hashed around a
 * whole group (hashSlot). It costs a multiple of the work, so it is for tests and for `verify`.
 */
import { hashBlockBytes, hashHex } from "../base/hash.ts";
import { layOutSnapshot } from "../snapshot/layout.ts";
import type { JobMemory, Task } from "./job-memory.ts";
import { jobHeaderWord } from "./layout.ts";
import { claimedBy } from "./task.ts";

interface GuardedRegion {
  readonly name: string;
  /** Offset in the world's memory, and whole length: multiples of 64. */
  readonly byteOffset: number;
  readonly byteLength: number;
}

export class Guard {
  readonly #memory: JobMemory;
  readonly #mark: number;
  readonly #regions: readonly GuardedRegion[];
  readonly #table: Uint32Array;
  readonly #results: Uint32Array;
  readonly #names: string[] = [];
  #before = new Uint32Array(0);
  #count = 0;

  constructor(memory: JobMemory, participant: number) {
    this.#memory = memory;
    this.#mark = claimedBy(participant);
    const { jobsOffset } = memory.attachment;
    const { guardScratch, guardScratchBytes } = memory.layout;
    this.#regions = memory.tasks.flatMap((task) =>
      task.turns.flatMap((turn) =>
        Object.entries(turn.columns).map(([field, column]) => ({
          name: `${task.job.output.name}.${field}`,
          byteOffset: column.byteOffset,
          byteLength: column.byteLength,
        })),
      ),
    );
    const at = jobsOffset + guardScratch + participant * guardScratchBytes;
    const rows = Math.floor((guardScratchBytes - hashBlockBytes) / 16);
    this.#table = new Uint32Array(memory.buffer, at, rows * 2);
    this.#results = new Uint32Array(memory.buffer, at + rows * 8, rows * 2);
  }

  /** Waits for its turn and notes what everything but the chunk's rows is like. */
  enter(task: Task, turn: 0 | 1, chunk: number): void {
    const { header } = this.#memory;
    // The lock says who has it: when that one dies, the coordinator opens it.
    for (;;) {
      const holder = Atomics.compareExchange(header, jobHeaderWord.guardLock, 0, this.#mark);
      if (holder === 0) break;
      Atomics.wait(header, jobHeaderWord.guardLock, holder, 10);
    }
    const own = task.rowsOf(turn, chunk);
    this.#names.length = 0;
    this.#count = 0;
    const add = (name: string, from: number, end: number): void => {
      if (end <= from) return;
      this.#table[this.#count * 2] = from;
      this.#table[this.#count * 2 + 1] = end - from;
      this.#names[this.#count++] = name;
    };
    for (const { name, byteOffset, byteLength } of this.#regions) {
      const end = byteOffset + byteLength;
      const mine = Object.values(own).find((column) => column.byteOffset >= byteOffset && column.byteOffset < end);
      if (mine === undefined) add(name, byteOffset, end);
      else {
        add(name, byteOffset, mine.byteOffset);
        add(name, mine.byteOffset + mine.byteLength, end);
      }
    }
    this.#hash();
    this.#before = this.#results.slice(0, this.#count * 2);
  }

  /** Compares and lets the next one in. The name of the first column that has changed, or "". */
  leave(): string {
    this.#hash();
    let changed = "";
    for (let i = 0; i < this.#count * 2; i++)
      if (changed === "" && this.#results[i] !== this.#before[i]) changed = this.#names[i >> 1]!;
    Atomics.store(this.#memory.header, jobHeaderWord.guardLock, 0);
    Atomics.notify(this.#memory.header, jobHeaderWord.guardLock, 1);
    return changed;
  }

  #hash(): void {
    this.#memory.kernels.hashRegions(this.#table.byteOffset, this.#count, this.#results.byteOffset);
  }
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
    const { ringOffset, jobsOffset } = memory.attachment;
    const { copies, slotsOffset } = layOutSnapshot(memory.program.schema, memory.program.limits);
    this.#regions = copies.map(({ to }) => ({
      name: to.name,
      byteOffset: ringOffset + slotsOffset + to.byteOffset,
      byteLength: to.paddedLength,
    }));
    const at = jobsOffset + memory.layout.guardScratch;
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

  /** The name of the first column of `slot` whose hash is not as in `before`, or "". */
  changedSince(slot: number, before: readonly string[]): string {
    const now = this.hashesOf(slot);
    const at = now.findIndex((hash, i) => hash !== before[i]);
    return at < 0 ? "" : this.#regions[at]!.name;
  }
}
