/**
 * The ticket table: stages that wait for a thread, run in one, or have ended and wait for the coordinator.
 *
 *              queue (C)         claim (any T)          done, failed, cancelled (T)
 *     free ─────────────▶ queued ─────────────▶ claimed ─────────────▶ ended ───▶ free (C)
 *                            │ cancel (C)          │ abandon (C)
 *                            ▼                     ▼
 *                         cancelled            abandoned ─────▶ relinquished ───▶ free (C)
 *                                                        T, late, or C when T is known to have ended
 *
 * C is the coordinator, T the thread that claimed. Every arrow is one compare-exchange on the status word, which holds a
 * sequence number too, so nobody acts on a ticket that has meanwhile become another. An abandoned ticket keeps its
 * blocks, its building row and its place until its thread let go: a thread that finishes late writes where nobody looks.
 *
 * A thread that has checked a part of a large input queues its ticket again, so that no call takes long.
 *
 * One ticket, 464 bytes:
 *     0  ┌──────────────────────────┐
 *        │ 44 words u32             │ see ticketWord
 *   176  ├──────────────────────────┤
 *        │ 16 parameters f64        │
 *   304  ├──────────────────────────┤
 *        │ text of the problem      │ UTF-8, at most 160 bytes
 *   464  └──────────────────────────┘
 * status = sequence << 12 | (owner + 1) << 4 | state
 */
import { assert } from "../base/assertions.ts";
import { decodeUtf8, encodeUtf8 } from "../base/bytes.ts";
import { headWord } from "./head.ts";
import { stageParameterCount } from "./limits.ts";

export const ticketBytes = 464;
const ticketWords = ticketBytes >> 2;
const parametersOffset = 176;
const textOffset = 304;
const textBytesMax = ticketBytes - textOffset;

export const ticketState = {
  free: 0,
  queued: 1,
  claimed: 2,
  done: 3,
  failed: 4,
  cancelled: 5,
  abandoned: 6,
  relinquished: 7,
} as const;

/** Words of a ticket. What follows `isLast` is written by the thread that runs it, the rest by the coordinator. */
export const ticketWord = {
  status: 0,
  /** Higher is more urgent. */
  priority: 1,
  /** Among equals the lower one is first. */
  order: 2,
  stage: 3,
  handle: 4,
  /** Counts the attempts of all resources: names one attempt of one resource. */
  attempt: 5,
  inputOffset: 6,
  inputLength: 7,
  /** 1: the input must have the expected length and hash before the stage sees it. */
  isChecked: 8,
  expectedLength: 9,
  expectedLow: 10,
  expectedHigh: 11,
  /** A block that the coordinator set aside for the output, because the top of the heap had no room; or 0. */
  reservedOffset: 12,
  reservedLength: 13,
  /** The cancellation token: 1 as soon as nobody wants the result. */
  isCancelled: 14,
  /** 1: the output is the resource; it is hashed and put into a building row. */
  isLast: 15,
  outputOffset: 16,
  /** Bytes that were asked for. */
  outputAllocated: 17,
  /** Bytes that are used. */
  outputLength: 18,
  /** Building row + 1, or 0. */
  buildingRow: 19,
  problem: 20,
  problemTextBytes: 21,
  /** The hash that was found where another was expected; or, of a full heap, the bytes asked for. */
  actualLow: 22,
  actualHigh: 23,
  /** Words of the input that have been hashed for its check, and the sixteen lanes of that hash. */
  checkedWords: 24,
  checkLanes: 25,
} as const;

/** Why a stage did not end well. */
export const stageProblem = { none: 0, threw: 1, content: 2, heapFull: 3, threadEnded: 4, threadSilent: 5 } as const;

export class TicketTable {
  readonly ticketCount: number;
  readonly #head: Uint32Array;
  readonly #words: Uint32Array;
  readonly #signed: Int32Array;
  readonly #parameters: readonly Float64Array[];
  readonly #texts: readonly Uint8Array[];

  constructor(head: Uint32Array, byteOffset: number, ticketCount: number) {
    const { buffer } = head;
    this.ticketCount = ticketCount;
    this.#head = head;
    this.#words = new Uint32Array(buffer, byteOffset, ticketCount * ticketWords);
    this.#signed = new Int32Array(buffer, byteOffset, ticketCount * ticketWords);
    const at = (ticket: number): number => byteOffset + ticket * ticketBytes;
    this.#parameters = Array.from(
      { length: ticketCount },
      (_, i) => new Float64Array(buffer, at(i) + parametersOffset, stageParameterCount),
    );
    this.#texts = Array.from(
      { length: ticketCount },
      (_, i) => new Uint8Array(buffer, at(i) + textOffset, textBytesMax),
    );
  }

  get(ticket: number, word: number): number {
    return this.#words[ticket * ticketWords + word]!;
  }

  set(ticket: number, word: number, value: number): void {
    this.#words[ticket * ticketWords + word] = value;
  }

  parameters(ticket: number): Float64Array {
    return this.#parameters[ticket]!;
  }

  /** The state, read atomically: what the thread wrote before it is seen by whoever sees the state. */
  state(ticket: number): number {
    return Atomics.load(this.#words, ticket * ticketWords) & 15;
  }

  /** The whole status word: equal later only when nothing happened to the ticket. */
  status(ticket: number): number {
    return Atomics.load(this.#words, ticket * ticketWords);
  }

  isCancelled(ticket: number): boolean {
    return Atomics.load(this.#words, ticket * ticketWords + ticketWord.isCancelled) === 1;
  }

  get queuedCount(): number {
    return Atomics.load(this.#head, headWord.queuedTickets);
  }

  /** Coordinator: a free ticket with all words but the status 0, or -1. It stays free until it is queued. */
  take(): number {
    for (let ticket = 0; ticket < this.ticketCount; ticket++) {
      if (this.state(ticket) !== ticketState.free) continue;
      const at = ticket * ticketWords;
      this.#words.fill(0, at + 1, at + (parametersOffset >> 2));
      return ticket;
    }
    return -1;
  }

  /** Coordinator: lets threads claim a ticket that it filled. */
  queue(ticket: number): void {
    const at = ticket * ticketWords;
    const before = Atomics.load(this.#words, at);
    assert((before & 15) === ticketState.free, "a free ticket is queued", { ticket });
    const sequence = ((before >>> 12) + 1) & 0xfffff;
    // The count is never too low, so a thread that finds it 0 misses nothing.
    Atomics.add(this.#head, headWord.queuedTickets, 1);
    Atomics.store(this.#words, at, ((sequence << 12) | ticketState.queued) >>> 0);
  }

  /** Any thread: claims the most urgent ticket among those of at least `priorityMin`, or gives -1. */
  claim(thread: number, priorityMin = -0x80000000): number {
    const words = this.#words;
    while (Atomics.load(this.#head, headWord.queuedTickets) !== 0) {
      let best = -1;
      let bestStatus = 0;
      for (let ticket = 0; ticket < this.ticketCount; ticket++) {
        const status = Atomics.load(words, ticket * ticketWords);
        if ((status & 15) !== ticketState.queued || !(best < 0 || this.#isMoreUrgent(ticket, best))) continue;
        if (this.#signed[ticket * ticketWords + ticketWord.priority]! < priorityMin) continue;
        best = ticket;
        bestStatus = status;
      }
      if (best < 0) return -1;
      const claimed = ((bestStatus & ~0xfff) | ((thread + 1) << 4) | ticketState.claimed) >>> 0;
      if (Atomics.compareExchange(words, best * ticketWords, bestStatus, claimed) !== bestStatus) continue;
      Atomics.sub(this.#head, headWord.queuedTickets, 1);
      return best;
    }
    return -1;
  }

  /**
   * Thread that claimed: ends the ticket as `state`. False when the coordinator has abandoned it meanwhile: the result
   * counts for nothing, and the ticket is let go.
   */
  finish(ticket: number, state: 3 | 4 | 5): boolean {
    const at = ticket * ticketWords;
    const claimed = Atomics.load(this.#words, at);
    if ((claimed & 15) === ticketState.claimed) {
      const ended = ((claimed & ~15) | state) >>> 0;
      if (Atomics.compareExchange(this.#words, at, claimed, ended) === claimed) return true;
    }
    const abandoned = Atomics.load(this.#words, at);
    assert((abandoned & 15) === ticketState.abandoned, "a claimed ticket is only ever abandoned", { ticket });
    Atomics.store(this.#words, at, ((abandoned & ~15) | ticketState.relinquished) >>> 0);
    return false;
  }

  /** Thread that claimed: puts the ticket back, for whoever is free next. False when it was abandoned meanwhile. */
  requeue(ticket: number): boolean {
    const at = ticket * ticketWords;
    const claimed = Atomics.load(this.#words, at);
    Atomics.add(this.#head, headWord.queuedTickets, 1);
    const queued = ((claimed & ~0xfff) | ticketState.queued) >>> 0;
    if ((claimed & 15) === ticketState.claimed && Atomics.compareExchange(this.#words, at, claimed, queued) === claimed)
      return true;
    Atomics.sub(this.#head, headWord.queuedTickets, 1);
    return this.finish(ticket, ticketState.failed);
  }

  /** All words of all tickets, for the lanes of a check. */
  get words(): Uint32Array {
    return this.#words;
  }

  /** The place of a word of a ticket among all words. */
  wordAt(ticket: number, word: number): number {
    return ticket * ticketWords + word;
  }

  /** Thread that claimed: notes why the stage did not end well. The text is cut to its room. */
  noteProblem(ticket: number, problem: number, text: string): void {
    const bytes = encodeUtf8(text).subarray(0, textBytesMax);
    this.#texts[ticket]!.set(bytes);
    this.set(ticket, ticketWord.problem, problem);
    this.set(ticket, ticketWord.problemTextBytes, bytes.length);
  }

  problemText(ticket: number): string {
    return decodeUtf8(this.#texts[ticket]!.slice(0, this.get(ticket, ticketWord.problemTextBytes)));
  }

  /** Coordinator: nobody wants the result. A queued ticket is cancelled at once, a running one when its thread sees it. */
  cancel(ticket: number): void {
    const at = ticket * ticketWords;
    Atomics.store(this.#words, at + ticketWord.isCancelled, 1);
    const status = Atomics.load(this.#words, at);
    if ((status & 15) !== ticketState.queued) return;
    const cancelled = ((status & ~15) | ticketState.cancelled) >>> 0;
    if (Atomics.compareExchange(this.#words, at, status, cancelled) === status)
      Atomics.sub(this.#head, headWord.queuedTickets, 1);
  }

  /** Coordinator: gives up on what `thread` has claimed, while the thread may still run. */
  abandon(thread: number): void {
    this.#move(thread, ticketState.claimed, ticketState.abandoned);
  }

  /** Coordinator: `thread` has ended. What it had claimed fails; what was abandoned is let go. True when it held any. */
  end(thread: number): boolean {
    for (let ticket = 0; ticket < this.ticketCount; ticket++)
      if (this.#isOwned(ticket, thread, ticketState.claimed)) {
        this.set(ticket, ticketWord.problem, stageProblem.threadEnded);
        this.set(ticket, ticketWord.problemTextBytes, 0);
      }
    const failed = this.#move(thread, ticketState.claimed, ticketState.failed);
    const relinquished = this.#move(thread, ticketState.abandoned, ticketState.relinquished);
    return failed || relinquished;
  }

  /** Coordinator: gives a ticket back that has ended or was taken and not queued. */
  free(ticket: number): void {
    const at = ticket * ticketWords;
    const status = Atomics.load(this.#words, at);
    const state = status & 15;
    assert(
      state !== ticketState.queued && state !== ticketState.claimed && state !== ticketState.abandoned,
      "a ticket that is freed is in nobody's hands",
      { ticket, state },
    );
    Atomics.store(this.#words, at, (status & ~0xfff) >>> 0);
  }

  #isMoreUrgent(ticket: number, than: number): boolean {
    const a = ticket * ticketWords;
    const b = than * ticketWords;
    const byPriority = this.#signed[a + ticketWord.priority]! - this.#signed[b + ticketWord.priority]!;
    return (
      byPriority > 0 || (byPriority === 0 && this.#words[a + ticketWord.order]! < this.#words[b + ticketWord.order]!)
    );
  }

  #isOwned(ticket: number, thread: number, state: number): boolean {
    const status = Atomics.load(this.#words, ticket * ticketWords);
    return (status & 15) === state && ((status >>> 4) & 255) === thread + 1;
  }

  #move(thread: number, from: number, to: number): boolean {
    let hasMoved = false;
    for (let ticket = 0; ticket < this.ticketCount; ticket++) {
      if (!this.#isOwned(ticket, thread, from)) continue;
      const status = this.status(ticket);
      const moved = ((status & ~15) | to) >>> 0;
      if (Atomics.compareExchange(this.#words, ticket * ticketWords, status, moved) === status) hasMoved = true;
    }
    return hasMoved;
  }
}

/** Whether the output of a ticket is its own input block. */
export function isInputKept(tickets: TicketTable, ticket: number): boolean {
  const offset = tickets.get(ticket, ticketWord.outputOffset);
  return offset !== 0 && offset === tickets.get(ticket, ticketWord.inputOffset);
}
