/**
 * The coordinator's desk for stages: queues tickets, collects those that ended, and returns to the heap what nobody
 * wants. Every block that a ticket names is the ticket's as long as it is out, and is passed on or freed when collected.
 *
 * The one rule: a result is handed on only when the ticket's handle and attempt are still those of its resource.
 */
import { blockBytes } from "./block.ts";
import { BuildingRows, buildingWord } from "./building-rows.ts";
import { type ResourceHandle, resourceIndex } from "./handle.ts";
import { headBytes, headWord } from "./head.ts";
import { type AssetHeap, noBlock } from "./heap.ts";
import { type AssetMemory, assetLayout, buildingRowCount } from "./memory.ts";
import type { ResourceRecord } from "./resource-record.ts";
import type { StageList } from "./stage.ts";
import { isInputKept, stageProblem, TicketTable, ticketState, ticketWord } from "./ticket-table.ts";

/** What became of a stage. The record's input is its own again in `stageFailed`, and gone in `stageDone`. */
export interface StageListener {
  /** `outputOffset` is a live block of `outputLength` bytes; `buildingRow` is -1 unless it was the last stage. */
  stageDone(record: ResourceRecord, outputOffset: number, outputLength: number, buildingRow: number): void;
  stageFailed(record: ResourceRecord, failure: StageFailure): void;
}

/** Why a stage did not end well, read from its ticket. */
export interface StageFailure {
  /** Of `stageProblem`. */
  readonly problem: number;
  readonly text: string;
  readonly inputLength: number;
  readonly actualLow: number;
  readonly actualHigh: number;
}

export class StageDesk {
  readonly tickets: TicketTable;
  readonly rows: BuildingRows;
  readonly #head: Uint32Array;
  readonly #heap: AssetHeap;
  readonly #list: StageList;
  readonly #records: readonly ResourceRecord[];
  /** Tickets that are out, in the order in which they were queued. */
  readonly #out: number[] = [];
  /** Tickets that were out when the sweep became due; once all are collected, every block below is known or nobody's. */
  readonly #sweepTickets = new Set<number>();
  #isSweepDue = false;
  /** Status of each ticket when it was last looked at, and since when it is so. */
  readonly #seenStatuses: Uint32Array;
  readonly #seenMicros: Float64Array;
  /** Bytes found by sweeps so far, for the trace. */
  sweptBytes = 0;

  constructor(memory: AssetMemory, heap: AssetHeap, list: StageList, records: readonly ResourceRecord[]) {
    const layout = assetLayout(memory.limits);
    this.#head = new Uint32Array(memory.buffer, 0, headBytes >> 2);
    this.tickets = new TicketTable(this.#head, layout.tickets, memory.limits.tickets);
    this.#seenStatuses = new Uint32Array(memory.limits.tickets);
    this.#seenMicros = new Float64Array(memory.limits.tickets);
    this.rows = new BuildingRows(this.#head, layout.buildingRows, buildingRowCount(memory.limits));
    this.#heap = heap;
    this.#list = list;
    this.#records = records;
  }

  get outCount(): number {
    return this.#out.length;
  }

  get hasRoom(): boolean {
    return this.#out.length < this.tickets.ticketCount;
  }

  /** Queues the stage that `record` waits for. The record's input is the ticket's from here on. */
  submit(record: ResourceRecord, reservedOffset: number): void {
    const { tickets } = this;
    const numbers = this.#list.stageNumbers[record.kind]!;
    const ticket = tickets.take();
    tickets.set(ticket, ticketWord.priority, record.priority);
    tickets.set(ticket, ticketWord.order, record.order);
    tickets.set(ticket, ticketWord.stage, numbers[record.stageAt]!);
    tickets.set(ticket, ticketWord.handle, record.handle);
    tickets.set(ticket, ticketWord.attempt, record.attemptId);
    tickets.set(ticket, ticketWord.inputOffset, record.inputOffset);
    tickets.set(ticket, ticketWord.inputLength, record.inputLength);
    tickets.set(ticket, ticketWord.isChecked, record.isUnchecked ? 1 : 0);
    tickets.set(ticket, ticketWord.expectedLength, record.expectedLength);
    tickets.set(ticket, ticketWord.expectedLow, record.expectedLow);
    tickets.set(ticket, ticketWord.expectedHigh, record.expectedHigh);
    tickets.set(ticket, ticketWord.reservedOffset, reservedOffset);
    tickets.set(ticket, ticketWord.reservedLength, reservedOffset === noBlock ? 0 : record.reserveBytes);
    tickets.set(ticket, ticketWord.isLast, record.stageAt === numbers.length - 1 ? 1 : 0);
    tickets.parameters(ticket).set(record.parameters);
    record.inputOffset = noBlock;
    record.ticket = ticket;
    record.work = "running";
    this.#out.push(ticket);
    tickets.queue(ticket);
  }

  /** A thread that has had one ticket for longer than `limitMicros`, or -1. Times run from the first look. */
  overdueThread(nowMicros: number, limitMicros: number): number {
    for (let i = 0; i < this.#out.length; i++) {
      const ticket = this.#out[i]!;
      const status = this.tickets.status(ticket);
      if (this.#seenStatuses[ticket] !== status) {
        this.#seenStatuses[ticket] = status;
        this.#seenMicros[ticket] = nowMicros;
      } else if ((status & 15) === ticketState.claimed && nowMicros - this.#seenMicros[ticket]! > limitMicros)
        return ((status >>> 4) & 0xff) - 1;
    }
    return -1;
  }

  /** The result of the record's ticket is no longer wanted; what the ticket holds comes back when it is collected. */
  cancel(record: ResourceRecord): void {
    this.tickets.cancel(record.ticket);
    record.ticket = -1;
  }

  /** Takes in all tickets that have ended, in the order in which they were queued. */
  collect(listener: StageListener): void {
    const out = this.#out;
    let kept = 0;
    for (let i = 0; i < out.length; i++) {
      const ticket = out[i]!;
      let state = this.tickets.state(ticket);
      // One that was cancelled while a thread had it, and queued again after a part of its check, is cancelled now.
      if (state === ticketState.queued && this.tickets.isCancelled(ticket)) {
        this.tickets.cancel(ticket);
        state = this.tickets.state(ticket);
      }
      if (state === ticketState.queued || state === ticketState.claimed || state === ticketState.abandoned)
        out[kept++] = ticket;
      else this.#collectOne(ticket, state, listener);
    }
    if (kept === out.length) return;
    out.length = kept;
    // A thread that ended between claiming and counting leaves the count too high; with no ticket out it is 0.
    if (kept === 0) Atomics.store(this.#head, headWord.queuedTickets, 0);
  }

  /** Frees blocks that ended threads took and never wrote down, as soon as that is certain. */
  sweep(): void {
    if (!this.#isSweepDue || this.#sweepTickets.size > 0) return;
    this.#isSweepDue = false;
    this.sweptBytes += this.#heap.sweep();
  }

  get isSweepDue(): boolean {
    return this.#isSweepDue;
  }

  /** `thread` has ended: what it ran fails at the next collection, what it took and nobody knows of is found. */
  threadEnded(thread: number, keptRows: ReadonlySet<number>): void {
    const { tickets, rows } = this;
    if (tickets.end(thread)) this.#beginSweep();
    const known = new Set(keptRows);
    for (const ticket of this.#out) known.add(tickets.get(ticket, ticketWord.buildingRow) - 1);
    for (let row = 0; row < rows.rowCount; row++)
      if (rows.get(row, buildingWord.owner) === thread + 1 && !known.has(row)) rows.free(row);
  }

  /** `thread` is given up though it may still run: what it runs fails now and stays out until the thread lets go. */
  threadSilent(thread: number, listener: StageListener): void {
    const { tickets } = this;
    tickets.abandon(thread);
    for (const ticket of this.#out) {
      const record = this.#recordOf(ticket);
      if (tickets.state(ticket) !== ticketState.abandoned || record === undefined) continue;
      // The thread may still read the input, so the next attempt gets a copy.
      const length = tickets.get(ticket, ticketWord.inputLength);
      const offset = tickets.get(ticket, ticketWord.inputOffset);
      if (offset !== noBlock) {
        record.inputOffset = this.#heap.allocate(length);
        if (record.inputOffset !== noBlock)
          new Uint8Array(this.#head.buffer).copyWithin(record.inputOffset, offset, offset + blockBytes(length));
      }
      record.ticket = -1;
      tickets.cancel(ticket);
      const isLost = offset !== noBlock && record.inputOffset === noBlock;
      const text = isLost ? "its thread was silent, and the heap has no room for a copy of the input" : "";
      listener.stageFailed(record, {
        problem: isLost ? stageProblem.heapFull : stageProblem.threadSilent,
        text,
        inputLength: length,
        actualLow: 0,
        actualHigh: 0,
      });
    }
  }

  #collectOne(ticket: number, state: number, listener: StageListener): void {
    const { tickets } = this;
    this.#sweepTickets.delete(ticket);
    const record = state === ticketState.relinquished ? undefined : this.#recordOf(ticket);
    const inputOffset = tickets.get(ticket, ticketWord.inputOffset);
    const inputLength = tickets.get(ticket, ticketWord.inputLength);
    const outputLength = tickets.get(ticket, ticketWord.outputLength);
    const buildingRow = tickets.get(ticket, ticketWord.buildingRow) - 1;
    const isKept = isInputKept(tickets, ticket);
    const outputOffset = this.#takeOutput(ticket, isKept);
    if (record !== undefined && state === ticketState.done) {
      if (inputOffset !== noBlock && !isKept) this.#heap.free(inputOffset);
      tickets.free(ticket);
      record.ticket = -1;
      listener.stageDone(record, outputOffset, outputLength, buildingRow);
      return;
    }
    if (outputOffset !== noBlock && !isKept) this.#heap.free(outputOffset);
    if (buildingRow >= 0) this.rows.free(buildingRow);
    if (record === undefined) {
      if (inputOffset !== noBlock) this.#heap.free(inputOffset);
      tickets.free(ticket);
      return;
    }
    const failure: StageFailure = {
      problem: tickets.get(ticket, ticketWord.problem),
      text: tickets.problemText(ticket),
      inputLength,
      actualLow: tickets.get(ticket, ticketWord.actualLow),
      actualHigh: tickets.get(ticket, ticketWord.actualHigh),
    };
    tickets.free(ticket);
    record.ticket = -1;
    record.inputOffset = inputOffset;
    record.inputLength = inputLength;
    listener.stageFailed(record, failure);
  }

  /** Makes the ticket's output a live block without slack and frees what was set aside in vain. `noBlock` for none. */
  #takeOutput(ticket: number, isKept: boolean): number {
    const { tickets } = this;
    const offset = tickets.get(ticket, ticketWord.outputOffset);
    const reserved = tickets.get(ticket, ticketWord.reservedOffset);
    const length = tickets.get(ticket, ticketWord.outputLength);
    if (reserved !== noBlock && reserved !== offset) this.#heap.free(reserved);
    if (offset === noBlock || isKept) return offset;
    if (reserved === offset) this.#heap.trim(offset, length);
    else this.#heap.adopt(offset, tickets.get(ticket, ticketWord.outputAllocated), length);
    return offset;
  }

  /** The resource that still waits for this very ticket, if any. */
  #recordOf(ticket: number): ResourceRecord | undefined {
    const handle: ResourceHandle = this.tickets.get(ticket, ticketWord.handle);
    const record = this.#records[resourceIndex(handle)]!;
    const isWanted =
      record.isAlive &&
      record.handle === handle &&
      record.ticket === ticket &&
      record.attemptId === this.tickets.get(ticket, ticketWord.attempt);
    return isWanted ? record : undefined;
  }

  #beginSweep(): void {
    this.#heap.beginSweep();
    this.#isSweepDue = true;
    for (const ticket of this.#out) this.#sweepTickets.add(ticket);
  }
}
