/**
 * Reads in flight: parts of the heap that are in the hands of the host. A block stays here until the host has told the
 * read's end, whatever became of the resource meanwhile.
 */
import type { ResourceHandle } from "./handle.ts";
import type { AssetHeap } from "./heap.ts";
import type { AssetSource, SourceListener } from "./source.ts";

interface Read {
  readonly id: number;
  readonly handle: ResourceHandle;
  readonly attemptId: number;
  readonly byteOffset: number;
  lastSignFrame: number;
  /** Nobody waits for it any more: its block goes back to the heap at its end. */
  isGivenUp: boolean;
  isCancelTold: boolean;
}

/** What a read's end means; the block is the listener's from `readDone` on, and nobody's in the other case. */
export interface ReadListener {
  readDone(
    handle: ResourceHandle,
    attemptId: number,
    byteOffset: number,
    byteCount: number,
    fileByteLength: number,
  ): void;
  readFailed(handle: ResourceHandle, attemptId: number, problem: string): void;
}

export class Reads implements SourceListener {
  readonly #source: AssetSource;
  readonly #heap: AssetHeap;
  readonly #listener: ReadListener;
  readonly #silenceFrames: number;
  readonly #reads: Read[] = [];
  #lastId = 0;
  #wantedCount = 0;
  #frame = 0;
  /** Bytes that sources have delivered so far. */
  byteCount = 0;

  constructor(source: AssetSource, heap: AssetHeap, listener: ReadListener, silenceFrames: number) {
    this.#source = source;
    this.#heap = heap;
    this.#listener = listener;
    this.#silenceFrames = silenceFrames;
  }

  /** Reads that somebody waits for. */
  get wantedCount(): number {
    return this.#wantedCount;
  }

  /** All reads whose end has not been told. */
  get count(): number {
    return this.#reads.length;
  }

  /** Starts a read into a live block, which is this object's from then on. False: the source takes none now. */
  start(handle: ResourceHandle, attemptId: number, name: string, byteLength: number, byteOffset: number): boolean {
    const id = (this.#lastId + 1) >>> 0;
    if (!this.#source.read(id, name, 0, byteLength, byteOffset)) return false;
    this.#lastId = id;
    this.#wantedCount++;
    const lastSignFrame = this.#frame;
    this.#reads.push({ id, handle, attemptId, byteOffset, lastSignFrame, isGivenUp: false, isCancelTold: false });
    return true;
  }

  /** Nobody waits for the read of this attempt any more. */
  giveUp(attemptId: number): void {
    for (let i = 0; i < this.#reads.length; i++) {
      const read = this.#reads[i]!;
      if (read.attemptId === attemptId && !read.isGivenUp) this.#giveUp(read);
    }
  }

  /** Takes what the source has to tell and gives up on reads that have been silent for too long. */
  poll(frame: number): void {
    this.#frame = frame;
    this.#source.poll(this);
    for (let i = 0; i < this.#reads.length; i++) {
      const read = this.#reads[i]!;
      if (!read.isGivenUp && frame - read.lastSignFrame >= this.#silenceFrames) {
        this.#giveUp(read);
        this.#listener.readFailed(
          read.handle,
          read.attemptId,
          `the source was silent for ${this.#silenceFrames} frames`,
        );
      }
      if (read.isGivenUp && !read.isCancelTold) read.isCancelTold = this.#source.cancel(read.id);
    }
  }

  progressed(requestId: number): void {
    for (let i = 0; i < this.#reads.length; i++) {
      const read = this.#reads[i]!;
      if (read.id === requestId) read.lastSignFrame = this.#frame;
    }
  }

  finished(requestId: number, byteCount: number, fileByteLength: number): void {
    const read = this.#end(requestId);
    if (read === undefined) return;
    this.byteCount += byteCount;
    if (read.isGivenUp) this.#heap.free(read.byteOffset);
    else this.#listener.readDone(read.handle, read.attemptId, read.byteOffset, byteCount, fileByteLength);
  }

  failed(requestId: number, problem: string): void {
    const read = this.#end(requestId);
    if (read === undefined) return;
    this.#heap.free(read.byteOffset);
    if (!read.isGivenUp) this.#listener.readFailed(read.handle, read.attemptId, problem);
  }

  cancelled(requestId: number): void {
    this.failed(requestId, "the source gave up");
  }

  /** Takes a read out. One that is not known has been told twice, which a source must not. */
  #end(requestId: number): Read | undefined {
    const at = this.#reads.findIndex((read) => read.id === requestId);
    const read = this.#reads[at];
    if (read === undefined) return undefined;
    this.#reads.splice(at, 1);
    if (!read.isGivenUp) this.#wantedCount--;
    return read;
  }

  #giveUp(read: Read): void {
    read.isGivenUp = true;
    this.#wantedCount--;
  }
}
