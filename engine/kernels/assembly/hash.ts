/**
 * The hash of state: sixteen lanes of u32 over blocks of 64 bytes. Given regions of the arena, it writes
 * 64 bits for each. The bits enter every tick hash, so a change here ends all journals.
 */

const multiplier: i32 = 0x85ebca77;
const laneSeed: i32 = 0x9e3779b9;

// @ts-expect-error: decorator
@inline
function step(lane: v128, words: v128, factor: v128): v128 {
  const product = i32x4.mul(v128.xor(lane, words), factor);
  return v128.xor(product, i32x4.shr_u(product, 15));
}

// @ts-expect-error: decorator
@inline
function avalanche(value: u32): u32 {
  let h = value;
  h = (h ^ (h >> 16)) * 0x85ebca6b;
  h = (h ^ (h >> 13)) * 0xc2b2ae35;
  return h ^ (h >> 16);
}

/**
 * Hashes `count` regions. `table` holds (byte offset, byte length) as u32 pairs, lengths multiples of
 * 64; `out` receives (low, high) u32 pairs and needs 64 bytes of scratch behind them. Twin: hashWords in engine/base/hash.ts.
 */
export function hashRegions(table: usize, count: u32, out: usize): void {
  const lanes = out + count * 8;
  // Through memory, so that no compiler knows it: V8 would make a constant anew at each use, a third of the loop's time.
  store<i32>(lanes, multiplier);
  const factor = v128.load32_splat(lanes);
  for (let region: u32 = 0; region < count; region++) {
    let at: usize = load<u32>(table + region * 8);
    const byteLength = load<u32>(table + region * 8, 4);
    const end = at + byteLength;
    let a = i32x4(laneSeed, laneSeed * 2, laneSeed * 3, laneSeed * 4);
    let b = i32x4(laneSeed * 5, laneSeed * 6, laneSeed * 7, laneSeed * 8);
    let c = i32x4(laneSeed * 9, laneSeed * 10, laneSeed * 11, laneSeed * 12);
    let d = i32x4(laneSeed * 13, laneSeed * 14, laneSeed * 15, laneSeed * 16);
    for (; at < end; at += 64) {
      a = step(a, v128.load(at), factor);
      b = step(b, v128.load(at, 16), factor);
      c = step(c, v128.load(at, 32), factor);
      d = step(d, v128.load(at, 48), factor);
    }
    let low = byteLength;
    let high = ~byteLength;
    v128.store(lanes, a);
    v128.store(lanes, b, 16);
    v128.store(lanes, c, 32);
    v128.store(lanes, d, 48);
    for (let i: usize = 0; i < 16; i++) {
      low = avalanche(low ^ load<u32>(lanes + i * 4));
      high = avalanche(high ^ load<u32>(lanes + (15 - i) * 4));
    }
    store<u32>(out + region * 8, low);
    store<u32>(out + region * 8, high, 4);
  }
}
