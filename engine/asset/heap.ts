/**
 * The heap of blocks: source bytes and results of stages.
 *
 *     heap ┌───────┬──────┬───────┬──────────────┬─ top ─────────────┐ heapBytesMax
 *          │ live  │ free │ live  │ of a worker  │  never used yet   │
 *          └───────┴──────┴───────┴──────────────┴───────────────────┘
 *
 * Any thread takes bytes at the top, by compare-exchange (`bumpBlock`). The coordinator alone frees, keeps the list of
 * free spans, joined with their neighbours, and takes from it first. What a worker took is a stranger to the list
 * until the coordinator adopts it from the worker's ticket.
 *
 * A worker that ends between taking bytes and writing them down leaves a span that nobody knows. `beginSweep` and
 * `sweep` find it: below the top of that moment, everything that is neither live nor free is nobody's, once all tickets
 * of that moment have been collected. Only the top's compare-exchange is shared; everything else here is one thread's.
 */
import { assert } from "../base/assertions.ts";
import { raise } from "../base/faults.ts";
import { blockBytes, sealBlock } from "./block.ts";
import { headBytes, headWord } from "./head.ts";
import { type AssetMemory, assetLayout } from "./memory.ts";

/** Bytes by which the memory grows at least, so that growing is rare. */
const growthBytes = 1024 * 1024;

/** No room for a block. */
export const noBlock = 0;

/** Any thread: takes a block of `byteLength` bytes at the top. Its offset, a multiple of 64, or `noBlock`. */
export function bumpBlock(memory: AssetMemory, head: Uint32Array, byteLength: number): number {
  const { buffer, limits } = memory;
  const taken = blockBytes(byteLength);
  for (;;) {
    const top = Atomics.load(head, headWord.heapTop);
    const end = top + taken;
    if (end > limits.heapBytesMax) return noBlock;
    growTo(buffer, end, limits.heapBytesMax);
    if (Atomics.compareExchange(head, headWord.heapTop, top, end) === top) return top;
  }
}

function growTo(buffer: SharedArrayBuffer, end: number, most: number): void {
  if (end <= buffer.byteLength) return;
  try {
    buffer.grow(Math.min(most, Math.ceil(end / growthBytes) * growthBytes));
  } catch (thrown) {
    // Another thread may have grown it further in between, which this call would undo; then there is room.
    if (end > buffer.byteLength) throw thrown;
  }
}

/** The coordinator's side of the heap. */
export class AssetHeap {
  readonly memory: AssetMemory;
  readonly #head: Uint32Array;
  readonly #base: number;
  /** Live blocks that the coordinator knows: offset -> bytes taken. */
  readonly #live = new Map<number, number>();
  /** Free spans in ascending order; no two touch. */
  readonly #freeOffsets: number[] = [];
  readonly #freeBytes: number[] = [];
  #liveBytes = 0;
  #sweepTop = 0;

  constructor(memory: AssetMemory) {
    this.memory = memory;
    this.#head = new Uint32Array(memory.buffer, 0, headBytes >> 2);
    this.#base = assetLayout(memory.limits).heap;
  }

  /** Bytes of live blocks that the coordinator knows, with their padding. */
  get liveBytes(): number {
    return this.#liveBytes;
  }

  /** Bytes between the heap's start and its top that no block has. */
  get freeBytes(): number {
    let sum = 0;
    for (let i = 0; i < this.#freeBytes.length; i++) sum += this.#freeBytes[i]!;
    return sum;
  }

  /** Bytes between the heap's start and its top: live, free and in the hands of workers. */
  get usedBytes(): number {
    return Atomics.load(this.#head, headWord.heapTop) - this.#base;
  }

  get liveBlockCount(): number {
    return this.#live.size;
  }

  /** A block of `byteLength` bytes, from the first free span that holds it, or from the top; or `noBlock`. */
  allocate(byteLength: number): number {
    const taken = blockBytes(byteLength);
    let offset = this.#takeFree(taken);
    if (offset === noBlock) offset = bumpBlock(this.memory, this.#head, byteLength);
    if (offset !== noBlock) this.#addLive(offset, taken);
    return offset;
  }

  /** A sealed block with a copy of `bytes`. Raises "asset-heap-full". */
  store(bytes: Uint8Array): number {
    const { buffer, limits } = this.memory;
    const offset = this.allocate(bytes.length);
    if (offset === noBlock) raise("asset-heap-full", { neededBytes: bytes.length, heapBytesMax: limits.heapBytesMax });
    new Uint8Array(buffer, offset, bytes.length).set(bytes);
    sealBlock(buffer, offset, bytes.length);
    return offset;
  }

  /** Takes over a block that a worker took with room for `allocatedLength` bytes and of which `byteLength` are used. */
  adopt(offset: number, allocatedLength: number, byteLength: number): void {
    this.#addLive(offset, blockBytes(allocatedLength));
    this.trim(offset, byteLength);
  }

  /** Gives back what a live block does not need for `byteLength` bytes. */
  trim(offset: number, byteLength: number): void {
    const before = this.#live.get(offset);
    const after = blockBytes(byteLength);
    assert(before !== undefined && after <= before, "a live block is trimmed to less", { offset, byteLength });
    if (after === before) return;
    this.#live.set(offset, after);
    this.#liveBytes -= before - after;
    this.#addFree(offset + after, before - after);
  }

  /** Gives a live block back. Nobody may hold it: not a stage, not the source, not a reader of an older table. */
  free(offset: number): void {
    const taken = this.#live.get(offset);
    assert(taken !== undefined, "a block is freed once", { offset });
    this.#live.delete(offset);
    this.#liveBytes -= taken;
    this.#addFree(offset, taken);
  }

  isLive(offset: number): boolean {
    return this.#live.has(offset);
  }

  /** Notes the top: spans below it that stay unknown are nobody's. The top does not come down until the sweep. */
  beginSweep(): void {
    this.#sweepTop = Atomics.load(this.#head, headWord.heapTop);
  }

  /** Frees the unknown spans below the noted top. Call when no ticket of that moment is left; gives their bytes. */
  sweep(): number {
    const top = this.#sweepTop;
    this.#sweepTop = 0;
    const spans: [number, number][] = [...this.#live.entries()];
    for (let i = 0; i < this.#freeOffsets.length; i++) spans.push([this.#freeOffsets[i]!, this.#freeBytes[i]!]);
    spans.sort((a, b) => a[0] - b[0]);
    let found = 0;
    let at = this.#base;
    for (const [offset, bytes] of [...spans, [top, 0] as const]) {
      if (offset > at && at < top) {
        const end = Math.min(offset, top);
        this.#addFree(at, end - at);
        found += end - at;
      }
      at = Math.max(at, offset + bytes);
    }
    this.#lowerTop();
    return found;
  }

  /** Asserts that live and joined free spans cover the heap without overlap. For tests, when no worker holds a block. */
  check(): void {
    for (let i = 1; i < this.#freeOffsets.length; i++)
      assert(
        this.#freeOffsets[i - 1]! + this.#freeBytes[i - 1]! < this.#freeOffsets[i]!,
        "free spans are joined with their neighbours",
        { offset: this.#freeOffsets[i]! },
      );
    const spans: [number, number][] = [...this.#live.entries()];
    for (let i = 0; i < this.#freeOffsets.length; i++) spans.push([this.#freeOffsets[i]!, this.#freeBytes[i]!]);
    spans.sort((a, b) => a[0] - b[0]);
    let at = this.#base;
    for (const [offset, bytes] of spans) {
      assert(offset === at, "blocks and free spans follow one another", { offset, at });
      at += bytes;
    }
    const top = Atomics.load(this.#head, headWord.heapTop);
    assert(at === top, "blocks and free spans reach the top", { at, top });
  }

  #addLive(offset: number, taken: number): void {
    assert(!this.#live.has(offset), "a block is live once", { offset });
    this.#live.set(offset, taken);
    this.#liveBytes += taken;
  }

  /** First fit: the spans are few, and the lowest one keeps the top low. */
  #takeFree(taken: number): number {
    const { length } = this.#freeOffsets;
    for (let i = 0; i < length; i++) {
      const bytes = this.#freeBytes[i]!;
      if (bytes < taken) continue;
      const offset = this.#freeOffsets[i]!;
      if (bytes === taken) {
        this.#freeOffsets.splice(i, 1);
        this.#freeBytes.splice(i, 1);
      } else {
        this.#freeOffsets[i] = offset + taken;
        this.#freeBytes[i] = bytes - taken;
      }
      return offset;
    }
    return noBlock;
  }

  #addFree(offset: number, bytes: number): void {
    let low = 0;
    let high = this.#freeOffsets.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#freeOffsets[middle]! < offset) low = middle + 1;
      else high = middle;
    }
    const joinsBefore = low > 0 && this.#freeOffsets[low - 1]! + this.#freeBytes[low - 1]! === offset;
    const joinsAfter = low < this.#freeOffsets.length && offset + bytes === this.#freeOffsets[low]!;
    if (joinsBefore && joinsAfter) {
      this.#freeBytes[low - 1]! += bytes + this.#freeBytes[low]!;
      this.#freeOffsets.splice(low, 1);
      this.#freeBytes.splice(low, 1);
    } else if (joinsBefore) this.#freeBytes[low - 1]! += bytes;
    else if (joinsAfter) {
      this.#freeOffsets[low] = offset;
      this.#freeBytes[low]! += bytes;
    } else {
      this.#freeOffsets.splice(low, 0, offset);
      this.#freeBytes.splice(low, 0, bytes);
    }
    this.#lowerTop();
  }

  /** Brings the top down over a free span below it; what a worker takes meanwhile makes the exchange fail. */
  #lowerTop(): void {
    const last = this.#freeOffsets.length - 1;
    if (last < 0 || this.#sweepTop !== 0) return;
    const offset = this.#freeOffsets[last]!;
    const end = offset + this.#freeBytes[last]!;
    if (Atomics.compareExchange(this.#head, headWord.heapTop, end, offset) !== end) return;
    this.#freeOffsets.pop();
    this.#freeBytes.pop();
  }
}
