/** Rows of instances, TypeScript form; assembly/instances.ts draws the table. Everything is copied, nothing computed. */
import { type Views, wordAt } from "./views.ts";

/** Writes the instances first..first+count-1. */
export function packInstances(views: Views, table: number, first: number, count: number): void {
  const { u16, u32 } = views;
  const matrices = wordAt(views, table, 0);
  const entities = wordAt(views, table, 1);
  const tints = wordAt(views, table, 2);
  const rows = wordAt(views, table, 3);
  const colors = wordAt(views, table, 4) * 2;
  const light = wordAt(views, table, 5) * 2;
  for (let i = first; i < first + count; i++) {
    const e = u32[entities + i]!;
    for (let row = 0; row < 3; row++)
      for (let column = 0; column < 4; column++)
        u32[rows + i * 12 + row * 4 + column] = u32[matrices + e * 16 + column * 4 + row]!;
    const tint = u32[tints + e]!;
    u16[colors + i * 4] = u16[light + (tint & 255)]!;
    u16[colors + i * 4 + 1] = u16[light + ((tint >>> 8) & 255)]!;
    u16[colors + i * 4 + 2] = u16[light + ((tint >>> 16) & 255)]!;
    u16[colors + i * 4 + 3] = u16[light + 256 + (tint >>> 24)]!;
  }
}
