/**
 * World transforms: local position, rotation and scale become world matrices, parents before
 * children, and only where something moved. Roots are taken in ascending index; children in an order
 * that is rebuilt when the hierarchy changes and not otherwise: ascending too, as far as parents allow,
 * so that the columns are read from front to back.
 *
 * What an entity's local values were when its matrix was made is remembered beside the arena, bit for
 * bit. That memory is a cache: forgetting it costs one full pass and changes no result.
 */
import type { Hierarchy } from "../ecs/hierarchy.ts";

const localElements = 10;
/** Bits of a NaN, which no column holds: nothing compares equal to it. */
const forgotten = -1;

/** The columns that the pass reads and writes. */
export interface TransformColumns {
  readonly px: Float32Array;
  readonly py: Float32Array;
  readonly pz: Float32Array;
  readonly rx: Float32Array;
  readonly ry: Float32Array;
  readonly rz: Float32Array;
  readonly rw: Float32Array;
  readonly sx: Float32Array;
  readonly sy: Float32Array;
  readonly sz: Float32Array;
  /** Sixteen elements an entity, column-major. */
  readonly matrix: Float32Array;
  /** Presence of Scale; an entity without it has scale 1. */
  readonly scaleRow: Int32Array;
  readonly scaleBit: number;
}

export class WorldTransforms {
  /** Matrices computed by the last pass. */
  recomputedCount = 0;

  readonly #columns: TransformColumns;
  /** The columns' bits: 0 and -0 are equal as numbers but give other matrices. */
  readonly #bits: LocalBits;
  readonly #local: Int32Array;
  readonly #moved: Uint8Array;
  readonly #children: Uint32Array;
  /** Index of the nearest ancestor with a transform, 0 for none; in step with `#children`. */
  readonly #parents: Uint32Array;
  /** The same by entity index, as of the last reorder. */
  readonly #anchorOf: Uint32Array;
  /** Round of the children's pass in which an entity is reached; see `#arrange`. */
  readonly #roundOf: Uint32Array;
  readonly #noParents: Uint32Array;
  #childCount = 0;

  constructor(columns: TransformColumns, slotCount: number) {
    this.#columns = columns;
    this.#bits = localBits(columns);
    this.#local = new Int32Array(slotCount * localElements).fill(forgotten);
    this.#moved = new Uint8Array(slotCount);
    this.#children = new Uint32Array(slotCount);
    this.#parents = new Uint32Array(slotCount);
    this.#anchorOf = new Uint32Array(slotCount);
    this.#roundOf = new Uint32Array(slotCount);
    this.#noParents = new Uint32Array(slotCount);
  }

  /** Makes the next pass compute the matrix of this entity whatever its values. */
  forget(index: number): void {
    this.#local[index * localElements] = forgotten;
  }

  /**
   * Rebuilds the order of children below `tops` (entities with children and no parent), in which every
   * parent comes before its children. An entity without a transform passes its own parent's on. A child
   * whose parent is another than before is computed in the next pass.
   */
  reorder(tops: Uint32Array, hierarchy: Hierarchy, hasTransform: (index: number) => boolean): void {
    const queue: number[] = [];
    const anchors: number[] = [];
    const enqueue = (parent: number, anchor: number): void => {
      for (let child = hierarchy.firstChildOf(parent); child !== 0; child = hierarchy.nextSiblingOf(child)) {
        queue.push(child);
        anchors.push(anchor);
      }
    };
    const roundOf = this.#roundOf.fill(0);
    const sizes: number[] = [];
    for (let i = 0; i < tops.length; i++) enqueue(tops[i]!, hasTransform(tops[i]!) ? tops[i]! : 0);
    for (let read = 0; read < queue.length; read++) {
      const index = queue[read]!;
      const anchor = anchors[read]!;
      if (!hasTransform(index)) {
        enqueue(index, anchor);
        continue;
      }
      if (this.#anchorOf[index] !== anchor) this.forget(index);
      this.#anchorOf[index] = anchor;
      const round = anchor < index ? Math.max(1, roundOf[anchor]!) : roundOf[anchor]! + 1;
      roundOf[index] = round;
      sizes[round] = (sizes[round] ?? 0) + 1;
      enqueue(index, index);
    }
    this.#arrange(sizes);
  }

  /**
   * Lists the children by round, then by index. Within a round each parent has a lower index than its
   * child; a child below a parent of higher index goes one round later. Most forests take one round.
   */
  #arrange(sizes: readonly number[]): void {
    const places: number[] = [];
    let count = 0;
    for (let round = 1; round < sizes.length; round++) {
      places[round] = count;
      count += sizes[round] ?? 0;
    }
    const roundOf = this.#roundOf;
    for (let index = 1; index < roundOf.length; index++) {
      const round = roundOf[index]!;
      if (round === 0) continue;
      const place = places[round]!++;
      this.#children[place] = index;
      this.#parents[place] = this.#anchorOf[index]!;
    }
    this.#childCount = count;
  }

  /** Brings the matrices of `roots` (ascending indices without a parent) and of all children up to date. */
  update(roots: Uint32Array): void {
    const columns = this.#columns;
    const bits = this.#bits;
    const local = this.#local;
    const moved = this.#moved;
    this.recomputedCount =
      propagate(columns, bits, local, moved, roots, this.#noParents, roots.length) +
      propagate(columns, bits, local, moved, this.#children, this.#parents, this.#childCount);
  }
}

/**
 * Computes the matrix of each entity of `entities` whose local values differ from those in `local` or
 * whose parent moved; notes values and movement. Returns how many were computed.
 */
function propagate(
  columns: TransformColumns,
  bits: LocalBits,
  local: Int32Array,
  moved: Uint8Array,
  entities: Uint32Array,
  parents: Uint32Array,
  count: number,
): number {
  const { px, py, pz, rx, ry, rz, rw, sx, sy, sz, matrix, scaleRow, scaleBit } = columns;
  const { px: pxBits, py: pyBits, pz: pzBits, rx: rxBits, ry: ryBits, rz: rzBits, rw: rwBits } = bits;
  const { sx: sxBits, sy: syBits, sz: szBits } = bits;
  let recomputed = 0;
  for (let i = 0; i < count; i++) {
    const e = entities[i]!;
    const parent = parents[i]!;
    const at = e * localElements;
    const p0 = pxBits[e]!;
    const p1 = pyBits[e]!;
    const p2 = pzBits[e]!;
    const r0 = rxBits[e]!;
    const r1 = ryBits[e]!;
    const r2 = rzBits[e]!;
    const r3 = rwBits[e]!;
    const s0 = sxBits[e]!;
    const s1 = syBits[e]!;
    const s2 = szBits[e]!;
    const difference =
      (local[at]! ^ p0) |
      (local[at + 1]! ^ p1) |
      (local[at + 2]! ^ p2) |
      (local[at + 3]! ^ r0) |
      (local[at + 4]! ^ r1) |
      (local[at + 5]! ^ r2) |
      (local[at + 6]! ^ r3) |
      (local[at + 7]! ^ s0) |
      (local[at + 8]! ^ s1) |
      (local[at + 9]! ^ s2);
    if (difference !== 0) {
      local[at] = p0;
      local[at + 1] = p1;
      local[at + 2] = p2;
      local[at + 3] = r0;
      local[at + 4] = r1;
      local[at + 5] = r2;
      local[at + 6] = r3;
      local[at + 7] = s0;
      local[at + 8] = s1;
      local[at + 9] = s2;
    } else if (moved[parent] === 0) {
      moved[e] = 0;
      continue;
    }
    moved[e] = 1;
    recomputed++;
    let scaleX = 1;
    let scaleY = 1;
    let scaleZ = 1;
    if ((scaleRow[e]! & scaleBit) !== 0) {
      scaleX = sx[e]!;
      scaleY = sy[e]!;
      scaleZ = sz[e]!;
    }
    // A zero quaternion gives the identity rotation.
    const x = rx[e]!;
    const y = ry[e]!;
    const z = rz[e]!;
    const w = rw[e]!;
    const x2 = x + x;
    const y2 = y + y;
    const z2 = z + z;
    const xx = x * x2;
    const xy = x * y2;
    const xz = x * z2;
    const yy = y * y2;
    const yz = y * z2;
    const zz = z * z2;
    const wx = w * x2;
    const wy = w * y2;
    const wz = w * z2;
    const b00 = Math.fround((1 - (yy + zz)) * scaleX);
    const b01 = Math.fround((xy + wz) * scaleX);
    const b02 = Math.fround((xz - wy) * scaleX);
    const b10 = Math.fround((xy - wz) * scaleY);
    const b11 = Math.fround((1 - (xx + zz)) * scaleY);
    const b12 = Math.fround((yz + wx) * scaleY);
    const b20 = Math.fround((xz + wy) * scaleZ);
    const b21 = Math.fround((yz - wx) * scaleZ);
    const b22 = Math.fround((1 - (xx + yy)) * scaleZ);
    const b30 = px[e]!;
    const b31 = py[e]!;
    const b32 = pz[e]!;
    const out = e * 16;
    if (parent === 0) {
      matrix[out] = b00;
      matrix[out + 1] = b01;
      matrix[out + 2] = b02;
      matrix[out + 3] = 0;
      matrix[out + 4] = b10;
      matrix[out + 5] = b11;
      matrix[out + 6] = b12;
      matrix[out + 7] = 0;
      matrix[out + 8] = b20;
      matrix[out + 9] = b21;
      matrix[out + 10] = b22;
      matrix[out + 11] = 0;
      matrix[out + 12] = b30;
      matrix[out + 13] = b31;
      matrix[out + 14] = b32;
      matrix[out + 15] = 1;
      continue;
    }
    const from = parent * 16;
    const a00 = matrix[from]!;
    const a01 = matrix[from + 1]!;
    const a02 = matrix[from + 2]!;
    const a10 = matrix[from + 4]!;
    const a11 = matrix[from + 5]!;
    const a12 = matrix[from + 6]!;
    const a20 = matrix[from + 8]!;
    const a21 = matrix[from + 9]!;
    const a22 = matrix[from + 10]!;
    matrix[out] = a00 * b00 + a10 * b01 + a20 * b02;
    matrix[out + 1] = a01 * b00 + a11 * b01 + a21 * b02;
    matrix[out + 2] = a02 * b00 + a12 * b01 + a22 * b02;
    matrix[out + 3] = 0;
    matrix[out + 4] = a00 * b10 + a10 * b11 + a20 * b12;
    matrix[out + 5] = a01 * b10 + a11 * b11 + a21 * b12;
    matrix[out + 6] = a02 * b10 + a12 * b11 + a22 * b12;
    matrix[out + 7] = 0;
    matrix[out + 8] = a00 * b20 + a10 * b21 + a20 * b22;
    matrix[out + 9] = a01 * b20 + a11 * b21 + a21 * b22;
    matrix[out + 10] = a02 * b20 + a12 * b21 + a22 * b22;
    matrix[out + 11] = 0;
    matrix[out + 12] = Math.fround(a00 * b30 + a10 * b31 + a20 * b32) + matrix[from + 12]!;
    matrix[out + 13] = Math.fround(a01 * b30 + a11 * b31 + a21 * b32) + matrix[from + 13]!;
    matrix[out + 14] = Math.fround(a02 * b30 + a12 * b31 + a22 * b32) + matrix[from + 14]!;
    matrix[out + 15] = 1;
  }
  return recomputed;
}

type LocalBits = Readonly<Record<"px" | "py" | "pz" | "rx" | "ry" | "rz" | "rw" | "sx" | "sy" | "sz", Int32Array>>;

function localBits({ px, py, pz, rx, ry, rz, rw, sx, sy, sz }: TransformColumns): LocalBits {
  const bits = (column: Float32Array): Int32Array => new Int32Array(column.buffer, column.byteOffset, column.length);
  return {
    px: bits(px),
    py: bits(py),
    pz: bits(pz),
    rx: bits(rx),
    ry: bits(ry),
    rz: bits(rz),
    rw: bits(rw),
    sx: bits(sx),
    sy: bits(sy),
    sz: bits(sz),
  };
}
