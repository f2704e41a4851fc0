/** What drivers are shown behind swaps, and whose names they speak from then on. */
import { pathToFileURL } from "node:url";
import { afterAll, expect, test } from "vitest";
import { makeFault } from "../../../engine/base/faults.ts";
import type { Driver } from "../../../engine/render/driver.ts";
import { createNullDriver } from "../../../runtime/drivers/null/driver.ts";
import { GameBundler } from "../../../runtime/hot/bundle-game.ts";
import { loadGame } from "../../../runtime/hot/code.ts";
import { SwapDesk } from "../../../runtime/hot/swap-desk.ts";
import { SteeredSources, x } from "../../games/steered-game.ts";

const sources = new SteeredSources({ controls: { x } });
const bundler = await GameBundler.open(pathToFileURL(sources.main));
afterAll(async () => {
  await bundler.close();
  sources.remove();
});

test("each game is shown in its turn, also one that was taken back before it was loaded; records are of its names", async () => {
  const first = (await bundler.build()).code;
  const game = await loadGame(first);
  sources.edit({ controls: { boost: { kind: "held", keys: [], label: "" }, x } });
  const next = (await bundler.build()).code;
  const told: unknown[] = [];
  const driver: Driver = {
    ...createNullDriver(),
    rescene: ({ controls, tickMicros }) => told.push([controls.map(({ name }) => name), tickMicros]),
  };
  const desk = new SwapDesk({
    ...{ game, code: first, drivers: [driver], journalPath: undefined, resources: () => [], ask: () => {} },
    speaks: (names) => told.push(names),
  });
  desk.ask({ code: next });
  const settings = { tick: { rate: 50 } };
  const swapped = {
    kind: "swapped",
    tick: 3,
    code: next.hash,
    settings,
    report: [],
    totalMicros: 1,
    commitMicros: 1,
  } as const;
  const fault = makeFault("swap-undone", { tick: 3, failedTick: 4, problem: "p" });
  await Promise.all([
    desk.tell({ ...swapped, isRestart: false }),
    desk.tell({ kind: "swap-undone", fault, code: "", settings: {} }),
  ]);
  expect(told).toEqual([
    { controls: ["boost", "x"], settings: [] },
    [["boost", "x"], 20_000],
    { controls: ["x"], settings: [] },
    [["x"], 16_667],
  ]);
});
