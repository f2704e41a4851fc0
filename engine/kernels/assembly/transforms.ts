/**
 * World matrices from local values, four entities at a time where their indices lie together. Presence,
 * order and parents come from engine/transform; this file knows bytes only.
 */

const one = f32x4(1, 1, 1, 1);
/** Clears the fourth row of a column. */
const threeRows = i32x4(-1, -1, -1, 0);
const lastOfColumn3 = f32x4(0, 0, 0, 1);

// @ts-expect-error: decorator
@inline
function columnOf(table: usize, number: usize, at: usize): v128 {
  return v128.load(<usize>load<u32>(table + number * 4) + at);
}

/**
 * Brings the world matrices of `count` entities up to date: of each whose local values differ from those
 * remembered or whose parent moved. Returns how many. `entities` and `parents` are u32 lists; 0 is no
 * parent. Four indices in a row, the first a multiple of 4, are taken together.
 *
 * `table` holds u32: the offsets of ten local columns (position x y z, rotation x y z w, scale x y z), of
 * their remembered values (for each four entities ten vectors of four), of the matrices, of the presence
 * row of Scale, of the bytes that say who moved, of 192 bytes of scratch; last the bit of Scale.
 * Twin: engine/transform/propagate.ts.
 */
export function propagate(table: usize, entities: usize, parents: usize, count: u32): u32 {
  const remembered: usize = load<u32>(table, 40);
  const matrix: usize = load<u32>(table, 44);
  const scaleRow: usize = load<u32>(table, 48);
  const moved: usize = load<u32>(table, 52);
  const scratch: usize = load<u32>(table, 56);
  const scaleBit = i32x4.splat(load<i32>(table, 60));
  let recomputed: u32 = 0;
  let i: u32 = 0;
  while (i < count) {
    const listed = entities + ((<usize>i) << 2);
    const e: usize = load<u32>(listed);
    let n: u32 = 1;
    if ((e & 3) == 0 && i + 4 <= count) {
      const expected = i32x4.add(i32x4.splat(<i32>e), i32x4(0, 1, 2, 3));
      if (i32x4.all_true(i32x4.eq(v128.load(listed), expected))) n = 4;
    }
    const at = e << 2;
    const local = remembered + (e >> 2) * 160 + ((e & 3) << 2);
    const px = columnOf(table, 0, at);
    const py = columnOf(table, 1, at);
    const pz = columnOf(table, 2, at);
    const x = columnOf(table, 3, at);
    const y = columnOf(table, 4, at);
    const z = columnOf(table, 5, at);
    const w = columnOf(table, 6, at);
    let sx = columnOf(table, 7, at);
    let sy = columnOf(table, 8, at);
    let sz = columnOf(table, 9, at);
    let differs = v128.xor(px, v128.load(local));
    differs = v128.or(differs, v128.xor(py, v128.load(local, 16)));
    differs = v128.or(differs, v128.xor(pz, v128.load(local, 32)));
    differs = v128.or(differs, v128.xor(x, v128.load(local, 48)));
    differs = v128.or(differs, v128.xor(y, v128.load(local, 64)));
    differs = v128.or(differs, v128.xor(z, v128.load(local, 80)));
    differs = v128.or(differs, v128.xor(w, v128.load(local, 96)));
    differs = v128.or(differs, v128.xor(sx, v128.load(local, 112)));
    differs = v128.or(differs, v128.xor(sy, v128.load(local, 128)));
    differs = v128.or(differs, v128.xor(sz, v128.load(local, 144)));
    let mask: u32 = i32x4.bitmask(i32x4.ne(differs, i32x4.splat(0)));
    if (n == 1) mask &= 1;
    if (mask != 0) {
      if (n == 4) {
        v128.store(local, px);
        v128.store(local, py, 16);
        v128.store(local, pz, 32);
        v128.store(local, x, 48);
        v128.store(local, y, 64);
        v128.store(local, z, 80);
        v128.store(local, w, 96);
        v128.store(local, sx, 112);
        v128.store(local, sy, 128);
        v128.store(local, sz, 144);
      } else {
        v128.store_lane<u32>(local, px, 0);
        v128.store_lane<u32>(local, py, 0, 16);
        v128.store_lane<u32>(local, pz, 0, 32);
        v128.store_lane<u32>(local, x, 0, 48);
        v128.store_lane<u32>(local, y, 0, 64);
        v128.store_lane<u32>(local, z, 0, 80);
        v128.store_lane<u32>(local, w, 0, 96);
        v128.store_lane<u32>(local, sx, 0, 112);
        v128.store_lane<u32>(local, sy, 0, 128);
        v128.store_lane<u32>(local, sz, 0, 144);
      }
    }
    // A parent may be one of the four, so what moved is only known one after the other; most groups rest whole.
    const above = parents + ((<usize>i) << 2);
    let stirs: u32 = mask;
    if (stirs == 0) for (let j: u32 = 0; j < n; j++) stirs |= load<u8>(moved + <usize>load<u32>(above + (j << 2)));
    if (stirs == 0) {
      if (n == 4) store<u32>(moved + e, 0);
      else store<u8>(moved + e, 0);
      i += n;
      continue;
    }
    const hasScale = i32x4.ne(v128.and(v128.load(scaleRow + at), scaleBit), i32x4.splat(0));
    sx = v128.bitselect(sx, one, hasScale);
    sy = v128.bitselect(sy, one, hasScale);
    sz = v128.bitselect(sz, one, hasScale);
    const x2 = f32x4.add(x, x);
    const y2 = f32x4.add(y, y);
    const z2 = f32x4.add(z, z);
    const xx = f32x4.mul(x, x2);
    const xy = f32x4.mul(x, y2);
    const xz = f32x4.mul(x, z2);
    const yy = f32x4.mul(y, y2);
    const yz = f32x4.mul(y, z2);
    const zz = f32x4.mul(z, z2);
    const wx = f32x4.mul(w, x2);
    const wy = f32x4.mul(w, y2);
    const wz = f32x4.mul(w, z2);
    v128.store(scratch, f32x4.mul(f32x4.sub(one, f32x4.add(yy, zz)), sx));
    v128.store(scratch, f32x4.mul(f32x4.add(xy, wz), sx), 16);
    v128.store(scratch, f32x4.mul(f32x4.sub(xz, wy), sx), 32);
    v128.store(scratch, f32x4.mul(f32x4.sub(xy, wz), sy), 48);
    v128.store(scratch, f32x4.mul(f32x4.sub(one, f32x4.add(xx, zz)), sy), 64);
    v128.store(scratch, f32x4.mul(f32x4.add(yz, wx), sy), 80);
    v128.store(scratch, f32x4.mul(f32x4.add(xz, wy), sz), 96);
    v128.store(scratch, f32x4.mul(f32x4.sub(yz, wx), sz), 112);
    v128.store(scratch, f32x4.mul(f32x4.sub(one, f32x4.add(xx, yy)), sz), 128);
    v128.store(scratch, px, 144);
    v128.store(scratch, py, 160);
    v128.store(scratch, pz, 176);
    for (let j: u32 = 0; j < n; j++) {
      const parent: usize = load<u32>(above + (j << 2));
      if ((mask & (1 << j)) == 0 && load<u8>(moved + parent) == 0) {
        store<u8>(moved + e + j, 0);
        continue;
      }
      store<u8>(moved + e + j, 1);
      recomputed++;
      const out = matrix + ((e + j) << 6);
      const from = scratch + (j << 2);
      if (parent == 0) {
        for (let column: usize = 0; column < 4; column++) {
          const row = from + column * 48;
          store<f32>(out + column * 16, load<f32>(row));
          store<f32>(out + column * 16, load<f32>(row, 16), 4);
          store<f32>(out + column * 16, load<f32>(row, 32), 8);
          store<f32>(out + column * 16, column == 3 ? 1 : 0, 12);
        }
        continue;
      }
      const parentAt = matrix + (parent << 6);
      const a0 = v128.load(parentAt);
      const a1 = v128.load(parentAt, 16);
      const a2 = v128.load(parentAt, 32);
      const a3 = v128.load(parentAt, 48);
      const c0 = f32x4.add(
        f32x4.add(f32x4.mul(a0, v128.load32_splat(from)), f32x4.mul(a1, v128.load32_splat(from, 16))),
        f32x4.mul(a2, v128.load32_splat(from, 32)),
      );
      const c1 = f32x4.add(
        f32x4.add(f32x4.mul(a0, v128.load32_splat(from, 48)), f32x4.mul(a1, v128.load32_splat(from, 64))),
        f32x4.mul(a2, v128.load32_splat(from, 80)),
      );
      const c2 = f32x4.add(
        f32x4.add(f32x4.mul(a0, v128.load32_splat(from, 96)), f32x4.mul(a1, v128.load32_splat(from, 112))),
        f32x4.mul(a2, v128.load32_splat(from, 128)),
      );
      const c3 = f32x4.add(
        f32x4.add(
          f32x4.add(f32x4.mul(a0, v128.load32_splat(from, 144)), f32x4.mul(a1, v128.load32_splat(from, 160))),
          f32x4.mul(a2, v128.load32_splat(from, 176)),
        ),
        a3,
      );
      v128.store(out, v128.and(c0, threeRows));
      v128.store(out, v128.and(c1, threeRows), 16);
      v128.store(out, v128.and(c2, threeRows), 32);
      v128.store(out, v128.or(v128.and(c3, threeRows), lastOfColumn3), 48);
    }
    i += n;
  }
  return recomputed;
}
