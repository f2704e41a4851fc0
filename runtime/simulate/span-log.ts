/** The spans of a run, as they come out of the trace: by track and name, in the order of their ends. */
import { type EventKind, eventKind, type TraceSink } from "../../engine/trace/event.ts";
import type { TraceMemory } from "../../engine/trace/memory.ts";
import { TraceNames } from "../../engine/trace/names.ts";

export interface Span {
  /** Label of the track. */
  readonly track: string;
  readonly name: string;
  readonly category: string;
  readonly startMicros: number;
  readonly endMicros: number;
  /** First argument; NaN where there is none. */
  readonly a: number;
}

const wordsPerSpan = 5;

export class SpanLog implements TraceSink {
  lostCount = 0;
  readonly #memory: TraceMemory;
  #rows = new Float64Array(4_096 * wordsPerSpan);
  #length = 0;

  constructor(memory: TraceMemory) {
    this.#memory = memory;
  }

  event(track: number, kind: EventKind, name: number, startMicros: number, durationMicros: number, a: number): void {
    if (kind !== eventKind.span) return;
    if (this.#length === this.#rows.length) {
      const rows = new Float64Array(this.#rows.length * 2);
      rows.set(this.#rows);
      this.#rows = rows;
    }
    const at = this.#length;
    this.#rows[at] = track;
    this.#rows[at + 1] = name;
    this.#rows[at + 2] = startMicros;
    this.#rows[at + 3] = startMicros + durationMicros;
    this.#rows[at + 4] = a;
    this.#length = at + wordsPerSpan;
  }

  lost(_track: number, count: number): void {
    this.lostCount += count;
  }

  /** All spans, once the run is over. */
  get spans(): readonly Span[] {
    const names = new TraceNames(this.#memory);
    const labels = Array.from({ length: this.#memory.trackCount }, (_, track) => this.#memory.labelOf(track));
    const named = Array.from({ length: names.count + 1 }, (_, number) => names.nameOf(number));
    const spans: Span[] = [];
    for (let at = 0; at < this.#length; at += wordsPerSpan) {
      const { text, category } = named[this.#rows[at + 1]!]!;
      spans.push({
        track: labels[this.#rows[at]!]!,
        name: text,
        category,
        startMicros: this.#rows[at + 2]!,
        endMicros: this.#rows[at + 3]!,
        a: this.#rows[at + 4]!,
      });
    }
    return spans;
  }
}
