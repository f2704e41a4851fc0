/**
 * Level of detail: how large a sphere is on the screen decides a level, 0 (finest) to 3 (too small to draw).
 * Squares are compared, so nothing is divided and no root is taken. The level of the frame before shifts the
 * thresholds: who is finer stays so a little longer, so nobody flaps at a border.
 *
 *     word of `table`  u32 offsets
 *      0..3    columns x y z radius of the spheres, f32, by place in the list
 *      4       list of entities, u32
 *      5       mesh, u16, by entity
 *      6, 7    level before and level after, u8, by entity
 *      8       thresholds: for each mesh four f32, the squares of the sizes below which level 1, 2, 3 begins, and 0
 *     word             f32
 *      9..11   camera x y z
 *     12       projection scale: size = radius * that / distance
 *     13, 14   squares of the factors of a threshold for who is finer than it (<= 1) and for who is not (>= 1)
 */
import { offsetAt } from "./lanes";

// @ts-expect-error: decorator
@inline
function constant(table: usize, word: usize): v128 {
  return v128.load32_splat(table + (word << 2));
}

/** 1 for each lane whose sphere is at least as large as threshold number `level`, else 0; negated. */
// @ts-expect-error: decorator
@inline
function passes(table: usize, level: i32, before: v128, threshold: v128, size: v128, distance: v128): v128 {
  const isFiner = i32x4.le_s(before, i32x4.splat(level));
  const factor = v128.bitselect(constant(table, 13), constant(table, 14), isFiner);
  return f32x4.ge(size, f32x4.mul(f32x4.mul(threshold, factor), distance));
}

// @ts-expect-error: decorator
@inline
function selectFour(table: usize, i: u32, count: u32): void {
  const at: usize = <usize>i << 2;
  const listed = offsetAt(table, 4) + at;
  const mesh = offsetAt(table, 5);
  const before = offsetAt(table, 6);
  const after = offsetAt(table, 7);
  const thresholds = offsetAt(table, 8);
  const e0: usize = load<u32>(listed);
  const e1: usize = count > 1 ? <usize>load<u32>(listed, 4) : e0;
  const e2: usize = count > 2 ? <usize>load<u32>(listed, 8) : e0;
  const e3: usize = count > 3 ? <usize>load<u32>(listed, 12) : e0;
  const x = f32x4.sub(v128.load(offsetAt(table, 0) + at), constant(table, 9));
  const y = f32x4.sub(v128.load(offsetAt(table, 1) + at), constant(table, 10));
  const z = f32x4.sub(v128.load(offsetAt(table, 2) + at), constant(table, 11));
  const distance = f32x4.add(f32x4.add(f32x4.mul(x, x), f32x4.mul(y, y)), f32x4.mul(z, z));
  const wide = f32x4.mul(v128.load(offsetAt(table, 3) + at), constant(table, 12));
  const size = f32x4.mul(wide, wide);

  const a = v128.load(thresholds + (<usize>load<u16>(mesh + (e0 << 1)) << 4));
  const b = v128.load(thresholds + (<usize>load<u16>(mesh + (e1 << 1)) << 4));
  const c = v128.load(thresholds + (<usize>load<u16>(mesh + (e2 << 1)) << 4));
  const d = v128.load(thresholds + (<usize>load<u16>(mesh + (e3 << 1)) << 4));
  const ab = v128.shuffle<u32>(a, b, 0, 4, 1, 5);
  const cd = v128.shuffle<u32>(c, d, 0, 4, 1, 5);
  const t0 = v128.shuffle<u32>(ab, cd, 0, 1, 4, 5);
  const t1 = v128.shuffle<u32>(ab, cd, 2, 3, 6, 7);
  const t2 = v128.shuffle<u32>(v128.shuffle<u32>(a, b, 2, 6, 3, 7), v128.shuffle<u32>(c, d, 2, 6, 3, 7), 0, 1, 4, 5);

  const was = i32x4(load<u8>(before + e0), load<u8>(before + e1), load<u8>(before + e2), load<u8>(before + e3));
  let level = i32x4.add(i32x4.splat(3), passes(table, 0, was, t0, size, distance));
  level = i32x4.add(level, passes(table, 1, was, t1, size, distance));
  level = i32x4.add(level, passes(table, 2, was, t2, size, distance));
  v128.store_lane<u8>(after + e0, level, 0);
  if (count > 1) v128.store_lane<u8>(after + e1, level, 4);
  if (count > 2) v128.store_lane<u8>(after + e2, level, 8);
  if (count > 3) v128.store_lane<u8>(after + e3, level, 12);
}

/**
 * Writes the levels of the entities listed at first..first+count-1; `first` is a multiple of 4 and no entity is
 * listed twice. NaN gives 3. Twin: selectLevels in engine/kernels/twins/levels.ts.
 */
export function selectLevels(table: usize, first: u32, count: u32): void {
  let i = first;
  const end = first + (count & ~3);
  for (; i < end; i += 4) selectFour(table, i, 4);
  if ((count & 3) != 0) selectFour(table, i, count & 3);
}
