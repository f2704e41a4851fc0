/**
 * What a run counts over all its engines: each swap gives the world to another engine, each restart to one of another
 * thread, and a run is one run all the same.
 *
 * Given what engines before had counted, as plain data, and the engine that runs; hands on the sums. The rule a reader
 * could break: an engine that takes over within a thread has some of the counts of the one before, its dropped ticks, and
 * none of others. What it begins with is taken off, whatever that is.
 */
import type { Engine } from "../../engine/engine.ts";
import { type Fallback, takenFallbacks } from "../../engine/sim/fallback.ts";
import type { SystemTiming } from "../../engine/sim/timing.ts";

/** Plain data. */
export interface Counts {
  readonly droppedTickCount: number;
  readonly refusedRecordCount: number;
  readonly fallbacks: readonly Fallback[];
  readonly timings: readonly SystemTiming[];
  /** Ticks that `timings` are of. */
  readonly timedTickCount: number;
}

/** What goes along with a world. Plain data. */
export interface CarriedCounts extends Counts {
  /** When the run began, by the host's clock. */
  readonly startMicros: number;
  /** Record messages that were taken from the channel. */
  readonly messageCount: number;
}

const nothing: Counts = {
  ...{ droppedTickCount: 0, refusedRecordCount: 0, fallbacks: [], timings: [], timedTickCount: 0 },
};

/** What one engine has counted. */
export function countsOf(engine: Engine): Counts {
  const { world, fallbacks, timings, droppedTickCount } = engine;
  const timedTickCount = world.timing.tickCount;
  return { droppedTickCount, refusedRecordCount: world.door.refusedCount, fallbacks, timings, timedTickCount };
}

export class RunCounts {
  readonly startMicros: number;
  messageCount: number;
  /** Of engines before, without what the one that runs has of them. */
  #others: Counts;

  constructor(startMicros: number, carried?: CarriedCounts) {
    this.startMicros = carried?.startMicros ?? startMicros;
    this.messageCount = carried?.messageCount ?? 0;
    this.#others = carried ?? nothing;
  }

  /** Counts of another thread's engine, which had the world for a while. */
  add(counts: Counts): void {
    this.#others = sumOf(this.#others, counts, Number.POSITIVE_INFINITY);
  }

  /** `after` has taken over from `before` within this thread, a moment ago. */
  goOn(before: Engine, after: Engine): void {
    const [had, has] = [countsOf(before), countsOf(after)];
    this.add({
      ...{ timings: had.timings, timedTickCount: had.timedTickCount },
      droppedTickCount: had.droppedTickCount - has.droppedTickCount,
      refusedRecordCount: had.refusedRecordCount - has.refusedRecordCount,
      fallbacks: [...had.fallbacks, ...has.fallbacks.map((fallback) => ({ ...fallback, count: -fallback.count }))],
    });
  }

  /** All of the run up to now; `engine` is this thread's. */
  with(engine: Engine): CarriedCounts {
    const sum = sumOf(this.#others, countsOf(engine), engine.program.limits.timingFrames);
    const { startMicros, messageCount } = this;
    return { ...sum, fallbacks: takenFallbacks(sum.fallbacks), startMicros, messageCount };
  }
}

/** `later` is of the newer engine; timings are of its last ticks, at most `timedMax`, and of as many before it as are left. */
function sumOf(earlier: Counts, later: Counts, timedMax: number): Counts {
  const counts = new Map<string, Fallback>();
  for (const { name, count, text } of [...later.fallbacks, ...earlier.fallbacks])
    counts.set(name, { name, count: count + (counts.get(name)?.count ?? 0), text });
  const before = Math.max(0, Math.min(earlier.timedTickCount, timedMax - later.timedTickCount));
  return {
    droppedTickCount: earlier.droppedTickCount + later.droppedTickCount,
    refusedRecordCount: earlier.refusedRecordCount + later.refusedRecordCount,
    fallbacks: [...counts.values()],
    timings: before === 0 ? later.timings : later.timings.map((timing) => joined(timing, later, earlier, before)),
    timedTickCount: before + later.timedTickCount,
  };
}

function joined(timing: SystemTiming, { timedTickCount }: Counts, { timings }: Counts, before: number): SystemTiming {
  const other = timings.find(({ system }) => system === timing.system);
  if (other === undefined) return timing;
  const sum = timing.meanMicros * timedTickCount + other.meanMicros * before;
  return {
    system: timing.system,
    meanMicros: sum / (timedTickCount + before),
    maxMicros: Math.max(timing.maxMicros, other.maxMicros),
  };
}
