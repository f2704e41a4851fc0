/**
 * The past: keeps what a world was a short time ago so that it can be gone back to. Every `everyTicks` ticks it saves into
 * a slot of a ring, and it keeps the records of each tick since the oldest slot. A rewind restores the nearest slot at or
 * before a tick and makes the ticks between anew from their records: what rollback netcode and code swap stand on.
 *
 *     slots    tick 0 ── 60 ── 120 ── 180        ring of saves; their memory is used again
 *     records       1..60  61..120  121..187     of each tick, as they entered
 *                                ▲
 *                            rewind(130): restore 120, make 121..130
 *
 * Given: an engine's saves and its ticks. Hands on: nothing; the world is at another tick. The rule a reader could break:
 * the ticks that a rewind passes over are gone, and their records with them, unless `recordsOf` was asked before.
 */
import { assert } from "../base/assertions.ts";
import { raise } from "../base/faults.ts";
import { admitRecorded } from "../input/admission.ts";
import type { WorldRecord } from "../input/record.ts";
import type { SavedState } from "./saved-state.ts";
import type { World } from "./world.ts";

export interface PastOptions {
  /** Ticks between two slots, from 1 on. */
  readonly everyTicks: number;
  /** Slots of the ring, from 1 on: the past reaches everyTicks * slotCount ticks back at most. */
  readonly slotCount: number;
}

/** What a past does with its engine. */
export interface PastEngine {
  save(into: SavedState | undefined): SavedState;
  restore(saved: SavedState): void;
  /** Makes one tick. */
  remake(): void;
}

interface Slot {
  tick: number;
  saved: SavedState;
}

const none: readonly WorldRecord[] = [];

export class Past {
  readonly #options: PastOptions;
  readonly #world: World;
  readonly #engine: PastEngine;
  readonly #slots: Slot[] = [];
  /** Records by tick, from `#firstTick` on. */
  #records: (readonly WorldRecord[])[] = [];
  #firstTick = 1;
  #isDue = true;

  /** Raises "bad-definition" for options that make no sense. */
  constructor(options: PastOptions, world: World, engine: PastEngine) {
    for (const [name, value] of Object.entries(options).sort())
      if (!Number.isInteger(value) || value < 1)
        raise("bad-definition", {
          what: "past",
          name,
          problem: `it is ${value}`,
          remedy: "Give whole numbers from 1 on.",
        });
    this.#options = options;
    this.#world = world;
    this.#engine = engine;
  }

  /** The oldest tick that can be gone back to; -1 before the first slot. */
  get oldestTick(): number {
    return this.#slots[0]?.tick ?? -1;
  }

  /** Records that entered at a tick of the kept past, in their order. */
  recordsOf(tick: number): readonly WorldRecord[] {
    return this.#records[tick - this.#firstTick] ?? none;
  }

  /** Call after each tick. */
  noteTick(): void {
    const { door, tickCount } = this.#world;
    this.#records.push(door.entered.length === 0 ? none : [...door.entered]);
    if (tickCount % this.#options.everyTicks === 0) this.#isDue = true;
  }

  /** Call between two frames: saves when a slot is due. The stages of the frame before may still have begun something. */
  keep(): void {
    if (!this.#isDue) return;
    this.#isDue = false;
    const oldest = this.#slots.length === this.#options.slotCount ? this.#slots.shift() : undefined;
    const saved = this.#engine.save(oldest?.saved);
    this.#slots.push({ tick: saved.tick, saved });
    const forgotten = this.oldestTick + 1 - this.#firstTick;
    if (forgotten <= 0) return;
    this.#records.splice(0, forgotten);
    this.#firstTick += forgotten;
  }

  /** Forgets everything: the world was put into a state that no tick of this past leads to. */
  forget(): void {
    this.#slots.length = 0;
    this.#records.length = 0;
    this.#firstTick = this.#world.tickCount + 1;
    this.#isDue = true;
  }

  /**
   * Brings the world to the end of `tick`, between two frames. `recordsAt` gives other records for the ticks that are made
   * again: a late input is put in there. Returns how many ticks were made again. Raises "tick-forgotten".
   */
  rewind(tick: number, recordsAt?: (tick: number) => readonly WorldRecord[]): number {
    const world = this.#world;
    const now = world.tickCount;
    assert(Number.isInteger(tick), "a tick is a whole number", { tick });
    const at = tick > now ? -1 : this.#slots.findLastIndex((slot) => slot.tick <= tick);
    if (at < 0) raise("tick-forgotten", { tick, oldest: this.oldestTick, now });
    const slot = this.#slots[at]!;
    const records = this.#records.slice(slot.tick + 1 - this.#firstTick, tick + 1 - this.#firstTick);
    this.#slots.length = at + 1;
    this.#records.length = slot.tick + 1 - this.#firstTick;
    // What waits at the door is of no past tick: it enters at the tick that is made next, whichever that is now.
    const queued = [...world.door.queued];
    this.#engine.restore(slot.saved);
    for (let made = slot.tick + 1; made <= tick; made++) {
      admitRecorded(world.door, recordsAt?.(made) ?? records[made - slot.tick - 1]!);
      this.#engine.remake();
    }
    admitRecorded(world.door, queued);
    return tick - slot.tick;
  }
}
