/** One seed and one input give one hash. */
import { expect, test } from "vitest";
import { roundState } from "../../../game/components/round.ts";
import { Tug } from "../../../game/components/tug.ts";
import { Game, roundLines } from "./harness.ts";
import { tugOfPlayer } from "./scripted-player.ts";

const tickCount = 3_600;

interface Played {
  readonly hash: string;
  readonly score: number;
  readonly states: ReadonlySet<number>;
}

async function playFile(seed: number): Promise<Played> {
  const game = await Game.start(seed);
  const lines = roundLines();
  const states = new Set<number>();
  let score = 0;
  let next = 0;
  for (let tick = 1; tick <= tickCount; tick++) {
    for (; lines[next]?.tick === tick; next++) game.enter(lines[next]!);
    game.step();
    states.add(game.state);
    const tug = tugOfPlayer(game.world, 1);
    if (tug !== 0) score = Math.max(score, game.columns(Tug)["score"]![tug]!);
  }
  expect(next).toBe(lines.length);
  expect(game.world.door.refusedCount).toBe(0);
  return { hash: game.hash, score, states };
}

test("the input file is in ascending tick order and plays a whole round in which its player scores", async () => {
  const ticks = roundLines().map(({ tick }) => tick);
  expect(ticks).toEqual([...ticks].sort((a, b) => a - b));
  const { score, states } = await playFile(7);
  expect([...states].sort()).toEqual(Object.values(roundState));
  expect(score).toBeGreaterThan(4);
});

test("two runs of the input file end in the same hash, and another seed in another", async () => {
  const first = await playFile(7);
  expect((await playFile(7)).hash).toBe(first.hash);
  expect((await playFile(8)).hash).not.toBe(first.hash);
});
