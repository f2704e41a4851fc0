/**
 * Publication: finished results become what handles stand for, in handle order, in one swap of the table for all that a
 * poll publishes. Called at the publish stage by pipelines.ts and by nothing else.
 */
import { hashBlock } from "./block.ts";
import type { BuildingRows } from "./building-rows.ts";
import { buildingWord } from "./building-rows.ts";
import type { ResourceHandle } from "./handle.ts";
import { type AssetHeap, noBlock } from "./heap.ts";
import type { ResourceRecord } from "./resource-record.ts";
import type { RowContent, TablePublisher } from "./resource-table.ts";
import type { Retirement } from "./retirement.ts";

/** One publication as data, so that the world's door can make a record of it. */
export interface Publication {
  readonly handle: ResourceHandle;
  readonly name: string;
  /** 1 for the first publication of the handle, then 2, 3... */
  readonly version: number;
  /** `hashBytes` of the published bytes. */
  readonly hashHigh: number;
  readonly hashLow: number;
  readonly byteLength: number;
}

/** The bytes that stand in for resources of one kind. */
export interface FallbackBlock {
  readonly byteOffset: number;
  readonly byteLength: number;
  readonly hashLow: number;
  readonly hashHigh: number;
}

/** Bytes that stand in for a kind, put into the heap for good; none is an empty block. Raises "asset-heap-full". */
export function fallbackBlock(heap: AssetHeap, bytes: Uint8Array = new Uint8Array(0)): FallbackBlock {
  const byteOffset = heap.store(bytes);
  const hash = new Uint32Array(2);
  hashBlock(heap.memory.buffer, byteOffset, bytes.length, hash, 0);
  return { byteOffset, byteLength: bytes.length, hashLow: hash[0]!, hashHigh: hash[1]! };
}

export class Publisher {
  readonly #table: TablePublisher;
  readonly #rows: BuildingRows;
  readonly #heap: AssetHeap;
  readonly #retirement: Retirement;
  readonly #fallbacks: readonly FallbackBlock[];
  readonly #records: readonly ResourceRecord[];
  /** Indices whose row is to be written at the next swap. */
  readonly #dirty: number[] = [];
  readonly #content: RowContent = {
    kind: 0,
    state: "missing",
    version: 0,
    byteOffset: 0,
    byteLength: 0,
    hashLow: 0,
    hashHigh: 0,
    fallback: 0,
  };

  constructor(
    table: TablePublisher,
    rows: BuildingRows,
    heap: AssetHeap,
    retirement: Retirement,
    fallbacks: readonly FallbackBlock[],
    records: readonly ResourceRecord[],
  ) {
    this.#table = table;
    this.#rows = rows;
    this.#heap = heap;
    this.#retirement = retirement;
    this.#fallbacks = fallbacks;
    this.#records = records;
  }

  get hasChanges(): boolean {
    return this.#dirty.length > 0;
  }

  /** The row of this record is written anew at the next swap. */
  touch(record: ResourceRecord): void {
    if (record.isDirty) return;
    record.isDirty = true;
    this.#dirty.push(record.index);
  }

  /** Takes the published bytes of a record away; readers that hold an older table keep them until they let go. */
  withdraw(record: ResourceRecord): void {
    if (record.isPublished) this.#retirement.leave(record.blockOffset);
    record.isPublished = false;
    record.blockOffset = noBlock;
    this.touch(record);
  }

  /** Drops a finished result. */
  drop(record: ResourceRecord): void {
    this.#heap.free(this.#rows.get(record.buildingRow, buildingWord.byteOffset));
    this.#rows.free(record.buildingRow);
    record.buildingRow = -1;
  }

  /** Begins a swap; false when readers hold all other copies of the table, and everything waits a frame. */
  begin(): boolean {
    return this.#table.begin();
  }

  /** Makes a finished result what the record's handle stands for from this swap on. */
  publish(record: ResourceRecord): Publication {
    this.withdraw(record);
    const row = record.buildingRow;
    record.blockOffset = this.#rows.get(row, buildingWord.byteOffset);
    record.blockLength = this.#rows.get(row, buildingWord.byteLength);
    record.hashLow = this.#rows.get(row, buildingWord.hashLow);
    record.hashHigh = this.#rows.get(row, buildingWord.hashHigh);
    record.isPublished = true;
    record.version++;
    record.state = "ready";
    record.work = "idle";
    record.buildingRow = -1;
    this.#rows.free(row);
    const { handle, name, version, hashHigh, hashLow, blockLength: byteLength } = record;
    return { handle, name, version, hashHigh, hashLow, byteLength };
  }

  /** Writes all rows that changed, by ascending index, and makes the new table current. */
  commit(): void {
    const dirty = this.#dirty.sort(ascending);
    for (let i = 0; i < dirty.length; i++) this.#write(this.#records[dirty[i]!]!);
    dirty.length = 0;
    this.#table.commit();
    this.#retirement.swapped();
  }

  #write(record: ResourceRecord): void {
    record.isDirty = false;
    if (!record.isAlive) {
      this.#table.clear(record.index);
      return;
    }
    const content = this.#content;
    const bytes = this.#fallbacks[record.kind]!;
    content.kind = record.kind;
    content.state = record.state;
    content.version = record.isPublished ? record.version : 0;
    content.byteOffset = record.isPublished ? record.blockOffset : bytes.byteOffset;
    content.byteLength = record.isPublished ? record.blockLength : bytes.byteLength;
    content.hashLow = record.isPublished ? record.hashLow : bytes.hashLow;
    content.hashHigh = record.isPublished ? record.hashHigh : bytes.hashHigh;
    content.fallback = record.fallback;
    this.#table.set(record.handle, content);
  }
}

function ascending(a: number, b: number): number {
  return a - b;
}
