/**
 * Rows of instances: matrices as three rows of four f32, and tints as linear light in four half floats.
 *
 *     word of `table`  u32 offsets
 *     0   matrices, 16 f32 an entity, column-major
 *     1   list of entities, u32, in the order of instances
 *     2   tints, u32 0xAABBGGRR (sRGB), by entity
 *     3   out: 12 f32 an instance
 *     4   out: 4 f16 an instance, red green blue alpha
 *     5   u16[512]: the half floats of 256 sRGB bytes, then those of 256 alphas (engine/kernels/half-floats.ts)
 */
import { offsetAt } from "./lanes";

/** Writes the instances first..first+count-1. Twin: packInstances in engine/kernels/twins/instances.ts. */
export function packInstances(table: usize, first: u32, count: u32): void {
  const matrices = offsetAt(table, 0);
  const listed = offsetAt(table, 1);
  const tints = offsetAt(table, 2);
  const light = offsetAt(table, 5);
  let rows = offsetAt(table, 3) + <usize>first * 48;
  let colors = offsetAt(table, 4) + (<usize>first << 3);
  let from = listed + (<usize>first << 2);
  const end = from + (<usize>count << 2);
  for (; from < end; from += 4, rows += 48, colors += 8) {
    const e: usize = load<u32>(from);
    const matrix = matrices + (e << 6);
    const a = v128.load(matrix);
    const b = v128.load(matrix, 16);
    const c = v128.load(matrix, 32);
    const d = v128.load(matrix, 48);
    const abXY = v128.shuffle<u32>(a, b, 0, 4, 1, 5);
    const cdXY = v128.shuffle<u32>(c, d, 0, 4, 1, 5);
    const abZ = v128.shuffle<u32>(a, b, 2, 6, 3, 7);
    const cdZ = v128.shuffle<u32>(c, d, 2, 6, 3, 7);
    v128.store(rows, v128.shuffle<u32>(abXY, cdXY, 0, 1, 4, 5));
    v128.store(rows, v128.shuffle<u32>(abXY, cdXY, 2, 3, 6, 7), 16);
    v128.store(rows, v128.shuffle<u32>(abZ, cdZ, 0, 1, 4, 5), 32);
    const tint = load<u32>(tints + (e << 2));
    const red: u64 = load<u16>(light + (<usize>(tint & 255) << 1));
    const green: u64 = load<u16>(light + (<usize>((tint >> 8) & 255) << 1));
    const blue: u64 = load<u16>(light + (<usize>((tint >> 16) & 255) << 1));
    const alpha: u64 = load<u16>(light + (<usize>(tint >> 24) << 1), 512);
    store<u64>(colors, red | (green << 16) | (blue << 32) | (alpha << 48));
  }
}
