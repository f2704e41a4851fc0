/**
 * Names of a trace: events carry numbers, and this list in the shared memory says what they mean. It
 * only grows, and a name is published after its text is whole, so any thread may look up any number
 * that it meets.
 *
 * Rule: coordinators alone add names, all that they know before they run: one starts while another runs, so
 * a name is added under a lock. Adding searches and allocates; it belongs in no frame. A list that is full gives number 0,
 * "(unnamed)", and counts.
 */
import { assert } from "../base/assertions.ts";
import { type TraceMemory, word } from "./memory.ts";

/** A name and how its events are shown. */
export interface TraceName {
  readonly text: string;
  /** Groups names; lifetimes of one category and id are shown as one. By default the name itself. */
  readonly category: string;
  /** What the two arguments are; an argument without a label is called a or b. */
  readonly a: string;
  readonly b: string;
  /** An instant that concerns all tracks, such as the start of a tick. */
  readonly isMark: boolean;
}

export const unnamed: TraceName = { text: "(unnamed)", category: "", a: "a", b: "b", isMark: false };
const separator = "\u0000";
const lockTries = 1_000_000;

export class TraceNames {
  readonly #head: Int32Array;
  readonly #ends: Uint32Array;
  readonly #units: Uint16Array;
  readonly #numbers = new Map<string, number>();

  constructor(memory: TraceMemory) {
    this.#head = memory.head;
    this.#ends = memory.nameEnds();
    this.#units = memory.nameUnits();
  }

  /** How many names there are; their numbers are 1 to count. */
  get count(): number {
    return Atomics.load(this.#head, word.nameCount);
  }

  /** How many names were given number 0 because there was no room. */
  get lostCount(): number {
    return Atomics.load(this.#head, word.nameLost);
  }

  /** The number of a name; adds it when it is new. An equal text has one number: its first description counts. */
  add(text: string, description: Partial<Omit<TraceName, "text">> = {}): number {
    const known = this.numberOf(text);
    if (known > 0) return known;
    const { category = "", a = "", b = "", isMark = false } = description;
    const fields = [text, category, a, b, isMark ? "mark" : ""];
    assert(!fields.join("").includes(separator), "a name has no zero character", { text });
    this.#lock();
    try {
      // Another thread may have added it since.
      const added = this.numberOf(text);
      return added > 0 ? added : this.#append(text, fields.join(separator));
    } finally {
      Atomics.store(this.#head, word.nameLock, 0);
    }
  }

  /** The lock is held for microseconds; a thread that was ended within them leaves it, so nobody waits for long. */
  #lock(): void {
    for (let tries = 0; tries < lockTries; tries++)
      if (Atomics.compareExchange(this.#head, word.nameLock, 0, 1) === 0) return;
  }

  #append(text: string, entry: string): number {
    const count = this.count;
    const start = count === 0 ? 0 : this.#ends[count - 1]!;
    if (count === this.#ends.length || start + entry.length > this.#units.length) {
      Atomics.add(this.#head, word.nameLost, 1);
      return 0;
    }
    for (let i = 0; i < entry.length; i++) this.#units[start + i] = entry.charCodeAt(i);
    this.#ends[count] = start + entry.length;
    Atomics.store(this.#head, word.nameCount, count + 1);
    this.#numbers.set(text, count + 1);
    return count + 1;
  }

  /** The number of a name, 0 when there is none. */
  numberOf(text: string): number {
    for (let number = this.#numbers.size + 1; number <= this.count; number++)
      this.#numbers.set(this.nameOf(number).text, number);
    return this.#numbers.get(text) ?? 0;
  }

  /** What a number stands for; a number that was never given out is the unnamed one. */
  nameOf(number: number): TraceName {
    if (number < 1 || number > this.count) return unnamed;
    const start = number === 1 ? 0 : this.#ends[number - 2]!;
    let entry = "";
    for (let i = start; i < this.#ends[number - 1]!; i++) entry += String.fromCharCode(this.#units[i]!);
    const [text = "", category = "", a = "", b = "", mark = ""] = entry.split(separator);
    return { text, category: category || text, a: a || "a", b: b || "b", isMark: mark !== "" };
  }
}
