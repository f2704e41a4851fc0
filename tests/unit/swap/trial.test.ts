/** The trial of new code: it lasts two seconds at any tick rate, and what it keeps is kept until somebody ends it. */
import { expect, test } from "vitest";
import { Engine } from "../../../engine/engine.ts";
import { ManualClock } from "../../../engine/ports/clock.ts";
import { trialSubsystem } from "../../../engine/swap/trial.ts";
import { harbour } from "./harbour.ts";

test.each([2, 15, 60])("at %i ticks a second it is over after two seconds", async (tickRate) => {
  const part = trialSubsystem();
  const engine = new Engine({ ...harbour(), tickRate }, { clock: new ManualClock() }, { seed: 7, subsystems: [part] });
  await engine.start();
  const trial = engine.of(part);
  const kept: [number, boolean][] = [];
  for (let tick = 1; tick <= 2 * tickRate + 2; tick++) {
    if (tick === 2 * tickRate + 2) trial.end();
    engine.world.door.admit({ kind: "join", player: tick % 4, name: `player ${tick}` });
    engine.step();
    kept.push([trial.ticks.length, trial.isOver]);
  }
  const during = Array.from({ length: 2 * tickRate - 1 }, (_, i): [number, boolean] => [i + 1, false]);
  expect(kept).toEqual([...during, [2 * tickRate, true], [2 * tickRate + 1, true], [0, true]]);
  engine.dispose();
});
