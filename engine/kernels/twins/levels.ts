/** Level of detail, TypeScript form; each step of arithmetic is rounded to f32. assembly/levels.ts draws the table. */
import { constantAt, type Views, wordAt } from "./views.ts";

const round = Math.fround;

/** Writes the levels of the entities listed at first..first+count-1. */
export function selectLevels(views: Views, table: number, first: number, count: number): void {
  const { f32, u8, u16, u32 } = views;
  const words = table >>> 2;
  const mesh = u32[words + 5]! >>> 1;
  const before = u32[words + 6]!;
  const after = u32[words + 7]!;
  const thresholds = wordAt(views, table, 8);
  for (let i = first; i < first + count; i++) {
    const e = u32[wordAt(views, table, 4) + i]!;
    let distance = 0;
    for (let axis = 0; axis < 3; axis++) {
      const away = round(f32[wordAt(views, table, axis) + i]! - constantAt(views, table, 9 + axis));
      distance = round(distance + round(away * away));
    }
    const wide = round(f32[wordAt(views, table, 3) + i]! * constantAt(views, table, 12));
    const size = round(wide * wide);
    const row = thresholds + u16[mesh + e]! * 4;
    let level = 3;
    for (let step = 0; step < 3; step++) {
      const factor = constantAt(views, table, u8[before + e]! <= step ? 13 : 14);
      if (size >= round(round(f32[row + step]! * factor) * distance)) level--;
    }
    u8[after + e] = level;
  }
}
