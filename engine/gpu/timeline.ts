/**
 * The timeline of a device: what ran on which line from when to when, in a ring of fixed size. It is
 * drained as spans for a trace; what is not drained in time is dropped and counted.
 */
import { type LineName, lineCount, lineNames } from "./queues.ts";

/** A piece of work on a line; times are micros of the device's clock. */
export interface DeviceSpan {
  readonly line: LineName;
  readonly label: number;
  readonly frame: number;
  readonly startMicros: number;
  readonly endMicros: number;
}

export class Timeline {
  readonly capacity: number;
  droppedCount = 0;
  readonly #micros: Float64Array;
  readonly #words: Uint32Array;
  #first = 0;
  #count = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.#micros = new Float64Array(capacity * 2);
    this.#words = new Uint32Array(capacity * 3);
  }

  /** Appends a span; the oldest gives way when the ring is full. */
  add(line: number, label: number, frame: number, startMicros: number, endMicros: number): void {
    if (this.#count === this.capacity) {
      this.#first = (this.#first + 1) % this.capacity;
      this.#count--;
      this.droppedCount++;
    }
    const at = (this.#first + this.#count) % this.capacity;
    this.#words[at * 3] = line;
    this.#words[at * 3 + 1] = label;
    this.#words[at * 3 + 2] = frame;
    this.#micros[at * 2] = startMicros;
    this.#micros[at * 2 + 1] = endMicros;
    this.#count++;
  }

  /** Visits the spans from the oldest on, a line's in the order in which it ran them, and forgets them. */
  drain(visit: (span: DeviceSpan) => void): void {
    for (; this.#count > 0; this.#count--) {
      const at = this.#first;
      this.#first = (at + 1) % this.capacity;
      visit({
        line: lineNames[this.#words[at * 3]!]!,
        label: this.#words[at * 3 + 1]!,
        frame: this.#words[at * 3 + 2]!,
        startMicros: this.#micros[at * 2]!,
        endMicros: this.#micros[at * 2 + 1]!,
      });
    }
  }
}

export interface Overlap {
  /** Micros that each line worked. */
  readonly busyMicros: Readonly<Record<LineName, number>>;
  /** Micros in which at least one line worked, and at least two. */
  readonly anyMicros: number;
  readonly overlapMicros: number;
  /** From the first start to the last end. */
  readonly spanMicros: number;
}

/** How much the lines of `spans` worked at the same time. */
export function measureOverlap(spans: readonly DeviceSpan[]): Overlap {
  const edges = spans
    .flatMap(({ line, startMicros, endMicros }) => [
      { micros: startMicros, line: lineNames.indexOf(line), step: 1 },
      { micros: endMicros, line: lineNames.indexOf(line), step: -1 },
    ])
    .sort((a, b) => a.micros - b.micros);
  const depth = new Int32Array(lineCount);
  const busy = new Float64Array(lineCount);
  let anyMicros = 0;
  let overlapMicros = 0;
  let lastMicros = edges[0]?.micros ?? 0;
  for (const { micros, line, step } of edges) {
    const passed = micros - lastMicros;
    let working = 0;
    for (let i = 0; i < lineCount; i++) {
      if (depth[i] === 0) continue;
      working++;
      busy[i]! += passed;
    }
    if (working > 0) anyMicros += passed;
    if (working > 1) overlapMicros += passed;
    depth[line]! += step;
    lastMicros = micros;
  }
  return {
    busyMicros: { graphics: busy[0]!, compute: busy[1]!, copy: busy[2]!, present: busy[3]! },
    anyMicros,
    overlapMicros,
    spanMicros: lastMicros - (edges[0]?.micros ?? 0),
  };
}
