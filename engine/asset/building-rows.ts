/**
 * The building half of the resource table: rows that threads take in parallel for results which nobody can see yet.
 * The other half, what is published, is resource-table.ts.
 *
 *            take (any thread, compare-exchange)      free (coordinator)
 *     0 free ──────────────────────────────▶ owner + 1 ──────────▶ 0
 *
 * One row, words u32:
 *     0 owner + 1      4 byte length
 *     1 handle         5 hash low
 *     2 attempt        6 hash high
 *     3 block offset   7 (none)
 *
 * A thread begins its search at a counter that it moves on by one atomic add, so that threads rarely meet at a row.
 * What a row says is believed only by way of a ticket that is done: the coordinator compares handle and attempt.
 */
import { assert } from "../base/assertions.ts";
import { headWord } from "./head.ts";

export const buildingRowWords = 8;

export const buildingWord = {
  owner: 0,
  handle: 1,
  attempt: 2,
  byteOffset: 3,
  byteLength: 4,
  hashLow: 5,
  hashHigh: 6,
} as const;

export class BuildingRows {
  readonly rowCount: number;
  readonly #head: Uint32Array;
  readonly #words: Uint32Array;

  /** A view of `rowCount` rows at `byteOffset` of the shared memory whose head is `head`. */
  constructor(head: Uint32Array, byteOffset: number, rowCount: number) {
    this.rowCount = rowCount;
    this.#head = head;
    this.#words = new Uint32Array(head.buffer, byteOffset, rowCount * buildingRowWords);
  }

  /** Any thread: takes a free row. There is one for each ticket and resource, so the search ends. */
  take(owner: number): number {
    const words = this.#words;
    const { rowCount } = this;
    for (let tries = 0; tries < rowCount * 2; tries++) {
      const row = Atomics.add(this.#head, headWord.nextBuildingRow, 1) % rowCount;
      const word = row * buildingRowWords + buildingWord.owner;
      if (Atomics.load(words, word) !== 0) continue;
      if (Atomics.compareExchange(words, word, 0, owner + 1) === 0) return row;
    }
    assert(false, "there is a building row for each ticket and resource", { rowCount });
  }

  get(row: number, word: number): number {
    return this.#words[row * buildingRowWords + word]!;
  }

  set(row: number, word: number, value: number): void {
    this.#words[row * buildingRowWords + word] = value;
  }

  /** Coordinator: gives a row back once its result is published or dropped. */
  free(row: number): void {
    const before = Atomics.exchange(this.#words, row * buildingRowWords + buildingWord.owner, 0);
    assert(before !== 0, "a building row is freed once", { row });
  }

  /** Rows that are taken. Linear; for tests and after the death of a worker. */
  get takenCount(): number {
    let count = 0;
    for (let row = 0; row < this.rowCount; row++) if (this.get(row, buildingWord.owner) !== 0) count++;
    return count;
  }
}
