/**
 * The past: keeps what a world was a short time ago so that it can be gone back to. Every `everyTicks` ticks it saves into
 * a slot of a ring, and it keeps the records of each tick since the oldest slot. A rewind restores the nearest slot at or
 * before a tick and makes the ticks between anew from their records; an amendment goes on to the present with other
 * records: what rollback netcode stands on.
 *
 *     slots    tick 0 ── 60 ── 120 ── 180        ring of saves; their memory is used again
 *     records       1..60  61..120  121..187     of each tick, as they entered
 *                                ▲
 *                            rewind(130): restore 120, make 121..130
 *                            amend(131):  restore 120, make 121..187, from 131 on with what should have entered
 *
 * Given: an engine's saves and its ticks. Hands on: nothing; the world is at another tick. The rule a reader could break:
 * the ticks that a rewind passes over are gone, and their records with them; slots on the way are kept again.
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

/** Gives the records that a tick shall have for those that it had. */
export type AmendedRecords = (tick: number, had: readonly WorldRecord[]) => readonly WorldRecord[];

/** The past of an engine that has one. Raises "tick-forgotten" for one that keeps nothing. */
export function pastOf(past: Past | undefined, tick: number, world: World): Past {
  return past ?? raise("tick-forgotten", { tick, oldest: -1, now: world.tickCount });
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
  /** Saves that no slot has: their memory is large and serves the next ones. */
  readonly #spares: SavedState[] = [];
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

  /**
   * Call before the ticks of a frame and before each that is made again: saves when a slot is due. Not right behind a tick,
   * because the stages of its frame may still begin something.
   */
  keep(): void {
    if (!this.#isDue) return;
    this.#isDue = false;
    const used = this.#slots.length === this.#options.slotCount ? this.#slots.shift()!.saved : this.#spares.pop();
    const saved = this.#engine.save(used);
    this.#slots.push({ tick: saved.tick, saved });
    const forgotten = this.oldestTick + 1 - this.#firstTick;
    if (forgotten <= 0) return;
    this.#records.splice(0, forgotten);
    this.#firstTick += forgotten;
  }

  /** Forgets everything: the world was put into a state that no tick of this past leads to. */
  forget(): void {
    for (const { saved } of this.#slots.splice(0)) this.#spares.push(saved);
    this.#records.length = 0;
    this.#firstTick = this.#world.tickCount + 1;
    this.#isDue = true;
  }

  /** Brings the world to the end of `tick`, between two frames. Returns how many ticks were made again. Raises "tick-forgotten". */
  rewind(tick: number): number {
    if (tick === this.#world.tickCount) return 0;
    return this.#again(tick, tick, undefined);
  }

  /** Makes the ticks from `from` up to the present one anew. Returns how many were made. Raises "tick-forgotten". */
  amend(from: number, recordsAt: AmendedRecords): number {
    return this.#again(from - 1, this.#world.tickCount, recordsAt);
  }

  /** Goes back to the nearest slot at or before `known` and makes the ticks up to `last` again, those behind `known` as amended. */
  #again(known: number, last: number, recordsAt: AmendedRecords | undefined): number {
    const world = this.#world;
    const now = world.tickCount;
    assert(Number.isInteger(known), "a tick is a whole number", { tick: known });
    const isAhead = known > now || (recordsAt !== undefined && known === now);
    const at = isAhead ? -1 : this.#slots.findLastIndex((slot) => slot.tick <= known);
    if (at < 0)
      raise("tick-forgotten", { tick: recordsAt === undefined ? known : known + 1, oldest: this.oldestTick, now });
    const slot = this.#slots[at]!;
    // Asked before anything is changed: what the caller's function throws costs nothing.
    const records = this.#records.slice(slot.tick + 1 - this.#firstTick, last + 1 - this.#firstTick).map((had, i) => {
      const tick = slot.tick + 1 + i;
      return recordsAt === undefined || tick <= known ? had : recordsAt(tick, had);
    });
    for (const { saved } of this.#slots.splice(at + 1)) this.#spares.push(saved);
    this.#records.length = slot.tick + 1 - this.#firstTick;
    this.#isDue = false;
    // What waits at the door is of no past tick: it enters at the tick that is made next, whichever that is now.
    const queued = [...world.door.queued];
    this.#engine.restore(slot.saved);
    for (const entering of records) {
      admitRecorded(world.door, entering);
      this.#engine.remake();
    }
    admitRecorded(world.door, queued);
    return last - slot.tick;
  }
}
