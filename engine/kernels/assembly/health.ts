/**
 * The search for NaN and infinities in columns of f32 and f64, which runs behind every system that writes them. Given
 * whole blocks of 64 bytes; a column's padding is zero and never found.
 */

/**
 * The byte offset from `at` of the first block of 64 bytes that holds an f32 NaN, or -1. `byteLength`
 * is a multiple of 64. Twin: findNaN in engine/sim/health.ts.
 */
export function findNaN32(at: usize, byteLength: u32): i32 {
  const end = at + byteLength;
  for (let p = at; p < end; p += 64) {
    const a = v128.load(p);
    const b = v128.load(p, 16);
    const c = v128.load(p, 32);
    const d = v128.load(p, 48);
    const bad = v128.or(v128.or(f32x4.ne(a, a), f32x4.ne(b, b)), v128.or(f32x4.ne(c, c), f32x4.ne(d, d)));
    if (v128.any_true(bad)) return <i32>(p - at);
  }
  return -1;
}

/** As findNaN32 for f64. */
export function findNaN64(at: usize, byteLength: u32): i32 {
  const end = at + byteLength;
  for (let p = at; p < end; p += 64) {
    const a = v128.load(p);
    const b = v128.load(p, 16);
    const c = v128.load(p, 32);
    const d = v128.load(p, 48);
    const bad = v128.or(v128.or(f64x2.ne(a, a), f64x2.ne(b, b)), v128.or(f64x2.ne(c, c), f64x2.ne(d, d)));
    if (v128.any_true(bad)) return <i32>(p - at);
  }
  return -1;
}

/** As findNaN32 for NaN and infinities: bits whose exponent is all ones. Twin: findNonFinite in engine/sim/health.ts. */
export function findNonFinite32(at: usize, byteLength: u32): i32 {
  const end = at + byteLength;
  const size = i32x4.splat(0x7fffffff);
  const largest = i32x4.splat(0x7f7fffff);
  for (let p = at; p < end; p += 64) {
    const a = i32x4.gt_s(v128.and(v128.load(p), size), largest);
    const b = i32x4.gt_s(v128.and(v128.load(p, 16), size), largest);
    const c = i32x4.gt_s(v128.and(v128.load(p, 32), size), largest);
    const d = i32x4.gt_s(v128.and(v128.load(p, 48), size), largest);
    if (v128.any_true(v128.or(v128.or(a, b), v128.or(c, d)))) return <i32>(p - at);
  }
  return -1;
}

/** As findNonFinite32 for f64. */
export function findNonFinite64(at: usize, byteLength: u32): i32 {
  const end = at + byteLength;
  const size = i64x2.splat(0x7fffffffffffffff);
  const largest = i64x2.splat(0x7fefffffffffffff);
  for (let p = at; p < end; p += 64) {
    const a = i64x2.gt_s(v128.and(v128.load(p), size), largest);
    const b = i64x2.gt_s(v128.and(v128.load(p, 16), size), largest);
    const c = i64x2.gt_s(v128.and(v128.load(p, 32), size), largest);
    const d = i64x2.gt_s(v128.and(v128.load(p, 48), size), largest);
    if (v128.any_true(v128.or(v128.or(a, b), v128.or(c, d)))) return <i32>(p - at);
  }
  return -1;
}
