/**
 * Lights in clusters, TypeScript form: every cell asks every light, which gives the lists that the kernel's
 * sifting gives. Each step of arithmetic is rounded to f32. assembly/lights.ts draws the table.
 */
import { constantAt, type Views, wordAt } from "./views.ts";

const round = Math.fround;

/** Fills the cells of the slices firstSlice..firstSlice+sliceCount-1; returns how many entries found no place. */
export function binLights(views: Views, table: number, firstSlice: number, sliceCount: number): number {
  const { f32, u16, u32 } = views;
  const word = (number: number): number => u32[(table >>> 2) + number]!;
  const column = (number: number): number => wordAt(views, table, number);
  const lightCount = word(4);
  const countMax = word(10);
  const columnCount = word(11);
  const rowCount = word(12);
  const slack = constantAt(views, table, 13);
  let overflow = 0;
  for (let slice = firstSlice; slice < firstSlice + sliceCount; slice++) {
    const near = f32[column(7) + slice]!;
    const far = f32[column(7) + slice + 1]!;
    for (let row = 0; row < rowCount; row++)
      for (let place = 0; place < columnCount; place++) {
        const cell = (slice * rowCount + row) * columnCount + place;
        const list = (word(9) >>> 1) + cell * countMax;
        let count = 0;
        for (let light = 0; light < lightCount; light++) {
          const reach = round(f32[column(3) + light]! + slack);
          const limit = round(round(reach * reach) * round(1.000001));
          const depth = apart(f32[column(2) + light]!, near, far);
          const above = apartFrom(f32, f32[column(1) + light]!, column(6) + row, near, far);
          const beside = apartFrom(f32, f32[column(0) + light]!, column(5) + place, near, far);
          if (!(round(beside + round(above + depth)) <= limit)) continue;
          if (count < countMax) u16[list + count] = light;
          count++;
        }
        const kept = Math.min(count, countMax);
        u16[(word(8) >>> 1) + cell] = kept;
        overflow += count - kept;
      }
  }
  return overflow;
}

/** The squared distance from `value` to the span between two borders, which are slopes, over near..far. */
function apartFrom(f32: Float32Array, value: number, slope: number, near: number, far: number): number {
  const low = f32[slope]!;
  const high = f32[slope + 1]!;
  const nearLow = round(low * near);
  const farLow = round(low * far);
  const nearHigh = round(high * near);
  const farHigh = round(high * far);
  return apart(value, farLow < nearLow ? farLow : nearLow, nearHigh < farHigh ? farHigh : nearHigh);
}

/** The squared distance from `value` to low..high; NaN stays NaN. */
function apart(value: number, low: number, high: number): number {
  const under = round(low - value);
  const over = round(value - high);
  const most = under < over ? over : under;
  const gap = most < 0 ? 0 : most;
  return round(gap * gap);
}
