/**
 * The search for NaN in columns of f32 and f64, which runs behind every system that writes them. Given
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
