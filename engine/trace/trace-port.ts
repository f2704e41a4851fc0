/**
 * The trace port: a thread's own track, the names that all threads share, and the numbers of those that
 * the frame needs. A thread that nobody traces has a track that is off for ever, which costs a load and
 * a branch.
 */
import { TraceMemory } from "./memory.ts";
import { TraceNames } from "./names.ts";
import { silentTrack, Track } from "./track.ts";

export interface TracePort {
  readonly track: Track;
  /** Undefined where nothing is ever traced. */
  readonly names: TraceNames | undefined;
  /** The shared memory, for threads that open tracks of their own; undefined where nothing is ever traced. */
  readonly buffer: SharedArrayBuffer | undefined;
  /** The number of a name, added when it is new; 0 where nothing is traced. */
  number(text: string, category?: string, a?: string, b?: string, isMark?: boolean): number;
}

/** For whoever is given no trace. */
export const noTrace: TracePort = { track: silentTrack(), names: undefined, buffer: undefined, number: () => 0 };

/** The port of the track with this label; with `isWriter` false its track is off until it is taken up. */
export function openTrace(buffer: SharedArrayBuffer, label: string, isWriter = true): TracePort {
  const memory = new TraceMemory(buffer);
  const names = new TraceNames(memory);
  return {
    track: new Track(memory, memory.trackOf(label), isWriter),
    names,
    buffer,
    number: (text, category, a = "", b = "", isMark = false) =>
      names.add(text, { a, b, isMark, ...(category === undefined ? {} : { category }) }),
  };
}
