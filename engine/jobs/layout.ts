/**
 * The layout of job memory, behind the snapshots in the world's memory. Every run of a job that may be
 * on its way at once is a task with words, statuses, parameters and outputs of its own, all laid out
 * before the first tick: whoever has the same game finds them by computing this again.
 *
 *     0  ┌──────────────────────────┐
 *        │ header        i32[16]    │ guard mode, guard lock, shuffle seed, turns taken in guard mode
 *        ├──────────────────────────┤ for each task
 *        │ words         i32[32]    │ state, counts, claim lanes; see task.ts
 *        │ statuses      i32[c]     │ one a chunk: who has it, or what became of it
 *        │ params        a field    │ written by begin
 *        │ turn 0: rows u32[c], columns of the output  │ a run writes one turn while
 *        │ turn 1: rows u32[c], columns of the output  │ the other holds the last whole run
 *        ├──────────────────────────┤
 *        │ guard scratch            │ tables of regions and hashes, one for each participant
 *        └──────────────────────────┘
 * A chunk's rows begin at a multiple of 64, so no two chunks share a cache line or a block of the hash.
 */
import type { Limits } from "../base/limits.ts";
import { ArenaLayout } from "../ecs/arena.ts";
import { fieldBytes } from "../ecs/field.ts";
import { flightCount, type JobGraph } from "./graph.ts";
import { workerCountMax } from "./pool-memory.ts";
import { taskWordCount } from "./task.ts";

export const jobHeaderWords = 16;
/** Words of the header. */
export const jobHeaderWord = { guard: 0, guardLock: 1, shuffleSeed: 2, guardTurns: 3 } as const;

const cacheLineBytes = 64;

/** Rows of a chunk are rounded up to a multiple of this. */
const rowAlignment = 64;

/** Where one turn of a task's output is: offsets from the beginning of job memory. */
export interface TurnPlace {
  readonly rowCounts: number;
  readonly columns: Readonly<Record<string, number>>;
}

export interface TaskPlace {
  readonly jobNumber: number;
  /** 0 for the first of a job's tasks. */
  readonly flight: number;
  readonly words: number;
  readonly statuses: number;
  readonly chunkCountMax: number;
  readonly itemCountMax: number;
  readonly rowStride: number;
  readonly params: Readonly<Record<string, number>>;
  readonly turns: readonly [TurnPlace, TurnPlace];
}

export interface JobLayout {
  readonly tasks: readonly TaskPlace[];
  readonly guardScratch: number;
  readonly guardScratchBytes: number;
  readonly byteLength: number;
}

export function layOutJobs({ jobs }: JobGraph, limits: Limits): JobLayout {
  const layout = new ArenaLayout();
  let name = 0;
  const reserve = (byteLength: number): number => layout.reserve(String(name++), skewed(byteLength)).byteOffset;
  reserve(jobHeaderWords * 4);
  const tasks: TaskPlace[] = [];
  jobs.forEach((job, jobNumber) => {
    const itemCountMax = job.itemsMax(limits);
    const chunkCountMax = Math.max(1, Math.ceil(itemCountMax / job.chunkItems));
    const rowStride = Math.ceil((job.chunkItems * job.rowsPerItem) / rowAlignment) * rowAlignment;
    const flights = job.kind === "tick" ? flightCount(job) : 1;
    for (let flight = 0; flight < flights; flight++) {
      const words = reserve(taskWordCount * 4);
      const statuses = reserve(chunkCountMax * 4);
      const params: Record<string, number> = {};
      for (const field of Object.keys(job.params).sort()) params[field] = reserve(fieldBytes(job.params[field]!));
      const turn = (): TurnPlace => {
        const rowCounts = reserve(chunkCountMax * 4);
        const columns: Record<string, number> = {};
        for (const field of Object.keys(job.output.fields).sort())
          columns[field] = reserve(chunkCountMax * rowStride * fieldBytes(job.output.fields[field]!));
        return { rowCounts, columns };
      };
      const turns = [turn(), turn()] as const;
      tasks.push({ jobNumber, flight, words, statuses, chunkCountMax, itemCountMax, rowStride, params, turns });
    }
  });
  const regionCount = tasks.reduce((sum, { turns }) => sum + (Object.keys(turns[0].columns).length + 1) * 2 + 2, 0);
  // A table of (offset, length) and results of (low, high) with the kernel's scratch, for each participant.
  const guardScratchBytes = Math.ceil((regionCount * 16 + 128) / 64) * 64;
  const guardScratch = reserve(guardScratchBytes * (workerCountMax + 1));
  return { tasks, guardScratch, guardScratchBytes, byteLength: layout.byteLength };
}

/**
 * A length that is an odd number of cache lines. Columns of one length would else begin at equal offsets
 * within a page, and a loop over several of them would have them drive one another out of the cache.
 */
function skewed(byteLength: number): number {
  const lineCount = Math.ceil(byteLength / cacheLineBytes);
  return (lineCount | 1) * cacheLineBytes;
}
