/**
 * Runs stages in the thread that calls: a worker between frame jobs, or the coordinator where there are no workers.
 * Takes tickets and blocks of the shared memory, leaves output, hash and building row in the ticket.
 *
 * The one rule: what a ticket says counts only once `finish` has moved it, and `finish` moves nothing that the
 * coordinator has abandoned or that is no longer wanted.
 */
import { assert } from "../base/assertions.ts";
import { blockBytes, foldBlockHash, hashBlock, hashBlockPart, sealBlock } from "./block.ts";
import { BuildingRows, buildingWord } from "./building-rows.ts";
import { headBytes } from "./head.ts";
import { bumpBlock, noBlock } from "./heap.ts";
import { type AssetMemory, assetLayout, buildingRowCount } from "./memory.ts";
import type { StageContext, StageList } from "./stage.ts";
import { isInputKept, stageProblem, TicketTable, ticketState, ticketWord } from "./ticket-table.ts";

/** Words of an input that one call checks at most: 1 MiB, about a millisecond. */
const checkWordsMax = 262_144;
/** The input is not wholly checked: the ticket is queued again. */
const unfinished = 0;

/** Thrown through a stage by `allocate`; the coordinator sets a block aside and has the stage run again. */
class HeapFull extends Error {
  override readonly name = "HeapFull";
  readonly neededBytes: number;
  constructor(neededBytes: number) {
    super(`the asset heap has no room for ${neededBytes} bytes`);
    this.neededBytes = neededBytes;
  }
}

export class StageRunner {
  readonly #memory: AssetMemory;
  readonly #list: StageList;
  readonly #tickets: TicketTable;
  readonly #rows: BuildingRows;
  readonly #context: RunningStage;
  readonly #hash = new Uint32Array(2);

  /** One for each thread. `list` is made of the same pipelines in all of them. */
  constructor(memory: AssetMemory, list: StageList) {
    const { buffer, limits } = memory;
    const layout = assetLayout(limits);
    const head = new Uint32Array(buffer, 0, headBytes >> 2);
    this.#memory = memory;
    this.#list = list;
    this.#tickets = new TicketTable(head, layout.tickets, limits.tickets);
    this.#rows = new BuildingRows(head, layout.buildingRows, buildingRowCount(limits));
    this.#context = new RunningStage(memory, head, this.#tickets);
  }

  /** True when a stage may be waiting for a thread. One atomic load. */
  get hasWork(): boolean {
    return this.#tickets.queuedCount !== 0;
  }

  /**
   * Claims the most urgent stage, of at least `priorityMin` when that is given, and runs it as `thread`. False when none
   * waits. Never throws for a stage.
   */
  runOne(thread: number, priorityMin?: number): boolean {
    const ticket = this.#tickets.claim(thread, priorityMin);
    if (ticket < 0) return false;
    const state = this.#run(ticket, thread);
    if (state === unfinished) this.#tickets.requeue(ticket);
    else this.#tickets.finish(ticket, state);
    return true;
  }

  #run(ticket: number, thread: number): 0 | 3 | 4 | 5 {
    const tickets = this.#tickets;
    if (tickets.isCancelled(ticket)) return ticketState.cancelled;
    try {
      if (tickets.get(ticket, ticketWord.isChecked) === 1) {
        if (!this.#hashInput(ticket)) return unfinished;
        if (!this.#isAsExpected(ticket)) return ticketState.failed;
      }
      this.#context.begin(ticket);
      this.#list.stages[tickets.get(ticket, ticketWord.stage)]!.run(this.#context);
      this.#context.end();
      if (tickets.get(ticket, ticketWord.isLast) === 1) this.#build(ticket, thread);
    } catch (thrown) {
      const problem = thrown instanceof HeapFull ? stageProblem.heapFull : stageProblem.threw;
      tickets.noteProblem(ticket, problem, thrown instanceof Error ? thrown.message : String(thrown));
      if (thrown instanceof HeapFull) tickets.set(ticket, ticketWord.actualLow, thrown.neededBytes);
      return ticketState.failed;
    }
    // The token is looked at again right before the result is handed in; the coordinator looks once more.
    return tickets.isCancelled(ticket) ? ticketState.cancelled : ticketState.done;
  }

  /** Hashes the next part of the input. True when that was the last one. */
  #hashInput(ticket: number): boolean {
    const tickets = this.#tickets;
    const offset = tickets.get(ticket, ticketWord.inputOffset);
    const length = tickets.get(ticket, ticketWord.inputLength);
    const lanes = tickets.wordAt(ticket, ticketWord.checkLanes);
    const from = tickets.get(ticket, ticketWord.checkedWords);
    const { buffer } = this.#memory;
    const to = hashBlockPart(buffer, offset, length, from, checkWordsMax, tickets.words, lanes);
    tickets.set(ticket, ticketWord.checkedWords, to);
    if (to < blockBytes(length) >>> 2) return false;
    foldBlockHash(length, tickets.words, lanes, this.#hash, 0);
    return true;
  }

  /** Compares the input, whose hash is complete, with what the manifest says of it. */
  #isAsExpected(ticket: number): boolean {
    const tickets = this.#tickets;
    const length = tickets.get(ticket, ticketWord.inputLength);
    tickets.set(ticket, ticketWord.actualLow, this.#hash[0]!);
    tickets.set(ticket, ticketWord.actualHigh, this.#hash[1]!);
    if (
      length === tickets.get(ticket, ticketWord.expectedLength) &&
      this.#hash[0] === tickets.get(ticket, ticketWord.expectedLow) &&
      this.#hash[1] === tickets.get(ticket, ticketWord.expectedHigh)
    )
      return true;
    tickets.noteProblem(ticket, stageProblem.content, "");
    return false;
  }

  /** Puts the result into a building row, hashed here so that the coordinator need not. */
  #build(ticket: number, thread: number): void {
    const tickets = this.#tickets;
    const offset = tickets.get(ticket, ticketWord.outputOffset);
    const length = tickets.get(ticket, ticketWord.outputLength);
    // An input that was checked and kept was hashed for the check.
    const isHashed = tickets.get(ticket, ticketWord.isChecked) === 1 && isInputKept(tickets, ticket);
    if (!isHashed) hashBlock(this.#memory.buffer, offset, length, this.#hash, 0);
    const row = this.#rows.take(thread);
    // A row that is written down at once is found again when this thread ends here.
    tickets.set(ticket, ticketWord.buildingRow, row + 1);
    this.#rows.set(row, buildingWord.handle, tickets.get(ticket, ticketWord.handle));
    this.#rows.set(row, buildingWord.attempt, tickets.get(ticket, ticketWord.attempt));
    this.#rows.set(row, buildingWord.byteOffset, offset);
    this.#rows.set(row, buildingWord.byteLength, length);
    this.#rows.set(row, buildingWord.hashLow, this.#hash[0]!);
    this.#rows.set(row, buildingWord.hashHigh, this.#hash[1]!);
  }
}

/** The context of the stage that runs now. */
class RunningStage implements StageContext {
  input: Uint8Array;
  parameters: Float64Array;
  readonly #memory: AssetMemory;
  readonly #head: Uint32Array;
  readonly #tickets: TicketTable;
  #ticket = 0;

  constructor(memory: AssetMemory, head: Uint32Array, tickets: TicketTable) {
    this.#memory = memory;
    this.#head = head;
    this.#tickets = tickets;
    this.input = new Uint8Array(0);
    this.parameters = tickets.parameters(0);
  }

  begin(ticket: number): void {
    const tickets = this.#tickets;
    this.#ticket = ticket;
    this.parameters = tickets.parameters(ticket);
    this.input = new Uint8Array(
      this.#memory.buffer,
      tickets.get(ticket, ticketWord.inputOffset),
      tickets.get(ticket, ticketWord.inputLength),
    );
  }

  /** Seals the output; a stage that allocated none has an empty one. */
  end(): void {
    const tickets = this.#tickets;
    if (tickets.get(this.#ticket, ticketWord.outputOffset) === noBlock) this.allocate(0);
    if (isInputKept(tickets, this.#ticket)) return;
    const offset = tickets.get(this.#ticket, ticketWord.outputOffset);
    sealBlock(this.#memory.buffer, offset, tickets.get(this.#ticket, ticketWord.outputLength));
  }

  get isCancelled(): boolean {
    return this.#tickets.isCancelled(this.#ticket);
  }

  allocate(byteLength: number): Uint8Array {
    const tickets = this.#tickets;
    const ticket = this.#ticket;
    assert(tickets.get(ticket, ticketWord.outputOffset) === noBlock, "a stage allocates its output once");
    assert(Number.isInteger(byteLength) && byteLength >= 0, "an output has a whole number of bytes", { byteLength });
    const reservedLength = tickets.get(ticket, ticketWord.reservedLength);
    let offset = tickets.get(ticket, ticketWord.reservedOffset);
    let allocated = reservedLength;
    if (offset === noBlock || blockBytes(byteLength) > blockBytes(reservedLength)) {
      offset = bumpBlock(this.#memory, this.#head, byteLength);
      allocated = byteLength;
    }
    if (offset === noBlock) throw new HeapFull(byteLength);
    tickets.set(ticket, ticketWord.outputAllocated, allocated);
    tickets.set(ticket, ticketWord.outputLength, byteLength);
    // Written last: a block is the ticket's from here on, with its lengths.
    tickets.set(ticket, ticketWord.outputOffset, offset);
    const output = new Uint8Array(this.#memory.buffer, offset, byteLength);
    output.fill(0);
    return output;
  }

  keepInput(): void {
    const tickets = this.#tickets;
    const ticket = this.#ticket;
    assert(tickets.get(ticket, ticketWord.outputOffset) === noBlock, "a stage has one output");
    const length = tickets.get(ticket, ticketWord.inputLength);
    tickets.set(ticket, ticketWord.outputAllocated, length);
    tickets.set(ticket, ticketWord.outputLength, length);
    tickets.set(ticket, ticketWord.outputOffset, tickets.get(ticket, ticketWord.inputOffset));
  }

  trim(byteLength: number): void {
    const tickets = this.#tickets;
    assert(!isInputKept(tickets, this.#ticket), "an input that is kept is kept whole");
    const most = tickets.get(this.#ticket, ticketWord.outputLength);
    assert(byteLength >= 0 && byteLength <= most, "an output is trimmed to less", { byteLength, most });
    tickets.set(this.#ticket, ticketWord.outputLength, byteLength);
  }
}
