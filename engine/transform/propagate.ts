/**
 * The pass that makes world matrices, TypeScript form: the reference that the SIMD kernel `propagate`
 * (engine/kernels/assembly/kernels.ts) must equal bit for bit. Arithmetic is of f32 throughout, each step
 * rounded, as vector instructions round.
 */
import { rememberedAt, type TransformMemory } from "./memory.ts";

const round = Math.fround;

/**
 * Computes the matrix of each of the first `count` entities of the order whose local values differ from
 * those remembered or whose parent moved; notes values and movement. Returns how many it computed.
 */
export function propagate(memory: TransformMemory, count: number): number {
  const { entities, parents, matrix, moved } = memory;
  let computed = 0;
  for (let i = 0; i < count; i++) {
    const e = entities[i]!;
    const parent = parents[i]!;
    if (!noteLocal(memory, e) && moved[parent] === 0) {
      moved[e] = 0;
      continue;
    }
    moved[e] = 1;
    computed++;
    compose(memory, e);
    if (parent !== 0) multiply(matrix, parent * 16, e * 16);
  }
  return computed;
}

/** Compares the local values with those remembered and remembers them; true when any bit differs. */
function noteLocal({ bits, remembered }: TransformMemory, e: number): boolean {
  let differs = false;
  for (let column = 0; column < bits.length; column++) {
    const value = bits[column]![e]!;
    const at = rememberedAt(e) + column * 4;
    if (remembered[at] === value) continue;
    remembered[at] = value;
    differs = true;
  }
  return differs;
}

/** Writes the local matrix of `e` in its place. A zero quaternion gives the identity rotation. */
function compose(memory: TransformMemory, e: number): void {
  const { matrix, columns, scaleRow, scaleBit } = memory;
  const [px, py, pz, rx, ry, rz, rw, sx, sy, sz] = columns.map((column) => column[e]!) as Ten;
  const hasScale = (scaleRow[e]! & scaleBit) !== 0;
  const [scaleX, scaleY, scaleZ] = hasScale ? [sx, sy, sz] : [1, 1, 1];
  const x2 = round(rx + rx);
  const y2 = round(ry + ry);
  const z2 = round(rz + rz);
  const xx = round(rx * x2);
  const xy = round(rx * y2);
  const xz = round(rx * z2);
  const yy = round(ry * y2);
  const yz = round(ry * z2);
  const zz = round(rz * z2);
  const wx = round(rw * x2);
  const wy = round(rw * y2);
  const wz = round(rw * z2);
  const out = e * 16;
  matrix[out] = round(1 - round(yy + zz)) * scaleX;
  matrix[out + 1] = round(xy + wz) * scaleX;
  matrix[out + 2] = round(xz - wy) * scaleX;
  matrix[out + 3] = 0;
  matrix[out + 4] = round(xy - wz) * scaleY;
  matrix[out + 5] = round(1 - round(xx + zz)) * scaleY;
  matrix[out + 6] = round(yz + wx) * scaleY;
  matrix[out + 7] = 0;
  matrix[out + 8] = round(xz + wy) * scaleZ;
  matrix[out + 9] = round(yz - wx) * scaleZ;
  matrix[out + 10] = round(1 - round(xx + yy)) * scaleZ;
  matrix[out + 11] = 0;
  matrix[out + 12] = px;
  matrix[out + 13] = py;
  matrix[out + 14] = pz;
  matrix[out + 15] = 1;
}

type Ten = [number, number, number, number, number, number, number, number, number, number];

/** matrix[at] = matrix[above] * matrix[at] for affine matrices (last row 0 0 0 1), column-major. */
function multiply(matrix: Float32Array, above: number, at: number): void {
  for (let column = at; column < at + 16; column += 4) {
    const b0 = matrix[column]!;
    const b1 = matrix[column + 1]!;
    const b2 = matrix[column + 2]!;
    for (let row = 0; row < 3; row++) {
      const a0 = matrix[above + row]!;
      const a1 = matrix[above + row + 4]!;
      const a2 = matrix[above + row + 8]!;
      const sum = round(round(round(a0 * b0) + round(a1 * b1)) + round(a2 * b2));
      matrix[column + row] = column === at + 12 ? sum + matrix[above + row + 12]! : sum;
    }
  }
}
