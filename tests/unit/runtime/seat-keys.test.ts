/** Seat keys: always the lowest that is free, as many as there are players, against a naive list. */
import { expect, test } from "vitest";
import { SeatKeys } from "../../../runtime/world/seat-keys.ts";
import { Draws, testSeed } from "../seeds.ts";

const seed = testSeed("seat-keys");

test("keys count from 1, run out, and come back lowest first", () => {
  const keys = new SeatKeys(3);
  expect([keys.take(), keys.take(), keys.take(), keys.take()]).toEqual([1, 2, 3, 0]);
  keys.leave(2);
  keys.leave(1);
  expect([keys.take(), keys.take(), keys.take()]).toEqual([1, 2, 0]);
});

test("leaving what nobody has changes nothing", () => {
  const keys = new SeatKeys(2);
  for (const key of [0, 1, 7, -1]) keys.leave(key);
  expect([keys.take(), keys.take(), keys.take()]).toEqual([1, 2, 0]);
});

test("a model of any takes and leaves agrees", () => {
  const draws = new Draws(seed);
  for (let round = 0; round < 50; round++) {
    const count = 1 + draws.below(9);
    const keys = new SeatKeys(count);
    const free = Array.from({ length: count }, (_, at) => at + 1);
    for (let step = 0; step < 100; step++) {
      if (draws.below(2) === 0) expect(keys.take()).toBe(free.sort((a, b) => a - b).shift() ?? 0);
      else {
        const key = 1 + draws.below(count);
        keys.leave(key);
        if (!free.includes(key)) free.push(key);
      }
    }
  }
});
