/**
 * One journal in the engine thread: as fast as it goes and in step with the clock, with a driver that
 * takes packets and without. The thread's own journal must be that of the run in this thread.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Game } from "../../engine/game.ts";
import type { Driver } from "../../engine/render/driver.ts";
import { createNullDriver } from "../../runtime/drivers/null/driver.ts";
import { setEntry } from "../../runtime/host/project.ts";
import { parseInput } from "../../runtime/input/input-file.ts";
import { JournalFile } from "../../runtime/world/journal-file.ts";
import { WorldThread } from "../../runtime/world/world-thread.ts";
import { record } from "../data/journals.ts";
import { tumbleInput } from "../data/tumble-input.ts";
import { tumble } from "../games/tumble.ts";
import { type VariantName, variants } from "../games/variants.ts";
import { difference } from "./comparison.ts";

const folder = mkdtempSync(join(tmpdir(), "orrery-engine-thread-"));
beforeAll(() => setEntry(new URL("../games/main.ts", import.meta.url)));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface ThreadRun {
  readonly variant?: VariantName;
  readonly pace: "clock" | "free";
  readonly tickCount: number;
  readonly input: string;
  readonly drivers?: readonly Driver[];
}

/** Runs a variant in an engine thread and gives its journal. */
async function threadJournal({ variant = "tumble", pace, tickCount, input, drivers = [] }: ThreadRun): Promise<Buffer> {
  process.env["ORRERY_TEST_GAME"] = variant;
  const game: Game = variants[variant]();
  const path = join(folder, `${variant}-${pace}-${drivers.length}.orj`);
  const script = parseInput(input, "input.jsonl", game);
  const journal = new JournalFile(path);
  const thread = await WorldThread.start({ game, seed: 7, pace, tickCount, script, journal, drivers, workerCount: 1 });
  const outcome = await thread.outcome;
  expect(outcome).toMatchObject({ kind: "ended", summary: { tickCount } });
  return readFileSync(path);
}

const tickCount = 400;
const input = tumbleInput(tickCount);

test("as fast as it goes, without drivers", async () => {
  const here = await record({ game: tumble, tickCount, input });
  expect(difference(here, await threadJournal({ pace: "free", tickCount, input }))).toBeUndefined();
});

test("with snapshots, render assembly and a driver that takes the packets", async () => {
  const here = await record({ game: tumble, tickCount, input });
  const driver = createNullDriver();
  expect(difference(here, await threadJournal({ pace: "free", tickCount, input, drivers: [driver] }))).toBeUndefined();
  expect(driver.packetCount).toBeGreaterThan(0);
});

test("in step with the clock", async () => {
  const short = 90;
  const here = await record({ game: tumble, tickCount: short, input: tumbleInput(short) });
  const there = await threadJournal({ pace: "clock", tickCount: short, input: tumbleInput(short) });
  expect(difference(here, there)).toBeUndefined();
});

test("in step with a clock so fast that frames hold several ticks and ticks are dropped", async () => {
  const fast = variants.fast();
  const long = 1_500;
  const lines = tumbleInput(long);
  const here = await record({ game: fast, tickCount: long, input: lines });
  const there = await threadJournal({ variant: "fast", pace: "clock", tickCount: long, input: lines });
  expect(difference(here, there)).toBeUndefined();
});
