/**
 * The submission ring of one queue: where any thread hands in command buffers, in shared memory. Threads
 * claim entries by one atomic add, fill them and mark them ready; the coordinator drains after they have
 * joined. The ring keeps no order: each entry carries its place (frame, order, sequence), and the device
 * sorts by it, so that the order of arrival means nothing.
 *
 *     word 0  ┌──────────────────────────────┐
 *             │ claimed entries              │  raised by submitters, zeroed by drain
 *         16  ├──────────────────────────────┤
 *             │ entry 0                      │    0 state: 0 empty, 1 claimed, 2 ready
 *             │                              │    1 frame   2 order   3 sequence   4 label
 *             │                              │    5 first command word   6 command words
 *             │                              │    7 value of the fence of this queue to signal
 *             │                              │    8..11 waits, a value a line; 0: none
 *         28  ├──────────────────────────────┤
 *             │ entry 1 ...                  │
 *             └──────────────────────────────┘
 * An entry that was claimed and not made ready belongs to a thread that died; drain leaves it out, and
 * whoever does its work again submits under the same place. A ring is drained only when nobody submits.
 */
import { assert } from "../base/assertions.ts";
import { lineCount, type QueueName } from "./queues.ts";

const headWords = 16;
const entryWords = 12;
const entryState = { empty: 0, claimed: 1, ready: 2 } as const;

/** Words of shared memory for a ring of `capacity` entries. */
export function submissionRingWords(capacity: number): number {
  return headWords + capacity * entryWords;
}

/** One submission in memory: where its commands lie and what it waits for and signals. Reused by its owner. */
export class RingEntry {
  frame = 0;
  order = 0;
  sequence = 0;
  label = 0;
  /** First word of its commands in the device's command memory, and how many they are. */
  commandAt = 0;
  commandWordCount = 0;
  signalValue = 0;
  /** One value a line: all of them must have passed before the commands run. */
  readonly waits = new Uint32Array(lineCount);
}

export class SubmissionRing {
  readonly queue: QueueName;
  readonly capacity: number;
  readonly #words: Int32Array;
  readonly #drained = new RingEntry();

  /** One side's view over shared memory of submissionRingWords(capacity) words that starts out zeroed. */
  constructor(words: Int32Array, queue: QueueName, capacity: number) {
    assert(words.length >= submissionRingWords(capacity), "a submission ring has its words", {
      words: words.length,
      capacity,
    });
    this.#words = words;
    this.queue = queue;
    this.capacity = capacity;
  }

  /** Any thread: hands in a submission. False when the ring is full until the next drain. */
  submit(entry: RingEntry): boolean {
    const words = this.#words;
    const claimed = Atomics.add(words, 0, 1);
    if (claimed >= this.capacity) return false;
    const at = headWords + claimed * entryWords;
    Atomics.store(words, at, entryState.claimed);
    words[at + 1] = entry.frame;
    words[at + 2] = entry.order;
    words[at + 3] = entry.sequence;
    words[at + 4] = entry.label;
    words[at + 5] = entry.commandAt;
    words[at + 6] = entry.commandWordCount;
    words[at + 7] = entry.signalValue;
    for (let line = 0; line < lineCount; line++) words[at + 8 + line] = entry.waits[line]!;
    Atomics.store(words, at, entryState.ready);
    return true;
  }

  /**
   * Coordinator, when no thread submits: visits each ready entry, in a record that the next overwrites, and
   * empties the ring. Returns how many were refused.
   */
  drain(visit: (entry: RingEntry) => void): number {
    const words = this.#words;
    const claimed = Atomics.load(words, 0);
    const held = Math.min(claimed, this.capacity);
    const entry = this.#drained;
    for (let i = 0; i < held; i++) {
      const at = headWords + i * entryWords;
      if (Atomics.load(words, at) === entryState.ready) {
        entry.frame = words[at + 1]! >>> 0;
        entry.order = words[at + 2]! >>> 0;
        entry.sequence = words[at + 3]! >>> 0;
        entry.label = words[at + 4]! >>> 0;
        entry.commandAt = words[at + 5]! >>> 0;
        entry.commandWordCount = words[at + 6]! >>> 0;
        entry.signalValue = words[at + 7]! >>> 0;
        for (let line = 0; line < lineCount; line++) entry.waits[line] = words[at + 8 + line]! >>> 0;
        visit(entry);
      }
      Atomics.store(words, at, entryState.empty);
    }
    Atomics.store(words, 0, 0);
    return claimed - held;
  }
}
