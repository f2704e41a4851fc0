/**
 * The writing thread of the ring test: event i says i in each of its fields, so that one mixed of two
 * is told from all whole ones. It writes until it is stopped; with `paced` it waits for the reader at
 * each quarter of the ring.
 */
import { workerData } from "node:worker_threads";
import { TraceMemory } from "../../../engine/trace/memory.ts";
import { Track } from "../../../engine/trace/track.ts";

export interface WriterTask {
  readonly buffer: SharedArrayBuffer;
  readonly paced: boolean;
  readonly flags: Int32Array;
}
/** Words of the flags: events that the reader has seen; that it has enough; 1 + events written when it is done. */
export const flag = { seen: 0, stop: 1, written: 2 } as const;

if (workerData !== null) {
  const { buffer, paced, flags } = workerData as WriterTask;
  const memory = new TraceMemory(buffer);
  const track = new Track(memory, 1);
  const ahead = memory.eventCapacity >> 2;
  let i = 0;
  for (; Atomics.load(flags, flag.stop) === 0; i++) {
    const seen = paced ? Atomics.load(flags, flag.seen) : i;
    if (i - seen >= ahead) {
      Atomics.wait(flags, flag.seen, seen, 1_000);
      i--;
    } else track.span(i + 1, i + 1, 3 * i + 1, -i, i / 2);
  }
  Atomics.store(flags, flag.written, i + 1);
}
