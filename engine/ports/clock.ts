/**
 * The clock port: the only time that an engine sees, used for pacing and for timing, never by world
 * code. The host gives a monotonic one; tests and headless runs drive the engine by hand instead.
 */
export interface Clock {
  /** Microseconds since some moment, never decreasing; may have a fraction. */
  nowMicros(): number;
}

/** A clock that stands still until it is moved. */
export class ManualClock implements Clock {
  #micros = 0;
  nowMicros(): number {
    return this.#micros;
  }
  advance(micros: number): void {
    this.#micros += micros;
  }
}
