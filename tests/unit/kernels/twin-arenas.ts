/**
 * Two arenas with the same bytes, one for a kernel and one for its twin. A test reserves columns, fills both
 * alike, runs each on its own and compares all bytes, so a write to a wrong place is found as well as a wrong one.
 */
import { expect } from "vitest";
import { allocateShared } from "../../../engine/base/wasm.ts";
import { bindKernels, type FrameKernels } from "../../../engine/kernels/kernels.ts";
import { bindTwins } from "../../../engine/kernels/twins/twins.ts";
import type { Draws } from "../seeds.ts";

/** Every kind of f32 that arithmetic treats apart. */
export const oddNumbers: readonly number[] = [
  0,
  -0,
  1,
  -1,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  1e-45,
  -1e-45,
  1.1754943508222875e-38,
  -1e-39,
  3.4028234663852886e38,
  -3.4028234663852886e38,
  1e20,
  -1e20,
  16_777_217,
  0.1,
];

export class TwinArenas {
  readonly kernel: FrameKernels;
  readonly twin: FrameKernels;
  /** The kernel's arena and the twin's. */
  readonly buffers: readonly [SharedArrayBuffer, SharedArrayBuffer];
  /** Spans that a kernel may write and a twin need not. */
  readonly #scratch: { readonly at: number; readonly byteLength: number }[] = [];
  #end = 64;

  constructor(byteLength: number) {
    const memories = [allocateShared(byteLength), allocateShared(byteLength)] as const;
    this.buffers = [memories[0].buffer, memories[1].buffer];
    this.kernel = bindKernels(memories[0]);
    this.twin = bindTwins(memories[1].buffer);
  }

  /** Room for `byteLength` bytes at a multiple of 16, with a gap behind it in which a stray write shows. */
  reserve(byteLength: number): number {
    const at = this.#end;
    this.#end = at + Math.ceil(byteLength / 16) * 16 + 16;
    if (this.#end > this.buffers[0].byteLength) throw new Error("the arenas are too small for this test");
    return at;
  }

  scratch(byteLength: number): number {
    const at = this.reserve(byteLength);
    this.#scratch.push({ at, byteLength });
    return at;
  }

  /** Reserves f32s and writes the same values to both arenas. */
  floats(values: readonly number[]): number {
    const at = this.reserve(values.length * 4);
    this.each((buffer) => new Float32Array(buffer, at, values.length).set(values));
    return at;
  }

  words(values: readonly number[]): number {
    const at = this.reserve(values.length * 4);
    this.each((buffer) => new Uint32Array(buffer, at, values.length).set(values));
    return at;
  }

  each(act: (buffer: SharedArrayBuffer) => void): void {
    for (const buffer of this.buffers) act(buffer);
  }

  /** Runs both and compares what they return and all bytes. `name` says which case failed. */
  run(name: string, act: (kernels: FrameKernels) => unknown): void {
    const returned = act(this.kernel);
    const expected = act(this.twin);
    expect(returned, name).toBe(expected);
    this.compare(name);
  }

  /** As run, for kernels that return the length of the u32 list that they write at `out`, which is scratch behind it. */
  list(name: string, out: number, act: (kernels: FrameKernels) => number): number[] {
    const count = act(this.kernel);
    const expectedCount = act(this.twin);
    const [list, expected] = this.buffers.map((buffer) => new Uint32Array(buffer, out)) as [Uint32Array, Uint32Array];
    const ours = [...list.subarray(0, count)];
    expect(ours, name).toEqual([...expected.subarray(0, expectedCount)]);
    this.compare(name);
    return ours;
  }

  /** Compares all bytes but scratch. NaN is NaN whatever its bits: which bits an operation makes is the machine's choice. */
  compare(name: string): void {
    const [ours, twins] = this.buffers.map((buffer) => new Uint32Array(buffer)) as [Uint32Array, Uint32Array];
    for (let i = 0; i < ours.length; i++) {
      if (ours[i] === twins[i] || (isNaN32(ours[i]!) && isNaN32(twins[i]!))) continue;
      if (this.#scratch.some(({ at, byteLength }) => i * 4 >= at && i * 4 < at + byteLength)) continue;
      expect(`${name}: byte ${i * 4} is ${ours[i]!.toString(16)}`).toBe(
        `${name}: byte ${i * 4} is ${twins[i]!.toString(16)}`,
      );
    }
  }
}

function isNaN32(word: number): boolean {
  return (word & 0x7fffffff) > 0x7f800000;
}

/** `count` numbers of which about one of `oddOneOf` is odd. */
export function numbers(draws: Draws, count: number, low: number, high: number, oddOneOf: number): number[] {
  return Array.from({ length: count }, () =>
    oddOneOf > 0 && draws.below(oddOneOf) === 0 ? draws.pick(oddNumbers) : draws.between(low, high),
  );
}

/** Six planes of random directions about the origin; normals of length 1. */
export function planesOf(draws: Draws, reach: number): number[] {
  return Array.from({ length: 6 }, () => {
    const [x, y, z] = [draws.between(-1, 1), draws.between(-1, 1), draws.between(-1, 1)] as const;
    const length = Math.sqrt(x * x + y * y + z * z);
    return [x / length, y / length, z / length, draws.between(-reach / 4, reach)];
  }).flat();
}

/** Ranges that cover 0..count-1, each beginning at a multiple of 4, as chunks of a job do. */
export function chunksOf(draws: Draws, count: number): readonly { readonly first: number; readonly count: number }[] {
  const chunks: { first: number; count: number }[] = [];
  for (let first = 0; first < count; ) {
    const size = Math.min(count - first, 4 * (1 + draws.below(6)));
    chunks.push({ first, count: size });
    first += size;
  }
  return chunks;
}

/** Counts that meet every tail, and some that are long. */
export const counts: readonly number[] = [...Array.from({ length: 20 }, (_, count) => count), 63, 64, 257];
