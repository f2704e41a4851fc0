/** The accumulator against exact arithmetic in whole numbers of any size. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TickAccumulator } from "../../../engine/sim/coordinator.ts";
import { testSeed } from "../seeds.ts";

const seed = testSeed("coordinator");

test("ticks made, dropped and the remainder are exact for any frames at any rate", () => {
  const micros = fc.oneof(
    fc.integer({ min: 0, max: 50_000 }),
    fc.integer({ min: 0, max: 5_000_000 }),
    fc.integer({ min: 0, max: 10 ** 11 }),
  );
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1_000 }),
      fc.integer({ min: 1, max: 20 }),
      fc.array(micros, { maxLength: 200 }),
      (rate, perFrame, frames) => {
        const accumulator = new TickAccumulator(rate, perFrame);
        let elapsed = 0n;
        let accounted = 0n;
        let dropped = 0n;
        for (const frame of frames) {
          elapsed += BigInt(frame);
          const dueInAll = (elapsed * BigInt(rate)) / 1_000_000n;
          const due = dueInAll - accounted;
          const made = due < BigInt(perFrame) ? due : BigInt(perFrame);
          expect(accumulator.expend(frame)).toBe(Number(made));
          accounted = dueInAll;
          dropped += due - made;
          expect(accumulator.droppedTickCount).toBe(Number(dropped));
          expect(accumulator.fraction).toBe(Number((elapsed * BigInt(rate)) % 1_000_000n) / 1_000_000);
        }
      },
    ),
    { seed, numRuns: 500 },
  );
});

test("a day of frames of any length gives a day of ticks", () => {
  for (const frame of [1_000, 16_666, 16_667, 33_333]) {
    const accumulator = new TickAccumulator(60, 5);
    let made = 0;
    let elapsed = 0;
    for (; elapsed + frame <= 3_600_000_000; elapsed += frame) made += accumulator.expend(frame);
    made += accumulator.expend(3_600_000_000 - elapsed);
    expect([made, accumulator.droppedTickCount, accumulator.fraction]).toEqual([216_000, 0, 0]);
  }
});

test("a stall makes the clamp's number of ticks, counts the rest, and keeps the remainder", () => {
  const accumulator = new TickAccumulator(60, 5);
  expect(accumulator.expend(1_008_333)).toBe(5);
  expect(accumulator.droppedTickCount).toBe(55);
  expect(accumulator.fraction).toBe(0.49998);
  expect(accumulator.expend(8_334)).toBe(1);
  expect(accumulator.fraction).toBe(0.00002);
});

describe("a world that slows down", () => {
  const periodMicros = 10_000;
  /** Frames of a machine whose ticks take `cost` periods each, as a host makes them: at the whole period that is due. */
  const run = (accumulator: TickAccumulator, cost: number, frames: number): number[] => {
    const made: number[] = [];
    let elapsed = 1;
    for (let frame = 0; frame < frames; frame++) {
      made.push(accumulator.expend(elapsed * periodMicros));
      elapsed = Math.max(1, Math.ceil(made.at(-1)! * cost));
    }
    return made;
  };

  test("in time, late now and then, or without the policy, is exact as ever", () => {
    const slow = new TickAccumulator(100, 5, "slow");
    expect(run(slow, 1, 100)).toEqual(new Array(100).fill(1));
    expect([slow.pace, slow.droppedTickCount]).toEqual([1, 0]);
    const drop = new TickAccumulator(100, 5, "drop");
    run(drop, 3, 100);
    expect(drop.pace).toBe(1);
  });

  test("on a machine that is too slow, makes few ticks a frame where dropping makes as many as it may", () => {
    const [drop, slow] = [new TickAccumulator(100, 5, "drop"), new TickAccumulator(100, 5, "slow")];
    const most = (accumulator: TickAccumulator): number => Math.max(...run(accumulator, 1.5, 400).slice(100));
    expect([most(drop), most(slow)]).toEqual([5, 2]);
    expect(slow.pace).toBeLessThan(0.8);
    // When the load is over the world goes with the clock again.
    run(slow, 0.5, 256);
    expect(slow.pace).toBe(1);
  });

  test("all time is made, dropped, or on its way, to the last unit", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000 }),
        fc.integer({ min: 1, max: 20 }),
        fc.array(fc.oneof(fc.integer({ min: 0, max: 200_000 }), fc.integer({ min: 0, max: 10 ** 11 })), {
          maxLength: 200,
        }),
        (rate, perFrame, frames) => {
          const accumulator = new TickAccumulator(rate, perFrame, "slow");
          let units = 0n;
          let made = 0n;
          for (const frame of frames) {
            const count = accumulator.expend(frame);
            expect(count).toBeLessThanOrEqual(perFrame);
            made += BigInt(count);
            units += BigInt(frame) * BigInt(rate);
            expect(accumulator.pace).toBeGreaterThanOrEqual(1 / 16);
            expect(accumulator.pace).toBeLessThanOrEqual(1);
          }
          const whole = made + BigInt(accumulator.droppedTickCount);
          // Less than a tick is on its way, and less than another is stretched time that is no whole tick yet.
          const rest = units - whole * 1_000_000n;
          expect(rest >= 0n && rest < 2_000_000n).toBe(true);
        },
      ),
      { seed, numRuns: 300 },
    );
  });
});

describe("refused", () => {
  test.each([0, 1_001, 59.94, Number.NaN, -1])("a tick rate of %d", (rate) => {
    expect(() => new TickAccumulator(rate, 5)).toThrow("the tick rate is 1 to 1000 a second");
  });
  test.each([0, 1.5, -1])("%d ticks a frame", (count) => {
    expect(() => new TickAccumulator(60, count)).toThrow("a frame makes at least one tick");
  });
  test.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])("an elapsed time of %d", (micros) => {
    expect(() => new TickAccumulator(60, 5).expend(micros)).toThrow("elapsed time is whole and not negative");
  });
});
