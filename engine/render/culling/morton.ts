/**
 * The order of spheres along a Morton curve: what is near in space is mostly near in the order. Given columns of
 * centres, it hands on a permutation. Equal cells keep the order of their numbers, so the result follows from the
 * columns alone; a centre that is not finite counts as one at the border of the finite ones.
 */
import { assert } from "../../base/assertions.ts";
import type { ReadonlyColumn } from "../../ecs/field.ts";

const cellsOfAxis = 1_024;
const digitBits = 10;
const digitCount = 1 << digitBits;

export class MortonOrder {
  readonly #keys: Uint32Array;
  readonly #lists: readonly [Uint32Array, Uint32Array];
  readonly #firsts = new Uint32Array(digitCount);

  /** Sorts up to `capacity` spheres at a time. */
  constructor(capacity: number) {
    this.#keys = new Uint32Array(capacity);
    this.#lists = [new Uint32Array(capacity), new Uint32Array(capacity)];
  }

  /** Writes the numbers 0..count-1 to `order` as they lie along the curve. Allocates nothing. */
  write(x: ReadonlyColumn, y: ReadonlyColumn, z: ReadonlyColumn, count: number, order: Uint32Array): void {
    assert(count <= this.#keys.length, "not more spheres than the order has room for", { count });
    this.#writeKeys(x, y, z, count);
    const a = this.#lists[0];
    const b = this.#lists[1];
    for (let i = 0; i < count; i++) a[i] = i;
    this.#sortDigit(0, a, b, count);
    this.#sortDigit(digitBits, b, a, count);
    this.#sortDigit(digitBits * 2, a, order, count);
  }

  #writeKeys(x: ReadonlyColumn, y: ReadonlyColumn, z: ReadonlyColumn, count: number): void {
    const keys = this.#keys;
    keys.fill(0, 0, count);
    spreadAxis(x, count, 0, keys);
    spreadAxis(y, count, 1, keys);
    spreadAxis(z, count, 2, keys);
  }

  /** Moves the numbers of `from` to `to` in the order of one digit of their keys; equal digits keep their order. */
  #sortDigit(shift: number, from: Uint32Array, to: Uint32Array, count: number): void {
    const keys = this.#keys;
    const firsts = this.#firsts.fill(0);
    for (let i = 0; i < count; i++) firsts[(keys[i]! >>> shift) & (digitCount - 1)]!++;
    let first = 0;
    for (let digit = 0; digit < digitCount; digit++) {
      const size = firsts[digit]!;
      firsts[digit] = first;
      first += size;
    }
    for (let i = 0; i < count; i++) {
      const number = from[i]!;
      to[firsts[(keys[number]! >>> shift) & (digitCount - 1)]!++] = number;
    }
  }
}

/** Adds the cells of one axis to the keys: bit i of a cell is bit 3 * i + axis of a key. */
function spreadAxis(values: ReadonlyColumn, count: number, axis: number, keys: Uint32Array): void {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < count; i++) {
    const value = values[i]!;
    if (value < low && value !== Number.NEGATIVE_INFINITY) low = value;
    if (value > high && value !== Number.POSITIVE_INFINITY) high = value;
  }
  const scale = high > low ? cellsOfAxis / (high - low) : 0;
  for (let i = 0; i < count; i++) {
    const cell = (values[i]! - low) * scale;
    // NaN fails the comparison and stays in cell 0.
    const held = cell > 0 ? Math.min(cellsOfAxis - 1, Math.floor(cell)) : 0;
    keys[i] = keys[i]! | (spread(held) << axis);
  }
}

/** Ten bits with two zeros between each and the next. */
function spread(value: number): number {
  let bits = value;
  bits = (bits | (bits << 16)) & 0x030000ff;
  bits = (bits | (bits << 8)) & 0x0300f00f;
  bits = (bits | (bits << 4)) & 0x030c30c3;
  return (bits | (bits << 2)) & 0x09249249;
}
