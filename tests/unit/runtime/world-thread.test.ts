/**
 * The life of an engine thread as the main thread sees it: it ends by itself, by a stop, by a fault
 * or by dying, and each time its outcome says so and its journal has been drained and written.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ByteWriter } from "../../../engine/base/bytes.ts";
import type { Fault } from "../../../engine/base/faults.ts";
import { encodeRecord } from "../../../engine/input/record.ts";
import { ManualClock } from "../../../engine/ports/clock.ts";
import type { Driver } from "../../../engine/render/driver.ts";
import { type Journal, readJournal } from "../../../engine/replay/journal.ts";
import { verifyJournal } from "../../../engine/replay/player.ts";
import { createNullDriver } from "../../../runtime/drivers/null/driver.ts";
import { setEntry } from "../../../runtime/host/project.ts";
import { JournalFile } from "../../../runtime/world/journal-file.ts";
import { type RunOutcome, WorldThread, type WorldThreadOptions } from "../../../runtime/world/world-thread.ts";
import { tumble } from "../../games/tumble.ts";
import { brokenTick, type VariantName, variants } from "../../games/variants.ts";
import { faultOfAsync } from "../small-world.ts";

const folder = mkdtempSync(join(tmpdir(), "orrery-world-thread-"));
beforeAll(() => setEntry(new URL("../../games/main.ts", import.meta.url)));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let fileCount = 0;
interface Started {
  readonly thread: WorldThread;
  readonly reports: readonly Fault[];
  journal(): Journal;
}

/** Starts a variant with a journal, for ever unless `options` say otherwise. */
async function start(variant: VariantName, options: Partial<WorldThreadOptions> = {}): Promise<Started> {
  process.env["ORRERY_TEST_GAME"] = variant;
  const path = join(folder, `${++fileCount}.orj`);
  const reports: Fault[] = [];
  const thread = await WorldThread.start({
    workerCount: 0,
    game: variants[variant](),
    seed: 7,
    pace: "free",
    tickCount: 0,
    script: [],
    journal: new JournalFile(path),
    drivers: [],
    onReport: (fault) => reports.push(fault),
    ...options,
  });
  return { thread, reports, journal: () => readJournal(readFileSync(path), path) };
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2));
}

/** Replays a journal with the healthy game and gives its number of ticks. */
async function replayed(journal: Journal): Promise<number> {
  const replay = verifyJournal(journal, tumble, { clock: new ManualClock() });
  for (;;) {
    const step = await replay.next();
    if (step.done === true) return step.value.tickCount;
  }
}

describe("an end as it should be", () => {
  test("after the ticks that were asked for", async () => {
    const { thread, journal, reports } = await start("tumble", { tickCount: 70 });
    const outcome = await thread.outcome;
    if (outcome.kind !== "ended") throw new Error(JSON.stringify(outcome));
    expect(outcome.summary).toMatchObject({ tickCount: 70, droppedTickCount: 0, refusedRecordCount: 0 });
    expect(outcome.summary.hash).toMatch(/^[0-9a-f]{16}$/);
    expect(outcome.summary.timings.map(({ system }) => system)).toContain("swing-arms");
    expect(thread.tick).toBe(70);
    expect(journal().end).toMatchObject({ reason: "stopped", tick: 70 });
    expect(reports).toEqual([]);
    // A stop after the end changes nothing.
    expect(await thread.stop()).toBe(outcome);
  });

  test("by a stop while it runs, asked for twice", async () => {
    const { thread, journal } = await start("tumble");
    await until(() => thread.tick > 30);
    const outcomes = await Promise.all([thread.stop(), thread.stop(), thread.outcome]);
    expect(outcomes[0]).toMatchObject({ kind: "ended" });
    expect(outcomes[1]).toBe(outcomes[0]);
    expect(journal().ticks.length).toBe(thread.tick);
    expect(await replayed(journal())).toBe(thread.tick);
  });

  test("by a stop while it waits for the clock, or before it has begun", async () => {
    const paced = await start("tumble", { pace: "clock" });
    await until(() => paced.thread.tick > 3);
    expect(await paced.thread.stop()).toMatchObject({ kind: "ended" });
    expect(paced.journal().end).toMatchObject({ reason: "stopped", tick: paced.thread.tick });
    const early = await start("tumble");
    expect(await early.thread.stop()).toMatchObject({ kind: "ended", summary: { tickCount: 0 } });
    expect(early.journal()).toMatchObject({ ticks: [], end: { reason: "stopped", tick: 0 } });
  });

  test("of several at once, each with its own outcome", async () => {
    const counts = [10, 20, 30];
    const worlds = await Promise.all(counts.map((tickCount) => start("tumble", { tickCount })));
    const outcomes = await Promise.all(worlds.map(({ thread }) => thread.outcome));
    expect(outcomes.map((outcome) => outcome.kind === "ended" && outcome.summary.tickCount)).toEqual(counts);
  });
});

describe("a fault", () => {
  test("of a system: said with system, tick and place, the journal whole", async () => {
    const { thread, journal } = await start("throws");
    const outcome = await thread.outcome;
    expect(outcome).toMatchObject({
      kind: "faulted",
      tick: brokenTick - 1,
      fault: { kind: "system-threw", fields: { system: "swing-arms", tick: brokenTick, message: "the belt slipped" } },
    });
    expect((outcome as Extract<RunOutcome, { kind: "faulted" }>).stack).toContain("variants.ts");
    expect(journal().end).toMatchObject({ reason: "faulted", tick: brokenTick - 1 });
    expect(await replayed(journal())).toBe(brokenTick - 1);
  });

  test("of the whole thread: its journal is drained to the last block and verifies", async () => {
    const { thread, journal } = await start("exits");
    expect(await thread.outcome).toMatchObject({
      kind: "faulted",
      fault: { kind: "thread-died", fields: { role: "engine", problem: "it exited with code 9" } },
    });
    expect(journal()).toMatchObject({ end: undefined, tornBytes: 0 });
    expect(journal().ticks.length).toBe(180);
    expect(await replayed(journal())).toBe(180);
  });

  test("of the journal's disk: the run ends with it", async () => {
    const { thread } = await start("tumble", { journal: new JournalFile("/dev/full") });
    expect(await thread.outcome).toMatchObject({ kind: "faulted", fault: { kind: "file-write" } });
  });

  test("of a game that cannot be compiled", async () => {
    const { thread } = await start("tumble", { seed: 0 });
    await thread.stop();
    process.env["ORRERY_TEST_GAME"] = "no-such-variant";
    const lost = await WorldThread.start({
      workerCount: 0,
      game: tumble,
      seed: 1,
      pace: "free",
      tickCount: 1,
      script: [],
      journal: undefined,
      drivers: [],
    });
    expect(await lost.outcome).toMatchObject({ kind: "faulted", fault: { kind: "thread-died" } });
  });
});

describe("drivers", () => {
  test("get the scene first, packets while it runs, the fault at its end", async () => {
    const told: string[] = [];
    const driver: Driver = {
      name: "telling",
      async open(scene) {
        told.push(`open ${scene.title}`);
      },
      submit() {
        if (told.at(-1) !== "packets") told.push("packets");
      },
      fault: (fault) => told.push(fault.kind),
      async close() {},
    };
    const { thread } = await start("throws", { drivers: [driver] });
    expect(await thread.outcome).toMatchObject({ kind: "faulted" });
    expect(told).toEqual(["open Tumble", "packets", "system-threw"]);
  });

  test("are let in before the world begins, and what they sent by then enters at the first tick", async () => {
    const driver = createNullDriver({ players: ["ada", "bob", "cy", "dee", "one too many"] });
    const { thread, journal } = await start("tumble", { drivers: [driver], tickCount: 5 });
    await thread.outcome;
    expect(driver.playerKeys).toEqual([1, 2, 3, 4]);
    expect(journal().ticks[0]!.records).toEqual(
      ["ada", "bob", "cy", "dee"].map((name, at) => ({ kind: "join", player: at + 1, name })),
    );
  });

  test("that cannot be opened keep the world from starting", async () => {
    const driver = createNullDriver();
    const broken: Driver = {
      ...driver,
      open: () => Promise.reject(new Error("no display")),
    };
    const fault = faultOfAsync(() => start("tumble", { drivers: [broken] }));
    await expect(fault).rejects.toThrow("no display");
  });

  test("that break over a packet end the run, and the journal is whole", async () => {
    let packets = 0;
    const broken: Driver = {
      ...createNullDriver(),
      submit() {
        if (++packets === 3) throw new Error("the display burnt out");
      },
    };
    const { thread, journal } = await start("tumble", { drivers: [broken] });
    expect(await thread.outcome).toMatchObject({
      kind: "faulted",
      fault: { kind: "unexpected", fields: { message: "the display burnt out" } },
    });
    expect(journal().end).toMatchObject({ reason: "stopped", tick: thread.tick });
    expect(packets).toBe(3);
  });

  test("that send more than the world takes are told so, and the world goes on", async () => {
    const writer = new ByteWriter(8_192);
    while (writer.length < 4_000) encodeRecord(writer, { kind: "leave", player: 9 });
    const { thread, reports, journal } = await start("tumble", { pace: "clock" });
    for (let message = 0; message < 4_400; message++) thread.admit(writer.view());
    expect(reports.length).toBeGreaterThan(0);
    expect(new Set(reports.map(({ kind }) => kind))).toEqual(new Set(["record-malformed"]));
    await until(() => thread.tick > 5);
    expect(await thread.stop()).toMatchObject({ kind: "ended" });
    expect(await replayed(journal())).toBe(thread.tick);
  });
});
