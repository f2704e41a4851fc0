/**
 * The tick hash: a hash for each span of state, folded into one of 64 bits and chained to that of the
 * tick before. The SIMD kernel hashes the spans in one call over tables in the arena's scratch; the
 * fold is the TypeScript avalanche, so that every engine gives the same sixteen digits.
 *
 * Spans are in a fixed order and each covers its used slots only. Slots are zero when unused, so the
 * blocks that a span is padded to are a function of the state.
 */
import { avalanche, hashBlockBytes, hashWords } from "../base/hash.ts";
import type { Arena, ArenaLayout, Region } from "../ecs/arena.ts";
import { type HashedSpan, headerWord } from "../ecs/store.ts";
import { hashScratchBytes, type Kernels } from "../kernels/kernels.ts";

export interface HashRegions {
  readonly table: Region;
  readonly results: Region;
}

/** Reserves scratch for `spanCount` spans. Scratch comes last in the arena and is never hashed. */
export function reserveHashScratch(layout: ArenaLayout, spanCountMax: number): HashRegions {
  return {
    table: layout.reserve("Scratch.hashTable", spanCountMax * 8),
    results: layout.reserve("Scratch.hashResults", spanCountMax * 8 + hashScratchBytes),
  };
}

export class StateHash {
  readonly spans: readonly HashedSpan[];
  /** (low, high) of each span after `update`, in span order. */
  readonly results: Uint32Array;
  /** Tick at which the bytes of each span last changed, in span order: what snapshots copy by. */
  readonly changedTicks: Uint32Array;
  /** Bytes that the last update covered. */
  coveredBytes = 0;

  readonly #header: Uint32Array;
  readonly #table: Uint32Array;
  readonly #tableOffset: number;
  readonly #resultsOffset: number;
  readonly #kernels: Kernels | undefined;
  readonly #words: Uint32Array;
  readonly #before: Uint32Array;

  /** Without `kernels` the TypeScript form is used; the result is the same. */
  constructor(
    arena: Arena,
    regions: HashRegions,
    spans: readonly HashedSpan[],
    header: Uint32Array,
    kernels: Kernels | undefined,
  ) {
    this.spans = spans;
    this.#header = header;
    this.#table = arena.u32(regions.table);
    this.#tableOffset = regions.table.byteOffset;
    this.#resultsOffset = regions.results.byteOffset;
    this.results = arena.u32(regions.results);
    this.#kernels = kernels;
    this.#words = new Uint32Array(arena.buffer);
    this.changedTicks = new Uint32Array(spans.length);
    this.#before = new Uint32Array(spans.length * 2);
    for (let i = 0; i < spans.length; i++) this.#table[i * 2] = spans[i]!.byteOffset;
  }

  get low(): number {
    return this.#header[headerWord.chainLow]!;
  }
  get high(): number {
    return this.#header[headerWord.chainHigh]!;
  }

  /** Hashes every span and advances the chain in the header by this tick. */
  update(tick: number): void {
    this.#hashSpans();
    this.#noteChanges(tick);
    this.#chain(tick);
  }

  /** Takes the state as it is after a restore: nothing is known of older ticks, so every span counts as changed at `tick`. */
  rebase(tick: number): void {
    this.#hashSpans();
    this.#before.set(this.results.subarray(0, this.#before.length));
    this.changedTicks.fill(tick);
  }

  #hashSpans(): void {
    const { spans, results } = this;
    const table = this.#table;
    let coveredBytes = 0;
    for (let i = 0; i < spans.length; i++) {
      const span = spans[i]!;
      const byteLength = span.slotBytes * span.counter[span.counterIndex]!;
      const padded = Math.ceil(byteLength / hashBlockBytes) * hashBlockBytes;
      table[i * 2 + 1] = padded;
      coveredBytes += padded;
    }
    this.coveredBytes = coveredBytes;
    if (this.#kernels !== undefined) this.#kernels.hashRegions(this.#tableOffset, spans.length, this.#resultsOffset);
    else
      for (let i = 0; i < spans.length; i++)
        hashWords(this.#words, table[i * 2]! >> 2, table[i * 2 + 1]! >> 2, results, i * 2);
  }

  #chain(tick: number): void {
    const { spans, results } = this;
    let low = avalanche(this.low ^ tick);
    let high = avalanche(this.high ^ this.#header[headerWord.aliveCount]!);
    for (let i = 0; i < spans.length; i++) {
      low = avalanche((Math.imul(low, 5) + results[i * 2]!) | 0);
      high = avalanche((Math.imul(high, 5) ^ results[i * 2 + 1]!) | 0);
    }
    this.#header[headerWord.chainLow] = low;
    this.#header[headerWord.chainHigh] = high;
  }

  /** A span whose 64-bit hash is as before has the bytes that it had before: no declaration is trusted for that. */
  #noteChanges(tick: number): void {
    const { results, changedTicks } = this;
    const before = this.#before;
    for (let i = 0; i < changedTicks.length; i++) {
      const low = results[i * 2]!;
      const high = results[i * 2 + 1]!;
      if (before[i * 2] === low && before[i * 2 + 1] === high) continue;
      before[i * 2] = low;
      before[i * 2 + 1] = high;
      changedTicks[i] = tick;
    }
  }
}
