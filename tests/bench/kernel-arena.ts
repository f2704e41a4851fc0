/** An arena of the bench: columns of numbers in the bench's seed, with kernels and twins over the same bytes. */
import { RandomStream, randomStateWords, seedStream } from "../../engine/base/random.ts";
import { allocateShared } from "../../engine/base/wasm.ts";
import { bindKernels, type FrameKernels } from "../../engine/kernels/kernels.ts";
import { bindTwins } from "../../engine/kernels/twins/twins.ts";
import { type BenchSize, benchSeed, type Comparison, compare, median, millisOf } from "./measure.ts";
import { type BenchRow, type Goal, timeRow, timeText } from "./row.ts";

export class KernelArena {
  readonly buffer: SharedArrayBuffer;
  readonly kernels: FrameKernels;
  readonly twins: FrameKernels;
  readonly random: RandomStream;
  #end = 64;

  constructor(byteLength: number) {
    const memory = allocateShared(byteLength);
    this.buffer = memory.buffer;
    this.kernels = bindKernels(memory);
    this.twins = bindTwins(memory.buffer);
    const state = new Uint32Array(randomStateWords);
    seedStream(state, 0, benchSeed, "kernels");
    this.random = new RandomStream(state, 0);
  }

  /** Room at a multiple of 64 bytes. Columns of equal length lie apart by an odd number of cache lines, or they would share sets. */
  reserve(byteLength: number): number {
    const at = this.#end;
    this.#end = at + (Math.ceil(byteLength / 64) | 1) * 64;
    if (this.#end > this.buffer.byteLength) throw new Error("the bench's arena is too small");
    return at;
  }

  /** A column of evenly spread numbers. */
  column(count: number, low: number, high: number): Float32Array<SharedArrayBuffer> {
    const column = this.floats(count);
    for (let i = 0; i < count; i++) column[i] = this.random.between(low, high);
    return column;
  }

  floats(count: number): Float32Array<SharedArrayBuffer> {
    return new Float32Array(this.buffer, this.reserve(count * 4), count);
  }

  words(count: number): Uint32Array<SharedArrayBuffer> {
    return new Uint32Array(this.buffer, this.reserve(count * 4), count);
  }
}

export interface KernelSides {
  readonly name: string;
  readonly size: BenchSize;
  readonly ours: () => void;
  readonly twin?: () => void;
  readonly peer: () => void;
  readonly peerName?: string;
  readonly goal?: Goal;
}

export const fourTimes: Goal = { fasterMin: 4, text: ">= 4x faster than the loop" };

/** A row of a kernel against its loop; the twin's time is told beside the loop's. */
export function kernelRow({ name, size, ours, twin, peer, peerName = "loop", goal }: KernelSides): BenchRow {
  const comparison = compareSides(size, ours, peer);
  const row = timeRow(name, comparison, peerName, goal);
  if (twin === undefined) return row;
  const twinMillis = Array.from({ length: size === "whole" ? 7 : 1 }, () => millisOf(twin));
  return { ...row, peer: `${row.peer}, twin ${timeText(median(twinMillis))}` };
}

export function compareSides(size: BenchSize, ours: () => void, peer: () => void): Comparison {
  const rounds = size === "whole" ? { warmUpCount: 15, roundCount: 60 } : { warmUpCount: 1, roundCount: 2 };
  return compare({ ...rounds, ours, peer });
}
