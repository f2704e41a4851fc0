/**
 * The timeline: which fraction of which tick to show now. Packets arrive a little early or late; the
 * timeline learns when the world's ticks happen on this page's clock, stays behind them by as much
 * as arrivals vary, and moves evenly.
 *
 * Rule: it shows poses between two known ticks only. It waits at the newest tick rather than guess
 * beyond it, and never runs backwards unless the world itself started again.
 */

/** Arrivals that the estimate looks back on: a quarter of a second at 60 ticks a second. */
const arrivalCountMax = 16;
/** The most that variation may delay the picture, in ticks. */
const delayTicksMax = 3;
/** An error beyond this is a stall or a restart: the timeline jumps instead of sliding. */
const jumpMicros = 250_000;
/** Sliding speed: the part of real time by which the picture may run faster or slower. */
const slideRatio = 0.08;

export class Timeline {
  readonly #tickMicros: number;
  /** For the last arrivals: page time at which the tick arrived, less the tick's own time. */
  readonly #offsets: number[] = [];
  #newestTick = -1;
  #shownTick = -1;
  #offsetMicros = 0;
  #targetMicros = 0;
  #askedMicros = 0;

  constructor(tickMicros: number) {
    this.#tickMicros = tickMicros;
  }

  get newestTick(): number {
    return this.#newestTick;
  }

  /** Notes that the packet of `tick` has arrived. A repeated tick says nothing about time. */
  arrived(tick: number, nowMicros: number): void {
    if (tick === this.#newestTick) return;
    const restarted = tick < this.#newestTick;
    const first = this.#newestTick < 0 || restarted;
    if (restarted) this.#offsets.length = 0;
    this.#newestTick = tick;
    if (this.#offsets.length === arrivalCountMax) this.#offsets.shift();
    this.#offsets.push(nowMicros - tick * this.#tickMicros);
    const earliest = Math.min(...this.#offsets);
    const delay = Math.min(Math.max(...this.#offsets) - earliest, delayTicksMax * this.#tickMicros);
    this.#targetMicros = earliest + delay;
    if (first || Math.abs(this.#targetMicros - this.#offsetMicros) > jumpMicros) {
      this.#offsetMicros = this.#targetMicros;
      if (restarted || this.#shownTick < 0) this.#shownTick = tick - 1;
    }
  }

  /** The tick to show now, with its fraction: 41.25 is a quarter of the way from tick 41 to 42. */
  tickAt(nowMicros: number): number {
    const step = Math.max(0, nowMicros - this.#askedMicros) * slideRatio;
    this.#askedMicros = nowMicros;
    const error = this.#targetMicros - this.#offsetMicros;
    this.#offsetMicros += Math.max(-step, Math.min(step, error));
    const wanted = (nowMicros - this.#offsetMicros) / this.#tickMicros - 1;
    this.#shownTick = Math.max(this.#shownTick, Math.min(wanted, this.#newestTick));
    return this.#shownTick;
  }
}

/** How far to blend from the previous to the current pose of the packet of `tick`. */
export function blendAlpha(tick: number, shownTick: number): number {
  return Math.max(0, Math.min(1, shownTick - (tick - 1)));
}
