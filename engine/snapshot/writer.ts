/**
 * The snapshot writer: copies the shared columns of a world into a free slot and publishes it by one
 * atomic store. Runs on the coordinator, after the ticks of a frame and before anything reads.
 *
 * Only the used range is copied. When readers hold every slot the frame goes without a new snapshot
 * and `missedCount` says so.
 */
import { allocateShared } from "../base/wasm.ts";
import type { Schema } from "../ecs/schema.ts";
import { headerWord, type Store, type StoreRegions } from "../ecs/store.ts";
import { layOutSnapshot, type SnapshotLayout, slotHeadWord, slotHeadWords } from "./layout.ts";
import { SlotRing, slotRingWords } from "./slots.ts";
import { Snapshot } from "./snapshot.ts";

export class SnapshotWriter {
  readonly ring: SlotRing;
  readonly layout: SnapshotLayout;
  readonly buffer: SharedArrayBuffer;
  /** Frames in which no slot was free. */
  missedCount = 0;
  /** Bytes copied by the last publish. */
  copiedBytes = 0;

  readonly #store: Store;
  readonly #source: Uint8Array;
  readonly #target: Uint8Array;
  readonly #snapshots: readonly Snapshot[];
  readonly #heads: readonly Uint32Array[];
  /** What each copy reads; made anew only when its length changes, so that a steady frame leaves no garbage. */
  readonly #parts: Uint8Array[];

  constructor(store: Store, schema: Schema, regions: StoreRegions) {
    this.#store = store;
    this.layout = layOutSnapshot(schema, store, regions, store.limits);
    const { controlBytes, slotBytes, slotCount } = this.layout;
    this.buffer = allocateShared(controlBytes + slotBytes * slotCount).buffer;
    this.ring = new SlotRing(new Int32Array(this.buffer, 0, slotRingWords(slotCount)), slotCount);
    this.ring.reset();
    this.#source = new Uint8Array(store.arena.buffer);
    this.#target = new Uint8Array(this.buffer);
    this.#snapshots = Array.from(
      { length: slotCount },
      (_, slot) => new Snapshot(this.buffer, this.layout, store, slot),
    );
    this.#heads = Array.from(
      { length: slotCount },
      (_, slot) =>
        new Uint32Array(this.buffer, controlBytes + slot * slotBytes + this.layout.head.byteOffset, slotHeadWords),
    );
    this.#parts = this.layout.copies.map(({ from }) => this.#source.subarray(from.byteOffset, from.byteOffset));
  }

  /** Copies and publishes. Returns the slot, or -1 when readers hold all of them. */
  publish(): number {
    const slot = this.ring.claim();
    if (slot < 0) {
      this.missedCount++;
      return slot;
    }
    const { copies, controlBytes } = this.layout;
    const base = controlBytes + slot * this.layout.slotBytes;
    const head = this.#heads[slot]!;
    const { header, used } = this.#store;
    const slotCount = header[headerWord.peakSlots]!;
    head[slotHeadWord.tick] = header[headerWord.tick]!;
    head[slotHeadWord.slotCount] = slotCount;
    head[slotHeadWord.hashLow] = header[headerWord.chainLow]!;
    head[slotHeadWord.hashHigh] = header[headerWord.chainHigh]!;
    let copiedBytes = 0;
    for (let i = 0; i < copies.length; i++) {
      const { from, to, slotBytes, component } = copies[i]!;
      const byteLength = slotBytes * (component < 0 ? slotCount : used[component]!);
      if (this.#parts[i]!.length !== byteLength)
        this.#parts[i] = this.#source.subarray(from.byteOffset, from.byteOffset + byteLength);
      this.#target.set(this.#parts[i]!, base + to.byteOffset);
      copiedBytes += byteLength;
    }
    this.copiedBytes = copiedBytes;
    this.ring.publish(slot);
    return slot;
  }

  /** The view of a slot that the caller has pinned. */
  viewOf(slot: number): Snapshot {
    return this.#snapshots[slot]!;
  }
}
