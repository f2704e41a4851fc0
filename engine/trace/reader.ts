/**
 * The reader: takes events out of all rings while they are being written. Drained often enough it
 * loses nothing; what a full ring has overwritten is told to the sink at the place where it is missing.
 *
 * A drain copies a batch and then moves `read` over it by compare-and-exchange. That succeeds only if
 * the writer has not taken any of the batch back, and then the copy is whole; if it fails, the copy may
 * be torn and is thrown away. Rule: one reader a memory.
 */
import { type EventKind, eventBytes, eventFloats, eventWords, type TraceSink } from "./event.ts";
import { cursor, type TraceMemory } from "./memory.ts";

const batchCountMax = 1_024;

export class TraceReader {
  readonly #tracks: readonly TrackEnd[];

  constructor(memory: TraceMemory) {
    this.#tracks = Array.from({ length: memory.trackCount }, (_, track) => new TrackEnd(memory, track));
  }

  /** Hands all events that are there on to `sink`, track after track, each in its order; gives their count. */
  drain(sink: TraceSink): number {
    let count = 0;
    for (const track of this.#tracks) count += track.drain(sink);
    return count;
  }

  /** Hands the newest events on, at most `countMax` of each track and 1,024, and leaves them where they are. */
  peek(sink: TraceSink, countMax: number): void {
    for (const track of this.#tracks) track.peek(sink, countMax);
  }

  /** How many events of a track were overwritten since the memory was made, as far as they were met. */
  lostOf(track: number): number {
    return this.#tracks[track]!.lostCount;
  }
}

/** The reading end of one ring. */
class TrackEnd {
  readonly #track: number;
  readonly #cursors: Int32Array;
  readonly #ring: Uint8Array;
  readonly #capacity: number;
  readonly #batch: Uint8Array;
  readonly #words: Uint32Array;
  readonly #floats: Float64Array;
  /** Where the reader believes `read` to be: where its last batch ended. */
  #expected: number;
  lostCount = 0;

  constructor(memory: TraceMemory, track: number) {
    const { eventCapacity } = memory;
    this.#track = track;
    this.#cursors = memory.cursorsOf(track);
    this.#ring = new Uint8Array(memory.buffer, memory.ringOffset(track), eventCapacity * eventBytes);
    this.#capacity = eventCapacity;
    this.#batch = new Uint8Array(Math.min(batchCountMax, eventCapacity >> 1) * eventBytes);
    this.#words = new Uint32Array(this.#batch.buffer);
    this.#floats = new Float64Array(this.#batch.buffer);
    // What was taken back before there was a reader is missing as well.
    this.#expected = (Atomics.load(this.#cursors, cursor.read) - Atomics.load(this.#cursors, cursor.lost)) | 0;
  }

  drain(sink: TraceSink): number {
    const end = Atomics.load(this.#cursors, cursor.written);
    let count = 0;
    for (;;) {
      const read = Atomics.load(this.#cursors, cursor.read);
      // The writer may have taken more than was there at the beginning; the rest is for the next drain.
      const waiting = (end - read) | 0;
      this.#tellLoss(read, sink);
      if (waiting <= 0) return count;
      const batchCount = Math.min(waiting, this.#batch.length / eventBytes);
      this.#copy(read, batchCount);
      const next = (read + batchCount) | 0;
      if (Atomics.compareExchange(this.#cursors, cursor.read, read, next) !== read) continue;
      this.#expected = next;
      this.#handOn(batchCount, sink);
      count += batchCount;
    }
  }

  peek(sink: TraceSink, countMax: number): void {
    const end = Atomics.load(this.#cursors, cursor.written);
    const waiting = (end - Atomics.load(this.#cursors, cursor.read)) | 0;
    const count = Math.min(waiting, countMax, this.#batch.length / eventBytes);
    if (count <= 0) return;
    const from = (end - count) | 0;
    this.#copy(from, count);
    // What the writer has taken back meanwhile may be torn in the copy.
    const gone = Math.max(0, (Atomics.load(this.#cursors, cursor.read) - from) | 0);
    this.#handOn(count, sink, gone);
  }

  #tellLoss(read: number, sink: TraceSink): void {
    const lost = (read - this.#expected) >>> 0;
    if (lost === 0) return;
    this.#expected = read;
    this.lostCount += lost;
    sink.lost(this.#track, lost);
  }

  #copy(from: number, count: number): void {
    const first = from & (this.#capacity - 1);
    const head = Math.min(count, this.#capacity - first);
    this.#batch.set(this.#ring.subarray(first * eventBytes, (first + head) * eventBytes));
    if (head < count) this.#batch.set(this.#ring.subarray(0, (count - head) * eventBytes), head * eventBytes);
  }

  #handOn(count: number, sink: TraceSink, first = 0): void {
    const words = this.#words;
    const floats = this.#floats;
    for (let i = first; i < count; i++) {
      const at = i * eventFloats;
      sink.event(
        this.#track,
        words[i * eventWords] as EventKind,
        words[i * eventWords + 1]!,
        floats[at + 1]!,
        floats[at + 2]!,
        floats[at + 3]!,
        floats[at + 4]!,
      );
    }
  }
}
