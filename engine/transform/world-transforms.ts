/**
 * World transforms: local position, rotation and scale become world matrices, parents before
 * children, and only where something moved. Roots are taken in ascending index; children in an order
 * that is rebuilt when the hierarchy changes and not otherwise.
 *
 * What an entity's local values were when its matrix was made is remembered beside the arena. That
 * memory is a cache: forgetting it costs one full pass and changes no result.
 */
import type { Hierarchy } from "../ecs/hierarchy.ts";

const localElements = 10;
/** Bits of a NaN, which no column holds: nothing compares equal to it. */
const forgotten = 0xffffffff;

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
  readonly #local: Uint32Array;
  readonly #moved: Uint8Array;
  readonly #children: Uint32Array;
  /** Place of the nearest ancestor with a transform, 0 for none; in step with `#children`. */
  readonly #parents: Uint32Array;
  /** The same by entity index, as of the last reorder. */
  readonly #anchorOf: Uint32Array;
  readonly #local16 = new Float32Array(16);
  #childCount = 0;

  constructor(columns: TransformColumns, slotCount: number) {
    this.#columns = columns;
    this.#bits = localBits(columns);
    this.#local = new Uint32Array(slotCount * localElements).fill(forgotten);
    this.#moved = new Uint8Array(slotCount);
    this.#children = new Uint32Array(slotCount);
    this.#parents = new Uint32Array(slotCount);
    this.#anchorOf = new Uint32Array(slotCount);
  }

  /** Makes the next pass compute the matrix of this entity whatever its values. */
  forget(index: number): void {
    this.#local[index * localElements] = forgotten;
  }

  /**
   * Rebuilds the order of children below `tops` (entities with children and no parent): breadth first,
   * so every parent comes before its children. An entity without a transform passes its own parent's
   * on. A child whose parent is another than before is computed in the next pass.
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
    let count = 0;
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
      this.#children[count] = index;
      this.#parents[count] = anchor;
      count++;
      enqueue(index, index);
    }
    this.#childCount = count;
  }

  /** Brings the matrices of `roots` (ascending indices without a parent) and of all children up to date. */
  update(roots: Uint32Array): void {
    this.recomputedCount = 0;
    this.#updateRoots(roots);
    this.#updateChildren();
  }

  #updateRoots(roots: Uint32Array): void {
    const { matrix } = this.#columns;
    const moved = this.#moved;
    let recomputed = 0;
    for (let i = 0; i < roots.length; i++) {
      const e = roots[i]!;
      if (!this.#noteLocal(e)) {
        moved[e] = 0;
        continue;
      }
      moved[e] = 1;
      recomputed++;
      this.#compose(e, matrix, e * 16);
    }
    this.recomputedCount += recomputed;
  }

  #updateChildren(): void {
    const { matrix } = this.#columns;
    const moved = this.#moved;
    const children = this.#children;
    const parents = this.#parents;
    const local = this.#local16;
    const count = this.#childCount;
    let recomputed = 0;
    for (let i = 0; i < count; i++) {
      const e = children[i]!;
      const parent = parents[i]!;
      const isLocal = this.#noteLocal(e);
      if (!isLocal && moved[parent] === 0) {
        moved[e] = 0;
        continue;
      }
      moved[e] = 1;
      recomputed++;
      if (parent === 0) {
        this.#compose(e, matrix, e * 16);
        continue;
      }
      this.#compose(e, local, 0);
      multiplyAffine(matrix, parent * 16, local, matrix, e * 16);
    }
    this.recomputedCount += recomputed;
  }

  /** Compares the local values with those remembered and remembers them; true when any differs. */
  #noteLocal(e: number): boolean {
    const { px, py, pz, rx, ry, rz, rw, sx, sy, sz } = this.#bits;
    const local = this.#local;
    const at = e * localElements;
    if (
      local[at] === px[e]! &&
      local[at + 1] === py[e]! &&
      local[at + 2] === pz[e]! &&
      local[at + 3] === rx[e]! &&
      local[at + 4] === ry[e]! &&
      local[at + 5] === rz[e]! &&
      local[at + 6] === rw[e]! &&
      local[at + 7] === sx[e]! &&
      local[at + 8] === sy[e]! &&
      local[at + 9] === sz[e]!
    )
      return false;
    local[at] = px[e]!;
    local[at + 1] = py[e]!;
    local[at + 2] = pz[e]!;
    local[at + 3] = rx[e]!;
    local[at + 4] = ry[e]!;
    local[at + 5] = rz[e]!;
    local[at + 6] = rw[e]!;
    local[at + 7] = sx[e]!;
    local[at + 8] = sy[e]!;
    local[at + 9] = sz[e]!;
    return true;
  }

  /** Writes the local matrix of `e` to out[at..at+15]. A zero quaternion gives the identity rotation. */
  #compose(e: number, out: Float32Array, at: number): void {
    const { px, py, pz, rx, ry, rz, rw, sx, sy, sz, scaleRow, scaleBit } = this.#columns;
    const x = rx[e]!;
    const y = ry[e]!;
    const z = rz[e]!;
    const w = rw[e]!;
    let scaleX = 1;
    let scaleY = 1;
    let scaleZ = 1;
    if ((scaleRow[e]! & scaleBit) !== 0) {
      scaleX = sx[e]!;
      scaleY = sy[e]!;
      scaleZ = sz[e]!;
    }
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
    out[at] = (1 - (yy + zz)) * scaleX;
    out[at + 1] = (xy + wz) * scaleX;
    out[at + 2] = (xz - wy) * scaleX;
    out[at + 3] = 0;
    out[at + 4] = (xy - wz) * scaleY;
    out[at + 5] = (1 - (xx + zz)) * scaleY;
    out[at + 6] = (yz + wx) * scaleY;
    out[at + 7] = 0;
    out[at + 8] = (xz + wy) * scaleZ;
    out[at + 9] = (yz - wx) * scaleZ;
    out[at + 10] = (1 - (xx + yy)) * scaleZ;
    out[at + 11] = 0;
    out[at + 12] = px[e]!;
    out[at + 13] = py[e]!;
    out[at + 14] = pz[e]!;
    out[at + 15] = 1;
  }
}

type LocalBits = Readonly<Record<"px" | "py" | "pz" | "rx" | "ry" | "rz" | "rw" | "sx" | "sy" | "sz", Uint32Array>>;

function localBits({ px, py, pz, rx, ry, rz, rw, sx, sy, sz }: TransformColumns): LocalBits {
  const bits = (column: Float32Array): Uint32Array => new Uint32Array(column.buffer, column.byteOffset, column.length);
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

/** out = a * b for affine matrices (last row 0 0 0 1), column-major. `out` may be `a`'s array, not its span. */
export function multiplyAffine(a: Float32Array, aAt: number, b: Float32Array, out: Float32Array, outAt: number): void {
  const a00 = a[aAt]!;
  const a01 = a[aAt + 1]!;
  const a02 = a[aAt + 2]!;
  const a10 = a[aAt + 4]!;
  const a11 = a[aAt + 5]!;
  const a12 = a[aAt + 6]!;
  const a20 = a[aAt + 8]!;
  const a21 = a[aAt + 9]!;
  const a22 = a[aAt + 10]!;
  for (let column = 0; column < 16; column += 4) {
    const b0 = b[column]!;
    const b1 = b[column + 1]!;
    const b2 = b[column + 2]!;
    out[outAt + column] = a00 * b0 + a10 * b1 + a20 * b2;
    out[outAt + column + 1] = a01 * b0 + a11 * b1 + a21 * b2;
    out[outAt + column + 2] = a02 * b0 + a12 * b1 + a22 * b2;
    out[outAt + column + 3] = 0;
  }
  out[outAt + 12] = out[outAt + 12]! + a[aAt + 12]!;
  out[outAt + 13] = out[outAt + 13]! + a[aAt + 13]!;
  out[outAt + 14] = out[outAt + 14]! + a[aAt + 14]!;
  out[outAt + 15] = 1;
}
