/** The grid of the yard, and the ways that pilots get on it. */
import { beforeAll, describe, expect, test } from "vitest";
import { type Grid, openGrid, Position, type Snapshot } from "../../../engine/index.ts";
import { cellAt } from "../../../engine/navigation/grid.ts";
import { snapshotSubsystem } from "../../../engine/snapshot/subsystem.ts";
import { Beam, Pilot, Tug } from "../../../game/components/tug.ts";
import { Errand, Way } from "../../../game/components/way.ts";
import { isLeading } from "../../../game/jobs/pilot-ways.ts";
import { buildYardGrid, buildYardGridInto, gridInputOf, yardGridBytes } from "../../../game/navigation/yard-grid.ts";
import { ticksOf } from "../../../game/time.ts";
import { Game } from "./harness.ts";

/** What `read` makes of a snapshot of the last tick. */
function ofSnapshot<T>(game: Game, read: (snapshot: Snapshot) => T): T {
  const snapshots = game.engine.of(snapshotSubsystem);
  const slot = snapshots.pinTick();
  try {
    return read(snapshots.writer!.viewOf(slot));
  } finally {
    snapshots.writer!.ring.unpin(slot);
  }
}

const inputOf = (game: Game): Float32Array => ofSnapshot(game, gridInputOf);
const gridOf = (game: Game): Grid => openGrid(buildYardGrid(inputOf(game)));

describe("the grid of the yard", () => {
  let game: Game;
  let grid: Grid;
  const costAt = (x: number, z: number): number => grid.cost[cellAt(grid, x, z)]!;
  const regionAt = (x: number, z: number): number => grid.regions[cellAt(grid, x, z)]!;

  beforeAll(async () => {
    game = await Game.start();
    game.step(5);
    grid = gridOf(game);
  });

  test("deck, ramp and dock are one region", () => {
    const deck = regionAt(-12, 0);
    expect(deck).toBeGreaterThan(0);
    expect([regionAt(0, -12), regionAt(0, 8), regionAt(0, 13)]).toEqual([deck, deck, deck]);
  });

  test("what stands on the deck is closed, and so are its edges and what lies beyond", () => {
    const blocked = {
      container: [-18, -13.4],
      pillar: [-9.5, -10.5],
      crane: [0, 0],
      west: [-21.8, -4],
      beyond: [-23, -4],
    };
    expect(Object.values(blocked).map(([x, z]) => costAt(x!, z!))).toEqual(Object.values(blocked).map(() => 255));
  });

  test("the dock's sides are cliffs; its ramp is none", () => {
    expect([costAt(-8, 13), costAt(8, 13), costAt(-8, 9.9)]).toEqual([255, 255, 255]);
    for (let z = 4; z <= 13; z += 0.5) expect(costAt(0, z), `z ${z}`).toBeLessThan(255);
  });

  test("equal yards of different ticks give the same numbers, tugs and crates or not", () => {
    const before = inputOf(game);
    const tick = game.world.tickCount;
    game.step(2);
    expect(game.world.tickCount).toBe(tick + 2);
    expect(inputOf(game)).toEqual(before);
  });

  test("the block is the same in memory that held something else", () => {
    const input = inputOf(game);
    const used = new Uint8Array(yardGridBytes).fill(0xa5);
    buildYardGridInto(input, used);
    expect(used).toEqual(buildYardGrid(input));
  });

  test("the drifting section is a part of the yard while it lies there, and none while it is away", async () => {
    expect(regionAt(26, -2)).toBe(regionAt(0, -12));
    const other = await Game.start();
    other.step(ticksOf(24));
    grid = gridOf(other);
    expect(costAt(26, -2)).toBe(255);
    grid = gridOf(game);
  });
});

describe("ways of pilots", () => {
  test("every pilot has an answer to what it wants, at most eleven ticks after it wanted something else", async () => {
    const game = await Game.start();
    game.set("bots", 6);
    game.step(60);
    const sinceTick = new Map<number, number>();
    const numbers = new Map<number, number>();
    let answers = 0;
    for (let i = 0; i < 900; i++) {
      game.step();
      const errand = game.columns(Errand);
      const way = game.columns(Way);
      for (const tug of game.indices(Tug)) {
        const number = errand["number"]![tug]!;
        if (numbers.get(tug) !== number) {
          numbers.set(tug, number);
          sinceTick.set(tug, game.world.tickCount);
        }
        if (way["number"]![tug] === number) answers++;
        else expect(game.world.tickCount - sinceTick.get(tug)!).toBeLessThanOrEqual(11);
      }
    }
    expect(answers).toBeGreaterThan(900 * 6 * 0.8);
  });

  test("who does not see its goal is led somewhere else, which it could go to", async () => {
    const game = await Game.start();
    game.set("bots", 8);
    let led = 0;
    for (let i = 0; i < 1_800; i++) {
      game.step();
      const way = game.columns(Way);
      const errand = game.columns(Errand);
      for (const tug of game.indices(Tug)) {
        if (way["hasSight"]![tug] === 1 || !isLeading(way["status"]![tug]!)) continue;
        if (way["number"]![tug] !== errand["number"]![tug]) continue;
        led++;
        expect(Math.abs(way["x"]![tug]!)).toBeLessThan(32);
        expect(Math.abs(way["z"]![tug]!)).toBeLessThan(16);
      }
    }
    expect(led).toBeGreaterThan(200);
  });

  test("rivals deliver, and none that has something to do stays at a place for long", async () => {
    const game = await Game.start(11);
    game.step(60);
    const places = new Map<number, { x: number; z: number; tick: number }>();
    let longest = 0;
    for (let i = 0; i < ticksOf(90); i++) {
      game.step();
      const { x, z } = game.columns(Position) as { x: Record<number, number>; z: Record<number, number> };
      for (const tug of game.indices(Tug)) {
        const isBusy = game.columns(Beam)["crate"]![tug] !== 0 || game.columns(Pilot)["target"]![tug] !== 0;
        const place = places.get(tug);
        const isAway = place === undefined || Math.hypot(x[tug]! - place.x, z[tug]! - place.z) > 1.5;
        if (isAway || !isBusy) places.set(tug, { x: x[tug]!, z: z[tug]!, tick: game.world.tickCount });
        else longest = Math.max(longest, game.world.tickCount - place.tick);
      }
    }
    expect(game.deliveryCount).toBeGreaterThan(20);
    expect(longest).toBeLessThan(ticksOf(8));
  });
});
