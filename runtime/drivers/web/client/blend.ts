/**
 * Blends packet poses into the form that instanced drawing takes. A packet holds each pose as the
 * three rows of a 3x4 matrix; the renderer wants the four columns of a 4x4:
 *
 *   packet   m00 m01 m02 tx  m10 m11 m12 ty  m20 m21 m22 tz
 *   drawn    m00 m10 m20 0   m01 m11 m21 0   m02 m12 m22 0   tx ty tz 1
 *
 * Rule: these loops run for every instance of every frame, so they allocate nothing.
 */

/** Levels of detail that a packet knows; the last is not drawn. */
export const packetLevelCount = 4;

/** How one viewer reads the sections `visible` and `levels`. */
export interface Sight {
  /** Bits of `visible` of which one must be set. */
  readonly mask: number;
  /** Where the viewer's two bits of `levels` are, and 3, or 0 for a viewer who has none: all is finest then. */
  readonly levelShift: number;
  readonly levelMask: number;
}

/** Cameras that packets tell apart. */
const sightCountMax = 16;
const shadowBit = 31;

/** What camera `place` of a packet sees, and what casts shadows for it. A camera beyond those sees everything. */
export function sightOf(place: number): Sight {
  if (place < 0 || place >= sightCountMax) return { mask: 0xffffffff, levelShift: 0, levelMask: 0 };
  return { mask: ((1 << place) | (1 << shadowBit)) >>> 0, levelShift: place * 2, levelMask: 3 };
}

/** Counts the instances that `sight` takes in by level, into `counts` (packetLevelCount). */
export function countLevels(
  counts: Uint32Array,
  visible: Uint32Array,
  levels: Uint32Array,
  first: number,
  count: number,
  { mask, levelShift, levelMask }: Sight,
): void {
  counts.fill(0);
  for (let i = first; i < first + count; i++)
    if ((visible[i]! & mask) !== 0) counts[(levels[i]! >>> levelShift) & levelMask]!++;
}

/**
 * Lists in `chosen` the instances that `sight` takes in at one of the levels of `wanted` (a bit a level): those
 * that cast shadows (1), or those that do not (0). Returns how many.
 */
export function chooseInstances(
  chosen: Uint32Array,
  visible: Uint32Array,
  levels: Uint32Array,
  first: number,
  count: number,
  { mask, levelShift, levelMask }: Sight,
  wanted: number,
  casting: 0 | 1,
): number {
  let length = 0;
  for (let i = first; i < first + count; i++) {
    const seen = visible[i]!;
    if ((seen & mask) === 0 || seen >>> shadowBit !== casting) continue;
    if (((wanted >>> ((levels[i]! >>> levelShift) & levelMask)) & 1) !== 0) chosen[length++] = i;
  }
  return length;
}

/**
 * Writes `count` matrices to `drawn` from instance `drawnFirst` on: those of the packet's instances
 * `chosen`, `alpha` of the way from `previous` to `current`.
 */
export function blendPoses(
  drawn: Float32Array,
  drawnFirst: number,
  previous: Float32Array,
  current: Float32Array,
  chosen: Uint32Array,
  count: number,
  alpha: number,
): void {
  let to = drawnFirst * 16;
  for (let i = 0; i < count; i++) {
    const from = chosen[i]! * 12;
    for (let row = 0; row < 3; row++) {
      const at = from + row * 4;
      const p0 = previous[at]!;
      const p1 = previous[at + 1]!;
      const p2 = previous[at + 2]!;
      const p3 = previous[at + 3]!;
      drawn[to + row] = p0 + (current[at]! - p0) * alpha;
      drawn[to + row + 4] = p1 + (current[at + 1]! - p1) * alpha;
      drawn[to + row + 8] = p2 + (current[at + 2]! - p2) * alpha;
      drawn[to + row + 12] = p3 + (current[at + 3]! - p3) * alpha;
    }
    drawn[to + 3] = 0;
    drawn[to + 7] = 0;
    drawn[to + 11] = 0;
    drawn[to + 15] = 1;
    to += 16;
  }
}

/**
 * Copies colours, each four half floats in two words, of the packet's instances `chosen`. Returns whether
 * any differed from what was drawn there before.
 */
export function copyColors(
  drawn: Uint32Array,
  drawnFirst: number,
  colors: Uint32Array,
  chosen: Uint32Array,
  count: number,
): boolean {
  let changed = false;
  let to = drawnFirst * 2;
  for (let i = 0; i < count; i++, to += 2) {
    const from = chosen[i]! * 2;
    const low = colors[from]!;
    const high = colors[from + 1]!;
    if (drawn[to] === low && drawn[to + 1] === high) continue;
    drawn[to] = low;
    drawn[to + 1] = high;
    changed = true;
  }
  return changed;
}
