/**
 * Which of four copies of the table is current, and which copy each reader holds.
 *
 *     current u32    version << 2 | copy      stored by the coordinator only
 *     pins    u32[]  (version << 2 | copy) + 1 of the copy that a thread holds, 0 for none: stored by that thread only
 *
 * A reader writes down what it takes to be current and then looks again: if it still is, the coordinator will see the
 * pin before it writes that copy. The coordinator writes a copy only when it is not current and no pin names it. So
 * nobody waits, and a reader sees one version from pin to unpin. Pins belong to threads, not to a count, so that the
 * pin of a thread that ended can be taken away.
 *
 * A version is counted modulo 2^28: at one swap a frame, 60 frames a second, it comes round after 51 days, and matters
 * only to a reader that stood still between two loads for so long.
 */
import { assert } from "../base/assertions.ts";
import { headWord } from "./head.ts";

export const tableCopyCount = 4;
const versionMask = (1 << 28) - 1;

export class TableVersions {
  readonly #head: Uint32Array;
  readonly #pins: Uint32Array;

  constructor(head: Uint32Array, pinsOffset: number, threads: number) {
    this.#head = head;
    this.#pins = new Uint32Array(head.buffer, pinsOffset, threads);
  }

  /** The copy that is current. */
  get copy(): number {
    return Atomics.load(this.#head, headWord.currentTable) & 3;
  }

  /** Version of the current copy, modulo 2^28. */
  get version(): number {
    return Atomics.load(this.#head, headWord.currentTable) >>> 2;
  }

  /** Reader `thread`: holds the current copy and gives its number. A thread holds one at a time. */
  pin(thread: number): number {
    assert(thread < this.#pins.length, "a thread that reads has a number below the limit", { thread });
    assert(Atomics.load(this.#pins, thread) === 0, "a thread holds one table at a time", { thread });
    for (;;) {
      const current = Atomics.load(this.#head, headWord.currentTable);
      Atomics.store(this.#pins, thread, current + 1);
      if (Atomics.load(this.#head, headWord.currentTable) === current) return current & 3;
    }
  }

  /** Reader `thread`: lets go. */
  unpin(thread: number): void {
    const before = Atomics.exchange(this.#pins, thread, 0);
    assert(before !== 0, "a table is let go once for each pin", { thread });
  }

  /** Coordinator: takes the pin of a thread that has ended away. */
  dropPin(thread: number): void {
    Atomics.store(this.#pins, thread, 0);
  }

  /** Coordinator: a copy that may be written now, or -1 when readers hold all others. */
  writableCopy(): number {
    const current = this.copy;
    for (let copy = 0; copy < tableCopyCount; copy++) if (copy !== current && !this.#isPinned(copy)) return copy;
    return -1;
  }

  /** Coordinator: makes `copy` current under the next version, in one store. */
  swap(copy: number): void {
    const version = (this.version + 1) & versionMask;
    Atomics.store(this.#head, headWord.currentTable, ((version << 2) | copy) >>> 0);
    Atomics.notify(new Int32Array(this.#head.buffer, headWord.currentTable * 4, 1), 0);
  }

  /** Coordinator: how many versions back the oldest copy is that a reader holds; 0 when none holds an older one. */
  get oldestAge(): number {
    const version = this.version;
    let oldest = 0;
    for (let thread = 0; thread < this.#pins.length; thread++) {
      const pin = Atomics.load(this.#pins, thread);
      if (pin === 0) continue;
      const age = (version - ((pin - 1) >>> 2)) & versionMask;
      if (age > oldest) oldest = age;
    }
    return oldest;
  }

  #isPinned(copy: number): boolean {
    for (let thread = 0; thread < this.#pins.length; thread++) {
      const pin = Atomics.load(this.#pins, thread);
      if (pin !== 0 && ((pin - 1) & 3) === copy) return true;
    }
    return false;
  }
}
