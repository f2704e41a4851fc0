/** Whole rounds without a picture: title, countdown, play, result, restart. */
import { expect, test } from "vitest";
import { Crate } from "../../../game/components/crate.ts";
import { countdownTicks, Round, resultTicksMax, resultTicksMin, roundState } from "../../../game/components/round.ts";
import { Tug } from "../../../game/components/tug.ts";
import { ticksOf } from "../../../game/time.ts";
import { Game } from "./harness.ts";

test("the title shows rivals that deliver crates", async () => {
  const game = await Game.start();
  game.step(ticksOf(40));
  expect(game.state).toBe(roundState.title);
  expect(game.indices(Tug)).toHaveLength(3);
  expect(game.deliveryCount).toBeGreaterThan(3);
});

test("a round runs from title to result, and Enter starts another with a new yard", async () => {
  const game = await Game.start();
  game.set("roundSeconds", 30);
  game.join(1);
  game.step(ticksOf(10));
  game.pressStart(1);
  expect(game.state).toBe(roundState.countdown);
  expect(game.indices(Tug)).toHaveLength(0);
  game.step(2);
  expect(game.indices(Tug)).toHaveLength(4);
  expect(game.scores).toEqual([0, 0, 0, 0]);

  game.step(countdownTicks);
  expect(game.state).toBe(roundState.playing);
  expect(game.stepUntil(ticksOf(31), () => game.state === roundState.ended)).toBe(true);
  const round = game.indices(Round)[0]!;
  expect(game.columns(Round)["secondsLeft"]![round]).toBe(0);
  expect(Math.max(...game.scores)).toBeGreaterThan(0);
  expect(game.columns(Round)["leaderScore"]![round]).toBe(Math.max(...game.scores));

  const result = game.scores;
  game.step(resultTicksMin);
  expect(game.scores).toEqual(result);
  game.step();
  game.pressStart(1);
  expect(game.state).toBe(roundState.countdown);
  game.step(countdownTicks + 2);
  expect(game.state).toBe(roundState.playing);
  expect(game.columns(Round)["number"]![round]).toBe(2);
  expect(game.indices(Tug)).toHaveLength(4);
});

test("an Enter left over from play does not skip the result, and the title comes back by itself", async () => {
  const game = await Game.start();
  game.set("roundSeconds", 10);
  game.join(1);
  game.step();
  game.pressStart(1);
  expect(game.stepUntil(ticksOf(14), () => game.state === roundState.ended)).toBe(true);
  game.step();
  game.pressStart(1);
  expect(game.state).toBe(roundState.ended);
  expect(game.stepUntil(resultTicksMax + 2, () => game.state === roundState.title)).toBe(true);
  game.step(2);
  expect(game.indices(Tug)).toHaveLength(4);
});

test("crates never exceed their limit", async () => {
  const game = await Game.start();
  game.set("crates", 6);
  game.set("bots", 0);
  for (let i = 0; i < 60; i++) {
    game.step(60);
    expect(game.indices(Crate).length).toBeLessThanOrEqual(6 + 4);
  }
});
