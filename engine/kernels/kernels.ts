/**
 * The SIMD kernels, bound to the memory of one arena. The module is compiled once a process; each
 * arena gets an instance of its own for each thread, which sees nothing but that arena.
 *
 * Source: assembly/kernels.ts. The bytes in bytes.ts are built from it by `node build.mjs kernels`,
 * and a test compares them with a fresh build.
 */
import { type SharedMemory, type WasmModule, wasm } from "../base/wasm.ts";
import { kernelBytes } from "./bytes.ts";

/**
 * The kernels of the parallel frame. Arguments are byte offsets into the arena and counts; `table` is laid out
 * as its file in assembly/ draws it, and tables.ts writes it. Columns begin at multiples of 16 bytes, `first` is a
 * multiple of 4. Outputs are disjoint for disjoint ranges, and nothing is read that is written, so chunks may
 * run on any threads in any order and any chunk again.
 */
export interface FrameKernels {
  /** Copies `count` regions listed at `table` as (from, to, byte length) u32 triples, all multiples of 16. */
  readonly copyRegions: (table: number, count: number) => void;
  /** Steps particles from their columns before to their columns after; see assembly/particles.ts. */
  readonly integrateParticles: (table: number, first: number, count: number) => void;
  /** As integrateParticles, each particle drawn to a target of its own. */
  readonly integrateAttracted: (table: number, first: number, count: number) => void;
  /** Lists those of a range of the f32 column at `life` that are above 0, as u32 at `out`; returns how many. */
  readonly compactAlive: (life: number, first: number, count: number, out: number) => number;
  /** Copies the listed elements of columns to the places from `place` on; see assembly/gather.ts. */
  readonly gatherColumns: (table: number, columnCount: number, indices: number, count: number, place: number) => void;
  /** Makes bounding spheres of listed entities; see assembly/spheres.ts. */
  readonly spheresFromMatrices: (table: number, first: number, count: number) => void;
  /** Lists the visible spheres of a range as u32 at `out`; `planes` is f32[24]. Returns how many. */
  readonly cullSpheres: (table: number, planes: number, first: number, count: number, out: number) => number;
  /** Fits the lowest boxes of a hierarchy to spheres that moved; see assembly/hierarchy.ts. */
  readonly fitSpheres: (table: number, first: number, count: number) => void;
  /** Fits boxes of a higher level; all of the level below are fitted before. */
  readonly fitBoxes: (table: number, level: number, first: number, count: number) => void;
  /** Lists all visible spheres of a hierarchy as u32 at `out`; `scratch` is the caller's own. Returns how many. */
  readonly cullHierarchy: (table: number, planes: number, scratch: number, out: number) => number;
  /** Chooses levels of detail for listed entities; see assembly/levels.ts. */
  readonly selectLevels: (table: number, first: number, count: number) => void;
  /** Lists the lights of each cell of some depth slices; returns the entries that found no place. */
  readonly binLights: (table: number, firstSlice: number, sliceCount: number, scratch: number) => number;
  /** Writes rows and colours of instances; see assembly/instances.ts. */
  readonly packInstances: (table: number, first: number, count: number) => void;
}

export interface Kernels extends FrameKernels {
  /** Hashes `count` regions listed at `table` as (offset, length) u32 pairs; see assembly/hash.ts. */
  readonly hashRegions: (table: number, count: number, out: number) => number;
  /** Offset of the first 64-byte block with an f32 NaN, or -1. */
  readonly findNaN32: (at: number, byteLength: number) => number;
  /** Offset of the first 64-byte block with an f64 NaN, or -1. */
  readonly findNaN64: (at: number, byteLength: number) => number;
  /** As findNaN32 and findNaN64, for NaN and infinities. */
  readonly findNonFinite32: (at: number, byteLength: number) => number;
  readonly findNonFinite64: (at: number, byteLength: number) => number;
  /** Brings `count` world matrices up to date; see assembly/transforms.ts. Returns how many it computed. */
  readonly propagate: (table: number, entities: number, parents: number, count: number) => number;
}

/** Bytes that `hashRegions` uses behind its output table. */
export const hashScratchBytes = 64;

let compiled: WasmModule | undefined;

export function bindKernels(memory: SharedMemory): Kernels {
  compiled ??= new wasm.Module(kernelBytes);
  return new wasm.Instance(compiled, { env: { memory } }).exports as unknown as Kernels;
}
