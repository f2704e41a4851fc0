/**
 * The snapshot subsystem: publishes a snapshot in each frame that made a tick, and holds the current
 * and the previous one pinned for this thread's own readers.
 */
import { defineSubsystem, type Subsystem } from "../sim/subsystem.ts";
import type { Snapshot } from "./snapshot.ts";
import { SnapshotWriter } from "./writer.ts";

export interface SnapshotSubsystem extends Subsystem {
  /** The snapshot of the last tick of the last frame. Undefined before the first. */
  readonly current: Snapshot | undefined;
  /** The snapshot published before it; the same as `current` at the beginning. */
  readonly previous: Snapshot | undefined;
  readonly writer: SnapshotWriter | undefined;
}

export const snapshotSubsystem = defineSubsystem<SnapshotSubsystem>({
  name: "snapshot",
  create: () => new Snapshots(),
});

class Snapshots implements SnapshotSubsystem {
  writer: SnapshotWriter | undefined;
  #currentSlot = -1;
  #previousSlot = -1;

  readonly stages = {
    snapshot: (frame: { readonly tickCount: number }): void => {
      if (frame.tickCount > 0) this.#publish();
    },
  };

  get current(): Snapshot | undefined {
    return this.#currentSlot < 0 ? undefined : this.writer?.viewOf(this.#currentSlot);
  }

  get previous(): Snapshot | undefined {
    return this.#previousSlot < 0 ? this.current : this.writer?.viewOf(this.#previousSlot);
  }

  start({ world }: Parameters<NonNullable<Subsystem["start"]>>[0]): void {
    this.writer = new SnapshotWriter(world.store, world.program.schema, world.regions);
    this.#publish();
  }

  stop(): void {
    this.writer = undefined;
    this.#currentSlot = -1;
    this.#previousSlot = -1;
  }

  #publish(): void {
    const { ring } = this.writer!;
    if (this.writer!.publish() < 0) return;
    if (this.#previousSlot >= 0) ring.unpin(this.#previousSlot);
    this.#previousSlot = this.#currentSlot;
    this.#currentSlot = ring.pin();
  }
}
