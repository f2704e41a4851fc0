/**
 * A track: one thread's pen. It writes fixed-size events into its ring and never waits, never
 * allocates and never fails; while tracing is off a call is one load and one branch.
 *
 * The ring is never too full to write. When it is, the writer takes the oldest eighth back from the
 * reader by moving `read` itself, and counts it as lost. Writer and reader both move `read` by
 * compare-and-exchange, so exactly one of them gets each event: the reader's succeeds only while the
 * writer has not begun to overwrite what was copied (see reader.ts). Nothing torn is ever believed,
 * whatever order the machine gives to plain stores.
 *
 * Rule: a span is written when it ends, so inner ones come before outer ones, and each track has one
 * writing thread at a time. A worker that replaces another goes on where it stopped, and so does an engine thread.
 */
import { type EventKind, eventFloats, eventKind, eventWords } from "./event.ts";
import { cursor, TraceMemory, word } from "./memory.ts";

const noHead = new Int32Array(16);

export class Track {
  /** The memory's own while this is the writer; else one in which tracing is off for ever. */
  #head: Int32Array;
  readonly #memory: TraceMemory;
  readonly #cursors: Int32Array;
  readonly #words: Uint32Array;
  readonly #floats: Float64Array;
  readonly #capacity: number;
  #written = 0;
  /** The writer may go so far without looking at `read` again. */
  #limit = 0;

  /** `isWriter` is false where another thread still writes this track; `takeUp` then begins. */
  constructor(memory: TraceMemory, track: number, isWriter = true) {
    const { buffer, eventCapacity } = memory;
    const offset = memory.ringOffset(track);
    this.#memory = memory;
    this.#head = noHead;
    this.#cursors = memory.cursorsOf(track);
    this.#words = new Uint32Array(buffer, offset, eventCapacity * eventWords);
    this.#floats = new Float64Array(buffer, offset, eventCapacity * eventFloats);
    this.#capacity = eventCapacity;
    if (isWriter) this.takeUp();
  }

  /** From here on this is the track's writer, which goes on where another one has stopped. */
  takeUp(): void {
    this.#written = Atomics.load(this.#cursors, cursor.written) | 0;
    this.#limit = (Atomics.load(this.#cursors, cursor.read) + this.#capacity) | 0;
    this.#head = this.#memory.head;
  }

  /** Another thread writes the track from here on, until this one takes it up again. */
  putDown(): void {
    this.#head = noHead;
  }

  /** Whether events are kept now. Ask before reading the clock for an event. */
  get isOn(): boolean {
    return this.#head[word.on] === 1;
  }

  /**
   * Something that took from `startMicros` to `endMicros`. Whoever found tracing off at the start has
   * no start and gives 0: then nothing is written.
   */
  span(name: number, startMicros: number, endMicros: number, a = Number.NaN, b = Number.NaN): void {
    if (this.#head[word.on] === 0 || startMicros === 0) return;
    this.#write(eventKind.span, name, startMicros, endMicros - startMicros, a, b);
  }

  /** Something that happened at one moment: the start of a tick, a decision of the budget. */
  instant(name: number, micros: number, a = Number.NaN, b = Number.NaN): void {
    if (this.#head[word.on] === 0) return;
    this.#write(eventKind.instant, name, micros, 0, a, b);
  }

  /** A value from this moment on. */
  counter(name: number, micros: number, value: number): void {
    if (this.#head[word.on] === 0) return;
    this.#write(eventKind.counter, name, micros, 0, value, Number.NaN);
  }

  /** A message leaves within the span that is open now. `id` is its own among those of its name. */
  flowBegin(name: number, id: number, micros: number): void {
    if (this.#head[word.on] === 0) return;
    this.#write(eventKind.flowBegin, name, micros, 0, id, Number.NaN);
  }

  /** The message arrives, within a span of another track. */
  flowEnd(name: number, id: number, micros: number): void {
    if (this.#head[word.on] === 0) return;
    this.#write(eventKind.flowEnd, name, micros, 0, id, Number.NaN);
  }

  /** A lifetime begins. `id` is its own among those that are open in its name's category. */
  asyncBegin(name: number, id: number, micros: number, b = Number.NaN): void {
    if (this.#head[word.on] === 0) return;
    this.#write(eventKind.asyncBegin, name, micros, 0, id, b);
  }

  /** The lifetime ends, on any track. */
  asyncEnd(name: number, id: number, micros: number, b = Number.NaN): void {
    if (this.#head[word.on] === 0) return;
    this.#write(eventKind.asyncEnd, name, micros, 0, id, b);
  }

  #write(kind: EventKind, name: number, micros: number, durationMicros: number, a: number, b: number): void {
    const written = this.#written;
    if (written === this.#limit) this.#makeRoom();
    const slot = written & (this.#capacity - 1);
    const words = this.#words;
    const floats = this.#floats;
    const wordAt = slot * eventWords;
    const floatAt = slot * eventFloats;
    words[wordAt] = kind;
    words[wordAt + 1] = name;
    floats[floatAt + 1] = micros;
    floats[floatAt + 2] = durationMicros;
    floats[floatAt + 3] = a;
    floats[floatAt + 4] = b;
    this.#written = (written + 1) | 0;
    Atomics.store(this.#cursors, cursor.written, this.#written);
  }

  /** Sees how far the reader has come; takes the oldest events from it when it has not moved. */
  #makeRoom(): void {
    const cursors = this.#cursors;
    const read = Atomics.load(cursors, cursor.read);
    const isFull = (this.#written - read) >>> 0 === this.#capacity;
    const taken = this.#capacity >> 3;
    if (isFull && Atomics.compareExchange(cursors, cursor.read, read, (read + taken) | 0) === read)
      Atomics.store(cursors, cursor.lost, (Atomics.load(cursors, cursor.lost) + taken) | 0);
    this.#limit = (Atomics.load(cursors, cursor.read) + this.#capacity) | 0;
  }
}

/** A track that is always off, for whoever is given none. */
export function silentTrack(): Track {
  return new Track(TraceMemory.allocate({ tracks: ["silent"], eventsPerTrack: 16, nameCapacity: 1 }), 0);
}
