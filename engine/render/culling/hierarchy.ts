/**
 * A bounding-volume hierarchy over spheres, in flat memory of the arena: eight spheres that follow one another
 * on a Morton curve share a box, eight boxes share one, and so on. It has no pointers: box b of a level covers
 * boxes 8b..8b+7 of the level below. Given columns of spheres, it hands on lists of numbers, ascending.
 *
 * Build when spheres come or go, fit when they moved, then ask from any thread. A query gives what the test of
 * every sphere would give; boxes only decide what it costs.
 *
 *     ┌ table     u32[80]           offsets and counts for the kernels; engine/kernels/assembly/hierarchy.ts
 *     │ order     u32[spheres + 8]  number of the sphere at each place of the curve, the last repeated
 *     │ sorted    f32[spheres + 8]  x, then y, z, radius, as of the last fit
 *     └ boxes     f32[boxes + 8]    of each level min x, y, z, max x, y, z; behind the last box +-Infinity
 *
 * Why a curve and not splits at medians: a build is three passes of a radix sort, any range of boxes is a chunk,
 * and a fit is one pass from below. 100,000 spheres spread evenly take 3 to 7 ms to build and 0.6 ms to fit.
 *
 * When it pays: asking each of 100,000 by the kernel takes 190 us whatever is seen; boxes take 10 us for 1 %, 45 us
 * for 10 % and as much as asking each from about 45 % on. A fit costs three such askings, so where all spheres move in
 * every frame and fewer than four cameras ask, ask each.
 */
import { assert } from "../../base/assertions.ts";
import type { FrameKernels } from "../../kernels/kernels.ts";
import type { Four } from "../../kernels/tables.ts";
import { MortonOrder } from "./morton.ts";

const tableWordCount = 80;
const levelCountMax = 8;
const firstLevelWord = 16;
const levelWordCount = 8;
const planeAndStackBytes = 512;

/** One level: its six columns of boxes min x y z, max x y z. */
export interface HierarchyLevel {
  readonly columns: readonly [Float32Array, Float32Array, Float32Array, Float32Array, Float32Array, Float32Array];
  boxCount: number;
}

/** Bytes of a hierarchy of up to `capacity` spheres; it begins at a multiple of 16. */
export function hierarchyByteLength(capacity: number): number {
  let byteLength = tableWordCount * 4 + 5 * paddedBytes(capacity);
  for (const boxCount of boxCounts(capacity)) byteLength += 6 * paddedBytes(boxCount);
  return byteLength;
}

/** Bytes of scratch of one query at a time, all 0 before its first use; it begins at a multiple of 16. */
export function hierarchyScratchBytes(capacity: number): number {
  return planeAndStackBytes + Math.ceil(capacity / 128) * 16;
}

/** Four bytes for each of `count` in whole eights. */
function paddedBytes(count: number): number {
  return Math.ceil(count / 8) * 32;
}

/** How many boxes the levels above `count` spheres have, from below; the highest has at most eight. */
function boxCounts(count: number): number[] {
  const counts: number[] = [];
  let boxCount = count;
  do {
    boxCount = Math.ceil(boxCount / 8);
    counts.push(boxCount);
  } while (boxCount > 8);
  return counts;
}

export class SphereHierarchy {
  /** Where the table is: all that a job on another thread needs for fitSpheres, fitBoxes and cullHierarchy. */
  readonly table: number;
  readonly levels: readonly HierarchyLevel[];
  readonly order: Uint32Array;
  /** x y z radius by place on the curve, as of the last fit. */
  readonly sorted: readonly [Float32Array, Float32Array, Float32Array, Float32Array];

  readonly #kernels: FrameKernels;
  readonly #words: Uint32Array;
  readonly #curve: MortonOrder;
  readonly #capacity: number;
  readonly #spheres: readonly [Float32Array, Float32Array, Float32Array];
  #sphereCount = 0;
  /** Boxes of each level for so many spheres: kept, because builds in every frame are of the same count mostly. */
  #counts: readonly number[] = [];
  #countedFor = 0;
  #levelCount = 0;
  #builtSize = 0;

  /**
   * Lays a hierarchy at byte offset `at` of `buffer`, in hierarchyByteLength(capacity) bytes. `spheres` are the
   * offsets of the columns x y z radius; radii are not negative.
   */
  constructor(buffer: SharedArrayBuffer, kernels: FrameKernels, at: number, capacity: number, spheres: Four) {
    assert(at % 16 === 0 && capacity > 0, "a hierarchy begins at a multiple of 16 and has room", { at, capacity });
    this.table = at;
    this.#kernels = kernels;
    this.#capacity = capacity;
    this.#words = new Uint32Array(buffer, at, tableWordCount).fill(0);
    this.#curve = new MortonOrder(capacity);
    this.#spheres = [
      new Float32Array(buffer, spheres[0], capacity),
      new Float32Array(buffer, spheres[1], capacity),
      new Float32Array(buffer, spheres[2], capacity),
    ];
    let end = at + tableWordCount * 4;
    const take = (count: number): number => {
      const from = end;
      end += paddedBytes(count);
      return from;
    };
    this.#words.set(spheres);
    const orderAt = take(capacity);
    this.#words[4] = orderAt;
    this.order = new Uint32Array(buffer, orderAt, paddedBytes(capacity) / 4);
    const sorted = [5, 6, 7, 8].map((word) => {
      const from = take(capacity);
      this.#words[word] = from;
      return new Float32Array(buffer, from, this.order.length);
    });
    this.sorted = sorted as unknown as SphereHierarchy["sorted"];
    const counts = boxCounts(capacity);
    assert(counts.length <= levelCountMax, "the table has room for all levels", { levelCount: counts.length });
    this.levels = counts.map((boxCount, level) => {
      const columns = [0, 1, 2, 3, 4, 5].map((column) => {
        const from = take(boxCount);
        this.#words[firstLevelWord + level * levelWordCount + column] = from;
        return new Float32Array(buffer, from, paddedBytes(boxCount) / 4);
      });
      return { columns: columns as unknown as HierarchyLevel["columns"], boxCount: 0 };
    });
  }

  get sphereCount(): number {
    return this.#sphereCount;
  }

  /** Levels in use, from below; 0 without spheres. */
  get levelCount(): number {
    return this.#levelCount;
  }

  /** Orders the first `count` spheres anew and fits all boxes. */
  build(count: number): void {
    assert(count <= this.#capacity, "not more spheres than the hierarchy has room for", { count });
    const spheres = this.#spheres;
    this.#curve.write(spheres[0], spheres[1], spheres[2], count, this.order);
    if (count > 0) this.order.fill(this.order[count - 1]!, count, Math.ceil(count / 8) * 8);
    this.adopt(count);
    this.fit();
    this.#builtSize = this.size();
  }

  /**
   * Takes up the order of `count` spheres that another thread's build has left in this memory: boxes are fitted
   * to it from now on.
   */
  adopt(count: number): void {
    this.#sphereCount = count;
    if (count !== this.#countedFor) {
      this.#countedFor = count;
      this.#counts = count === 0 ? [] : boxCounts(count);
    }
    const counts = this.#counts;
    this.#levelCount = counts.length;
    this.#words[9] = count;
    this.#words[10] = counts.length;
    for (let level = 0; level < this.levels.length; level++) {
      const { columns } = this.levels[level]!;
      const boxCount = counts[level] ?? 0;
      this.levels[level]!.boxCount = boxCount;
      this.#words[firstLevelWord + level * levelWordCount + 6] = boxCount;
      // What lies behind the last box has no extent, so that no box above grows by it.
      // Two loops with a constant each: a number that is chosen on the way would be boxed for every call.
      for (let column = 0; column < 3; column++) columns[column]!.fill(Number.POSITIVE_INFINITY, boxCount);
      for (let column = 3; column < 6; column++) columns[column]!.fill(Number.NEGATIVE_INFINITY, boxCount);
    }
  }

  /**
   * Fits all boxes to spheres that moved. A job does the same in chunks: kernels.fitSpheres(table, first, count)
   * over the boxes of level 0, then kernels.fitBoxes(table, level, 0, boxCount) for each level above, in turn.
   */
  fit(): void {
    if (this.#levelCount === 0) return;
    this.#kernels.fitSpheres(this.table, 0, this.levels[0]!.boxCount);
    for (let level = 1; level < this.#levelCount; level++)
      this.#kernels.fitBoxes(this.table, level, 0, this.levels[level]!.boxCount);
  }

  /** The summed lengths of the edges of the lowest boxes: what a fit can only keep or make worse. */
  size(): number {
    if (this.#levelCount === 0) return 0;
    const { columns, boxCount } = this.levels[0]!;
    // Not taken apart by a pattern: its iterator would be garbage in every frame.
    const lowX = columns[0];
    const lowY = columns[1];
    const lowZ = columns[2];
    const highX = columns[3];
    const highY = columns[4];
    const highZ = columns[5];
    let sum = 0;
    for (let box = 0; box < boxCount; box++)
      sum += highX[box]! - lowX[box]! + (highY[box]! - lowY[box]!) + (highZ[box]! - lowZ[box]!);
    return sum;
  }

  /** How many times as large the boxes are as when they were built; from about 2 on a build pays. */
  looseness(): number {
    return this.#builtSize > 0 ? this.size() / this.#builtSize : 1;
  }

  /**
   * Writes the numbers of the spheres that the six planes (24 f32) at offset `planes` do not cut away to offset
   * `out`, ascending, and returns how many. Each query that runs at the same time has a scratch of its own.
   */
  cull(planes: number, scratch: number, out: number): number {
    return this.#kernels.cullHierarchy(this.table, planes, scratch, out);
  }
}
