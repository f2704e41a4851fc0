/**
 * Half floats (IEEE 754 binary16) and the table by which tints become linear light. The table is computed
 * with exact mathematics, so its bytes are the same on every machine.
 */
import { assert } from "../base/assertions.ts";
import { pow } from "../base/math.ts";

export const tintTableLength = 512;

const subnormalUnit = 1 / 16_777_216;
const leastNormal = 1 / 16_384;
const overflowFrom = 65_520;

/** The bits of the half float nearest to `value`, ties to the even one. NaN gives 0x7e00. */
export function halfBits(value: number): number {
  if (Number.isNaN(value)) return 0x7e00;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (size >= overflowFrom) return sign | 0x7c00;
  if (size < leastNormal) return sign + roundToEven(size / subnormalUnit);
  let scale = leastNormal;
  let exponent = 1;
  while (size >= scale * 2) {
    scale *= 2;
    exponent++;
  }
  // A fraction that rounds up to 1,024 carries into the exponent, as it should.
  return sign + (exponent << 10) + roundToEven((size / scale - 1) * 1_024);
}

function roundToEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  return below + (rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? 1 : 0);
}

/** Linear light, 0 to 1, of an sRGB byte (IEC 61966-2-1). */
export function linearLight(byte: number): number {
  const share = byte / 255;
  return share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4);
}

/** Fills the table of packInstances: half floats of the linear light of 256 sRGB bytes, then of 256 alphas. */
export function writeTintTable(table: Uint16Array): void {
  assert(table.length === tintTableLength, "the tint table has 512 entries", { length: table.length });
  for (let byte = 0; byte < 256; byte++) {
    table[byte] = halfBits(linearLight(byte));
    table[256 + byte] = halfBits(byte / 255);
  }
}
