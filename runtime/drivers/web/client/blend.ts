/**
 * Blends packet poses into the form that instanced drawing takes. A packet holds each pose as the
 * three rows of a 3x4 matrix; the renderer wants the four columns of a 4x4:
 *
 *   packet   m00 m01 m02 tx  m10 m11 m12 ty  m20 m21 m22 tz
 *   drawn    m00 m10 m20 0   m01 m11 m21 0   m02 m12 m22 0   tx ty tz 1
 *
 * Rule: these loops run for every instance of every frame, so they allocate nothing.
 */

/**
 * Writes `count` matrices to `drawn` from instance `drawnFirst` on: those of the packet from
 * instance `first` on, `alpha` of the way from `previous` to `current`.
 */
export function blendPoses(
  drawn: Float32Array,
  drawnFirst: number,
  previous: Float32Array,
  current: Float32Array,
  first: number,
  count: number,
  alpha: number,
): void {
  let from = first * 12;
  let to = drawnFirst * 16;
  for (let i = 0; i < count; i++) {
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
    from += 12;
    to += 16;
  }
}

/**
 * Copies colours, each four half floats in two words. Returns whether any differed from what was
 * drawn there before.
 */
export function copyColors(
  drawn: Uint32Array,
  drawnFirst: number,
  colors: Uint32Array,
  first: number,
  count: number,
): boolean {
  let changed = false;
  let from = first * 2;
  let to = drawnFirst * 2;
  for (let i = 0; i < count * 2; i++, from++, to++) {
    const word = colors[from]!;
    if (drawn[to] === word) continue;
    drawn[to] = word;
    changed = true;
  }
  return changed;
}
