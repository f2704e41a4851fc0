/**
 * The log: what engine code says to whoever runs it. A message goes into a ring in shared memory and nothing
 * else happens on the thread that says it; a flush thread writes it out. It is given texts or numbers of notes,
 * and never waits: a full ring drops the message, counts it, and the flush thread says how many.
 *
 * Notes are messages whose text is known before the run: saying one copies numbers and allocates nothing, so the
 * frame may say them. Free texts are for what happens seldom.
 */
import { assert } from "../base/assertions.ts";
import { raise } from "../base/faults.ts";
import { logCell, noteKind, numberCountMax, numbersAt, textAt, textKind, textLength, writeText } from "./log-cell.ts";
import { MessageRing, type ProducerToken, RingProducer } from "./message-ring.ts";
import { cellHeadBytes, type RingMemory, type RingSize, ringByteLength } from "./ring-layout.ts";

/** In order: a message is said when its level's number is not above the number of the log's level. */
export const logLevels = ["error", "warn", "info", "debug"] as const;
export type LogLevel = (typeof logLevels)[number];

/** A message known before the run. "{0}" to "{3}" in its text stand for its numbers. */
export interface NoteDefinition {
  readonly name: string;
  readonly level: LogLevel;
  readonly text: string;
}

/** Checks notes; their numbers are their places in the list. Raises "duplicate-name" or "bad-definition". */
export function defineNotes<const List extends readonly NoteDefinition[]>(notes: List): List {
  notes.forEach(({ name, text }, i) => {
    if (notes.findIndex((other) => other.name === name) !== i) raise("duplicate-name", { what: "note", name });
    for (const [place] of text.matchAll(/\{[^}]*\}/g))
      if (!/^\{[0-3]\}$/.test(place))
        raise("bad-definition", {
          what: "note",
          name,
          problem: `"${place}" in its text stands for nothing`,
          remedy: "Write {0}, {1}, {2} or {3} for the numbers of a note.",
        });
  });
  return notes;
}

/** Memory of a log: a word for the level and a ring. Plain data, sent to threads as it is. */
export interface LogMemory {
  readonly ring: RingMemory;
  /** Byte offset of the level, an i32, in the ring's buffer. */
  readonly levelOffset: number;
}

/** Short messages, so that many fit; text beyond 192 bytes is cut. */
export const defaultLogSize: RingSize = { cellCount: 1_024, cellBytes: 256, producerCount: 32 };
const levelBytes = 64;

/** Memory for a log that says "info" and what is graver. */
export function allocateLog(size: RingSize = defaultLogSize): LogMemory {
  assert(size.cellBytes >= cellHeadBytes + textAt + 16, "a cell has room for a text", { cellBytes: size.cellBytes });
  const buffer = new SharedArrayBuffer(levelBytes + ringByteLength(size));
  const memory: LogMemory = { ring: { buffer, byteOffset: levelBytes, ...size }, levelOffset: 0 };
  setLogLevel(memory, "info");
  return memory;
}

/** Sets the level for all threads, at any time. */
export function setLogLevel(memory: LogMemory, level: LogLevel): void {
  Atomics.store(levelWords(memory), 0, logLevels.indexOf(level));
}

function levelWords({ ring, levelOffset }: LogMemory): Int32Array {
  return new Int32Array(ring.buffer, levelOffset, 1);
}

export interface LogOptions {
  readonly token: ProducerToken;
  /** Number of the thread that speaks; the flush thread knows its name. */
  readonly source: number;
  /** All logs of a process have clocks with one beginning, or the order of their times means nothing. */
  readonly clock: { nowMicros(): number };
  /** What `note` may say. All logs of a ring have the same list, as has the flush thread. */
  readonly notes?: readonly NoteDefinition[];
}

/** One thread's log. */
export class Log {
  /** The tick that messages carry; the owner sets it once a tick. */
  tick = 0;
  readonly #producer: RingProducer;
  readonly #options: LogOptions;
  readonly #clock: LogOptions["clock"];
  readonly #level: Int32Array;
  readonly #noteLevels: Uint8Array;
  readonly #bytes: Uint8Array;
  readonly #words: Uint32Array;
  readonly #doubles: Float64Array;
  readonly #textBytes: number;

  constructor(memory: LogMemory, options: LogOptions) {
    const { buffer } = memory.ring;
    const ring = new MessageRing(memory.ring);
    this.#producer = new RingProducer(ring, options.token);
    this.#options = options;
    this.#clock = options.clock;
    this.#level = levelWords(memory);
    this.#noteLevels = Uint8Array.from(options.notes ?? [], (note) => logLevels.indexOf(note.level));
    this.#bytes = new Uint8Array(buffer);
    this.#words = new Uint32Array(buffer, 0, buffer.byteLength >> 2);
    this.#doubles = new Float64Array(buffer, 0, buffer.byteLength >> 3);
    this.#textBytes = ring.payloadBytes - textAt;
  }

  /** Whether messages of this level are said now. Ask before making a text that costs something to make. */
  isSaid(level: LogLevel): boolean {
    return logLevels.indexOf(level) <= Atomics.load(this.#level, 0);
  }

  /** Something failed; somebody should look. Up to four numbers go with a text. True when it is in the ring. */
  error(text: string, a?: number, b?: number, c?: number, d?: number): boolean {
    return this.#say(0, text, a, b, c, d);
  }

  /** Something is not as it should be, and the run goes on. */
  warn(text: string, a?: number, b?: number, c?: number, d?: number): boolean {
    return this.#say(1, text, a, b, c, d);
  }

  info(text: string, a?: number, b?: number, c?: number, d?: number): boolean {
    return this.#say(2, text, a, b, c, d);
  }

  debug(text: string, a?: number, b?: number, c?: number, d?: number): boolean {
    return this.#say(3, text, a, b, c, d);
  }

  /** Says the note with this number. Allocates nothing. True when it is in the ring. */
  note(number: number, a?: number, b?: number, c?: number, d?: number): boolean {
    assert(number < this.#noteLevels.length, "a note has been defined", { number });
    const level = this.#noteLevels[number]!;
    if (level > Atomics.load(this.#level, 0)) return false;
    const at = this.#begin(level, noteKind, a, b, c, d);
    if (at < 0) return false;
    this.#words[(at + logCell.text) >> 2] = number;
    this.#end(level);
    return true;
  }

  #say(level: number, text: string, a?: number, b?: number, c?: number, d?: number): boolean {
    if (level > Atomics.load(this.#level, 0)) return false;
    const at = this.#begin(level, textKind, a, b, c, d);
    if (at < 0) return false;
    const written = writeText(this.#bytes, at + textAt, this.#textBytes, text);
    this.#words[(at + logCell.text) >> 2] = textLength(written);
    if (written < 0) this.#bytes[at + logCell.isCut] = 1;
    this.#end(level);
    return true;
  }

  /** Claims a cell and fills all but its text; -1 when the message was dropped. */
  #begin(level: number, kind: number, a?: number, b?: number, c?: number, d?: number): number {
    const micros = this.#clock.nowMicros();
    const at = this.#producer.claim();
    if (at < 0) return -1;
    const bytes = this.#bytes;
    const doubles = this.#doubles;
    const numbers = (at + numbersAt) >> 3;
    bytes[at + logCell.level] = level;
    bytes[at + logCell.kind] = kind;
    bytes[at + logCell.isCut] = 0;
    bytes[at + logCell.numberCount] =
      a === undefined ? 0 : b === undefined ? 1 : c === undefined ? 2 : d === undefined ? 3 : numberCountMax;
    this.#words[(at + logCell.source) >> 2] = this.#options.source;
    this.#words[(at + logCell.tick) >> 2] = this.tick;
    doubles[(at + logCell.micros) >> 3] = micros;
    doubles[numbers] = a ?? 0;
    doubles[numbers + 1] = b ?? 0;
    doubles[numbers + 2] = c ?? 0;
    doubles[numbers + 3] = d ?? 0;
    return at;
  }

  #end(level: number): void {
    this.#producer.commit();
    // An error may be the last thing that is said; it is not left until the next pause is over.
    if (level === 0) this.#producer.ring.wake();
  }
}
