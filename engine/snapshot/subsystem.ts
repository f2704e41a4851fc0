/**
 * The snapshot subsystem: publishes a snapshot in each frame that made a tick, and after a tick that
 * launches jobs, as soon as someone wants them. It holds the current and the previous one of frames
 * pinned for this thread's own readers.
 */

import { assert } from "../base/assertions.ts";
import { raise } from "../base/faults.ts";
import type { Fallback } from "../sim/fallback.ts";
import { defineSubsystem, type Subsystem, type SubsystemHost } from "../sim/subsystem.ts";
import type { World } from "../sim/world.ts";
import { layOutSnapshot } from "./layout.ts";
import type { Snapshot } from "./snapshot.ts";
import { SnapshotWriter } from "./writer.ts";

export interface SnapshotSubsystem extends Subsystem {
  /** The snapshot of the last tick of the last frame. Undefined as long as nobody wants snapshots. */
  readonly current: Snapshot | undefined;
  /** The snapshot of the frame before it; the same as `current` at the beginning. */
  readonly previous: Snapshot | undefined;
  /** The slots of `current` and `previous` in the ring, -1 for none; both stay pinned until the next frame's snapshot. */
  readonly currentSlot: number;
  readonly previousSlot: number;
  readonly writer: SnapshotWriter | undefined;
  /** Asks for a snapshot in every frame from now on. */
  want(): void;
  /** Publishes the tick that is complete, unless it is published, and pins it; the caller unpins. Raises "limit-reached". */
  pinTick(): number;
}

export const snapshotSubsystem = defineSubsystem<SnapshotSubsystem>({
  name: "snapshot",
  scratchBytes: (limits, schema) => layOutSnapshot(schema, limits).byteLength,
  create: () => new Snapshots(),
});

class Snapshots implements SnapshotSubsystem {
  writer: SnapshotWriter | undefined;
  currentSlot = -1;
  previousSlot = -1;
  #world: World | undefined;
  #isWanted = false;
  #publishedTick = -1;

  readonly stages = {
    snapshot: (frame: { readonly tickCount: number }): void => {
      if (frame.tickCount > 0 && this.#isWanted) this.#advance();
    },
  };

  get current(): Snapshot | undefined {
    return this.currentSlot < 0 ? undefined : this.writer?.viewOf(this.currentSlot);
  }

  get previous(): Snapshot | undefined {
    return this.previousSlot < 0 ? this.current : this.writer?.viewOf(this.previousSlot);
  }

  start({ world }: SubsystemHost): void {
    this.#world = world;
    this.writer = new SnapshotWriter(world, world.scratchOf(snapshotSubsystem));
  }

  stop(): void {
    this.writer = undefined;
    this.#world = undefined;
    this.#isWanted = false;
    this.#publishedTick = -1;
    this.currentSlot = -1;
    this.previousSlot = -1;
  }

  /** Ticks may come again, and what slots hold of them need not be the same. */
  restored(): void {
    this.writer!.forget();
    this.#publishedTick = -1;
    if (this.#isWanted) this.#advance();
  }

  fallbacks(): readonly Fallback[] {
    const count = this.writer?.missedCount ?? 0;
    return [
      { name: "snapshots-missed", count, text: "frames showed an older tick because readers held every snapshot" },
    ];
  }

  want(): void {
    if (this.#isWanted) return;
    this.#isWanted = true;
    this.#advance();
  }

  pinTick(): number {
    const { ring } = this.writer!;
    if (!this.#publish())
      raise("limit-reached", {
        limit: "snapshotSlots",
        value: this.#world!.limits.snapshotSlots,
        setting: "limits.snapshotSlots",
      });
    const slot = ring.pin();
    assert(slot === ring.published, "the tick that was just published is pinned", { slot });
    return slot;
  }

  #publish(): boolean {
    const tick = this.#world!.tickCount;
    if (tick === this.#publishedTick) return true;
    if (this.writer!.publish() < 0) return false;
    this.#publishedTick = tick;
    return true;
  }

  #advance(): void {
    const { ring } = this.writer!;
    if (!this.#publish()) return;
    if (this.previousSlot >= 0) ring.unpin(this.previousSlot);
    this.previousSlot = this.currentSlot;
    this.currentSlot = ring.pin();
  }
}
