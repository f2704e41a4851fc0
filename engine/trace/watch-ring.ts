/**
 * The watch ring: values of a running world as they change, and the wish list that says which. One shared memory between
 * the thread of a world, which writes records, and any threads that look: each reads at its own pace, and one may say
 * what is to be watched from now on, while the world runs.
 *
 *      0  head     i32 x 16            see `word`
 *     64  wishes   u16 x wishUnits     what to watch, as text
 *         records  32 bytes each       f64 value · u32 frame · u32 tick · u32 step · u32 column · u32 entity · u32 element
 *                                       the highest bit of `element`: the entity does not have the component; the one
 *                                       below it: the structure phase wrote, by a command of the step
 *
 * The ring keeps the newest records: the writer never waits, and a reader that was overtaken is told how many it missed.
 * Rule: records have one writing thread, wishes another one.
 */
import { assert } from "../base/assertions.ts";

const word = { capacity: 0, written: 1, wishVersion: 2, wishLength: 3, fence: 4, namings: 5 } as const;
const headBytes = 64;
const recordBytes = 32;
const recordWords = recordBytes >> 2;
const recordFloats = recordBytes >> 3;
const absentBit = 0x8000_0000;
const commandBit = 0x4000_0000;

/** Code units of text in which wishes are made. */
export const wishUnits = 2_016;

/** Steps that are none: a value as it was found when it began to be watched, and a write between two ticks. */
export const watchStep = { found: 0xffff_ffff, outside: 0xffff_fffe } as const;

export interface WatchRecord {
  readonly frame: number;
  readonly tick: number;
  /** Number of the step in the world's `steps`, or one of `watchStep`. */
  readonly step: number;
  /** Whether the structure phase wrote it, for a command of the step. */
  readonly isByCommand: boolean;
  /** Number of the column among the world's hashed spans. */
  readonly column: number;
  /** Index of the entity; 0 for none. */
  readonly entity: number;
  /** Element within the slot, for fixed arrays. */
  readonly element: number;
  /** Undefined when the entity does not have the component, or does not live. */
  readonly value: number | undefined;
}

export class WatchRing {
  readonly buffer: SharedArrayBuffer;
  readonly #head: Int32Array;
  readonly #units: Uint16Array;
  readonly #words: Uint32Array;
  readonly #floats: Float64Array;
  readonly #capacity: number;

  /** A view over memory that `allocate` has made, on any thread. */
  constructor(buffer: SharedArrayBuffer) {
    const recordsAt = headBytes + wishUnits * 2;
    this.buffer = buffer;
    this.#head = new Int32Array(buffer, 0, headBytes >> 2);
    this.#capacity = this.#head[word.capacity]!;
    this.#units = new Uint16Array(buffer, headBytes, wishUnits);
    this.#words = new Uint32Array(buffer, recordsAt, this.#capacity * recordWords);
    this.#floats = new Float64Array(buffer, recordsAt, this.#capacity * recordFloats);
  }

  /** An empty ring of `capacity` records, a power of two. Default: 8,192, which take 256 KB. */
  static allocate(capacity = 8_192): WatchRing {
    assert(capacity >= 2 && (capacity & (capacity - 1)) === 0, "a ring's records are a power of two", { capacity });
    const buffer = new SharedArrayBuffer(headBytes + wishUnits * 2 + capacity * recordBytes);
    new Int32Array(buffer)[word.capacity] = capacity;
    return new WatchRing(buffer);
  }

  get capacity(): number {
    return this.#capacity;
  }

  // ── Wishes ─────────────────────────────────────────────────────────────────────────────────────

  /** Grows by two with each new wish and is odd while one is being written: all that a frame loads. */
  get wishVersion(): number {
    return Atomics.load(this.#head, word.wishVersion);
  }

  /** Says what is to be watched from now on. False when the list is longer than there is room for. */
  wish(places: readonly string[]): boolean {
    const text = places.join("\n");
    if (text.length > wishUnits) return false;
    Atomics.add(this.#head, word.wishVersion, 1);
    for (let i = 0; i < text.length; i++) Atomics.store(this.#units, i, text.charCodeAt(i));
    Atomics.store(this.#head, word.wishLength, text.length);
    Atomics.add(this.#head, word.wishVersion, 1);
    return true;
  }

  /** The wishes and their version; undefined while they are being written. */
  wishes(): { readonly version: number; readonly places: readonly string[] } | undefined {
    const version = this.wishVersion;
    if ((version & 1) === 1) return undefined;
    let text = "";
    const length = Atomics.load(this.#head, word.wishLength);
    for (let i = 0; i < length; i++) text += String.fromCharCode(Atomics.load(this.#units, i));
    if (this.wishVersion !== version) return undefined;
    return { version, places: text === "" ? [] : text.split("\n") };
  }

  // ── Records ────────────────────────────────────────────────────────────────────────────────────

  /** Records ever written, modulo 2^32. */
  get written(): number {
    return Atomics.load(this.#head, word.written) >>> 0;
  }

  /** How often the writer has said what the numbers in records mean. */
  get namingCount(): number {
    return Atomics.load(this.#head, word.namings);
  }

  /** Says that the records from here on have other numbers; gives the number of the first of them. */
  rename(): number {
    Atomics.add(this.#head, word.namings, 1);
    return this.written;
  }

  write(
    frame: number,
    tick: number,
    step: number,
    column: number,
    entity: number,
    element: number,
    value: number | undefined,
    isByCommand = false,
  ): void {
    const written = this.#head[word.written]!;
    const slot = (written & (this.#capacity - 1)) >>> 0;
    const words = this.#words;
    const at = slot * recordWords;
    this.#floats[slot * recordFloats] = value ?? 0;
    words[at + 2] = frame;
    words[at + 3] = tick;
    words[at + 4] = step;
    words[at + 5] = column;
    words[at + 6] = entity;
    words[at + 7] = element + (value === undefined ? absentBit : 0) + (isByCommand ? commandBit : 0);
    Atomics.store(this.#head, word.written, (written + 1) | 0);
  }

  /** Records from number `from` on, and the number from which to go on; `missed` had been overwritten. */
  read(from: number): { readonly records: readonly WatchRecord[]; readonly next: number; readonly missed: number } {
    const end = this.written;
    // The slot behind the newest may be half written.
    const held = this.#capacity - 1;
    const start = (end - from) >>> 0 > held ? (end - held) >>> 0 : from;
    const records: WatchRecord[] = [];
    for (let number = start; number !== end; number = (number + 1) >>> 0) records.push(this.#record(number));
    // A read that came after the writer's store must not be taken for one before it, whatever the machine reorders.
    Atomics.exchange(this.#head, word.fence, 0);
    const overwritten = Math.min(records.length, Math.max(0, ((this.written - start) >>> 0) - held));
    records.splice(0, overwritten);
    return { records, next: end, missed: ((start - from) >>> 0) + overwritten };
  }

  #record(number: number): WatchRecord {
    const slot = (number & (this.#capacity - 1)) >>> 0;
    const at = slot * recordWords;
    const words = this.#words;
    const place = words[at + 7]!;
    const isAbsent = place >= absentBit;
    return {
      ...{ frame: words[at + 2]!, tick: words[at + 3]!, step: words[at + 4]!, column: words[at + 5]! },
      ...{
        entity: words[at + 6]!,
        element: place & ~(absentBit | commandBit),
        isByCommand: (place & commandBit) !== 0,
      },
      value: isAbsent ? undefined : this.#floats[slot * recordFloats]!,
    };
  }
}
