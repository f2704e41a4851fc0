/**
 * The timeline: keeps the near past of a world so that it can be gone back to. Every `everyTicks` ticks it saves into a
 * slot of a ring, and it keeps the records of each tick since the oldest slot. `rewind` restores the nearest slot at or
 * before a tick and makes the ticks between anew from their records: what rollback netcode, code swap and the flight
 * recorder stand on.
 *
 *     slots    tick 0 ── 60 ── 120 ── 180        ring of saves; their memory is used again
 *     records       1..60  61..120  121..187     of each tick, as they entered
 *                                ▲
 *                            rewind(130): restore 120, make 121..130
 *
 * Given: an engine with this subsystem. Hands on: nothing; the world is at another tick. The rule a reader could break:
 * the ticks that a rewind passes over are gone, and their records with them, unless `recordsOf` was asked before.
 */
import { assert } from "../base/assertions.ts";
import { raise } from "../base/faults.ts";
import type { Engine } from "../engine.ts";
import type { WorldRecord } from "../input/record.ts";
import type { SavedState } from "../sim/saved-state.ts";
import { defineSubsystem, type Subsystem, type SubsystemDefinition, type SubsystemHost } from "../sim/subsystem.ts";
import type { World } from "../sim/world.ts";
import { admitRecorded } from "./admission.ts";

export interface TimelineOptions {
  /** Ticks between two slots, from 1 on. */
  readonly everyTicks: number;
  /** Slots of the ring, from 1 on: the past reaches everyTicks * slotCount ticks back at most. */
  readonly slotCount: number;
}

export interface TimelineSubsystem extends Subsystem {
  /** The oldest tick that can be gone back to; -1 before the first slot. */
  readonly oldestTick: number;
  /** Records that entered at a tick of the kept past, in their order. */
  recordsOf(tick: number): readonly WorldRecord[];
  /**
   * Brings the engine to the end of `tick`, between two frames. `recordsAt` gives other records for the ticks that are made
   * again: a late input is put in there. Returns how many ticks were made again. Raises "tick-forgotten".
   */
  rewind(engine: Engine, tick: number, recordsAt?: (tick: number) => readonly WorldRecord[]): number;
}

interface Slot {
  tick: number;
  saved: SavedState | undefined;
}

export function timelineSubsystem(options: TimelineOptions): SubsystemDefinition<TimelineSubsystem> {
  for (const [name, value] of Object.entries(options).sort())
    if (!Number.isInteger(value) || value < 1)
      raise("bad-definition", {
        what: "timeline",
        name,
        problem: `it is ${value}`,
        remedy: "Give whole numbers from 1 on.",
      });
  return defineSubsystem<TimelineSubsystem>({ name: "timeline", create: () => new Timeline(options) });
}

class Timeline implements TimelineSubsystem {
  readonly #options: TimelineOptions;
  #host!: SubsystemHost;
  readonly #slots: Slot[] = [];
  /** Records by tick, from `#firstTick` on. */
  #records: (readonly WorldRecord[])[] = [];
  #firstTick = 1;
  #isDue = true;

  constructor(options: TimelineOptions) {
    this.#options = options;
  }

  start(host: SubsystemHost): void {
    this.#host = host;
    this.#slots.length = 0;
    this.#records = [];
    this.#firstTick = 1;
    this.#isDue = true;
  }

  get oldestTick(): number {
    return this.#slots[0]?.tick ?? -1;
  }

  recordsOf(tick: number): readonly WorldRecord[] {
    return this.#records[tick - this.#firstTick] ?? [];
  }

  afterTick(world: World): void {
    this.#records.push(world.door.entered.length === 0 ? none : [...world.door.entered]);
    if (world.tickCount % this.#options.everyTicks === 0) this.#isDue = true;
  }

  /** A save waits until the stages of the frame before, which may still begin something, are over. */
  beginFrame(): void {
    if (!this.#isDue) return;
    this.#isDue = false;
    const isFull = this.#slots.length === this.#options.slotCount;
    const slot: Slot = isFull ? this.#slots.shift()! : { tick: 0, saved: undefined };
    slot.saved = this.#host.save(slot.saved);
    slot.tick = slot.saved.tick;
    this.#slots.push(slot);
    const forgotten = this.oldestTick + 1 - this.#firstTick;
    if (forgotten <= 0) return;
    this.#records.splice(0, forgotten);
    this.#firstTick += forgotten;
  }

  rewind(engine: Engine, tick: number, recordsAt?: (tick: number) => readonly WorldRecord[]): number {
    const now = engine.world.tickCount;
    assert(Number.isInteger(tick) && tick >= 0 && tick <= now, "a rewind goes back", { tick, now });
    const at = this.#slots.findLastIndex((slot) => slot.tick <= tick);
    if (at < 0) raise("tick-forgotten", { tick, oldest: this.oldestTick, now });
    const slot = this.#slots[at]!;
    const records = this.#records.slice(slot.tick + 1 - this.#firstTick, tick + 1 - this.#firstTick);
    this.#slots.length = at + 1;
    this.#records.length = slot.tick + 1 - this.#firstTick;
    engine.restore(slot.saved!);
    for (let made = slot.tick + 1; made <= tick; made++) {
      admitRecorded(engine.world.door, recordsAt?.(made) ?? records[made - slot.tick - 1]!);
      engine.remake();
    }
    return tick - slot.tick;
  }
}

const none: readonly WorldRecord[] = [];
