/**
 * Telemetry: counters, gauges and histograms in shared memory, known by number, their names fixed before the
 * run. Threads that work add and store; one thread reads now and then. Nobody takes a lock or waits.
 *
 *        ┌────────────────────────────────────────────────────────┐
 *        │ metric 0: counter     value u32                        │  each metric begins at a multiple of 64 bytes,
 *        │ metric 1: gauge       value f32, as bits               │  so that two threads that count different
 *        │ metric 2: histogram   sum u32, 33 buckets u32          │  things do not share a cache line
 *        └────────────────────────────────────────────────────────┘
 *
 * Counters and buckets run modulo 2^32; the reader adds up differences, so it has to read them more often than
 * they go round. A gauge is an f32 because 32 bits are stored in one piece: readers never see half of one.
 * Bucket 0 counts zeros, bucket n counts values from 2^(n-1) to 2^n - 1.
 */
import { assert } from "../base/assertions.ts";
import { raise } from "../base/faults.ts";

export type MetricKind = "counter" | "gauge" | "histogram";

export interface MetricDefinition {
  /** Small letters, digits and underscores, with the unit last: frame_micros, tickets_total. */
  readonly name: string;
  readonly kind: MetricKind;
}

/** Memory and names of a process's telemetry; plain data, sent to threads as it is. */
export interface TelemetryMemory {
  readonly buffer: SharedArrayBuffer;
  readonly metrics: readonly MetricDefinition[];
}

export const bucketCount = 33;
const lineWords = 16;
const histogramWords = Math.ceil((1 + bucketCount) / lineWords) * lineWords;

/** Memory for `metrics`; their numbers are their places in the list. Raises "bad-definition" or "duplicate-name". */
export function allocateTelemetry(metrics: readonly MetricDefinition[]): TelemetryMemory {
  metrics.forEach(({ name }, i) => {
    if (metrics.findIndex((other) => other.name === name) !== i) raise("duplicate-name", { what: "metric", name });
    if (!/^[a-z][a-z0-9_]*$/.test(name))
      raise("bad-definition", {
        what: "metric",
        name,
        problem: "its name has other characters than small letters, digits and underscores",
        remedy: "Write it like frame_micros: small letters, the unit last.",
      });
  });
  const { wordCount } = layOut(metrics);
  return { buffer: new SharedArrayBuffer(Math.max(4, wordCount * 4)), metrics };
}

function layOut(metrics: readonly MetricDefinition[]): { offsets: Int32Array; wordCount: number } {
  const offsets = new Int32Array(metrics.length);
  let wordCount = 0;
  metrics.forEach(({ kind }, i) => {
    offsets[i] = wordCount;
    wordCount += kind === "histogram" ? histogramWords : lineWords;
  });
  return { offsets, wordCount };
}

/** One thread's writing side. Its methods allocate nothing. */
export class Telemetry {
  readonly #metrics: readonly MetricDefinition[];
  readonly #offsets: Int32Array;
  readonly #words: Int32Array;
  readonly #float = new Float32Array(1);
  readonly #floatBits = new Int32Array(this.#float.buffer);

  constructor(memory: TelemetryMemory) {
    this.#metrics = memory.metrics;
    this.#offsets = layOut(memory.metrics).offsets;
    this.#words = new Int32Array(memory.buffer);
  }

  /** The number of a metric; look it up once, before the run. Raises "unknown-name". */
  numberOf(name: string, kind: MetricKind): number {
    const number = this.#metrics.findIndex((metric) => metric.name === name && metric.kind === kind);
    if (number < 0)
      raise("unknown-name", {
        what: kind,
        name,
        where: "`numberOf`",
        known: this.#metrics.map((metric) => `${metric.name} (${metric.kind})`).join(", "),
      });
    return number;
  }

  /** Adds a whole number of at least 0 to a counter. */
  count(counter: number, by = 1): void {
    assert(this.#metrics[counter]?.kind === "counter", "a counter is added to");
    Atomics.add(this.#words, this.#offsets[counter]!, by);
  }

  /** Stores a gauge; 24 bits of it are kept. The last store of any thread holds. */
  gauge(gauge: number, value: number): void {
    assert(this.#metrics[gauge]?.kind === "gauge", "a gauge is stored");
    this.#float[0] = value;
    Atomics.store(this.#words, this.#offsets[gauge]!, this.#floatBits[0]!);
  }

  /** Counts a value of at least 0 in the bucket it falls in; fractions are cut off, what is above 2^32 - 1 is that. */
  observe(histogram: number, value: number): void {
    assert(this.#metrics[histogram]?.kind === "histogram", "a histogram is given values");
    const whole = value >= 0xffff_ffff ? 0xffff_ffff : value > 0 ? Math.floor(value) : 0;
    const at = this.#offsets[histogram]!;
    Atomics.add(this.#words, at + 1 + (32 - Math.clz32(whole)), 1);
    Atomics.add(this.#words, at, whole | 0);
  }
}

/** What a histogram has counted: `buckets[n]` values of at most `2^n - 1` and above the bucket before. */
export interface HistogramReading {
  readonly count: number;
  readonly sum: number;
  readonly buckets: readonly number[];
}

/** The reading side, for one thread: totals since it began, beyond 32 bits. */
export class TelemetryReader {
  readonly metrics: readonly MetricDefinition[];
  readonly #offsets: Int32Array;
  readonly #words: Int32Array;
  readonly #floats: Float32Array;
  readonly #bits: Int32Array;
  /** What was read last, and what has added up, word by word. */
  readonly #seen: Int32Array;
  readonly #totals: Float64Array;

  constructor(memory: TelemetryMemory) {
    const { offsets, wordCount } = layOut(memory.metrics);
    this.metrics = memory.metrics;
    this.#offsets = offsets;
    this.#words = new Int32Array(memory.buffer);
    this.#seen = new Int32Array(wordCount);
    this.#totals = new Float64Array(wordCount);
    this.#floats = new Float32Array(1);
    this.#bits = new Int32Array(this.#floats.buffer);
  }

  /** Reads all words; call it at least once for every 2^32 that a counter or a sum may grow by. */
  read(): void {
    for (let i = 0; i < this.#seen.length; i++) {
      const word = Atomics.load(this.#words, i);
      this.#totals[i]! += (word - this.#seen[i]!) >>> 0;
      this.#seen[i] = word;
    }
  }

  /** A counter's total as of the last `read`. */
  counter(number: number): number {
    return this.#totals[this.#offsets[number]!]!;
  }

  /** A gauge's value as of the last `read`. */
  gauge(number: number): number {
    this.#bits[0] = this.#seen[this.#offsets[number]!]!;
    return this.#floats[0]!;
  }

  /** A histogram as of the last `read`. A value may be in its bucket before it is in the sum. */
  histogram(number: number): HistogramReading {
    const at = this.#offsets[number]!;
    const buckets = [...this.#totals.subarray(at + 1, at + 1 + bucketCount)];
    return { count: buckets.reduce((sum, count) => sum + count, 0), sum: this.#totals[at]!, buckets };
  }
}
