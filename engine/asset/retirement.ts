/**
 * Retirement: blocks that a swap of the table replaced, until no reader can hold the table from before that swap.
 * Swaps are counted here without bound; table-versions.ts tells how many swaps back the oldest pinned table is.
 */
import type { AssetHeap } from "./heap.ts";
import type { TableVersions } from "./table-versions.ts";

export class Retirement {
  readonly #heap: AssetHeap;
  readonly #versions: TableVersions;
  /** Blocks that the next swap will replace. */
  readonly #leaving: number[] = [];
  /** Blocks that swap #swaps[i] replaced. */
  readonly #blocks: number[] = [];
  readonly #swaps: number[] = [];
  #swapCount = 0;

  constructor(heap: AssetHeap, versions: TableVersions) {
    this.#heap = heap;
    this.#versions = versions;
  }

  /** Blocks that wait for readers or for the next swap. */
  get blockCount(): number {
    return this.#leaving.length + this.#blocks.length;
  }

  /** The published table names `block` until the next swap; it is nobody else's from now on. */
  leave(block: number): void {
    this.#leaving.push(block);
  }

  /** A swap has happened. */
  swapped(): void {
    this.#swapCount++;
    while (this.#leaving.length > 0) {
      this.#blocks.push(this.#leaving.pop()!);
      this.#swaps.push(this.#swapCount);
    }
  }

  /** Frees what no reader can hold. */
  poll(): void {
    if (this.#blocks.length === 0) return;
    const oldest = this.#swapCount - this.#versions.oldestAge;
    let count = 0;
    while (count < this.#blocks.length && this.#swaps[count]! <= oldest) this.#heap.free(this.#blocks[count++]!);
    if (count === 0) return;
    this.#blocks.splice(0, count);
    this.#swaps.splice(0, count);
  }
}
