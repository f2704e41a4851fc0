/**
 * The hierarchy of boxes, TypeScript form: fitting it, and its query as what it must equal, the test of every
 * sphere. assembly/hierarchy.ts draws the table.
 */
import { cullSpheres } from "./spheres.ts";
import { type Views, wordAt } from "./views.ts";

const round = Math.fround;

/** Sorts the spheres of the lowest boxes first..first+count-1 into their places and fits those boxes. */
export function fitSpheres(views: Views, table: number, first: number, count: number): void {
  const { f32, u32 } = views;
  const order = wordAt(views, table, 4);
  for (let place = first * 8; place < (first + count) * 8; place++)
    for (let axis = 0; axis < 4; axis++)
      u32[wordAt(views, table, 5 + axis) + place] = u32[wordAt(views, table, axis) + u32[order + place]!]!;
  const radii = wordAt(views, table, 8);
  for (let box = first; box < first + count; box++)
    for (let axis = 0; axis < 3; axis++) {
      const centers = wordAt(views, table, 5 + axis);
      let low = Number.POSITIVE_INFINITY;
      let high = Number.NEGATIVE_INFINITY;
      for (let place = box * 8; place < box * 8 + 8; place++) {
        low = Math.min(low, round(f32[centers + place]! - f32[radii + place]!));
        high = Math.max(high, round(f32[centers + place]! + f32[radii + place]!));
      }
      f32[wordAt(views, table, 16 + axis) + box] = low;
      f32[wordAt(views, table, 19 + axis) + box] = high;
    }
}

/** Fits the boxes first..first+count-1 of `level`, at least 1, about those of the level below. */
export function fitBoxes(views: Views, table: number, level: number, first: number, count: number): void {
  const { f32 } = views;
  const own = 16 + level * 8;
  const below = own - 8;
  for (let box = first; box < first + count; box++)
    for (let axis = 0; axis < 3; axis++) {
      const lows = wordAt(views, table, below + axis);
      const highs = wordAt(views, table, below + 3 + axis);
      let low = Number.POSITIVE_INFINITY;
      let high = Number.NEGATIVE_INFINITY;
      for (let child = box * 8; child < box * 8 + 8; child++) {
        low = Math.min(low, f32[lows + child]!);
        high = Math.max(high, f32[highs + child]!);
      }
      f32[wordAt(views, table, own + axis) + box] = low;
      f32[wordAt(views, table, own + 3 + axis) + box] = high;
    }
}

/** Writes the numbers of the visible spheres at `out`, ascending; returns how many. The scratch is not needed. */
export function cullHierarchy(views: Views, table: number, planes: number, _scratch: number, out: number): number {
  return cullSpheres(views, table, planes, 0, views.u32[(table >>> 2) + 9]!, out);
}
