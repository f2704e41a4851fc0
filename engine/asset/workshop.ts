/**
 * The workshop: brings resources from a request to a finished result, through the source and the stages, with retries.
 * It never publishes; pipelines.ts takes finished results from it.
 *
 * Work is done for resources in the order of priority, then of request. All pauses are counted in frames.
 */
import type { Fault } from "../base/faults.ts";
import { makeFault } from "../base/faults.ts";
import { hashHex } from "../base/hash.ts";
import { sealBlock } from "./block.ts";
import type { ResourceHandle } from "./handle.ts";
import { resourceIndex } from "./handle.ts";
import { type AssetHeap, noBlock } from "./heap.ts";
import type { ReadListener, Reads } from "./reads.ts";
import { hostStage, type ResourceRecord } from "./resource-record.ts";
import { pauseFramesAfter, type RetryRules } from "./retry.ts";
import type { StageList } from "./stage.ts";
import type { StageDesk, StageFailure, StageListener } from "./stage-desk.ts";
import { stageProblem } from "./ticket-table.ts";

/** One attempt that failed, as data. */
export interface FailedAttempt {
  readonly handle: ResourceHandle;
  readonly name: string;
  readonly attempt: number;
  /** No attempt follows: the resource is in the state failed. */
  readonly isFinal: boolean;
  readonly fault: Fault;
}

export interface WorkshopParts {
  readonly heap: AssetHeap;
  readonly desk: StageDesk;
  readonly list: StageList;
  readonly records: readonly ResourceRecord[];
  readonly rules: RetryRules;
  readonly readsInFlightMax: number;
  /** A record's state has changed. */
  readonly changed: (record: ResourceRecord) => void;
  readonly attemptFailed: (failed: FailedAttempt) => void;
}

export class Workshop implements StageListener, ReadListener {
  readonly #parts: WorkshopParts;
  readonly #heap: AssetHeap;
  readonly #desk: StageDesk;
  /** Set once, right after this object, which is the listener of its reads. */
  #reads: Reads | undefined;
  /** Indices of all records whose work is not idle, ascending. */
  readonly active: number[] = [];
  #lastAttemptId = 0;
  #lastOrder = 0;
  #frame = 0;

  constructor(parts: WorkshopParts) {
    this.#parts = parts;
    this.#heap = parts.heap;
    this.#desk = parts.desk;
  }

  connect(reads: Reads): void {
    this.#reads = reads;
  }

  /** Begins a run of the record's pipeline over its own input and parameters. Its work is idle. */
  begin(record: ResourceRecord, priority: number): void {
    const isHost = this.#parts.list.pipelines[record.kind]!.host;
    record.priority = priority;
    record.order = ++this.#lastOrder >>> 0;
    record.attempt = 1;
    record.attemptId = this.#nextAttemptId();
    record.stageAt = isHost ? hostStage : 0;
    record.isUnchecked = false;
    record.reserveBytes = 0;
    record.work = "waiting";
    record.state = "loading";
    this.#parts.changed(record);
    this.#activate(record.index);
  }

  /** Stops the record's work; nothing that is still under way for it counts. Its state is the caller's to set. */
  stop(record: ResourceRecord): void {
    if (record.work === "reading") this.#reads!.giveUp(record.attemptId);
    if (record.work === "running") this.#desk.cancel(record);
    this.#freeInput(record);
    record.attemptId = this.#nextAttemptId();
    record.work = "idle";
  }

  /** The record cannot come to a result: it is failed for good, until it is requested again. */
  fail(record: ResourceRecord, problem: string): void {
    record.attempt = this.#parts.rules.attemptsMax;
    this.#attemptFailed(record, this.#failure(record, problem));
  }

  /** Ends pauses that are over, then starts as many reads and stages as there is room for. */
  advance(frame: number): void {
    this.#frame = frame;
    const { records } = this.#parts;
    for (let i = 0; i < this.active.length; i++) {
      const record = records[this.active[i]!]!;
      if (record.work === "pausing" && frame >= record.retryFrame) record.work = "waiting";
    }
    while (this.#reads!.wantedCount < this.#parts.readsInFlightMax) {
      const record = this.#mostUrgent(true);
      if (record === undefined || !this.#startRead(record)) break;
    }
    while (this.#desk.hasRoom) {
      const record = this.#mostUrgent(false);
      if (record === undefined) break;
      this.#startStage(record);
    }
  }

  /** Takes records that became idle out of the list. */
  prune(): void {
    const { records } = this.#parts;
    let kept = 0;
    for (let i = 0; i < this.active.length; i++) {
      const index = this.active[i]!;
      if (records[index]!.work !== "idle") this.active[kept++] = index;
    }
    // An equal length is left alone: a write to it would be all that a steady poll does.
    if (kept !== this.active.length) this.active.length = kept;
  }

  readDone(
    handle: ResourceHandle,
    attemptId: number,
    byteOffset: number,
    byteCount: number,
    fileByteLength: number,
  ): void {
    const record = this.#reader(handle, attemptId);
    if (record === undefined) {
      this.#heap.free(byteOffset);
      return;
    }
    if (fileByteLength > record.expectedLength) {
      this.#heap.free(byteOffset);
      this.#attemptFailed(record, this.#contentFault(record, fileByteLength, "unknown"));
      return;
    }
    this.#heap.trim(byteOffset, byteCount);
    sealBlock(this.#heap.memory.buffer, byteOffset, byteCount);
    record.inputOffset = byteOffset;
    record.inputLength = byteCount;
    record.isUnchecked = true;
    record.stageAt = 0;
    record.work = "waiting";
  }

  readFailed(handle: ResourceHandle, attemptId: number, problem: string): void {
    const record = this.#reader(handle, attemptId);
    if (record !== undefined) this.#attemptFailed(record, this.#failure(record, problem));
  }

  stageDone(record: ResourceRecord, outputOffset: number, outputLength: number, buildingRow: number): void {
    record.isUnchecked = false;
    record.reserveBytes = 0;
    if (buildingRow >= 0) {
      record.buildingRow = buildingRow;
      record.work = "finished";
      return;
    }
    record.inputOffset = outputOffset;
    record.inputLength = outputLength;
    record.stageAt++;
    record.work = "waiting";
  }

  stageFailed(record: ResourceRecord, failure: StageFailure): void {
    const { problem, text, inputLength, actualHigh, actualLow } = failure;
    if (problem === stageProblem.content) {
      this.#freeInput(record);
      record.stageAt = hostStage;
      this.#attemptFailed(record, this.#contentFault(record, inputLength, hashHex(actualHigh, actualLow)));
      return;
    }
    if (problem === stageProblem.heapFull && text !== "" && record.inputOffset === noBlock && inputLength > 0) {
      this.#restart(record, text);
      return;
    }
    // The top of the heap had no room; a span that was freed below it may have. That costs no attempt the first time.
    if (problem === stageProblem.heapFull && record.reserveBytes !== actualLow) {
      record.reserveBytes = actualLow;
      record.work = "waiting";
      return;
    }
    const reasons = [
      "",
      text,
      "",
      text,
      "the worker thread that ran it ended",
      "the worker thread that ran it was silent",
    ];
    this.#attemptFailed(record, this.#failure(record, reasons[problem]!));
  }

  /** The input is lost: the next attempt reads it again, or fails for good where it was handed in. */
  #restart(record: ResourceRecord, problem: string): void {
    const isHost = this.#parts.list.pipelines[record.kind]!.host;
    const failure = this.#failure(record, problem);
    if (isHost) record.stageAt = hostStage;
    else record.attempt = this.#parts.rules.attemptsMax;
    this.#attemptFailed(record, failure);
  }

  #startRead(record: ResourceRecord): boolean {
    const offset = this.#heap.allocate(record.expectedLength);
    if (offset === noBlock) {
      this.#attemptFailed(
        record,
        this.#failure(record, `the asset heap has no room for ${record.expectedLength} bytes`),
      );
      return true;
    }
    if (this.#reads!.start(record.handle, record.attemptId, record.file, record.expectedLength, offset)) {
      record.work = "reading";
      return true;
    }
    this.#heap.free(offset);
    return false;
  }

  #startStage(record: ResourceRecord): void {
    const offset = record.reserveBytes === 0 ? noBlock : this.#heap.allocate(record.reserveBytes);
    if (record.reserveBytes !== 0 && offset === noBlock) {
      const needed = record.reserveBytes;
      record.reserveBytes = 0;
      this.#attemptFailed(record, this.#failure(record, `the asset heap has no room for ${needed} bytes`));
      return;
    }
    this.#desk.submit(record, offset);
  }

  /** The waiting record of highest priority, then earliest request, among those before a read, or before a stage. */
  #mostUrgent(isForRead: boolean): ResourceRecord | undefined {
    const { records } = this.#parts;
    let best: ResourceRecord | undefined;
    for (let i = 0; i < this.active.length; i++) {
      const record = records[this.active[i]!]!;
      if (record.work !== "waiting" || (record.stageAt === hostStage) !== isForRead) continue;
      const isBetter =
        best === undefined ||
        record.priority > best.priority ||
        (record.priority === best.priority && record.order < best.order);
      if (isBetter) best = record;
    }
    return best;
  }

  #reader(handle: ResourceHandle, attemptId: number): ResourceRecord | undefined {
    const record = this.#parts.records[resourceIndex(handle)]!;
    const isWanted =
      record.isAlive && record.handle === handle && record.attemptId === attemptId && record.work === "reading";
    return isWanted ? record : undefined;
  }

  #attemptFailed(record: ResourceRecord, fault: Fault): void {
    const { rules } = this.#parts;
    const { handle, name, attempt } = record;
    const isFinal = attempt >= rules.attemptsMax;
    if (isFinal) {
      this.#freeInput(record);
      record.state = "failed";
      record.work = "idle";
      this.#parts.changed(record);
    } else {
      record.attempt++;
      record.work = "pausing";
      record.retryFrame = this.#frame + pauseFramesAfter(attempt, rules);
    }
    record.attemptId = this.#nextAttemptId();
    this.#parts.attemptFailed({ handle, name, attempt, isFinal, fault });
  }

  #failure(record: ResourceRecord, problem: string): Fault {
    const pipeline = this.#parts.list.pipelines[record.kind]!;
    const stage =
      record.work === "finished"
        ? "publish"
        : record.stageAt === hostStage
          ? "read"
          : pipeline.stages[record.stageAt]!.name;
    const { name, attempt } = record;
    return makeFault("asset-failed", { name, stage, attempt, attemptsMax: this.#parts.rules.attemptsMax, problem });
  }

  #contentFault(record: ResourceRecord, actualBytes: number, actualHash: string): Fault {
    const { name, file, attempt, expectedLength, expectedHigh, expectedLow } = record;
    return makeFault("asset-content", {
      name,
      file,
      expectedBytes: expectedLength,
      actualBytes,
      expectedHash: hashHex(expectedHigh, expectedLow),
      actualHash,
      attempt,
      attemptsMax: this.#parts.rules.attemptsMax,
    });
  }

  #freeInput(record: ResourceRecord): void {
    if (record.inputOffset !== noBlock) this.#heap.free(record.inputOffset);
    record.inputOffset = noBlock;
    record.inputLength = 0;
  }

  #nextAttemptId(): number {
    this.#lastAttemptId = (this.#lastAttemptId + 1) >>> 0;
    return this.#lastAttemptId;
  }

  #activate(index: number): void {
    const { active } = this;
    let at = active.length;
    while (at > 0 && active[at - 1]! > index) at--;
    if (active[at - 1] !== index) active.splice(at, 0, index);
  }
}
