/** What a run counts over several engines: sums, each engine's counts once, and timings of its last ticks. */
import { expect, test } from "vitest";
import type { Engine } from "../../../engine/engine.ts";
import { type Counts, countsOf, RunCounts } from "../../../runtime/world/run-counts.ts";

/** As much of an engine as counts. */
function counting({ droppedTickCount, refusedRecordCount, fallbacks, timings, timedTickCount }: Counts): Engine {
  return {
    ...{ droppedTickCount, fallbacks, timings },
    world: { door: { refusedCount: refusedRecordCount }, timing: { tickCount: timedTickCount } },
    program: { limits: { timingFrames: 100 } },
  } as unknown as Engine;
}

const fallback = (name: string, count: number) => ({ name, count, text: `${name} happened` });
const timing = (system: string, meanMicros: number, maxMicros: number) => ({ system, meanMicros, maxMicros });

const first = counting({
  ...{ droppedTickCount: 2, refusedRecordCount: 1, timedTickCount: 100 },
  fallbacks: [fallback("ticks-dropped", 2), fallback("records-refused", 1), fallback("packets-skipped", 0)],
  timings: [timing("gone", 1, 1), timing("steer", 10, 50)],
});
const second = counting({
  ...{ droppedTickCount: 3, refusedRecordCount: 0, timedTickCount: 25 },
  fallbacks: [fallback("ticks-dropped", 3), fallback("chunks-redone", 4)],
  timings: [timing("steer", 20, 30), timing("new", 5, 6)],
});

test("one engine counts for itself", () => {
  const counts = new RunCounts(7);
  expect(counts.with(first)).toEqual({
    ...{ startMicros: 7, messageCount: 0, droppedTickCount: 2, refusedRecordCount: 1, timedTickCount: 100 },
    fallbacks: [fallback("ticks-dropped", 2), fallback("records-refused", 1)],
    timings: [timing("gone", 1, 1), timing("steer", 10, 50)],
  });
});

test("a thread that takes over adds to what was counted; timings are of as many of the last ticks as a ring holds", () => {
  const before = new RunCounts(7);
  before.messageCount = 9;
  const counts = new RunCounts(50, before.with(first));
  const expected = {
    ...{ startMicros: 7, messageCount: 9, droppedTickCount: 5, refusedRecordCount: 1, timedTickCount: 100 },
    fallbacks: [fallback("ticks-dropped", 5), fallback("chunks-redone", 4), fallback("records-refused", 1)],
    // 25 ticks of 20 and 75 of 10.
    timings: [timing("steer", 12.5, 50), timing("new", 5, 6)],
  };
  expect(counts.with(second)).toEqual(expected);
  expect(counts.with(second), "asking counts nothing twice").toEqual(expected);
});

test("a world that comes back brings what was counted meanwhile, and nothing of its own twice", () => {
  const counts = new RunCounts(7);
  counts.add(countsOf(second));
  const { droppedTickCount, refusedRecordCount, fallbacks, timings } = counts.with(first);
  expect([droppedTickCount, refusedRecordCount]).toEqual([5, 1]);
  expect(fallbacks.map(({ name, count }) => [name, count])).toEqual([
    ["ticks-dropped", 5],
    ["chunks-redone", 4],
    ["records-refused", 1],
  ]);
  expect(timings, "the ring is full of its own").toEqual([timing("gone", 1, 1), timing("steer", 10, 50)]);
});

test("an engine that goes on within the thread adds to what was counted, but for what it brought along", () => {
  // As `first`, whose drops it has, and nothing else of it.
  const fresh = counting({
    ...{ droppedTickCount: 2, refusedRecordCount: 0, timedTickCount: 0, timings: [] },
    fallbacks: [fallback("ticks-dropped", 2)],
  });
  const later = counting({
    ...{ droppedTickCount: 3, refusedRecordCount: 4, timedTickCount: 25, timings: [timing("steer", 20, 30)] },
    fallbacks: [fallback("ticks-dropped", 3), fallback("records-refused", 4)],
  });
  const counts = new RunCounts(7);
  counts.goOn(first, fresh);
  const expected = {
    ...{ droppedTickCount: 3, refusedRecordCount: 5, timedTickCount: 100 },
    fallbacks: [fallback("records-refused", 5), fallback("ticks-dropped", 3)],
    timings: [timing("steer", 12.5, 50)],
  };
  expect(counts.with(later)).toMatchObject(expected);
  // Taken back: `first` goes on with its own counts, and those of the ticks that were taken back have happened.
  counts.goOn(later, first);
  const { droppedTickCount, refusedRecordCount, fallbacks } = counts.with(first);
  expect([droppedTickCount, refusedRecordCount]).toEqual([3, 5]);
  expect(fallbacks).toEqual(expected.fallbacks);
});
