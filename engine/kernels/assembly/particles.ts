/**
 * Particles: one step of a system's columns, from those of the frame before to those of this frame, and
 * the list of those that live. Nothing is changed in place, so a chunk can be done again.
 *
 *     word of `table`   u32 offsets of f32 columns
 *      0..8    before   px py pz vx vy vz life lifeSpan size
 *      9..17   after    px py pz vx vy vz life shownSize alpha
 *     18..21   targets  tx ty tz weight (integrateAttracted only)
 *     word              f32 constants
 *     22       deltaSeconds
 *     23..25   acceleration x y z
 *     26       drag: what is left of a velocity after the step
 *     27..30   floor height, restitution, half extent x, half extent z (the floor lies about the origin)
 *     31, 32   share of its size that a particle ends with, fade rate (alpha is that times the life left)
 */
import { appendBits, appendFour, offsetAt, storeLanes } from "./lanes";

const zero = f32x4(0, 0, 0, 0);
const one = f32x4(1, 1, 1, 1);

// @ts-expect-error: decorator
@inline
function load4(table: usize, word: usize, at: usize): v128 {
  return v128.load(offsetAt(table, word) + at);
}

// @ts-expect-error: decorator
@inline
function store4(table: usize, word: usize, at: usize, value: v128, count: u32): void {
  storeLanes(offsetAt(table, word) + at, value, count);
}

// @ts-expect-error: decorator
@inline
function constant(table: usize, word: usize): v128 {
  return v128.load32_splat(table + (word << 2));
}

/** value + acceleration * dt, the acceleration first drawn to the target. */
// @ts-expect-error: decorator
@inline
function speed(table: usize, axis: usize, at: usize, place: v128, before: v128, attracted: bool): v128 {
  let pull = constant(table, 23 + axis);
  if (attracted) {
    const away = f32x4.sub(load4(table, 18 + axis, at), place);
    pull = f32x4.add(pull, f32x4.mul(away, load4(table, 21, at)));
  }
  return f32x4.add(f32x4.mul(before, constant(table, 26)), f32x4.mul(pull, constant(table, 22)));
}

// @ts-expect-error: decorator
@inline
function stepFour(table: usize, at: usize, count: u32, attracted: bool): void {
  const dt = constant(table, 22);
  const px = load4(table, 0, at);
  const py = load4(table, 1, at);
  const pz = load4(table, 2, at);
  const vx = load4(table, 3, at);
  const vy = load4(table, 4, at);
  const vz = load4(table, 5, at);
  const x = f32x4.add(px, f32x4.mul(vx, dt));
  const z = f32x4.add(pz, f32x4.mul(vz, dt));
  store4(table, 9, at, x, count);
  store4(table, 11, at, z, count);
  store4(table, 12, at, speed(table, 0, at, px, vx, attracted), count);
  store4(table, 14, at, speed(table, 2, at, pz, vz, attracted), count);

  let y = f32x4.add(py, f32x4.mul(vy, dt));
  let speedY = speed(table, 1, at, py, vy, attracted);
  const floor = constant(table, 27);
  const restitution = constant(table, 28);
  const crossed = v128.and(f32x4.lt(y, floor), f32x4.ge(py, floor));
  const isAbove = v128.and(
    f32x4.le(f32x4.abs(x), constant(table, 29)),
    f32x4.le(f32x4.abs(z), constant(table, 30)),
  );
  const bounces = v128.and(crossed, isAbove);
  y = v128.bitselect(f32x4.add(floor, f32x4.mul(f32x4.sub(floor, y), restitution)), y, bounces);
  speedY = v128.bitselect(f32x4.mul(f32x4.abs(speedY), restitution), speedY, bounces);
  store4(table, 10, at, y, count);
  store4(table, 13, at, speedY, count);

  const life = f32x4.sub(load4(table, 6, at), dt);
  store4(table, 15, at, life, count);
  // 0 for what is dead and for NaN, never above 1.
  const left = f32x4.pmin(one, f32x4.pmax(zero, f32x4.div(life, load4(table, 7, at))));
  const end = constant(table, 31);
  const share = f32x4.add(end, f32x4.mul(f32x4.sub(one, end), left));
  store4(table, 16, at, f32x4.mul(load4(table, 8, at), share), count);
  store4(table, 17, at, f32x4.pmin(one, f32x4.mul(left, constant(table, 32))), count);
}

/**
 * Steps the particles first..first+count-1; `first` is a multiple of 4. A particle bounces where it comes
 * through the floor from above. Twin: integrateParticles in engine/kernels/twins/particles.ts.
 */
export function integrateParticles(table: usize, first: u32, count: u32): void {
  let at: usize = <usize>first << 2;
  const end = at + (<usize>(count & ~3) << 2);
  for (; at < end; at += 16) stepFour(table, at, 4, false);
  if ((count & 3) != 0) stepFour(table, at, count & 3, false);
}

/** As integrateParticles; each particle is drawn to its target by weight * distance, weight 0 is none. */
export function integrateAttracted(table: usize, first: u32, count: u32): void {
  let at: usize = <usize>first << 2;
  const end = at + (<usize>(count & ~3) << 2);
  for (; at < end; at += 16) stepFour(table, at, 4, true);
  if ((count & 3) != 0) stepFour(table, at, count & 3, true);
}

/**
 * Writes the indices of those of first..first+count-1 whose life is above 0 as u32 at `out`, ascending,
 * and returns how many; `out` has room for `count`. Twin: compactAlive in engine/kernels/twins/particles.ts.
 */
export function compactAlive(life: usize, first: u32, count: u32, out: usize): u32 {
  let at = out;
  let i = first;
  const end = first + (count & ~3);
  for (; i < end; i += 4) at = appendFour(at, i, i32x4.bitmask(f32x4.gt(v128.load(life + (<usize>i << 2)), zero)));
  if ((count & 3) != 0) {
    const mask: u32 = i32x4.bitmask(f32x4.gt(v128.load(life + (<usize>i << 2)), zero));
    at = appendBits(at, i, mask & ((1 << (count & 3)) - 1));
  }
  return <u32>((at - out) >> 2);
}
