/**
 * The hierarchy of boxes over spheres: eight spheres that lie together in `order` have a box, eight boxes
 * have one, and so on up to at most eight. engine/render/culling/hierarchy.ts draws the memory.
 *
 *     word of `table`  u32
 *      0..3    offsets of the spheres' columns x y z radius
 *      4       offset of `order`, u32: sphere at each sorted place, padded to whole eights by the last
 *      5..8    offsets of the sorted columns x y z radius
 *      9, 10   sphere count, level count
 *     16 + 8 * level ..  offsets of the boxes' columns min x y z, max x y z, then the box count
 *
 *     scratch of a query: 48 f32 of planes │ 80 u32 of stack │ one bit a sphere, in whole 16 bytes, all 0
 */
import { gatherFour, offsetAt } from "./lanes";
import { visibleFour } from "./spheres";

const empty = f32x4(Infinity, Infinity, Infinity, Infinity);
const half = f32x4(0.5, 0.5, 0.5, 0.5);
const zero = f32x4(0, 0, 0, 0);
const stackAt: usize = 192;
const bitsAt: usize = 512;

// @ts-expect-error: decorator
@inline
function leastOf(a: v128, b: v128): f32 {
  const four = f32x4.min(a, b);
  const two = f32x4.min(four, v128.shuffle<u32>(four, four, 2, 3, 0, 1));
  return f32x4.extract_lane(f32x4.min(two, v128.shuffle<u32>(two, two, 1, 0, 3, 2)), 0);
}

// @ts-expect-error: decorator
@inline
function mostOf(a: v128, b: v128): f32 {
  const four = f32x4.max(a, b);
  const two = f32x4.max(four, v128.shuffle<u32>(four, four, 2, 3, 0, 1));
  return f32x4.extract_lane(f32x4.max(two, v128.shuffle<u32>(two, two, 1, 0, 3, 2)), 0);
}

/** Fits one axis of a box about eight spheres and stores their places. */
// @ts-expect-error: decorator
@inline
function fitAxis(table: usize, axis: usize, at: usize, a: v128, b: v128, r: v128, s: v128): void {
  const sorted = offsetAt(table, 5 + axis) + at;
  v128.store(sorted, a);
  v128.store(sorted, b, 16);
  store<f32>(offsetAt(table, 16 + axis) + (at >> 3), leastOf(f32x4.sub(a, r), f32x4.sub(b, s)));
  store<f32>(offsetAt(table, 19 + axis) + (at >> 3), mostOf(f32x4.add(a, r), f32x4.add(b, s)));
}

/**
 * Sorts the spheres of the lowest boxes first..first+count-1 into their places and fits those boxes.
 * Twin: fitSpheres in engine/kernels/twins/hierarchy.ts.
 */
export function fitSpheres(table: usize, first: u32, count: u32): void {
  const radii = offsetAt(table, 3);
  for (let box = first; box < first + count; box++) {
    const at: usize = <usize>box << 5;
    const low = offsetAt(table, 4) + at;
    const high = low + 16;
    const r = gatherFour(radii, low);
    const s = gatherFour(radii, high);
    v128.store(offsetAt(table, 8) + at, r);
    v128.store(offsetAt(table, 8) + at, s, 16);
    fitAxis(table, 0, at, gatherFour(offsetAt(table, 0), low), gatherFour(offsetAt(table, 0), high), r, s);
    fitAxis(table, 1, at, gatherFour(offsetAt(table, 1), low), gatherFour(offsetAt(table, 1), high), r, s);
    fitAxis(table, 2, at, gatherFour(offsetAt(table, 2), low), gatherFour(offsetAt(table, 2), high), r, s);
  }
}

/**
 * Fits the boxes first..first+count-1 of `level`, at least 1, about those of the level below. Places behind the
 * last box of a level hold +Infinity and -Infinity. Twin: fitBoxes in engine/kernels/twins/hierarchy.ts.
 */
export function fitBoxes(table: usize, level: u32, first: u32, count: u32): void {
  const own: usize = 16 + (<usize>level << 3);
  const below: usize = own - 8;
  for (let box = first; box < first + count; box++) {
    const at: usize = <usize>box << 5;
    const to: usize = <usize>box << 2;
    for (let axis: usize = 0; axis < 3; axis++) {
      const low = offsetAt(table, below + axis) + at;
      const high = offsetAt(table, below + 3 + axis) + at;
      store<f32>(offsetAt(table, own + axis) + to, leastOf(v128.load(low), v128.load(low, 16)));
      store<f32>(offsetAt(table, own + 3 + axis) + to, mostOf(v128.load(high), v128.load(high, 16)));
    }
  }
}

/**
 * Prepares the planes for boxes: normal, its absolute values, and w with the slack that keeps rounding
 * from rejecting or accepting what the test of a sphere would not.
 */
function preparePlanes(table: usize, planes: usize, scratch: usize): void {
  const top: usize = 8 + (<usize>load<u32>(table, 40) << 3);
  const boxCount = load<u32>(table + (top << 2), 24);
  let x: f32 = 0;
  let y: f32 = 0;
  let z: f32 = 0;
  for (let box: usize = 0; box < <usize>boxCount; box++) {
    const at = box << 2;
    x = max(x, max(abs(load<f32>(offsetAt(table, top) + at)), abs(load<f32>(offsetAt(table, top + 3) + at))));
    y = max(y, max(abs(load<f32>(offsetAt(table, top + 1) + at)), abs(load<f32>(offsetAt(table, top + 4) + at))));
    z = max(z, max(abs(load<f32>(offsetAt(table, top + 2) + at)), abs(load<f32>(offsetAt(table, top + 5) + at))));
  }
  for (let plane: usize = 0; plane < 6; plane++) {
    const from = planes + (plane << 4);
    const to = scratch + (plane << 5);
    const nx = load<f32>(from);
    const ny = load<f32>(from, 4);
    const nz = load<f32>(from, 8);
    const w = load<f32>(from, 12);
    const slack = (abs(nx) * x + abs(ny) * y + abs(nz) * z + abs(w)) * 0.000002;
    store<f32>(to, nx);
    store<f32>(to, ny, 4);
    store<f32>(to, nz, 8);
    store<f32>(to, abs(nx), 12);
    store<f32>(to, abs(ny), 16);
    store<f32>(to, abs(nz), 20);
    store<f32>(to, w + slack, 24);
    store<f32>(to, w - slack, 28);
  }
}

/** Four boxes against the planes: those that are wholly inside in bits 0..3, those that are outside in bits 4..7. */
// @ts-expect-error: decorator
@inline
function testFour(table: usize, columns: usize, at: usize, planes: usize): u32 {
  const lowX = v128.load(offsetAt(table, columns) + at);
  const lowY = v128.load(offsetAt(table, columns + 1) + at);
  const lowZ = v128.load(offsetAt(table, columns + 2) + at);
  const highX = v128.load(offsetAt(table, columns + 3) + at);
  const highY = v128.load(offsetAt(table, columns + 4) + at);
  const highZ = v128.load(offsetAt(table, columns + 5) + at);
  const x = f32x4.mul(f32x4.add(lowX, highX), half);
  const y = f32x4.mul(f32x4.add(lowY, highY), half);
  const z = f32x4.mul(f32x4.add(lowZ, highZ), half);
  const dx = f32x4.mul(f32x4.sub(highX, lowX), half);
  const dy = f32x4.mul(f32x4.sub(highY, lowY), half);
  const dz = f32x4.mul(f32x4.sub(highZ, lowZ), half);
  let outside = zero;
  let inside = i32x4.splat(-1);
  for (let plane = planes; plane < planes + stackAt; plane += 32) {
    const xy = f32x4.add(f32x4.mul(v128.load32_splat(plane), x), f32x4.mul(v128.load32_splat(plane, 4), y));
    const center = f32x4.add(xy, f32x4.mul(v128.load32_splat(plane, 8), z));
    const dxy = f32x4.add(f32x4.mul(v128.load32_splat(plane, 12), dx), f32x4.mul(v128.load32_splat(plane, 16), dy));
    const extent = f32x4.add(dxy, f32x4.mul(v128.load32_splat(plane, 20), dz));
    const farthest = f32x4.add(f32x4.add(center, extent), v128.load32_splat(plane, 24));
    const nearest = f32x4.add(f32x4.sub(center, extent), v128.load32_splat(plane, 28));
    outside = v128.or(outside, f32x4.lt(farthest, zero));
    inside = v128.and(inside, f32x4.ge(nearest, zero));
  }
  return i32x4.bitmask(inside) | (i32x4.bitmask(outside) << 4);
}

// @ts-expect-error: decorator
@inline
function mark(bits: usize, sphere: u32): void {
  const word = bits + ((<usize>sphere >> 5) << 2);
  store<u32>(word, load<u32>(word) | (1 << (sphere & 31)));
}

/** Marks all spheres below box `box` of `level`. */
function markAll(order: usize, count: u32, level: u32, box: u32, bits: usize): void {
  const shift = 3 * (level + 1);
  const end = min(count, (box + 1) << shift);
  for (let k = box << shift; k < end; k++) mark(bits, load<u32>(order + (<usize>k << 2)));
}

// @ts-expect-error: decorator
@inline
function markTested(table: usize, planes: usize, at: usize, bits: usize): void {
  const mask = visibleFour(
    planes,
    v128.load(offsetAt(table, 5) + at),
    v128.load(offsetAt(table, 6) + at),
    v128.load(offsetAt(table, 7) + at),
    v128.load(offsetAt(table, 8) + at),
  );
  for (let rest = mask; rest != 0; rest &= rest - 1)
    mark(bits, load<u32>(offsetAt(table, 4) + at + (<usize>ctz<u32>(rest) << 2)));
}

/**
 * Writes the numbers of the visible spheres as u32 at `out`, ascending, and returns how many: those that
 * cullSpheres would write, whatever the boxes. `out` has room for all. The bits of the scratch are 0 again
 * afterwards. Twin: cullSpheres, which needs no boxes.
 */
export function cullHierarchy(table: usize, planes: usize, scratch: usize, out: usize): u32 {
  const count = load<u32>(table, 36);
  if (count == 0) return 0;
  const levelCount = load<u32>(table, 40);
  const order = offsetAt(table, 4);
  const bits = scratch + bitsAt;
  preparePlanes(table, planes, scratch);
  // An entry is a level and the number of its first box of eight. At most 7 of each level wait, and one more.
  const stack = scratch + stackAt;
  store<u32>(stack, (levelCount - 1) << 28);
  let top = stack + 4;
  while (top > stack) {
    top -= 4;
    const entry = load<u32>(top);
    const level = entry >> 28;
    const first = entry & 0x0fffffff;
    const columns: usize = 16 + (<usize>level << 3);
    const at: usize = <usize>first << 2;
    const low = testFour(table, columns, at, scratch);
    const high = testFour(table, columns, at + 16, scratch);
    const there = load<u32>(table + (columns << 2), 24) - first;
    const exist: u32 = there < 8 ? (1 << there) - 1 : 255;
    const inside = ((low & 15) | ((high & 15) << 4)) & exist;
    const outside = (low >> 4) | (high & 0xf0);
    for (let rest = inside; rest != 0; rest &= rest - 1) markAll(order, count, level, first + ctz<u32>(rest), bits);
    for (let rest = exist & ~(inside | outside); rest != 0; rest &= rest - 1) {
      const box = first + ctz<u32>(rest);
      if (level == 0) {
        markTested(table, planes, <usize>box << 5, bits);
        markTested(table, planes, (<usize>box << 5) + 16, bits);
      } else {
        store<u32>(top, ((level - 1) << 28) | (box << 3));
        top += 4;
      }
    }
  }
  return listBits(bits, count, out);
}

/** Lists the set bits of the first `count` and clears them. */
// @ts-expect-error: decorator
@inline
function listBits(bits: usize, count: u32, out: usize): u32 {
  let at = out;
  for (let i: u32 = 0; i < count; i += 64) {
    const word = bits + (<usize>i >> 3);
    let rest = load<u64>(word);
    if (rest == 0) continue;
    store<u64>(word, 0);
    for (; rest != 0; rest &= rest - 1) {
      store<u32>(at, i + <u32>ctz<u64>(rest));
      at += 4;
    }
  }
  return <u32>((at - out) >> 2);
}
