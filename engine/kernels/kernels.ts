/**
 * The SIMD kernels, bound to the memory of one arena. The module is compiled once a process; each
 * arena gets an instance of its own, which sees nothing but that arena.
 *
 * Source: assembly/kernels.ts. The bytes in bytes.ts are built from it by `node build.mjs kernels`,
 * and a test compares them with a fresh build.
 */
import { type SharedMemory, type WasmModule, wasm } from "../base/wasm.ts";
import { kernelBytes } from "./bytes.ts";

export interface Kernels {
  /** Hashes `count` regions listed at `table` as (offset, length) u32 pairs; see assembly/kernels.ts. */
  readonly hashRegions: (table: number, count: number, out: number) => number;
  /** Offset of the first 64-byte block with an f32 NaN, or -1. */
  readonly findNaN32: (at: number, byteLength: number) => number;
  /** Offset of the first 64-byte block with an f64 NaN, or -1. */
  readonly findNaN64: (at: number, byteLength: number) => number;
  /** Brings `count` world matrices up to date; see assembly/kernels.ts. Returns how many it computed. */
  readonly propagate: (table: number, entities: number, parents: number, count: number) => number;
}

/** Bytes that `hashRegions` uses behind its output table. */
export const hashScratchBytes = 64;

let compiled: WasmModule | undefined;

export function bindKernels(memory: SharedMemory): Kernels {
  compiled ??= new wasm.Module(kernelBytes);
  return new wasm.Instance(compiled, { env: { memory } }).exports as unknown as Kernels;
}
