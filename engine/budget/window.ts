/**
 * The moving window of the budget: the last frames' figures and their statistics. It is given one frame's
 * numbers at a time and hands on means, shares and the 95th percentile of the load.
 *
 * Statistics are read only when the window is full: a mean over three frames is a rumour. Nothing here
 * allocates after construction; the percentile comes from a copy that is kept sorted by insertion.
 */

/** Below this length the 95th percentile is the largest value, and one slow frame would decide. */
export const windowFrameCountMin = 20;

export class FrameWindow {
  readonly frameCount: number;
  readonly #loads: Float64Array;
  readonly #sorted: Float64Array;
  readonly #idles: Float64Array;
  readonly #queues: Float64Array;
  readonly #lates: Uint8Array;
  #filled = 0;
  #next = 0;

  constructor(frameCount: number) {
    this.frameCount = frameCount;
    this.#loads = new Float64Array(frameCount);
    this.#sorted = new Float64Array(frameCount);
    this.#idles = new Float64Array(frameCount);
    this.#queues = new Float64Array(frameCount);
    this.#lates = new Uint8Array(frameCount);
  }

  get isFull(): boolean {
    return this.#filled === this.frameCount;
  }

  /** Forgets all frames: what was measured before a change says nothing of what comes after it. */
  clear(): void {
    this.#filled = 0;
    this.#next = 0;
  }

  /** Takes a frame in; the oldest leaves when the window is full. */
  add(loadShare: number, idleShare: number, queueDepth: number, isLate: boolean): void {
    const at = this.#next;
    if (this.isFull) {
      removeSorted(this.#sorted, this.#filled, this.#loads, at);
      this.#filled--;
    }
    this.#loads[at] = loadShare;
    insertSorted(this.#sorted, this.#filled, this.#loads, at);
    this.#filled++;
    this.#idles[at] = idleShare;
    this.#queues[at] = queueDepth;
    this.#lates[at] = isLate ? 1 : 0;
    this.#next = at + 1 === this.frameCount ? 0 : at + 1;
  }

  /** Mean share of the period that frames used; 1 is the whole period. */
  get loadMean(): number {
    return meanOf(this.#loads, this.#filled);
  }

  /** The load that 95 % of frames do not exceed. */
  get loadP95(): number {
    return this.#filled === 0 ? 0 : this.#sorted[Math.ceil(this.#filled * 0.95) - 1]!;
  }

  get idleMean(): number {
    return meanOf(this.#idles, this.#filled);
  }

  get queueMean(): number {
    return meanOf(this.#queues, this.#filled);
  }

  /** Share of frames that had late ticks. */
  get lateShare(): number {
    return meanOf(this.#lates, this.#filled);
  }
}

function meanOf(values: Float64Array | Uint8Array, count: number): number {
  if (count === 0) return 0;
  let sum = 0;
  for (let i = 0; i < count; i++) sum += values[i]!;
  return sum / count;
}

/** The first place in sorted[0..count) whose value is not below values[at]. */
function placeIn(sorted: Float64Array, count: number, values: Float64Array, at: number): number {
  const value = values[at]!;
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

// The value is handed on as a place in an array: a call that is not inlined would box a fraction.

function insertSorted(sorted: Float64Array, count: number, values: Float64Array, at: number): void {
  const place = placeIn(sorted, count, values, at);
  sorted.copyWithin(place + 1, place, count);
  sorted[place] = values[at]!;
}

function removeSorted(sorted: Float64Array, count: number, values: Float64Array, at: number): void {
  const place = placeIn(sorted, count, values, at);
  sorted.copyWithin(place, place + 1, count);
}
