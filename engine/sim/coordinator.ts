/**
 * The coordinator's arithmetic of time: elapsed microseconds in, whole ticks out. The accumulator
 * counts in units of 1 / tickRate microseconds, so that a tick is exactly 1,000,000 units at any
 * rate and nothing is ever rounded away.
 *
 * At most `ticksPerFrame` ticks are made in one frame: after a stall the world falls behind instead of
 * chasing the clock for ever. What is dropped is counted and reported, and the remainder is kept.
 *
 * With the policy "slow" a world that is late has its time stretched as well: a little for each tick that a frame has to
 * make up for, until frames come in time, and back again while they do. A machine that is too slow then shows an even
 * slow motion instead of bursts of ticks. What the stretch takes away counts as dropped.
 */

import { assert } from "../base/assertions.ts";
import type { OverloadPolicy } from "./plan-settings.ts";
import type { Program } from "./program.ts";

const unitsPerTick = 1_000_000;
/** Parts of a stretch: time that runs at full speed has all of them. */
const paceParts = 256;
const pacePartsMin = 16;
/** Parts lost for each tick that a frame makes up for; a frame in time gives one back. */
const partsPerLateTick = 4;

export class TickAccumulator {
  /** Ticks that elapsed but were not made. */
  droppedTickCount = 0;

  readonly #tickRate: number;
  readonly #ticksPerFrame: number;
  readonly #stretches: boolean;
  #units = 0;
  #pace = paceParts;
  /** Units that the stretch took away, less than a tick of them. */
  #stretchedUnits = 0;
  #lastMicros = -1;

  constructor(tickRate: number, ticksPerFrame: number, overload: OverloadPolicy = "drop") {
    assert(Number.isInteger(tickRate) && tickRate >= 1 && tickRate <= 1_000, "the tick rate is 1 to 1000 a second", {
      tickRate,
    });
    assert(Number.isInteger(ticksPerFrame) && ticksPerFrame >= 1, "a frame makes at least one tick", { ticksPerFrame });
    this.#tickRate = tickRate;
    this.#ticksPerFrame = ticksPerFrame;
    this.#stretches = overload === "slow";
  }

  /** The time of a program's worlds. */
  static of({ tickRate, pace }: Pick<Program, "tickRate" | "pace">): TickAccumulator {
    return new TickAccumulator(tickRate, pace.ticksPerFrame, pace.overload);
  }

  /** Adds whole microseconds; returns how many ticks this frame makes. */
  expend(elapsedMicros: number): number {
    assert(Number.isInteger(elapsedMicros) && elapsedMicros >= 0, "elapsed time is whole and not negative", {
      elapsedMicros,
    });
    this.#units += this.#stretched(elapsedMicros * this.#tickRate);
    const due = Math.floor(this.#units / unitsPerTick);
    this.#units -= due * unitsPerTick;
    const made = Math.min(due, this.#ticksPerFrame);
    this.droppedTickCount += due - made;
    if (this.#stretches) {
      const isLate = made > 1;
      const pace = this.#pace + (isLate ? (1 - made) * partsPerLateTick : 1);
      this.#pace = Math.max(pacePartsMin, Math.min(paceParts, pace));
    }
    return made;
  }

  /** How fast the world's time goes: 1 with the clock, less while it is stretched. */
  get pace(): number {
    return this.#pace / paceParts;
  }

  /** What of `units` is given to the world. */
  #stretched(units: number): number {
    const pace = this.#pace;
    if (pace === paceParts) return units;
    // In two parts, because the product alone may be beyond what a number holds exactly.
    const rest = units % paceParts;
    const given = ((units - rest) / paceParts) * pace + Math.floor((rest * pace) / paceParts);
    this.#stretchedUnits += units - given;
    const whole = Math.floor(this.#stretchedUnits / unitsPerTick);
    this.droppedTickCount += whole;
    this.#stretchedUnits -= whole * unitsPerTick;
    return given;
  }

  /** Whole microseconds since the last call, by the host's clock; 0 the first time. */
  elapsedUntil(nowMicros: number): number {
    const elapsedMicros = this.#lastMicros < 0 ? 0 : Math.max(0, nowMicros - this.#lastMicros);
    // A clock that goes back adds nothing until it has caught up with itself.
    this.#lastMicros = Math.max(this.#lastMicros, nowMicros);
    return elapsedMicros;
  }

  /** Goes on from another one's time and drops; units are of this one's rate. */
  takeOver(before: TickAccumulator): void {
    this.droppedTickCount = before.droppedTickCount;
    this.#units = Math.floor(before.fraction * unitsPerTick);
    this.#lastMicros = before.#lastMicros;
  }

  /** The part of a tick that has passed since the last one, 0 to 1; for presentation. */
  get fraction(): number {
    return this.#units / unitsPerTick;
  }
}
