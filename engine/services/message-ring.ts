/**
 * The message ring: many producers, one consumer, cells of fixed size, no lock. ring-layout.ts draws it.
 *
 * A producer is never made to wait: when the ring is full its message is dropped and counted. A producer that
 * dies between claim and commit does not stop the ring: whoever saw it die revokes its token, and the consumer
 * then skips its cell and counts the message as lost. Nothing goes missing without being counted: for each
 * producer, messages written = read + dropped + lost, once nothing waits; `audit` says so.
 *
 * The rule: revoke a token only when its thread can no longer run. A token revoked too early would let the
 * consumer hand out a cell that is still being written.
 */
import { assert } from "../base/assertions.ts";
import { raise } from "../base/faults.ts";
import {
  cellHeadBytes,
  cellState,
  cellsAt,
  cellWordOf,
  isOfLap,
  producerAt,
  producerState,
  producerWord,
  type RingMemory,
  refusedWord,
  ringByteLength,
  tailWord,
  wakeWord,
} from "./ring-layout.ts";

/** The right to write, given to one thread at a time. Plain data, so that it can be sent to the thread. */
export interface ProducerToken {
  readonly number: number;
  /** Grows each time that the number is given out, so that an old token is told from a new one. */
  readonly generation: number;
}

/** Counts of messages, of one producer or of all. */
export interface RingCounts {
  /** Begun by a producer, whatever became of it. */
  readonly written: number;
  readonly read: number;
  /** Found the ring full. */
  readonly dropped: number;
  /** Of producers that died before they committed. */
  readonly lost: number;
  /** Written and none of the others yet: committed and not read, or being written. */
  readonly waiting: number;
}

export interface RingAudit extends RingCounts {
  /** By producer number. */
  readonly producers: readonly RingCounts[];
  /** Messages refused because their token had been revoked: the revoker's bug, not part of `written`. */
  readonly refused: number;
  /** No message waits, so written = read + dropped + lost for each producer. */
  readonly isSettled: boolean;
}

/** Views over a ring that all sides share, and what any thread may do: register, revoke, audit, wake. */
export class MessageRing {
  readonly memory: RingMemory;
  readonly words: Int32Array;
  /** Bits to shift a position by to get its lap. */
  readonly lapShift: number;
  readonly cellMask: number;

  constructor(memory: RingMemory) {
    const byteLength = ringByteLength(memory);
    assert(memory.byteOffset % 8 === 0, "a ring begins at a multiple of 8", { byteOffset: memory.byteOffset });
    this.memory = memory;
    this.words = new Int32Array(memory.buffer, memory.byteOffset, byteLength >> 2);
    this.cellMask = memory.cellCount - 1;
    this.lapShift = 31 - Math.clz32(memory.cellCount);
  }

  /** Bytes that a message may have. */
  get payloadBytes(): number {
    return this.memory.cellBytes - cellHeadBytes;
  }

  /** Takes a producer number. Raises "producers-full" when all are taken, revoked ones that wait to be passed too. */
  register(): ProducerToken {
    const { words, memory } = this;
    for (let number = 0; number < memory.producerCount; number++) {
      const at = producerAt(number) + producerWord.state;
      const word = Atomics.load(words, at);
      if ((word & 3) !== producerState.free) continue;
      const generation = ((word >>> 2) + 1) & 0x3fff_ffff;
      const active = (generation << 2) | producerState.active;
      if (Atomics.compareExchange(words, at, word, active) === word) return { number, generation };
    }
    return raise("producers-full", { producerCount: memory.producerCount });
  }

  /** Ends a token whose thread has ended or will write no more. False when it had ended before. */
  revoke(token: ProducerToken): boolean {
    const { words } = this;
    const at = producerAt(token.number);
    const active = (token.generation << 2) | producerState.active;
    if (Atomics.load(words, at + producerWord.state) !== active) return false;
    // The dead producer claimed at a tail that it had read, so nothing of it lies beyond the present one.
    Atomics.store(words, at + producerWord.retireAt, Atomics.load(words, tailWord));
    const revoked = (token.generation << 2) | producerState.revoked;
    const wasActive = Atomics.compareExchange(words, at + producerWord.state, active, revoked) === active;
    this.wake();
    return wasActive;
  }

  /** Wakes a consumer that waits. */
  wake(): void {
    Atomics.add(this.words, wakeWord, 1);
    Atomics.notify(this.words, wakeWord);
  }

  /** Counts of all producers as they are now. While producers run they are no more than a moment's view. */
  audit(): RingAudit {
    const producers: RingCounts[] = [];
    const total = { written: 0, read: 0, dropped: 0, lost: 0, waiting: 0 };
    for (let number = 0; number < this.memory.producerCount; number++) {
      const at = producerAt(number);
      // Outcomes before beginnings: a message that ends between the loads then counts as waiting, not as minus one.
      const read = this.#count(at + producerWord.read);
      const dropped = this.#count(at + producerWord.dropped);
      const lost = this.#count(at + producerWord.lost);
      const written = this.#count(at + producerWord.entered);
      const waiting = (written - read - dropped - lost) >>> 0;
      producers.push({ written, read, dropped, lost, waiting });
      total.written += written;
      total.read += read;
      total.dropped += dropped;
      total.lost += lost;
      total.waiting += waiting;
    }
    return { ...total, producers, refused: this.#count(refusedWord), isSettled: total.waiting === 0 };
  }

  #count(word: number): number {
    return Atomics.load(this.words, word) >>> 0;
  }
}

/** A producer's side, for one thread. A message is claimed, filled in place and committed. */
export class RingProducer {
  readonly ring: MessageRing;
  readonly token: ProducerToken;
  readonly #words: Int32Array;
  readonly #entry: number;
  readonly #active: number;
  readonly #cellsWord: number;
  readonly #cellWords: number;
  readonly #wakeMask: number;
  #claimedCell = -1;
  #committedWord = 0;

  constructor(ring: MessageRing, token: ProducerToken) {
    this.ring = ring;
    this.token = token;
    this.#words = ring.words;
    this.#entry = producerAt(token.number);
    this.#active = (token.generation << 2) | producerState.active;
    this.#cellsWord = cellsAt(ring.memory.producerCount) >> 2;
    this.#cellWords = ring.memory.cellBytes >> 2;
    this.#wakeMask = (ring.memory.cellCount >> 2) - 1;
  }

  /**
   * Claims a cell for a message: the byte offset of its payload in the buffer, or -1 when the message was
   * dropped because the ring is full (or refused because the token was revoked). Fill it, then `commit`.
   */
  claim(): number {
    assert(this.#claimedCell < 0, "a message is committed before the next one is claimed");
    const words = this.#words;
    const { lapShift, cellMask, memory } = this.ring;
    const producer = this.token.number;
    if (Atomics.load(words, this.#entry + producerWord.state) !== this.#active) {
      Atomics.add(words, refusedWord, 1);
      return -1;
    }
    Atomics.add(words, this.#entry + producerWord.entered, 1);
    for (;;) {
      const tail = Atomics.load(words, tailWord);
      const cell = this.#cellsWord + (tail & cellMask) * this.#cellWords;
      const word = Atomics.load(words, cell);
      const free = cellWordOf(tail, lapShift, cellState.free, 0);
      if (word === free) {
        const claimed = cellWordOf(tail, lapShift, cellState.claimed, producer);
        if (Atomics.compareExchange(words, cell, free, claimed) !== free) continue;
        Atomics.compareExchange(words, tailWord, tail, (tail + 1) | 0);
        this.#claimedCell = cell;
        this.#committedWord = cellWordOf(tail, lapShift, cellState.committed, producer);
        // A quarter of the ring has been filled since the last waking: the consumer's pause may be too long.
        if ((tail & this.#wakeMask) === this.#wakeMask) this.ring.wake();
        return memory.byteOffset + (cell << 2) + cellHeadBytes;
      }
      if (isOfLap(word, (tail - memory.cellCount) | 0, lapShift)) {
        // The cell still holds a message of the lap before, so nobody has claimed this position: the ring is full.
        Atomics.add(words, this.#entry + producerWord.dropped, 1);
        return -1;
      }
      // Claimed at this position by a producer that has not moved the tail yet: it is moved for the other one.
      // Or the tail has moved since it was read: then this does nothing. It must never go back, because
      // a revocation takes it for the end of what has been claimed.
      Atomics.compareExchange(words, tailWord, tail, (tail + 1) | 0);
    }
  }

  /** Hands the claimed message to the consumer. */
  commit(): void {
    assert(this.#claimedCell >= 0, "a message is claimed before it is committed");
    Atomics.store(this.#words, this.#claimedCell, this.#committedWord);
    this.#claimedCell = -1;
  }
}
