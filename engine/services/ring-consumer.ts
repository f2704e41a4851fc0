/**
 * The consumer's side of a message ring: takes committed messages in order, skips cells of producers that died,
 * says how many messages were dropped and lost, and gives back the numbers of revoked producers.
 *
 * The rule: one consumer a ring. A second one may take over only when the first can no longer run.
 */
import { assert } from "../base/assertions.ts";
import type { MessageRing } from "./message-ring.ts";
import {
  cellHeadBytes,
  cellState,
  cellsAt,
  cellWordOf,
  headWord,
  isOfLap,
  producerAt,
  producerOfCell,
  producerState,
  producerWord,
  stateOfCell,
  tailWord,
  wakeWord,
} from "./ring-layout.ts";

/** What the consumer has to say about messages that nobody will read. */
export interface LossReport {
  readonly producer: number;
  /** Messages since the last report that found the ring full. */
  readonly droppedCount: number;
  /** Messages since the last report of a producer that died before it committed. */
  readonly lostCount: number;
}

export class RingConsumer {
  readonly ring: MessageRing;
  readonly #words: Int32Array;
  readonly #cellsWord: number;
  readonly #cellWords: number;
  #takenCell = -1;
  #producer = -1;

  constructor(ring: MessageRing) {
    this.ring = ring;
    this.#words = ring.words;
    this.#cellsWord = cellsAt(ring.memory.producerCount) >> 2;
    this.#cellWords = ring.memory.cellBytes >> 2;
  }

  /** Number of the producer whose message was taken last. */
  get producer(): number {
    return this.#producer;
  }

  /** Whether all that was claimed so far has been taken. */
  get isEmpty(): boolean {
    return Atomics.load(this.#words, headWord) === Atomics.load(this.#words, tailWord);
  }

  /**
   * The next message: the byte offset of its payload, or -1 when there is none now, or when the next one in
   * order is still being written. Read it, then `release` its cell.
   */
  take(): number {
    assert(this.#takenCell < 0, "a message is released before the next one is taken");
    const words = this.#words;
    const { lapShift, cellMask, memory } = this.ring;
    for (;;) {
      const head = Atomics.load(words, headWord);
      const cell = this.#cellsWord + (head & cellMask) * this.#cellWords;
      const word = Atomics.load(words, cell);
      if (!isOfLap(word, head, lapShift)) {
        // An earlier consumer freed the cell and ended before it moved the head.
        Atomics.store(words, headWord, (head + 1) | 0);
        continue;
      }
      const state = stateOfCell(word);
      if (state === cellState.free) return -1;
      const producer = producerOfCell(word);
      if (state === cellState.committed) {
        this.#takenCell = cell;
        this.#producer = producer;
        return memory.byteOffset + (cell << 2) + cellHeadBytes;
      }
      const entry = producerAt(producer);
      if ((Atomics.load(words, entry + producerWord.state) & 3) !== producerState.revoked) return -1;
      // It may have committed before it died, after its word was read here.
      if (Atomics.load(words, cell) !== word) continue;
      // It may also have died before it moved the tail; nobody may claim this position again.
      Atomics.compareExchange(words, tailWord, head, (head + 1) | 0);
      Atomics.add(words, entry + producerWord.lost, 1);
      this.#free(cell, head);
    }
  }

  /** Gives the taken message's cell back to the producers. */
  release(): void {
    assert(this.#takenCell >= 0, "a message is taken before it is released");
    Atomics.add(this.#words, producerAt(this.#producer) + producerWord.read, 1);
    this.#free(this.#takenCell, Atomics.load(this.#words, headWord));
    this.#takenCell = -1;
  }

  /**
   * Call after a pass of `take`: gives `tell` what was dropped and lost since the last call, by producer, and
   * frees the numbers of revoked producers that the head has passed.
   */
  settle(tell: (report: LossReport) => void): void {
    const words = this.#words;
    for (let producer = 0; producer < this.ring.memory.producerCount; producer++) {
      const entry = producerAt(producer);
      if ((Atomics.load(words, entry + producerWord.state) & 3) === producerState.revoked) this.#retire(producer);
      const dropped = Atomics.load(words, entry + producerWord.dropped);
      const lost = Atomics.load(words, entry + producerWord.lost);
      const droppedCount = (dropped - Atomics.load(words, entry + producerWord.droppedTold)) >>> 0;
      const lostCount = (lost - Atomics.load(words, entry + producerWord.lostTold)) >>> 0;
      if (droppedCount === 0 && lostCount === 0) continue;
      Atomics.store(words, entry + producerWord.droppedTold, dropped);
      Atomics.store(words, entry + producerWord.lostTold, lost);
      tell({ producer, droppedCount, lostCount });
    }
  }

  /** Blocks until the ring is woken or time is up. `wakeCount` is what it was before the last pass. */
  wait(wakeCount: number, timeoutMillis: number): void {
    Atomics.wait(this.#words, wakeWord, wakeCount, timeoutMillis);
  }

  /** Read it before a pass and hand it to `wait`, so that no waking between the two is missed. */
  get wakeCount(): number {
    return Atomics.load(this.#words, wakeWord);
  }

  #free(cell: number, head: number): void {
    const { lapShift, memory } = this.ring;
    const next = cellWordOf((head + memory.cellCount) | 0, lapShift, cellState.free, 0);
    // First the cell, then the head: who ends in between leaves a cell that the next consumer steps over.
    Atomics.store(this.#words, cell, next);
    Atomics.store(this.#words, headWord, (head + 1) | 0);
  }

  /** Frees a revoked producer's number when no cell can be its any more, and settles its last message. */
  #retire(producer: number): void {
    const words = this.#words;
    const entry = producerAt(producer);
    const head = Atomics.load(words, headWord);
    const ahead = (Atomics.load(words, entry + producerWord.retireAt) - head) | 0;
    if (ahead > 0) return;
    if (ahead === 0) {
      // Its last claim may lie exactly here, if it died before it moved the tail.
      const word = Atomics.load(words, this.#cellsWord + (head & this.ring.cellMask) * this.#cellWords);
      if (stateOfCell(word) !== cellState.free && producerOfCell(word) === producer) return;
    }
    const unsettled =
      (Atomics.load(words, entry + producerWord.entered) -
        Atomics.load(words, entry + producerWord.read) -
        Atomics.load(words, entry + producerWord.dropped) -
        Atomics.load(words, entry + producerWord.lost)) |
      0;
    assert(unsettled === 0 || unsettled === 1, "a dead producer leaves at most the message it was about to claim", {
      producer,
      unsettled,
    });
    Atomics.add(words, entry + producerWord.lost, unsettled);
    const state = Atomics.load(words, entry + producerWord.state);
    Atomics.store(words, entry + producerWord.state, (state & ~3) | producerState.free);
  }
}
