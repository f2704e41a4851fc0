/**
 * The coordinator's arithmetic of time: elapsed microseconds in, whole ticks out. The accumulator
 * counts in units of 1 / tickRate microseconds, so that a tick is exactly 1,000,000 units at any
 * rate and nothing is ever rounded away.
 *
 * At most `ticksPerFrame` ticks are made in one frame: after a stall the world falls behind instead of
 * chasing the clock for ever. What is dropped is counted and reported, and the remainder is kept.
 */
import { assert } from "../base/assertions.ts";

const unitsPerTick = 1_000_000;

export class TickAccumulator {
  /** Ticks that elapsed but were not made. */
  droppedTickCount = 0;

  readonly #tickRate: number;
  readonly #ticksPerFrame: number;
  #units = 0;

  constructor(tickRate: number, ticksPerFrame: number) {
    assert(Number.isInteger(tickRate) && tickRate >= 1 && tickRate <= 1_000, "the tick rate is 1 to 1000 a second", {
      tickRate,
    });
    assert(Number.isInteger(ticksPerFrame) && ticksPerFrame >= 1, "a frame makes at least one tick", { ticksPerFrame });
    this.#tickRate = tickRate;
    this.#ticksPerFrame = ticksPerFrame;
  }

  /** Adds whole microseconds; returns how many ticks this frame makes. */
  expend(elapsedMicros: number): number {
    assert(Number.isInteger(elapsedMicros) && elapsedMicros >= 0, "elapsed time is whole and not negative", {
      elapsedMicros,
    });
    this.#units += elapsedMicros * this.#tickRate;
    const due = Math.floor(this.#units / unitsPerTick);
    this.#units -= due * unitsPerTick;
    const made = Math.min(due, this.#ticksPerFrame);
    this.droppedTickCount += due - made;
    return made;
  }

  /** Goes on from another one's time and drops; units are of this one's rate. */
  takeOver({ droppedTickCount, fraction }: TickAccumulator): void {
    this.droppedTickCount = droppedTickCount;
    this.#units = Math.floor(fraction * unitsPerTick);
  }

  /** The part of a tick that has passed since the last one, 0 to 1; for presentation. */
  get fraction(): number {
    return this.#units / unitsPerTick;
  }
}
