/**
 * The snapshot writer: copies shared columns of a world into a free slot and publishes it by one atomic
 * store. Runs on the coordinator, between ticks and before anything reads.
 *
 * Only what changed since the slot was last written is copied, and of that only the used range: the hash
 * of the tick knows when each column's bytes last changed. When readers hold every slot there is no
 * new snapshot and `missedCount` says so.
 */
import { assert } from "../base/assertions.ts";
import type { Region } from "../ecs/arena.ts";
import { headerWord } from "../ecs/store.ts";
import type { World } from "../sim/world.ts";
import { copyWords, layOutSnapshot, type SnapshotLayout, slotHeadWord, slotHeadWords } from "./layout.ts";
import { SlotRing, slotRingWords } from "./slots.ts";
import { Snapshot } from "./snapshot.ts";

/** The kernel moves whole vectors; regions are padded to more than that. */
const copyAlignment = 16;

export class SnapshotWriter {
  readonly ring: SlotRing;
  readonly layout: SnapshotLayout;
  /** Offset of the ring in the world's memory. */
  readonly ringOffset: number;
  /** Publications for which no slot was free. */
  missedCount = 0;
  /** Bytes copied by the last publication. */
  copiedBytes = 0;

  readonly #world: World;
  readonly #snapshots: readonly Snapshot[];
  readonly #heads: readonly Uint32Array[];
  /** Offset in the arena of what each copy reads. */
  readonly #sources: Uint32Array;
  /** Place of each copy's span in the hash of the tick. */
  readonly #spans: Uint32Array;
  /** Tick of the bytes that a slot holds, plus one, a row of copies a slot; 0 is nothing yet. */
  readonly #held: Uint32Array;
  readonly #table: Uint32Array;

  /** A ring for `world` in `place` of its memory, which has layOutSnapshot(...).byteLength bytes. */
  constructor(world: World, place: Region) {
    const { schema, limits } = world.program;
    const { buffer, regions } = world.arena;
    this.#world = world;
    this.ringOffset = place.byteOffset;
    this.layout = layOutSnapshot(schema, limits);
    const { copies, slotCount, slotBytes, slotsOffset, tableOffset, byteLength } = this.layout;
    assert(place.byteLength >= byteLength, "a snapshot ring fits its place", { has: place.byteLength, byteLength });
    this.ring = new SlotRing(new Int32Array(buffer, this.ringOffset, slotRingWords(slotCount)), slotCount);
    this.ring.reset();
    const slots = Array.from({ length: slotCount }, (_, slot) => slot);
    this.#snapshots = slots.map((slot) => new Snapshot(buffer, this.ringOffset, this.layout, schema, slot));
    this.#heads = slots.map(
      (slot) =>
        new Uint32Array(
          buffer,
          this.ringOffset + slotsOffset + slot * slotBytes + this.layout.head.byteOffset,
          slotHeadWords,
        ),
    );
    const offsets = new Map(regions.map((region) => [region.name, region.byteOffset]));
    const spans = new Map(world.hash.spans.map((span, number) => [span.name, number]));
    this.#sources = Uint32Array.from(copies, ({ to }) => offsets.get(to.name)!);
    this.#spans = Uint32Array.from(copies, ({ to }) => spans.get(to.name)!);
    this.#held = new Uint32Array(copies.length * slotCount);
    this.#table = new Uint32Array(buffer, this.ringOffset + tableOffset, copies.length * copyWords);
  }

  /** Copies and publishes. Returns the slot, or -1 when readers hold all of them. */
  publish(): number {
    const slot = this.ring.claim();
    if (slot < 0) {
      this.missedCount++;
      return slot;
    }
    const { store, hash, kernels } = this.#world;
    const { header, used } = store;
    const { copies, slotBytes, slotsOffset, tableOffset } = this.layout;
    const base = this.ringOffset + slotsOffset + slot * slotBytes;
    const tick = header[headerWord.tick]!;
    const slotCount = header[headerWord.peakSlots]!;
    const table = this.#table;
    const held = this.#held;
    let rows = 0;
    let copiedBytes = 0;
    for (let i = 0; i < copies.length; i++) {
      const at = slot * copies.length + i;
      // Before the first tick there is no hash yet, and the set-up has changed everything.
      if (tick > 0 && held[at]! > hash.changedTicks[this.#spans[i]!]!) continue;
      held[at] = tick + 1;
      const { to, slotBytes: bytes, component } = copies[i]!;
      const byteLength = bytes * (component < 0 ? slotCount : used[component]!);
      table[rows] = this.#sources[i]!;
      table[rows + 1] = base + to.byteOffset;
      table[rows + 2] = Math.ceil(byteLength / copyAlignment) * copyAlignment;
      rows += copyWords;
      copiedBytes += byteLength;
    }
    kernels.copyRegions(this.ringOffset + tableOffset, rows / copyWords);
    this.copiedBytes = copiedBytes;
    const head = this.#heads[slot]!;
    head[slotHeadWord.tick] = tick;
    head[slotHeadWord.slotCount] = slotCount;
    head[slotHeadWord.hashLow] = header[headerWord.chainLow]!;
    head[slotHeadWord.hashHigh] = header[headerWord.chainHigh]!;
    this.ring.publish(slot);
    return slot;
  }

  /** The next publication copies everything into its slot, and so does the next one into each other slot. */
  forget(): void {
    this.#held.fill(0);
  }

  /** The view of a slot that the caller has pinned. */
  viewOf(slot: number): Snapshot {
    return this.#snapshots[slot]!;
  }
}
