/** Players: they drive, deliver, fall, come and go. */
import { expect, test } from "vitest";
import { Position } from "../../../engine/index.ts";
import { countdownTicks } from "../../../game/components/round.ts";
import { Beam, Tug } from "../../../game/components/tug.ts";
import { ticksOf } from "../../../game/time.ts";
import { seatCount, startOf } from "../../../game/tugs.ts";
import { Game } from "./harness.ts";
import { driveTo, noKeys, play, tugOfPlayer } from "./scripted-player.ts";

/** A running round with these players and this many rivals. */
async function startRound(players: readonly number[], bots: number, seed = 7): Promise<Game> {
  const game = await Game.start(seed);
  game.set("bots", bots);
  for (const player of players) game.join(player);
  game.step(2);
  game.pressStart(players[0]!);
  game.step(countdownTicks + 2);
  return game;
}

test("a scripted player takes a crate and delivers it", async () => {
  const game = await startRound([1], 0);
  const tug = tugOfPlayer(game.world, 1);
  let hasHeld = false;
  const delivered = game.stepUntil(ticksOf(60), () => {
    game.hold(1, play(game.world, 1));
    hasHeld ||= game.columns(Beam)["crate"]![tug] !== 0;
    return game.columns(Tug)["score"]![tug]! > 0;
  });
  expect(hasHeld).toBe(true);
  expect(delivered).toBe(true);
});

test("tugs stand still during the countdown", async () => {
  const game = await Game.start();
  game.join(1);
  game.step(2);
  game.pressStart(1);
  game.step(2);
  game.hold(1, { ...noKeys, thrust: 1, turn: 1 });
  game.step(countdownTicks - 10);
  const tug = tugOfPlayer(game.world, 1);
  const [x, , z] = startOf(game.columns(Tug)["seat"]![tug]!);
  expect(game.columns(Position)["x"]![tug]).toBeCloseTo(x, 1);
  expect(game.columns(Position)["z"]![tug]).toBeCloseTo(z, 1);
});

test("boost drains energy and rest restores it", async () => {
  const game = await startRound([1], 0);
  const tug = tugOfPlayer(game.world, 1);
  const energy = (): number => game.columns(Tug)["energy"]![tug]!;
  game.hold(1, { ...noKeys, thrust: 1, turn: 1, boost: 1 });
  game.step(60);
  const tired = energy();
  expect(tired).toBeLessThan(0.7);
  game.hold(1, noKeys);
  game.step(60);
  expect(energy()).toBeGreaterThan(tired);
});

test("who drives off the deck loses the crate and comes back at the start", async () => {
  const game = await startRound([1], 0);
  const tug = tugOfPlayer(game.world, 1);
  const at = (axis: "x" | "y" | "z"): number => game.columns(Position)[axis]![tug]!;
  // The west edge is open between z = -11 and z = 3.
  const fell = game.stepUntil(ticksOf(20), () => {
    game.hold(1, driveTo(game.world, 1, -40, -4));
    return game.columns(Tug)["returnTick"]![tug] !== 0;
  });
  expect(fell).toBe(true);
  game.hold(1, noKeys);
  game.step(2);
  expect(game.columns(Beam)["crate"]![tug]).toBe(0);
  expect(game.stepUntil(ticksOf(3), () => game.columns(Tug)["returnTick"]![tug] === 0)).toBe(true);
  game.step(60);
  const [x, y, z] = startOf(game.columns(Tug)["seat"]![tug]!);
  expect(Math.abs(at("x") - x)).toBeLessThan(3);
  expect(Math.abs(at("y") - y)).toBeLessThan(0.5);
  expect(Math.abs(at("z") - z)).toBeLessThan(3);
});

test("players join and leave in the middle of a round; rivals keep their number", async () => {
  const game = await startRound([1], 3);
  const players = (): number => game.indices(Tug).filter((tug) => game.columns(Tug)["player"]![tug] !== 0).length;
  game.step(100);
  expect([game.indices(Tug).length, players()]).toEqual([4, 1]);
  game.join(2);
  game.join(3);
  game.step(3);
  expect([game.indices(Tug).length, players()]).toEqual([6, 3]);
  game.leave(1);
  game.step(3);
  expect([game.indices(Tug).length, players()]).toEqual([5, 2]);
  game.set("bots", 1);
  game.step(4);
  expect([game.indices(Tug).length, players()]).toEqual([3, 2]);
  expect(tugOfPlayer(game.world, 1)).toBe(0);
  expect(tugOfPlayer(game.world, 2)).toBeGreaterThan(0);
});

test("sixteen players fill every seat, and rivals make room for them", async () => {
  const game = await Game.start();
  game.set("bots", 15);
  game.step(10);
  expect(game.indices(Tug)).toHaveLength(15);
  for (let player = 1; player <= seatCount; player++) game.join(player);
  game.step(30);
  expect(game.indices(Tug)).toHaveLength(seatCount);
  game.pressStart(1);
  game.step(countdownTicks + 2);
  const seats = game.indices(Tug).map((tug) => game.columns(Tug)["seat"]![tug]!);
  expect([...seats].sort((a, b) => a - b)).toEqual(Array.from({ length: seatCount }, (_, seat) => seat));
  for (let i = 0; i < 600; i++) {
    if (i % 6 === 0) for (let player = 1; player <= seatCount; player++) game.hold(player, play(game.world, player));
    game.step();
  }
  expect(game.indices(Tug)).toHaveLength(seatCount);
  for (const tug of game.indices(Tug)) expect(game.columns(Tug)["player"]![tug]).not.toBe(0);
});
