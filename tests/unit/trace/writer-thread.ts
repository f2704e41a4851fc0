/**
 * The writing thread of the ring test: event i says i in each of its fields, so that one mixed of two
 * is told from all whole ones. With `paced` it waits for the reader at each quarter of the ring.
 */
import { workerData } from "node:worker_threads";
import { TraceMemory } from "../../../engine/trace/memory.ts";
import { Track } from "../../../engine/trace/track.ts";

export interface WriterTask {
  readonly buffer: SharedArrayBuffer;
  readonly count: number;
  readonly paced: boolean;
  /** Word 0: events seen by the reader. Word 1: 1 when all are written. */
  readonly flags: Int32Array;
}

const { buffer, count, paced, flags } = workerData as WriterTask;
const memory = new TraceMemory(buffer);
const track = new Track(memory, 1);
const ahead = memory.eventCapacity >> 2;
for (let i = 0; i < count; i++) {
  while (paced) {
    const seen = Atomics.load(flags, 0);
    if (i - seen < ahead) break;
    Atomics.wait(flags, 0, seen, 1_000);
  }
  track.span(i + 1, i + 1, 3 * i + 1, -i, i / 2);
}
Atomics.store(flags, 1, 1);
