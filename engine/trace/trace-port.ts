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
  /** Another track that this thread writes; undefined where the trace has none of that label. */
  open(label: string): Track | undefined;
  /** From here on this thread writes its tracks, each where another thread has stopped; see `putDown`. */
  takeUp(): void;
  /** Another thread writes this one's tracks from here on. */
  putDown(): void;
}

/** For whoever is given no trace. */
export const noTrace: TracePort = {
  ...{ track: silentTrack(), names: undefined, buffer: undefined, number: () => 0 },
  ...{ open: () => undefined, takeUp: () => {}, putDown: () => {} },
};

/** The port of the track with this label; with `isWriter` false its tracks are off until they are taken up. */
export function openTrace(buffer: SharedArrayBuffer, label: string, isWriter = true): TracePort {
  const memory = new TraceMemory(buffer);
  const names = new TraceNames(memory);
  const labels = Array.from({ length: memory.trackCount }, (_, track) => memory.labelOf(track));
  const tracks: Track[] = [];
  let isOurs = isWriter;
  const opened = (number: number): Track => {
    const track = new Track(memory, number, isOurs);
    tracks.push(track);
    return track;
  };
  return {
    track: opened(memory.trackOf(label)),
    names,
    buffer,
    number: (text, category, a = "", b = "", isMark = false) =>
      names.add(text, { a, b, isMark, ...(category === undefined ? {} : { category }) }),
    open: (other) => (labels.includes(other) ? opened(labels.indexOf(other)) : undefined),
    takeUp() {
      isOurs = true;
      for (const track of tracks) track.takeUp();
    },
    putDown() {
      isOurs = false;
      for (const track of tracks) track.putDown();
    },
  };
}
