/**
 * What kernels have in common: the ends of columns, lists of indices, offsets from tables. Columns begin at
 * multiples of 16 bytes. A kernel may read up to the end of the last vector; it never writes behind `count`.
 */

// @ts-expect-error: decorator
@inline
export function offsetAt(table: usize, word: usize): usize {
  return <usize>load<u32>(table + (word << 2));
}

/** Stores the first `count` lanes, 1 to 4. */
// @ts-expect-error: decorator
@inline
export function storeLanes(at: usize, value: v128, count: u32): void {
  if (count == 4) {
    v128.store(at, value);
    return;
  }
  v128.store_lane<u32>(at, value, 0);
  if (count > 1) v128.store_lane<u32>(at, value, 1, 4);
  if (count > 2) v128.store_lane<u32>(at, value, 2, 8);
}

/**
 * Writes index + lane for each set bit of a mask of 4 and gives the place behind. It may write one entry
 * behind what it keeps, so not more than the lanes that it is given may be asked for: all four exist.
 */
// @ts-expect-error: decorator
@inline
export function appendFour(out: usize, index: u32, mask: u32): usize {
  store<u32>(out, index);
  let at = out + ((mask & 1) << 2);
  store<u32>(at, index + 1);
  at += (mask & 2) << 1;
  store<u32>(at, index + 2);
  at += mask & 4;
  store<u32>(at, index + 3);
  return at + ((mask & 8) >> 1);
}

/** As appendFour for a mask of any width, and it writes what it keeps only. */
// @ts-expect-error: decorator
@inline
export function appendBits(out: usize, index: u32, mask: u32): usize {
  let at = out;
  for (let rest = mask; rest != 0; rest &= rest - 1) {
    store<u32>(at, index + ctz<u32>(rest));
    at += 4;
  }
  return at;
}

/** The four words of `column` that four u32 at `indices` name. */
// @ts-expect-error: decorator
@inline
export function gatherFour(column: usize, indices: usize): v128 {
  let four = v128.load32_zero(column + (<usize>load<u32>(indices) << 2));
  four = v128.load_lane<u32>(column + (<usize>load<u32>(indices, 4) << 2), four, 1);
  four = v128.load_lane<u32>(column + (<usize>load<u32>(indices, 8) << 2), four, 2);
  return v128.load_lane<u32>(column + (<usize>load<u32>(indices, 12) << 2), four, 3);
}
