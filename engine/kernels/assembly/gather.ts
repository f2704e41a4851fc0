/**
 * Columns by a list: what a list of the living keeps of particles moves together. Bits are copied, so columns of
 * f32, i32 and u32 are alike. Where four indices follow one another, as most do when few die, they are one load. The
 * columns are the inner loop, so that the processor guesses once for all of them whether four do.
 */
import { gatherFour, offsetAt } from "./lanes";

/**
 * For each of `columnCount` columns: to[place + i] = from[indices[i]] for i in 0..count-1. `table` holds (from,
 * to) u32 pairs of offsets of columns of 4-byte elements, all of them different; the u32 list at `indices` rises
 * strictly. Any `place` will do. Twin: gatherColumns in engine/kernels/twins/gather.ts.
 */
export function gatherColumns(table: usize, columnCount: u32, indices: usize, count: u32, place: u32): void {
  const tableEnd = table + (<usize>columnCount << 3);
  let to: usize = <usize>place << 2;
  let listed = indices;
  const fours = indices + (<usize>(count & ~3) << 2);
  const end = indices + (<usize>count << 2);
  for (; listed < fours; listed += 16, to += 16) {
    const first: usize = load<u32>(listed);
    if (load<u32>(listed, 12) - <u32>first == 3) {
      for (let row = table; row < tableEnd; row += 8)
        v128.store(<usize>load<u32>(row, 4) + to, v128.load(<usize>load<u32>(row) + (first << 2)));
    } else {
      for (let row = table; row < tableEnd; row += 8)
        v128.store(<usize>load<u32>(row, 4) + to, gatherFour(<usize>load<u32>(row), listed));
    }
  }
  for (; listed < end; listed += 4, to += 4)
    for (let row = table; row < tableEnd; row += 8)
      store<u32>(<usize>load<u32>(row, 4) + to, load<u32>(<usize>load<u32>(row) + (<usize>load<u32>(listed) << 2)));
}
