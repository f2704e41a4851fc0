/**
 * Scrapyard through swaps to itself, with all it has: physics, tick jobs on their way, a world resource that is made anew
 * by the new code. Nothing may come out otherwise than without them, whichever tick they fall on.
 */
import { expect, test } from "vitest";
import { Engine } from "../../../engine/engine.ts";
import { ManualClock } from "../../../engine/ports/clock.ts";
import { Swap, successorPorts } from "../../../engine/swap/swap.ts";
import { scrapyard } from "../../../game/game.ts";
import { stepHashes } from "../engine/small-game.ts";
import { Draws, testSeed } from "../seeds.ts";

const ports = { clock: new ManualClock() };
const tickCount = 240;

test("a world that is swapped at any ticks goes on bit for bit", async () => {
  const draws = new Draws(testSeed("swap scrapyard"));
  let engine = new Engine(scrapyard, ports, { seed: 5 });
  await engine.start();
  const expected = stepHashes(engine, tickCount);
  engine.dispose();

  engine = new Engine(scrapyard, ports, { seed: 5 });
  await engine.start();
  const found: string[] = [];
  while (found.length < tickCount) {
    found.push(...stepHashes(engine, Math.min(1 + draws.below(40), tickCount - found.length)));
    const after = new Engine({ ...scrapyard }, successorPorts(engine, ports), { seed: 5, isSuccessor: true });
    const swap = new Swap(engine, after, scrapyard);
    await swap.allocate();
    if (draws.below(2) === 0) swap.warm()();
    swap.commit();
    expect(swap.plan.report).toEqual([]);
    engine.dispose();
    engine = after;
  }
  engine.dispose();
  expect(found).toEqual(expected);
});
