/** Columns by a list, TypeScript form; see engine/kernels/assembly/gather.ts for the table. */
import { type Views, wordAt } from "./views.ts";

/** For each of `columnCount` (from, to) pairs at `table`: to[place + i] = from[indices[i]] for i in 0..count-1. */
export function gatherColumns(
  views: Views,
  table: number,
  columnCount: number,
  indices: number,
  count: number,
  place: number,
): void {
  const { u32 } = views;
  for (let column = 0; column < columnCount; column++) {
    const from = wordAt(views, table, column * 2);
    const to = wordAt(views, table, column * 2 + 1) + place;
    for (let i = 0; i < count; i++) u32[to + i] = u32[from + u32[(indices >>> 2) + i]!]!;
  }
}
