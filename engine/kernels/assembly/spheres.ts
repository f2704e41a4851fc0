/**
 * Bounding spheres: made from world matrices, and tested against the six planes of a camera. A plane is
 * (nx, ny, nz, w) f32 with its normal of length 1 pointing inwards; what is not proven outside is visible,
 * so a NaN is.
 */
import { appendBits, appendFour, offsetAt, storeLanes } from "./lanes";

const farAway = f32x4(Infinity, Infinity, Infinity, Infinity);

/** The lesser of `least` and the signed distances to a plane; NaN leaves `least`. */
// @ts-expect-error: decorator
@inline
function nearer(least: v128, plane: usize, x: v128, y: v128, z: v128): v128 {
  const xy = f32x4.add(f32x4.mul(v128.load32_splat(plane), x), f32x4.mul(v128.load32_splat(plane, 4), y));
  const xyz = f32x4.add(xy, f32x4.mul(v128.load32_splat(plane, 8), z));
  return f32x4.pmin(least, f32x4.add(xyz, v128.load32_splat(plane, 12)));
}

/** The mask of the lanes whose spheres reach inside all six planes. */
// @ts-expect-error: decorator
@inline
export function visibleFour(planes: usize, x: v128, y: v128, z: v128, r: v128): u32 {
  let least = nearer(farAway, planes, x, y, z);
  least = nearer(least, planes + 16, x, y, z);
  least = nearer(least, planes + 32, x, y, z);
  least = nearer(least, planes + 48, x, y, z);
  least = nearer(least, planes + 64, x, y, z);
  least = nearer(least, planes + 80, x, y, z);
  return 15 ^ i32x4.bitmask(f32x4.lt(least, f32x4.neg(r)));
}

/**
 * Writes the numbers of the visible ones of the spheres first..first+count-1 as u32 at `out`, ascending, and
 * returns how many; `first` is a multiple of 4, `out` has room for `count`.
 *
 * `table` holds u32 offsets of the columns x y z radius. Twin: cullSpheres in engine/kernels/twins/spheres.ts.
 */
export function cullSpheres(table: usize, planes: usize, first: u32, count: u32, out: usize): u32 {
  const start: usize = <usize>first << 2;
  const x = offsetAt(table, 0) + start;
  const y = offsetAt(table, 1) + start;
  const z = offsetAt(table, 2) + start;
  const r = offsetAt(table, 3) + start;
  let at = out;
  let i: u32 = 0;
  const fours = count & ~3;
  for (; i < fours; i += 4) {
    const k: usize = <usize>i << 2;
    const mask = visibleFour(planes, v128.load(x + k), v128.load(y + k), v128.load(z + k), v128.load(r + k));
    // Without asking whether any is visible: one sphere in ten makes that a coin toss, and a wrong guess costs more.
    at = appendFour(at, first + i, mask);
  }
  if (i < count) {
    const k: usize = <usize>i << 2;
    const mask = visibleFour(planes, v128.load(x + k), v128.load(y + k), v128.load(z + k), v128.load(r + k));
    at = appendBits(at, first + i, mask & ((1 << (count - i)) - 1));
  }
  return <u32>((at - out) >> 2);
}

// @ts-expect-error: decorator
@inline
function squaredLength(x: v128, y: v128, z: v128): v128 {
  return f32x4.add(f32x4.add(f32x4.mul(x, x), f32x4.mul(y, y)), f32x4.mul(z, z));
}

/** Four squared lengths of column `column` of four matrices. */
// @ts-expect-error: decorator
@inline
function columnLengths(a: usize, b: usize, c: usize, d: usize): v128 {
  const va = v128.load(a);
  const vb = v128.load(b);
  const vc = v128.load(c);
  const vd = v128.load(d);
  const abXY = v128.shuffle<u32>(va, vb, 0, 4, 1, 5);
  const cdXY = v128.shuffle<u32>(vc, vd, 0, 4, 1, 5);
  const abZ = v128.shuffle<u32>(va, vb, 2, 6, 3, 7);
  const cdZ = v128.shuffle<u32>(vc, vd, 2, 6, 3, 7);
  return squaredLength(
    v128.shuffle<u32>(abXY, cdXY, 0, 1, 4, 5),
    v128.shuffle<u32>(abXY, cdXY, 2, 3, 6, 7),
    v128.shuffle<u32>(abZ, cdZ, 0, 1, 4, 5),
  );
}

// @ts-expect-error: decorator
@inline
function sphereFour(table: usize, i: u32, count: u32): void {
  const matrices = offsetAt(table, 0);
  const listed = offsetAt(table, 1) + (<usize>i << 2);
  const radii = offsetAt(table, 2);
  const at: usize = <usize>i << 2;
  const e0: usize = load<u32>(listed);
  const e1: usize = count > 1 ? <usize>load<u32>(listed, 4) : e0;
  const e2: usize = count > 2 ? <usize>load<u32>(listed, 8) : e0;
  const e3: usize = count > 3 ? <usize>load<u32>(listed, 12) : e0;
  const a = matrices + (e0 << 6);
  const b = matrices + (e1 << 6);
  const c = matrices + (e2 << 6);
  const d = matrices + (e3 << 6);
  const first = columnLengths(a, b, c, d);
  const second = columnLengths(a + 16, b + 16, c + 16, d + 16);
  const third = columnLengths(a + 32, b + 32, c + 32, d + 32);
  const scale = f32x4.sqrt(f32x4.pmax(f32x4.pmax(first, second), third));
  let r = v128.load32_zero(radii + (e0 << 2));
  r = v128.load_lane<u32>(radii + (e1 << 2), r, 1);
  r = v128.load_lane<u32>(radii + (e2 << 2), r, 2);
  r = v128.load_lane<u32>(radii + (e3 << 2), r, 3);
  const va = v128.load(a, 48);
  const vb = v128.load(b, 48);
  const vc = v128.load(c, 48);
  const vd = v128.load(d, 48);
  const abXY = v128.shuffle<u32>(va, vb, 0, 4, 1, 5);
  const cdXY = v128.shuffle<u32>(vc, vd, 0, 4, 1, 5);
  const abZ = v128.shuffle<u32>(va, vb, 2, 6, 3, 7);
  const cdZ = v128.shuffle<u32>(vc, vd, 2, 6, 3, 7);
  storeLanes(offsetAt(table, 3) + at, v128.shuffle<u32>(abXY, cdXY, 0, 1, 4, 5), count);
  storeLanes(offsetAt(table, 4) + at, v128.shuffle<u32>(abXY, cdXY, 2, 3, 6, 7), count);
  storeLanes(offsetAt(table, 5) + at, v128.shuffle<u32>(abZ, cdZ, 0, 1, 4, 5), count);
  storeLanes(offsetAt(table, 6) + at, f32x4.mul(scale, r), count);
}

/**
 * Writes the spheres of the entities listed at first..first+count-1; `first` is a multiple of 4. The radius is
 * that of the entity times the length of its matrix's longest column.
 *
 * `table` holds u32 offsets: matrices (16 f32 an entity, column-major), list of entities (u32), local radii
 * (f32, by entity), then the columns x y z radius that are written, by place in the list.
 * Twin: spheresFromMatrices in engine/kernels/twins/spheres.ts.
 */
export function spheresFromMatrices(table: usize, first: u32, count: u32): void {
  let i = first;
  const end = first + (count & ~3);
  for (; i < end; i += 4) sphereFour(table, i, 4);
  if ((count & 3) != 0) sphereFour(table, i, count & 3);
}
