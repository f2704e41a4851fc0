/**
 * The engine in a page of a real Chromium: in a web worker of its own, with its jobs in others. Its
 * journals must be those of Node to the byte, whatever the number of workers and whoever dies.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { faultMend } from "../../engine/base/faults.ts";
import { type Game, gameJobs } from "../../engine/game.ts";
import { readJournal } from "../../engine/replay/journal.ts";
import { scrapyard } from "../../game/game.ts";
import { setEntry } from "../../runtime/host/project.ts";
import { JournalFile } from "../../runtime/world/journal-file.ts";
import { WorldThread } from "../../runtime/world/world-thread.ts";
import { difference } from "../determinism/comparison.ts";
import { swarm } from "../games/swarm.ts";
import type {} from "./engine-in-page/line-page.ts";
import { type PageServer, servePages } from "./engine-in-page/page-server.ts";
import type { PageRun, PageRunResult } from "./engine-in-page/test-page.ts";

const chromiumPath = process.env["ORRERY_CHROMIUM"] ?? "/usr/bin/chromium";
const seed = 7;
const folder = mkdtempSync(join(tmpdir(), "orrery-page-"));
let browser: Browser;
let server: PageServer;

beforeAll(async () => {
  if (!existsSync(chromiumPath)) throw new Error(`${chromiumPath} is missing: install Debian's package chromium`);
  server = await servePages(["swarm-page.ts", "scrapyard-page.ts", "hang-page.ts", "broken-page.ts", "line-page.ts"]);
  const root = process.getuid?.() === 0;
  browser = await chromium.launch({ executablePath: chromiumPath, args: root ? ["--no-sandbox"] : [] });
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A page that is open, has run its script and had no error until it is closed. */
async function within(address: string, use: (page: Page) => Promise<void>): Promise<void> {
  const page = await browser.newPage();
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  try {
    await page.goto(address, { waitUntil: "load" });
    await use(page);
  } finally {
    await page.close();
    expect(errors).toEqual([]);
  }
}

async function runIn(page: Page, run: PageRun): Promise<PageRunResult> {
  const result = await page.evaluate((asked) => window.runWorld(asked), run);
  if ("refused" in result) throw new Error(JSON.stringify(result.refused));
  expect(result.outcome, "the run ended by itself").toMatchObject({ kind: "ended" });
  return result;
}

/** The journal of a run in Node, with threads of its own. */
async function journalOfNode(game: Game, entry: URL, workerCount: number, tickCount: number): Promise<Uint8Array> {
  setEntry(entry);
  const path = join(folder, `${game.id}-${workerCount}.orj`);
  const journal = new JournalFile(path);
  const options = { game, seed, pace: "free", tickCount, script: [], journal, drivers: [], workerCount } as const;
  const { outcome } = await WorldThread.start(options);
  expect((await outcome).kind).toBe("ended");
  return readFileSync(path);
}

function ticksIn({ journal }: PageRunResult): number {
  return readJournal(Buffer.from(journal, "base64"), "page").ticks.length;
}

function expectSameTicks(expected: Uint8Array, result: PageRunResult, tickCount: number): void {
  const journal = Buffer.from(result.journal, "base64");
  expect(readJournal(journal, "page").ticks.length).toBe(tickCount);
  expect(difference(expected, journal)).toBeUndefined();
}

describe("swarm", () => {
  const ticksMin = 180;
  const main = new URL("engine-in-page/swarm-main.ts", import.meta.url);
  beforeAll(async () => {
    const alone = await journalOfNode(swarm, main, 0, ticksMin);
    expect(difference(alone, await journalOfNode(swarm, main, 2, ticksMin))).toBeUndefined();
  });

  test.each([0, 1, 2])(
    "with %i web workers has the ticks of Node, and each worker has run jobs",
    async (workerCount) => {
      await within(server.addressOf("swarm-page"), async (page) => {
        const result = await runIn(page, { seed, workerCount, tickCount: 0, ticksMin });
        const tickCount = ticksIn(result);
        expectSameTicks(await journalOfNode(swarm, main, 0, tickCount), result, tickCount);
        expect(result.starts).toEqual(Array.from({ length: workerCount }, () => 1));
        expect(result.reports).toEqual([]);
        expect(result.chunkCounts.length).toBe(1 + workerCount);
        for (const chunkCount of result.chunkCounts.slice(1)) expect(chunkCount).toBeGreaterThan(0);
      });
    },
  );

  test("with workers that are terminated in turn has the ticks of Node, and successors run jobs", async () => {
    await within(server.addressOf("swarm-page"), async (page) => {
      const result = await runIn(page, { seed, workerCount: 2, tickCount: 0, killCount: 3 });
      expect(result.starts.reduce((sum, count) => sum + count)).toBe(5);
      // One report a death, of what the worker had when it died.
      expect(result.reports.map(({ kind }) => kind)).toEqual(Array.from({ length: 3 }, () => "worker-lost"));
      const tickCount = ticksIn(result);
      expectSameTicks(await journalOfNode(swarm, main, 0, tickCount), result, tickCount);
    });
  });
});

test("a job that hangs in a web worker ends that worker, is done again, and another takes its place", async () => {
  await within(server.addressOf("hang-page"), async (page) => {
    const result = await runIn(page, { seed, workerCount: 1, tickCount: 0, ticksMin: 180, reportCount: 1 });
    expect(result.reports).toMatchObject([{ kind: "job-hung", fields: { job: "hang", waitedMillis: 1_500 } }]);
    expect(result.starts).toEqual([2]);
    const tickCount = ticksIn(result);
    const alone = await runIn(page, { seed, workerCount: 0, pace: "free", tickCount });
    expectSameTicks(Buffer.from(alone.journal, "base64"), result, tickCount);
  });
});

test("Scrapyard with packets has the ticks of Node, whatever jobs it has", async () => {
  const main = new URL("../../game/main.ts", import.meta.url);
  await within(server.addressOf("scrapyard-page"), async (page) => {
    for (const workerCount of [0, 2]) {
      const result = await runIn(page, { seed, workerCount, tickCount: 0, ticksMin: 240, packets: true });
      const tickCount = ticksIn(result);
      expectSameTicks(await journalOfNode(scrapyard, main, 0, tickCount), result, tickCount);
      expect(result.packetCount).toBeGreaterThan(0);
      expect(result.reports).toEqual([]);
      if (gameJobs(scrapyard).length === 0) continue;
      for (const chunkCount of result.chunkCounts.slice(1)) expect(chunkCount).toBeGreaterThan(0);
    }
  });
});

test("a fault of the world ends the run and is told, and the journal holds it", async () => {
  await within(server.addressOf("broken-page"), async (page) => {
    const result = await page.evaluate(() => window.runWorld({ seed: 7, pace: "free", workerCount: 1 }));
    if ("refused" in result) throw new Error(JSON.stringify(result.refused));
    expect(result.outcome).toMatchObject({
      kind: "faulted",
      fault: { kind: "system-threw", fields: { system: "trip" } },
      tick: 49,
    });
    const { end } = readJournal(Buffer.from(result.journal, "base64"), "page");
    expect(end).toMatchObject({ reason: "faulted", tick: 49 });
  });
});

test("a world is stopped by the page, and another one follows in the same page", async () => {
  await within(server.addressOf("swarm-page"), async (page) => {
    for (const workerCount of [2, 1]) {
      const ended = await page.evaluate(async (count) => {
        const world = window.startWorld({ seed: 7, workerCount: count });
        while (world.tick < 20) await new Promise((resolve) => setTimeout(resolve, 1));
        const outcome = await world.stop();
        return { kind: outcome.kind, threadCount: world.keeper?.threadCount };
      }, workerCount);
      expect(ended).toEqual({ kind: "ended", threadCount: 0 });
    }
  });
});

describe("the end of a web thread", () => {
  test("is told when it writes no more", async () => {
    await within(server.addressOf("line-page"), async (page) => {
      const [atEnd, later] = await page.evaluate(() => window.countsAtEnd());
      expect(atEnd).toBeGreaterThan(0);
      expect(later).toBe(atEnd);
    });
  });

  test("is told with what went wrong", async () => {
    const page = await browser.newPage();
    await page.goto(server.addressOf("line-page"));
    const [thrown, missing] = await page.evaluate(() => window.problems());
    expect(thrown).toContain("the thread fell");
    expect(missing).toContain("none.js could not be loaded");
    await page.close();
  });
});

test("a page without shared memory is refused with the headers that give it", async () => {
  await within(server.addressOf("swarm-page", "shared"), async (page) => {
    const result = await page.evaluate(() => window.runWorld({ seed: 7 }));
    if (!("refused" in result)) throw new Error("the world was started");
    expect(result.refused.kind).toBe("page-not-isolated");
    expect(faultMend(result.refused)).toMatch(/Cross-Origin-Opener-Policy.*Cross-Origin-Embedder-Policy/);
  });
});
