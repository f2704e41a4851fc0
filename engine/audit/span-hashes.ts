/**
 * Hashes of every span in the middle of a tick, by the same kernel over the same tables as the tick hash. What the world
 * keeps there is put back, so that whoever reads the results of the last tick finds them whatever was measured since.
 */
import { hashBlockBytes } from "../base/hash.ts";
import type { World } from "../sim/world.ts";

export class SpanHashes {
  /** (low, high) of each span after `measure`, in span order. */
  readonly values: Uint32Array;
  /** Bytes that the last measure covered. */
  coveredBytes = 0;

  readonly #world: World;
  readonly #table: Uint32Array;
  readonly #tableOffset: number;
  readonly #resultsOffset: number;
  readonly #kept: Uint32Array;

  constructor(world: World) {
    const { arena, hash } = world;
    const region = (name: string) => arena.regions.find((candidate) => candidate.name === name)!;
    this.#world = world;
    this.#table = arena.u32(region("Scratch.hashTable"));
    this.#tableOffset = region("Scratch.hashTable").byteOffset;
    this.#resultsOffset = region("Scratch.hashResults").byteOffset;
    this.values = new Uint32Array(hash.spans.length * 2);
    this.#kept = new Uint32Array(hash.spans.length * 2);
  }

  measure(): void {
    const { hash, kernels } = this.#world;
    const { spans, results } = hash;
    const table = this.#table;
    let coveredBytes = 0;
    for (let i = 0; i < spans.length; i++) {
      const { byteOffset, slotBytes, counter, counterIndex } = spans[i]!;
      const padded = Math.ceil((slotBytes * counter[counterIndex]!) / hashBlockBytes) * hashBlockBytes;
      table[i * 2] = byteOffset;
      table[i * 2 + 1] = padded;
      coveredBytes += padded;
    }
    this.coveredBytes = coveredBytes;
    const { values } = this;
    for (let i = 0; i < values.length; i++) this.#kept[i] = results[i]!;
    kernels.hashRegions(this.#tableOffset, spans.length, this.#resultsOffset);
    for (let i = 0; i < values.length; i++) {
      values[i] = results[i]!;
      results[i] = this.#kept[i]!;
    }
  }
}
