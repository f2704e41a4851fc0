/**
 * What of a journal may be asked for: ticks that are on record, and entities that its world has room for. Commands ask here
 * before any tick is made again, so that a slip of the pen costs no time.
 */
import { raise } from "../../engine/base/faults.ts";
import type { Journal } from "../../engine/replay/journal.ts";

/** Raises "usage" for a tick outside `firstTick` .. the last one on record. */
export function refuseTickElsewhere({ path, lastTick }: Journal, tick: number, firstTick: number): void {
  if (tick >= firstTick && tick <= lastTick) return;
  raise("usage", {
    problem: `Tick ${tick} is not on record in ${path}.`,
    suggestion: `Give a tick from ${firstTick} to ${lastTick}.`,
  });
}

/** Raises "usage" for an index that no entity of the world can have at `tick`. */
export function refuseEntityElsewhere(
  { path, header, swaps }: Journal,
  tick: number,
  entities: readonly number[],
): void {
  const { limits } = swaps.findLast((swap) => swap.tick <= tick)?.program ?? header.program;
  const wrong = entities.find((entity) => entity < 1 || entity > limits.entities);
  if (wrong === undefined) return;
  raise("usage", {
    problem: `No entity of ${path} has the index ${wrong}.`,
    suggestion: `Give an index from 1 to ${limits.entities}.`,
  });
}
