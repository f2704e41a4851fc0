/**
 * Spheres on a line from one point to another, found through a hierarchy: picking, sight of a camera. Given
 * two points, it hands on the numbers of the spheres that the segment touches, ascending. It computes in doubles
 * from the hierarchy's copies, so its answer is that of asking every sphere.
 */
import type { HierarchyLevel, SphereHierarchy } from "./hierarchy.ts";

export interface Segment {
  readonly fromX: number;
  readonly fromY: number;
  readonly fromZ: number;
  readonly toX: number;
  readonly toY: number;
  readonly toZ: number;
}

/** Boxes are rounded to f32; this share more hides no sphere that sticks out of its box by that. */
const slack = 1e-6;

/** Whether the segment comes within `radius` of a centre. NaN anywhere is no. */
export function touches(segment: Segment, x: number, y: number, z: number, radius: number): boolean {
  const { fromX, fromY, fromZ } = segment;
  const dx = segment.toX - fromX;
  const dy = segment.toY - fromY;
  const dz = segment.toZ - fromZ;
  const along = (x - fromX) * dx + (y - fromY) * dy + (z - fromZ) * dz;
  const length = dx * dx + dy * dy + dz * dz;
  const share = along <= 0 || length === 0 ? 0 : along >= length ? 1 : along / length;
  const awayX = fromX + dx * share - x;
  const awayY = fromY + dy * share - y;
  const awayZ = fromZ + dz * share - z;
  return awayX * awayX + awayY * awayY + awayZ * awayZ <= radius * radius;
}

const stack = new Uint32Array(128);

/** Writes the numbers of the spheres that `segment` touches to `out`, ascending, and returns how many. */
export function spheresOn(hierarchy: SphereHierarchy, segment: Segment, out: Uint32Array): number {
  if (hierarchy.sphereCount === 0) return 0;
  const { levels, order, sorted, sphereCount } = hierarchy;
  const [x, y, z, radius] = sorted;
  let count = 0;
  let top = 0;
  stack[top++] = (hierarchy.levelCount - 1) << 28;
  while (top > 0) {
    const entry = stack[--top]!;
    const level = entry >>> 28;
    const first = entry & 0x0fffffff;
    const boxes = levels[level]!;
    const end = Math.min(first + 8, boxes.boxCount);
    for (let box = first; box < end; box++) {
      if (misses(segment, boxes, box)) continue;
      if (level > 0) {
        stack[top++] = ((level - 1) << 28) | (box * 8);
        continue;
      }
      for (let place = box * 8; place < Math.min(box * 8 + 8, sphereCount); place++)
        if (touches(segment, x[place]!, y[place]!, z[place]!, radius[place]!)) out[count++] = order[place]!;
    }
  }
  out.subarray(0, count).sort();
  return count;
}

/** Whether an axis parts the segment from a box, by a clear margin. NaN parts nothing. */
function misses(segment: Segment, { columns }: HierarchyLevel, box: number): boolean {
  const [lowX, lowY, lowZ, highX, highY, highZ] = columns;
  const dx = Math.abs(segment.toX - segment.fromX) / 2;
  const dy = Math.abs(segment.toY - segment.fromY) / 2;
  const dz = Math.abs(segment.toZ - segment.fromZ) / 2;
  const x = (segment.fromX + segment.toX - lowX[box]! - highX[box]!) / 2;
  const y = (segment.fromY + segment.toY - lowY[box]! - highY[box]!) / 2;
  const z = (segment.fromZ + segment.toZ - lowZ[box]! - highZ[box]!) / 2;
  const reach = Math.abs(segment.fromX) + Math.abs(segment.fromY) + Math.abs(segment.fromZ) + dx + dy + dz;
  const margin = slack * (reach + Math.abs(x) + Math.abs(y) + Math.abs(z));
  const width = (highX[box]! - lowX[box]!) / 2 + margin;
  const height = (highY[box]! - lowY[box]!) / 2 + margin;
  const depth = (highZ[box]! - lowZ[box]!) / 2 + margin;
  if (Math.abs(x) > width + dx || Math.abs(y) > height + dy || Math.abs(z) > depth + dz) return true;
  const alongX = (segment.toX - segment.fromX) / 2;
  const alongY = (segment.toY - segment.fromY) / 2;
  const alongZ = (segment.toZ - segment.fromZ) / 2;
  return (
    Math.abs(y * alongZ - z * alongY) > height * dz + depth * dy ||
    Math.abs(z * alongX - x * alongZ) > width * dz + depth * dx ||
    Math.abs(x * alongY - y * alongX) > width * dy + height * dx
  );
}
