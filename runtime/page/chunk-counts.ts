/**
 * How many chunks each participant has run: shared words, one for the coordinator and one for each worker,
 * counted by the thread that ran the chunk. They decide nothing; they show where work was done.
 */
import { workerCountMax } from "../../engine/jobs/pool-memory.ts";
import type { ChunkWatch } from "../../engine/jobs/worker-loop.ts";

export const coordinatorNumber = 0;

export function allocateChunkCounts(): SharedArrayBuffer {
  return new SharedArrayBuffer((workerCountMax + 1) * 4);
}

/** Counts the chunks of participant `participant`: 0 is the coordinator, w + 1 is worker w. */
export function countingWatch(counts: SharedArrayBuffer, participant: number): ChunkWatch {
  const words = new Int32Array(counts);
  return {
    ran: () => {
      Atomics.add(words, participant, 1);
    },
    nowMicros: () => 0,
  };
}
