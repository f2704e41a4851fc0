/**
 * The published table: what every thread may know of every resource. Readers pin a version and look handles up in it;
 * the coordinator writes the next version into another copy and makes it current in one atomic store, at the publish
 * stage and nowhere else. A handle never changes; what it stands for changes from one version to the next.
 *
 * One row, words u32, at the index of its handle; row 0 is none:
 *     0 generation (0: no resource)   5 byte length
 *     1 kind: number of the pipeline  6 hash low
 *     2 state: see resourceStates     7 hash high
 *     3 version (0: the fallback)     8 handle of the fallback resource, or 0
 *     4 block offset
 *
 * As long as version is 0, offset, length and hash are those of the kind's own fallback bytes. A block that a swap
 * replaced is freed only when no pin is older than the swap (pipelines.ts, retirement).
 */
import { raise } from "../base/faults.ts";
import { type ResourceHandle, resourceGeneration, resourceIndex } from "./handle.ts";
import { type TableVersions, tableCopyCount } from "./table-versions.ts";

export const resourceStates = ["missing", "loading", "ready", "failed"] as const;
export type ResourceState = (typeof resourceStates)[number];

const rowWords = 9;

const rowWord = {
  generation: 0,
  kind: 1,
  state: 2,
  version: 3,
  byteOffset: 4,
  byteLength: 5,
  hashLow: 6,
  hashHigh: 7,
  fallback: 8,
} as const;

/** Words of one copy of the table. */
export function publishedCopyWords(resources: number): number {
  return (resources + 1) * rowWords;
}

/** What a handle stands for in one version of the table. Filled by `find`; the same object is used again and again. */
export interface ResourceView {
  /** Number of the resource's pipeline, in the order of the stage list. */
  kind: number;
  state: ResourceState;
  /** 0 while a fallback stands in; then 1, 2, 3... with each publication. */
  version: number;
  /** The bytes, in the shared memory of assets: valid as long as the table is pinned. */
  byteOffset: number;
  byteLength: number;
  hashLow: number;
  hashHigh: number;
}

export function makeResourceView(): ResourceView {
  return { kind: 0, state: "missing", version: 0, byteOffset: 0, byteLength: 0, hashLow: 0, hashHigh: 0 };
}

/** One thread's view of the table. */
export class ResourceTable {
  readonly versions: TableVersions;
  readonly #words: Uint32Array;
  readonly #copyWords: number;

  constructor(buffer: SharedArrayBuffer, byteOffset: number, resources: number, versions: TableVersions) {
    this.versions = versions;
    this.#copyWords = publishedCopyWords(resources);
    this.#words = new Uint32Array(buffer, byteOffset, this.#copyWords * tableCopyCount);
  }

  /** Fills `view` with what `handle` stands for in the pinned `copy`. False when there is no such resource. */
  find(copy: number, handle: ResourceHandle, view: ResourceView): boolean {
    const words = this.#words;
    const base = copy * this.#copyWords;
    let at = base + resourceIndex(handle) * rowWords;
    if (handle === 0 || words[at + rowWord.generation] !== resourceGeneration(handle)) return false;
    view.kind = words[at + rowWord.kind]!;
    view.state = resourceStates[words[at + rowWord.state]!]!;
    view.version = words[at + rowWord.version]!;
    // A resource that was never published shows its fallback's bytes; a fallback is older than who names it, so this ends.
    if (view.version === 0)
      for (let row = at; ; ) {
        const fallback = words[row + rowWord.fallback]!;
        if (fallback === 0) break;
        row = base + resourceIndex(fallback) * rowWords;
        if (words[row + rowWord.generation] !== resourceGeneration(fallback)) break;
        if (words[row + rowWord.version] === 0) continue;
        at = row;
        break;
      }
    view.byteOffset = words[at + rowWord.byteOffset]!;
    view.byteLength = words[at + rowWord.byteLength]!;
    view.hashLow = words[at + rowWord.hashLow]!;
    view.hashHigh = words[at + rowWord.hashHigh]!;
    return true;
  }
}

/** What one row is to say in the next version. */
export interface RowContent extends ResourceView {
  fallback: ResourceHandle;
}

/** The coordinator's side: writes the next version. Between `begin` and `commit` rows may be set, at no other time. */
export class TablePublisher {
  readonly #versions: TableVersions;
  readonly #words: Uint32Array;
  readonly #copyWords: number;
  readonly #place: () => string;
  #copy = -1;
  #usedRows = 1;

  /** `place` names the stage of the frame that is running, for faults. */
  constructor(
    buffer: SharedArrayBuffer,
    byteOffset: number,
    resources: number,
    versions: TableVersions,
    place: () => string,
  ) {
    this.#versions = versions;
    this.#copyWords = publishedCopyWords(resources);
    this.#words = new Uint32Array(buffer, byteOffset, this.#copyWords * tableCopyCount);
    this.#place = place;
  }

  /** Begins the next version as a copy of the current one. False when readers hold all other copies. */
  begin(): boolean {
    const copy = this.#versions.writableCopy();
    if (copy < 0) return false;
    const from = this.#versions.copy * this.#copyWords;
    this.#words.copyWithin(copy * this.#copyWords, from, from + this.#usedRows * rowWords);
    this.#copy = copy;
    return true;
  }

  /** Sets the row of a live handle. Raises "out-of-place" outside begin and commit. */
  set(handle: ResourceHandle, content: RowContent): void {
    const at = this.#row(handle);
    const words = this.#words;
    words[at + rowWord.generation] = resourceGeneration(handle);
    words[at + rowWord.kind] = content.kind;
    words[at + rowWord.state] = resourceStates.indexOf(content.state);
    words[at + rowWord.version] = content.version;
    words[at + rowWord.byteOffset] = content.byteOffset;
    words[at + rowWord.byteLength] = content.byteLength;
    words[at + rowWord.hashLow] = content.hashLow;
    words[at + rowWord.hashHigh] = content.hashHigh;
    words[at + rowWord.fallback] = content.fallback;
    this.#usedRows = Math.max(this.#usedRows, resourceIndex(handle) + 1);
  }

  /** Empties the row of an index whose resource was released. */
  clear(index: number): void {
    const at = this.#row(index);
    this.#words.fill(0, at, at + rowWords);
  }

  /** Publishes the version that was begun. */
  commit(): void {
    this.#checkPlace();
    this.#versions.swap(this.#copy);
    this.#copy = -1;
  }

  #row(handle: ResourceHandle): number {
    this.#checkPlace();
    return this.#copy * this.#copyWords + resourceIndex(handle) * rowWords;
  }

  #checkPlace(): void {
    if (this.#copy < 0) raise("out-of-place", { what: "The resource table", where: this.#place(), allowed: "publish" });
  }
}
