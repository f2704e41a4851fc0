/**
 * Settings and controls over a swap: a value that the new code's bounds forbid is brought to the nearest that fits, and the
 * report says so wherever it is read; a control that is of another kind begins at rest.
 */
import { afterEach, describe, expect, test } from "vitest";
import { f64 } from "../../../engine/ecs/field.ts";
import { defineMigration } from "../../../engine/ecs/migration.ts";
import { Engine } from "../../../engine/engine.ts";
import { defineGame, type Game } from "../../../engine/game.ts";
import { defineConfig, nearestFit, numberSetting, type Setting, wholeSetting } from "../../../engine/input/config.ts";
import { ManualClock } from "../../../engine/ports/clock.ts";
import { MemorySink } from "../../../engine/ports/storage.ts";
import { readJournal } from "../../../engine/replay/journal.ts";
import { verifyJournal } from "../../../engine/replay/player.ts";
import { recorderSubsystem } from "../../../engine/replay/recorder.ts";
import { Arrival, handoverOf } from "../../../engine/swap/handover.ts";
import { Swap } from "../../../engine/swap/swap.ts";
import { replayHost } from "../../../runtime/replay/replay-host.ts";
import { harbour } from "./harbour.ts";
import { contentOf, disposeAll, engines, fieldsOf, hashesOf, started, swapped, swappedTo, without } from "./line.ts";

afterEach(disposeAll);

const windOf = (engine: Engine): unknown => fieldsOf(contentOf(engine), "Config", "wind").flat()[0];

async function startedWith(wind: number): Promise<Engine> {
  const engine = await started();
  expect(engine.world.door.admit({ kind: "config", setting: 0, value: wind })).toBe(true);
  engine.step();
  expect(windOf(engine)).toBe(wind);
  return engine;
}

test.each<[setting: Setting, value: number, nearest: number]>([
  [numberSetting("", 1, 0, 5), 8.25, 5],
  [numberSetting("", 1, 0.5, 5), -3, 0.5],
  [wholeSetting("", 1, 0, 5), 2.25, 2],
  [wholeSetting("", 1, 0, 5), 2.5, 3],
  [wholeSetting("", -1, -5, 5), -2.5, -2],
  [wholeSetting("", 1, -5, 5), -0.25, 0],
  [wholeSetting("", 1, 0.5, 4.5), 4.5, 4],
  [wholeSetting("", 1, 0.5, 4.5), 0.25, 1],
  [wholeSetting("", 1, 0, 5), Number.POSITIVE_INFINITY, 5],
])("the nearest that fits %o is found for %d", (setting, value, nearest) => {
  expect(nearestFit(setting, value)).toBe(nearest);
});

describe("a setting whose bounds have changed", () => {
  test.each([
    [
      "above them",
      numberSetting("wind", 2, 0, 5),
      8.25,
      5,
      "5 instead of 8.25, because it is a number from 0 to 5 now",
    ],
    [
      "below them",
      numberSetting("wind", 20, 10, 40),
      8,
      10,
      "10 instead of 8, because it is a number from 10 to 40 now",
    ],
    [
      "between whole ones",
      wholeSetting("wind", 2, 0, 40),
      8.5,
      9,
      "9 instead of 8.5, because it is a whole number from 0 to 40 now",
    ],
  ])("is brought to the nearest that fits, and that is said: %s", async (_where, wind, value, fitting, sentence) => {
    const before = await startedWith(value);
    const swap = await swapped(before, { wind });
    expect(windOf(swap.after)).toBe(fitting);
    expect(without(contentOf(swap.after), "Config")).toEqual(without(contentOf(before), "Config"));
    expect([swap.plan.report, swap.report]).toEqual([[], [`Config.wind is ${sentence}`]]);
    expect(swap.payload(null).moved).toEqual([`Config.wind is ${sentence}`]);
    hashesOf(swap.after, 10);
    // Taken back, the world has what it had.
    swap.undo([]);
    expect(windOf(before)).toBe(value);
  });

  test("keeps a value that fits, without a word", async () => {
    const { after, report } = await swapped(await startedWith(8), { wind: wholeSetting("wind", 2, 0, 8) });
    expect([windOf(after), report]).toEqual([8, []]);
  });

  test("is brought there as well by a restart, with what waits at the door", async () => {
    const before = await startedWith(8);
    before.world.door.admit({ kind: "config", setting: 0, value: 30 });
    before.world.door.admit({ kind: "config", setting: 0, value: 3.5 });
    const game = harbour({ wind: wholeSetting("wind", 2, 0, 5) });
    const after = new Engine(game, { clock: new ManualClock() }, { seed: 7, isSuccessor: true });
    engines.push(after);
    await after.start();
    const arrival = new Arrival(after, structuredClone(handoverOf(before)), game);
    arrival.enter();
    const because = "because it is a whole number from 0 to 5 now";
    expect(arrival.report).toEqual([
      `Config.wind is 5 instead of 8, ${because}`,
      `Config.wind is 5 instead of 30, ${because}`,
      `Config.wind is 4 instead of 3.5, ${because}`,
    ]);
    expect(arrival.payload(null).moved).toEqual(arrival.report);
    expect(windOf(after)).toBe(5);
    after.step();
    expect([windOf(after), after.world.door.refusedCount]).toEqual([4, 0]);
  });

  test("that waits at the door of a swap enters as the nearest that fits", async () => {
    const before = await started();
    before.world.door.admit({ kind: "config", setting: 0, value: 30 });
    const game = harbour({ wind: numberSetting("wind", 2, 0, 5) });
    const after = new Engine(game, { clock: new ManualClock() }, { seed: 7, isSuccessor: true });
    engines.push(after);
    const swap = new Swap(before, after, game);
    await swap.allocate();
    swap.commit();
    expect(swap.report).toEqual(["Config.wind is 5 instead of 30, because it is a number from 0 to 5 now"]);
    after.step();
    expect(windOf(after)).toBe(5);
  });

  test("is brought there by a replay as it was when it was recorded, over a swap and over a restart", async () => {
    const games = [
      harbour(),
      harbour({ wind: numberSetting("wind", 2, 0, 7.5) }),
      harbour({ wind: wholeSetting("wind", 2, 0, 40) }),
    ] as const;
    const sink = new MemorySink();
    const recorders = games.map(() => recorderSubsystem(sink));
    const clock = new ManualClock();
    const made = games.map((game, at) => {
      const options = { seed: 7, subsystems: [recorders[at]!], isSuccessor: at > 0 };
      return new Engine(game, { clock }, options);
    });
    engines.push(...made);
    const [first, second, third] = made as [Engine, Engine, Engine];
    await first.start();
    first.world.door.admit({ kind: "config", setting: 0, value: 8.25 });
    hashesOf(first, 5);

    const swap = new Swap(first, second, games[1]);
    await swap.allocate();
    swap.commit();
    second.of(recorders[1]!).swap(swap.payload({ hash: "1" }));
    hashesOf(second, 5);

    await third.start();
    const arrival = new Arrival(third, structuredClone(handoverOf(second)), games[2]);
    const place = second.of(recorders[1]!).leave()!;
    arrival.enter();
    third.of(recorders[2]!).goOn(place);
    third.of(recorders[2]!).swap(arrival.payload({ hash: "2" }));
    hashesOf(third, 5);
    expect(made.map(windOf)).toEqual([8.25, 7.5, 8]);
    disposeAll();

    const journal = readJournal(sink.bytes(), "settings");
    expect(journal.swaps.map(({ moved }) => moved)).toEqual([
      ["Config.wind is 7.5 instead of 8.25, because it is a number from 0 to 7.5 now"],
      ["Config.wind is 8 instead of 7.5, because it is a whole number from 0 to 40 now"],
    ]);
    const findCode = async (hash: string): Promise<Game> => games[Number(hash)]!;
    const run = verifyJournal(journal, games[0], replayHost(journal, games[0], { findCode }));
    let step = await run.next();
    while (step.done !== true) step = await run.next();
    expect(step.value).toMatchObject({ tickCount: 15 });
  });

  test("gets no other value from a migration than one that fits", async () => {
    const before = await startedWith(40);
    const config = defineConfig({ breeze: numberSetting("knots", 1, 0, 20) });
    const rename = defineMigration({
      from: { component: "Config", fields: { wind: f64 } },
      to: config,
      move: ({ wind }) => ({ breeze: wind * 2 }),
    });
    const { systems, ...rest } = harbour();
    const game = defineGame({ ...rest, systems: [], config, migrations: [rename] });
    const { after, report } = await swappedTo(before, game);
    expect(fieldsOf(contentOf(after), "Config", "breeze")).toEqual([[20]]);
    expect(report).toEqual([
      "Config is made from Config by a migration",
      "Config.wind is gone",
      "Config.breeze is 20 instead of 80, because it is a number from 0 to 20 now",
    ]);
  });
});

test("a control that is of another kind begins at rest, and that is said", async () => {
  const before = await started();
  const swap = await swapped(before, { hasSteerButton: true });
  expect(swap.report).toEqual(["Controls.steer is held instead of axis, so nobody moves it until it is told anew"]);
  swap.after.step();
  const controls = (engine: Engine): unknown[] =>
    ["steer", "horn"].map((name) => fieldsOf(contentOf(engine), "Controls", name));
  expect(controls(swap.after)).toEqual([[[0]], [[1]]]);
  const again = await swapped(swap.after, {});
  expect(again.report).toEqual(["Controls.steer is axis instead of held, so nobody moves it until it is told anew"]);
  again.after.step();
  expect(controls(again.after)).toEqual([[[0]], [[1]]]);
});
