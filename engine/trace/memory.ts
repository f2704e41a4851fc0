/**
 * Trace memory: one shared memory for all threads that trace. It is laid out here, once, before the
 * threads start; they get the buffer alone and find everything else in its header.
 *
 *      0 ┌──────────────────────────────────────────────┐
 *        │ header   i32 x 16: see `word`                │
 *     64 ├──────────────────────────────────────────────┤
 *        │ name ends   u32 x nameCapacity               │  where each name's text ends, see names.ts
 *        │ name text   u16 x nameCapacity x 32          │
 *        ├──────────────────────────────────────────────┤
 *        │ track 0  cursors   i32 x 16: see `cursor`    │  a cache line of its own
 *        │          label     u16 x 32: length, text    │
 *        │          ring      40 bytes x eventCapacity  │  see event.ts
 *        ├──────────────────────────────────────────────┤
 *        │ track 1 ...                                  │
 *        └──────────────────────────────────────────────┘
 *
 * Rule: `written` and `lost` of a track are moved by its one writer; `read` by its one reader, and by
 * the writer when the ring is full, so only ever by compare-and-exchange.
 */
import { assert } from "../base/assertions.ts";
import { eventBytes } from "./event.ts";

const magic = 0x4f545243;

/** Words of the header. */
export const word = {
  magic: 0,
  /** 1 while events are kept, 0 while they are not: a plain load on each thread. */
  on: 1,
  trackCount: 2,
  eventCapacity: 3,
  nameCapacity: 4,
  /** Names that readers may look up; stored after the name's text. */
  nameCount: 5,
  /** Names that found no room. */
  nameLost: 6,
  /** 1 while a thread adds a name. */
  nameLock: 7,
} as const;

/** Words of a track's cursors. All count events ever written, modulo 2^32. */
export const cursor = { written: 0, read: 1, lost: 2 } as const;

const headBytes = 64;
const cursorBytes = 64;
const labelUnits = 32;
const unitsPerName = 32;

/** Most units of a track's label. */
export const labelLengthMax = labelUnits - 1;

export interface TraceSize {
  /** Labels of the tracks, in the order in which they are shown; at most 31 units each. */
  readonly tracks: readonly string[];
  /** Events that a track's ring holds; a power of two. 40 bytes each. */
  readonly eventsPerTrack?: number;
  /** How many names there may be. */
  readonly nameCapacity?: number;
}

/** Where nothing can be shared, a page must still load the program in order to say so; its silent track is then its own. */
const Memory = (globalThis.SharedArrayBuffer ?? ArrayBuffer) as typeof SharedArrayBuffer;

export class TraceMemory {
  readonly buffer: SharedArrayBuffer;
  /** The header. Code that writes events reads `head[word.on]` and nothing else. */
  readonly head: Int32Array;
  readonly trackCount: number;
  readonly eventCapacity: number;
  readonly nameCapacity: number;

  /** A view over memory that `allocate` has made, on any thread. */
  constructor(buffer: SharedArrayBuffer) {
    this.buffer = buffer;
    this.head = new Int32Array(buffer, 0, headBytes >> 2);
    assert(this.head[word.magic] === magic, "trace memory was laid out by TraceMemory.allocate");
    this.trackCount = this.head[word.trackCount]!;
    this.eventCapacity = this.head[word.eventCapacity]!;
    this.nameCapacity = this.head[word.nameCapacity]!;
  }

  /** New memory, switched off. Defaults: 16,384 events a track (640 KB) and 1,024 names. */
  static allocate({ tracks, eventsPerTrack = 16_384, nameCapacity = 1_024 }: TraceSize): TraceMemory {
    assert(tracks.length > 0, "a trace has a track");
    assert(
      eventsPerTrack >= 16 && (eventsPerTrack & (eventsPerTrack - 1)) === 0,
      "a ring's events are a power of two",
      {
        eventsPerTrack,
      },
    );
    const byteLength = tracksOffset(nameCapacity) + tracks.length * trackBytes(eventsPerTrack);
    const head = new Int32Array(new Memory(byteLength), 0, headBytes >> 2);
    head[word.magic] = magic;
    head[word.trackCount] = tracks.length;
    head[word.eventCapacity] = eventsPerTrack;
    head[word.nameCapacity] = nameCapacity;
    const memory = new TraceMemory(head.buffer as SharedArrayBuffer);
    tracks.forEach((label, track) => {
      memory.#writeLabel(track, label);
    });
    return memory;
  }

  get isOn(): boolean {
    return this.head[word.on] === 1;
  }

  /** From now on, or no longer, events are kept. Other threads see it within their next few events. */
  turn(on: boolean): void {
    Atomics.store(this.head, word.on, on ? 1 : 0);
  }

  cursorsOf(track: number): Int32Array {
    return new Int32Array(this.buffer, this.#trackOffset(track), cursorBytes >> 2);
  }

  /** Byte offset of a track's ring. */
  ringOffset(track: number): number {
    return this.#trackOffset(track) + cursorBytes + labelUnits * 2;
  }

  /** The label of a track. */
  labelOf(track: number): string {
    const [length = 0, ...units] = this.#labelUnits(track);
    return String.fromCharCode(...units.slice(0, length));
  }

  /** The track of that label; a label that does not exist is a bug. */
  trackOf(label: string): number {
    for (let track = 0; track < this.trackCount; track++) if (this.labelOf(track) === label) return track;
    assert(false, "the trace has a track of this label", { label });
  }

  nameEnds(): Uint32Array {
    return new Uint32Array(this.buffer, headBytes, this.nameCapacity);
  }

  nameUnits(): Uint16Array {
    return new Uint16Array(this.buffer, headBytes + this.nameCapacity * 4, this.nameCapacity * unitsPerName);
  }

  #writeLabel(track: number, label: string): void {
    assert(label.length <= labelLengthMax, "a track's label is short", { label, labelLengthMax });
    const units = this.#labelUnits(track);
    units[0] = label.length;
    for (let i = 0; i < label.length; i++) units[1 + i] = label.charCodeAt(i);
  }

  #labelUnits(track: number): Uint16Array {
    return new Uint16Array(this.buffer, this.#trackOffset(track) + cursorBytes, labelUnits);
  }

  #trackOffset(track: number): number {
    assert(track >= 0 && track < this.trackCount, "a track is one of the trace's", { track, count: this.trackCount });
    return tracksOffset(this.nameCapacity) + track * trackBytes(this.eventCapacity);
  }
}

function tracksOffset(nameCapacity: number): number {
  return Math.ceil((headBytes + nameCapacity * (4 + unitsPerName * 2)) / 64) * 64;
}

function trackBytes(eventCapacity: number): number {
  return Math.ceil((cursorBytes + labelUnits * 2 + eventCapacity * eventBytes) / 64) * 64;
}
