/** The copy of many regions, TypeScript form; see engine/kernels/assembly/copy.ts for the table. */
import type { Views } from "./views.ts";

/** Copies `count` regions listed at `table` as (from, to, byte length) u32 triples. */
export function copyRegions({ u8, u32 }: Views, table: number, count: number): void {
  for (let region = 0; region < count; region++) {
    const row = (table >>> 2) + region * 3;
    const from = u32[row]!;
    u8.copyWithin(u32[row + 1]!, from, from + u32[row + 2]!);
  }
}
