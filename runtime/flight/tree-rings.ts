/**
 * The hash rings of a run as the main thread sees them: shared memory that the engine thread writes, and that outlives it.
 * Given news of each ring; hands on the rows from a tick on, for a black box.
 *
 * The rule a reader could break: a swap to other leaves begins another ring, and one that is taken back comes back with its
 * own, so a row counts only up to where the next ring begins.
 */
import { HashRows } from "../../engine/audit/hash-ring.ts";
import type { TreeSegment } from "./recorded-trees.ts";

/** A ring that is written from the tick behind `afterTick` on. Plain data. */
export interface RingNews {
  readonly buffer: SharedArrayBuffer;
  readonly leafNames: readonly string[];
  readonly afterTick: number;
}

/** Rings that are kept: each is megabytes, and there is another only where code with other columns took over. */
const ringCountMax = 4;

interface KnownRing {
  readonly rows: HashRows;
  readonly leafNames: readonly string[];
  readonly afterTick: number;
}

export class TreeRings {
  #rings: KnownRing[] = [];

  add({ buffer, leafNames, afterTick }: RingNews): void {
    const kept = this.#rings.filter((ring) => ring.afterTick < afterTick);
    this.#rings = [...kept, { rows: new HashRows(buffer), leafNames, afterTick }].slice(-ringCountMax);
  }

  /** The rows of the ticks from `firstTick` on that are still held. Rows that the writer overtakes meanwhile are left out. */
  segments(firstTick: number): TreeSegment[] {
    return this.#rings.flatMap(({ rows: ring, leafNames, afterTick }, at) => {
      const last = Math.min(ring.lastTick, this.#rings[at + 1]?.afterTick ?? ring.lastTick);
      const rows = [];
      for (let tick = Math.max(firstTick, afterTick + 1, ring.firstTick); tick <= last; tick++) {
        const row = ring.row(tick);
        if (row !== undefined) rows.push(row);
        else rows.length = 0;
      }
      return rows.length === 0 ? [] : [{ leafNames, rows }];
    });
  }
}
