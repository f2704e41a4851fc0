/**
 * Columns by a list: what a list of the living keeps of particles moves together. Bits are copied, so columns of
 * f32, i32 and u32 are alike. Where four indices follow one another, as most do when few die, they are one load.
 */
import { gatherFour, offsetAt } from "./lanes";

/** So much of the list serves all columns while it is in the nearest cache. */
const blockBytes: usize = 4_096;

/**
 * For each of `columnCount` columns: to[place + i] = from[indices[i]] for i in 0..count-1. `table` holds (from,
 * to) u32 pairs of offsets of columns of 4-byte elements, all of them different; the u32 list at `indices` rises
 * strictly. Any `place` will do. Twin: gatherColumns in engine/kernels/twins/gather.ts.
 */
export function gatherColumns(table: usize, columnCount: u32, indices: usize, count: u32, place: u32): void {
  let block = indices;
  let target: usize = <usize>place << 2;
  const end = indices + (<usize>count << 2);
  for (; block < end; block += blockBytes, target += blockBytes) {
    const blockEnd = min(block + blockBytes, end);
    const foursEnd = block + ((blockEnd - block) & ~15);
    for (let column: usize = 0; column < <usize>columnCount; column++) {
      const from = offsetAt(table, column * 2);
      let to = offsetAt(table, column * 2 + 1) + target;
      let listed = block;
      for (; listed < foursEnd; listed += 16, to += 16) {
        const first = load<u32>(listed);
        if (load<u32>(listed, 12) - first == 3) v128.store(to, v128.load(from + (<usize>first << 2)));
        else v128.store(to, gatherFour(from, listed));
      }
      for (; listed < blockEnd; listed += 4, to += 4) store<u32>(to, load<u32>(from + (<usize>load<u32>(listed) << 2)));
    }
  }
}
