/** The pacer: when it returns and why. The clock is a script, so no time passes and none is measured. */
import { expect, test } from "vitest";
import type { Clock } from "../../../engine/ports/clock.ts";
import { waitUntil } from "../../../runtime/world/pacer.ts";

/** A clock that gives these moments, then the last one for ever, and counts how often it is asked. */
function scripted(...moments: number[]): Clock & { readonly asked: number } {
  let asked = 0;
  return {
    nowMicros: () => moments[Math.min(asked++, moments.length - 1)]!,
    get asked() {
      return asked;
    },
  };
}
const words = (): Int32Array => new Int32Array(new SharedArrayBuffer(8));

test("a moment that has come or gone is not waited for, whatever the word says", () => {
  for (const now of [1_000, 1_001, 9_999_999]) {
    const clock = scripted(now);
    waitUntil(clock, 1_000, words(), 0, 0);
    expect(clock.asked).toBe(1);
  }
});

test("close to the moment it asks the clock again and again instead of sleeping", () => {
  const clock = scripted(900, 950, 999, 999.5, 1_000);
  waitUntil(clock, 1_000, words(), 0, 0);
  expect(clock.asked).toBe(5);
});

test("a sleep that ends early is followed by another", () => {
  const clock = scripted(0, 10, 20, 2_000);
  waitUntil(clock, 1_000, words(), 0, 0);
  expect(clock.asked).toBe(4);
});

test("a word that is no longer as expected ends the wait before its moment, asleep or spinning", () => {
  const stopped = words();
  stopped[1] = 1;
  const far = scripted(0);
  waitUntil(far, 60_000_000, stopped, 1, 0);
  expect(far.asked).toBe(1);
  const near = scripted(950);
  waitUntil(near, 1_000, stopped, 1, 0);
  expect(near.asked).toBe(1);
});

test("deadlines in order are met in order, each once", () => {
  let now = 0;
  const clock: Clock = { nowMicros: () => (now += 40) };
  const met: number[] = [];
  for (let frame = 1; frame <= 50; frame++) {
    waitUntil(clock, frame * 100, words(), 0, 0);
    met.push(now);
  }
  expect(met.every((moment, at) => moment >= (at + 1) * 100)).toBe(true);
  expect(met).toEqual(met.toSorted((a, b) => a - b));
});
