/**
 * The ring of slots that lets one writer publish and any number of readers read without a lock.
 *
 *            claim (writer)          publish (writer)
 *     free ───────────────▶ writing ────────────────▶ published
 *       ▲                                                 │  superseded by the next publish, and
 *       └─────────────────────────────────────────────────┘  pins = 0: claimable again
 *
 * Only the writer moves states; readers move pin counts. A reader pins the published slot and then
 * checks that it is still published; the writer claims a slot only when, after marking it as being
 * written, its pin count is still 0. So a pinned slot is never written, and no one waits.
 *
 * The same protocol carries snapshots and packets.
 */
import { assert } from "../base/assertions.ts";

const slotState = { free: 0, writing: 1, published: 2 } as const;
const noSlot = -1;

/** Control words that a ring of `slotCount` slots needs. */
export function slotRingWords(slotCount: number): number {
  return 1 + slotCount * 2;
}

/** One side's view of a ring. Both sides make their own over the same shared words. */
export class SlotRing {
  readonly slotCount: number;
  readonly #words: Int32Array;

  /** `words` holds slotRingWords(slotCount) words; zeroed when new, then `reset` by the writer. */
  constructor(words: Int32Array, slotCount: number) {
    assert(words.length >= slotRingWords(slotCount), "a slot ring has its control words", {
      words: words.length,
      slotCount,
    });
    this.#words = words;
    this.slotCount = slotCount;
  }

  /** Empties the ring. Whoever allocates it calls it once, before either side is told of it. */
  reset(): void {
    this.#words.fill(0);
    Atomics.store(this.#words, 0, noSlot);
  }

  /** The published slot, or -1 when nothing has been published. */
  get published(): number {
    return Atomics.load(this.#words, 0);
  }

  /** Writer: takes a slot that no reader holds and that is not in use, or -1 when readers hold all. */
  claim(): number {
    const published = this.published;
    for (let slot = 0; slot < this.slotCount; slot++) {
      if (slot === published || Atomics.load(this.#words, pinWord(slot)) !== 0) continue;
      const before = Atomics.exchange(this.#words, stateWord(slot), slotState.writing);
      assert(before !== slotState.writing, "one slot is written at a time", { slot });
      if (Atomics.load(this.#words, pinWord(slot)) === 0) return slot;
      Atomics.store(this.#words, stateWord(slot), before);
    }
    return noSlot;
  }

  /** Writer: makes a claimed slot the published one. */
  publish(slot: number): void {
    assert(Atomics.load(this.#words, stateWord(slot)) === slotState.writing, "a claimed slot is published", { slot });
    Atomics.store(this.#words, stateWord(slot), slotState.published);
    const before = Atomics.exchange(this.#words, 0, slot);
    if (before !== noSlot) Atomics.store(this.#words, stateWord(before), slotState.free);
    Atomics.notify(this.#words, 0);
  }

  /** Writer: gives up what a writer before it had claimed and will not publish any more. */
  reclaim(): void {
    for (let slot = 0; slot < this.slotCount; slot++)
      Atomics.compareExchange(this.#words, stateWord(slot), slotState.writing, slotState.free);
  }

  /** Reader: pins the published slot and returns it, or -1 when there is none. */
  pin(): number {
    for (;;) {
      const slot = this.published;
      if (slot === noSlot) return noSlot;
      Atomics.add(this.#words, pinWord(slot), 1);
      if (this.published === slot && Atomics.load(this.#words, stateWord(slot)) === slotState.published) return slot;
      Atomics.sub(this.#words, pinWord(slot), 1);
    }
  }

  /** Reader: gives a pinned slot back. */
  unpin(slot: number): void {
    const before = Atomics.sub(this.#words, pinWord(slot), 1);
    assert(before > 0, "a slot is unpinned once for each pin", { slot, before });
  }

  /** Wakes whoever waits for a change, which then finds none. */
  wake(): void {
    Atomics.notify(this.#words, 0);
  }

  /** Reader: waits asynchronously until another slot than `seen` is published. Undefined: it already is. */
  changed(seen: number): Promise<unknown> | undefined {
    const result = Atomics.waitAsync(this.#words, 0, seen);
    return result.async ? result.value : undefined;
  }
}

function stateWord(slot: number): number {
  return 1 + slot * 2;
}

function pinWord(slot: number): number {
  return 2 + slot * 2;
}
