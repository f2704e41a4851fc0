/**
 * The web driver's clock: the only time it knows. Grace periods, rates and slow readers are measured
 * on it, so that a test can move it by hand. Nothing of it reaches a world.
 */

export interface DriverClock {
  /** Milliseconds since an arbitrary start; never goes back. */
  nowMillis(): number;
  /** Calls `run` once after `millis`, unless the returned function is called first. */
  after(millis: number, run: () => void): () => void;
}

/** The clock of the machine. */
export const machineClock: DriverClock = {
  nowMillis: () => performance.now(),
  after(millis, run) {
    const timer = setTimeout(run, millis);
    return () => clearTimeout(timer);
  },
};
