/**
 * The pulse port: words in which a thread leaves where it is, so that another one can tell that it goes on, and where it is
 * when it does not. The thread only ever stores: nothing is waited for, nothing allocated.
 *
 * Given by the host, in memory that it shares; a world without a host has one that nobody reads. The rule a reader could
 * break: whoever waits for another thread within a frame beats as it waits, or it is taken for one that loops.
 */

export const pulseWord = {
  /** Counts waits for other threads and whatever else the host does between frames: any change is a sign of life. */
  beat: 0,
  /** What the host's thread does; the numbers are the host's. */
  doing: 1,
  frame: 2,
  /** The tick that was begun last. */
  tick: 3,
  /** Number of the step of a tick that runs, from 1; of the stage of a frame, from -1 downwards; 0 for neither. */
  step: 4,
} as const;

const wordCount = 8;
/** Bytes of a pulse in shared memory. */
export const pulseBytes = wordCount * 4;

export type Pulse = Int32Array;

/** A pulse that nobody reads. */
export function ownPulse(): Pulse {
  return new Int32Array(wordCount);
}

/** Shows that the thread lives. */
export function beat(pulse: Pulse): void {
  pulse[pulseWord.beat] = (pulse[pulseWord.beat]! + 1) | 0;
}
