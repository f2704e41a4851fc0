/**
 * Lights in clusters: which lights reach which cell of a camera's grid of columns, rows and depth slices. A
 * cell is the box about its piece of the frustum. Lights are sifted three times: by slice, by row, by cell,
 * four at once, so a cell's list is written in one go, ascending.
 *
 *     word of `table`  u32
 *      0..3    offsets of the lights' f32 columns x y depth radius, in camera space; depth grows forwards
 *      4       light count, at most 65,535
 *      5       offset of columnCount + 1 slopes x / depth of the borders of columns, ascending f32
 *      6       offset of rowCount + 1 slopes y / depth of the borders of rows, ascending f32
 *      7       offset of sliceCount + 1 depths of the borders of slices, ascending f32, at least 0
 *      8       offset of counts, u16 a cell; cell = (slice * rowCount + row) * columnCount + column
 *      9       offset of lists, u16[countMax] a cell
 *     10..12   countMax, columnCount, rowCount
 *     13       f32 slack, what rounding of the borders may hide, in units of length
 *
 *     scratch, n = light count rounded up to 4, plus 4; nine columns of n words
 *     │ of a slice: x │ depth part │ limit │ y │ number │ of a row: x │ row part │ limit │ number │
 */
import { offsetAt } from "./lanes";

const zero = f32x4(0, 0, 0, 0);
const never = f32x4(-1, -1, -1, -1);

/** The squared distance from `value` to the span low..high. */
// @ts-expect-error: decorator
@inline
function apart(value: v128, low: v128, high: v128): v128 {
  const gap = f32x4.pmax(f32x4.pmax(f32x4.sub(low, value), f32x4.sub(value, high)), zero);
  return f32x4.mul(gap, gap);
}

/** Writes each lane to four or five columns and goes on behind those that the mask keeps; gives the place behind. */
// @ts-expect-error: decorator
@inline
function keep(
  at: usize,
  n: usize,
  mask: u32,
  x: v128,
  part: v128,
  limit: v128,
  fourth: v128,
  fifth: v128,
  hasFifth: bool,
): usize {
  let to = at;
  v128.store_lane<u32>(to, x, 0);
  v128.store_lane<u32>(to + n, part, 0);
  v128.store_lane<u32>(to + n * 2, limit, 0);
  v128.store_lane<u32>(to + n * 3, fourth, 0);
  if (hasFifth) v128.store_lane<u32>(to + n * 4, fifth, 0);
  to += (mask & 1) << 2;
  v128.store_lane<u32>(to, x, 1);
  v128.store_lane<u32>(to + n, part, 1);
  v128.store_lane<u32>(to + n * 2, limit, 1);
  v128.store_lane<u32>(to + n * 3, fourth, 1);
  if (hasFifth) v128.store_lane<u32>(to + n * 4, fifth, 1);
  to += (mask & 2) << 1;
  v128.store_lane<u32>(to, x, 2);
  v128.store_lane<u32>(to + n, part, 2);
  v128.store_lane<u32>(to + n * 2, limit, 2);
  v128.store_lane<u32>(to + n * 3, fourth, 2);
  if (hasFifth) v128.store_lane<u32>(to + n * 4, fifth, 2);
  to += mask & 4;
  v128.store_lane<u32>(to, x, 3);
  v128.store_lane<u32>(to + n, part, 3);
  v128.store_lane<u32>(to + n * 2, limit, 3);
  v128.store_lane<u32>(to + n * 3, fourth, 3);
  if (hasFifth) v128.store_lane<u32>(to + n * 4, fifth, 3);
  return to + ((mask & 8) >> 1);
}

/**
 * Fills the cells of the slices firstSlice..firstSlice+sliceCount-1 and returns how many entries found no
 * place in a full cell. Twin: binLights in engine/kernels/twins/lights.ts.
 */
export function binLights(table: usize, firstSlice: u32, sliceCount: u32, scratch: usize): u32 {
  const lightX = offsetAt(table, 0);
  const lightY = offsetAt(table, 1);
  const lightDepth = offsetAt(table, 2);
  const lightRadius = offsetAt(table, 3);
  const lightCount = load<u32>(table, 16);
  const slopesX = offsetAt(table, 5);
  const slopesY = offsetAt(table, 6);
  const depths = offsetAt(table, 7);
  const countMax = load<u32>(table, 40);
  const columnCount = load<u32>(table, 44);
  const rowCount = load<u32>(table, 48);
  const slack = v128.load32_splat(table, 52);
  const n: usize = <usize>((lightCount + 7) & ~3) << 2;
  const ofRow = scratch + n * 5;
  let overflow: u32 = 0;
  for (let slice = firstSlice; slice < firstSlice + sliceCount; slice++) {
    const near = v128.load32_splat(depths + (<usize>slice << 2));
    const far = v128.load32_splat(depths + (<usize>slice << 2), 4);
    let kept = scratch;
    for (let i: u32 = 0; i < lightCount; i += 4) {
      const at: usize = <usize>i << 2;
      const reach = f32x4.add(v128.load(lightRadius + at), slack);
      const limit = f32x4.mul(f32x4.mul(reach, reach), f32x4.splat(1.000001));
      const part = apart(v128.load(lightDepth + at), near, far);
      let mask: u32 = i32x4.bitmask(f32x4.le(part, limit));
      if (lightCount - i < 4) mask &= (1 << (lightCount - i)) - 1;
      if (mask == 0) continue;
      const number = i32x4.add(i32x4.splat(i), i32x4(0, 1, 2, 3));
      kept = keep(kept, n, mask, v128.load(lightX + at), part, limit, v128.load(lightY + at), number, true);
    }
    const inSlice = kept - scratch;
    v128.store(kept + n * 2, never);
    for (let row: u32 = 0; row < rowCount; row++) {
      const slope = slopesY + (<usize>row << 2);
      const bottom = v128.load32_splat(slope);
      const top = v128.load32_splat(slope, 4);
      const low = f32x4.pmin(f32x4.mul(bottom, near), f32x4.mul(bottom, far));
      const high = f32x4.pmax(f32x4.mul(top, near), f32x4.mul(top, far));
      kept = ofRow;
      for (let at: usize = 0; at < inSlice; at += 16) {
        const from = scratch + at;
        const part = f32x4.add(apart(v128.load(from + n * 3), low, high), v128.load(from + n));
        const limit = v128.load(from + n * 2);
        const mask: u32 = i32x4.bitmask(f32x4.le(part, limit));
        if (mask != 0)
          kept = keep(kept, n, mask, v128.load(from), part, limit, v128.load(from + n * 4), zero, false);
      }
      const inRow = kept - ofRow;
      v128.store(kept + n * 2, never);
      const cells = (slice * rowCount + row) * columnCount;
      for (let column: u32 = 0; column < columnCount; column++)
        overflow += fillCell(table, cells + column, slopesX + (<usize>column << 2), near, far, ofRow, n, inRow, countMax);
    }
  }
  return overflow;
}

// @ts-expect-error: decorator
@inline
function fillCell(
  table: usize,
  cell: u32,
  slope: usize,
  near: v128,
  far: v128,
  lights: usize,
  n: usize,
  byteLength: usize,
  countMax: u32,
): u32 {
  const left = v128.load32_splat(slope);
  const right = v128.load32_splat(slope, 4);
  const low = f32x4.pmin(f32x4.mul(left, near), f32x4.mul(left, far));
  const high = f32x4.pmax(f32x4.mul(right, near), f32x4.mul(right, far));
  const list = offsetAt(table, 9) + (<usize>(cell * countMax) << 1);
  let count: u32 = 0;
  for (let at: usize = 0; at < byteLength; at += 16) {
    const from = lights + at;
    const distance = f32x4.add(apart(v128.load(from), low, high), v128.load(from + n));
    for (
      let mask: u32 = i32x4.bitmask(f32x4.le(distance, v128.load(from + n * 2)));
      mask != 0;
      mask &= mask - 1
    ) {
      if (count < countMax)
        store<u16>(list + (<usize>count << 1), <u16>load<u32>(from + n * 3 + (<usize>ctz<u32>(mask) << 2)));
      count++;
    }
  }
  const stays = min(count, countMax);
  store<u16>(offsetAt(table, 8) + (<usize>cell << 1), <u16>stays);
  return count - stays;
}
