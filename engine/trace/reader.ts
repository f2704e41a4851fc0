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

  /**
   * Hands the newest events on, at most `countMax` of each track and seven eighths of its ring, and leaves them where they
   * are. It is no drain: it takes nothing, and shows what was drained already, so somebody else may be the reader.
   */
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
  readonly #batch: Batch;
  /** Where the reader believes `read` to be: where its last batch ended. */
  #expected: number;
  lostCount = 0;

  constructor(memory: TraceMemory, track: number) {
    const { eventCapacity } = memory;
    this.#track = track;
    this.#cursors = memory.cursorsOf(track);
    this.#ring = new Uint8Array(memory.buffer, memory.ringOffset(track), eventCapacity * eventBytes);
    this.#capacity = eventCapacity;
    this.#batch = new Batch(Math.min(batchCountMax, eventCapacity >> 1));
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
      const batchCount = Math.min(waiting, this.#batch.capacity);
      this.#copy(read, batchCount, this.#batch);
      const next = (read + batchCount) | 0;
      if (Atomics.compareExchange(this.#cursors, cursor.read, read, next) !== read) continue;
      this.#expected = next;
      this.#handOn(batchCount, this.#batch, sink);
      count += batchCount;
    }
  }

  peek(sink: TraceSink, countMax: number): void {
    const end = Atomics.load(this.#cursors, cursor.written);
    // The writer may be ahead of what it says, but never by an eighth.
    const margin = this.#capacity >> 3;
    const count = Math.min(end >>> 0, countMax, this.#capacity - margin);
    if (count === 0) return;
    const from = (end - count) | 0;
    const batch = new Batch(count);
    this.#copy(from, count, batch);
    // What was overwritten meanwhile may be torn in the copy.
    const torn = (Atomics.load(this.#cursors, cursor.written) + margin - this.#capacity - from) | 0;
    this.#handOn(count, batch, sink, Math.max(0, torn));
  }

  #tellLoss(read: number, sink: TraceSink): void {
    const lost = (read - this.#expected) >>> 0;
    if (lost === 0) return;
    this.#expected = read;
    this.lostCount += lost;
    sink.lost(this.#track, lost);
  }

  #copy(from: number, count: number, { bytes }: Batch): void {
    const first = from & (this.#capacity - 1);
    const head = Math.min(count, this.#capacity - first);
    bytes.set(this.#ring.subarray(first * eventBytes, (first + head) * eventBytes));
    if (head < count) bytes.set(this.#ring.subarray(0, (count - head) * eventBytes), head * eventBytes);
  }

  #handOn(count: number, { words, floats }: Batch, sink: TraceSink, first = 0): void {
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

/** Copies of so many events. */
class Batch {
  readonly capacity: number;
  readonly bytes: Uint8Array;
  readonly words: Uint32Array;
  readonly floats: Float64Array;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.bytes = new Uint8Array(capacity * eventBytes);
    this.words = new Uint32Array(this.bytes.buffer);
    this.floats = new Float64Array(this.bytes.buffer);
  }
}
