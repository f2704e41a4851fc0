/**
 * Black boxes of a page of a real Chromium, run again by the real command of Node: of a fault, of an engine's worker that is
 * gone, and on demand. Each is saved as a person saves it, by its link, where there is one.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ByteWriter } from "../../engine/base/bytes.ts";
import { hashHex } from "../../engine/base/hash.ts";
import { encodeRecord } from "../../engine/input/record.ts";
import { codec } from "../../engine/ports/compressor.ts";
import { blockKind, splitBlocks } from "../../engine/replay/block.ts";
import { type Journal, readJournal } from "../../engine/replay/journal.ts";
import { decodeKeyframePayload } from "../../engine/replay/wire.ts";
import { traceInBox } from "../../runtime/flight/trace-in-box.ts";
import { recordedTreesOf } from "../../runtime/flight/trees-in-box.ts";
import { command, type Finished } from "../cli/command.ts";
import { infiniteTick, lateTick, smuggleTick, stuckTick } from "../games/late.ts";
import { type PageServer, servePages } from "./engine-in-page/page-server.ts";
import type {} from "./engine-in-page/test-page.ts";

const chromiumPath = process.env["ORRERY_CHROMIUM"] ?? "/usr/bin/chromium";
const folder = mkdtempSync(join(tmpdir(), "orrery-page-boxes-"));
const lateMain = fileURLToPath(new URL("../games/late-main.ts", import.meta.url));
let browser: Browser;
let server: PageServer;

beforeAll(async () => {
  if (!existsSync(chromiumPath)) throw new Error(`${chromiumPath} is missing: install Debian's package chromium`);
  server = await servePages(["late-page.ts", "stuck-page.ts"]);
  const root = process.getuid?.() === 0;
  browser = await chromium.launch({ executablePath: chromiumPath, args: root ? ["--no-sandbox"] : [] });
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A page that is open, and knows the workers that it starts. */
async function within(use: (page: Page) => Promise<void>, name = "late-page"): Promise<void> {
  const page = await browser.newPage();
  try {
    await page.addInitScript(() => {
      window.workers = [];
      window.Worker = class extends Worker {
        constructor(...given: ConstructorParameters<typeof Worker>) {
          super(...given);
          window.workers.push(this);
        }
      };
    });
    await page.goto(server.addressOf(name), { waitUntil: "load" });
    await use(page);
  } finally {
    await page.close();
  }
}

/** Clicks the fault screen's link and keeps what is saved by it. */
async function savedFrom(page: Page): Promise<string> {
  const [download] = await Promise.all([page.waitForEvent("download"), page.click("#orrery-fault a")]);
  const path = join(folder, download.suggestedFilename());
  await download.saveAs(path);
  return path;
}

function replayed(box: string, variant: "tumble" | "endless" = "tumble"): Promise<Finished> {
  return command(["replay", "run", box], { file: lateMain, cwd: folder, variant });
}

function topicsIn({ notes }: Journal): string[] {
  return [...new Set(notes.map(({ topic }) => topic))];
}

/** A record for Tumble's first player, as a driver of the page sends it. */
function joining(): number[] {
  const writer = new ByteWriter(64);
  encodeRecord(writer, { kind: "join", player: 1, name: "ada" });
  return [...writer.view()];
}

test("a fault is shown with its black box, which ends at the fault in Node, from a keyframe on", async () => {
  await within(async (page) => {
    const warnings: string[] = [];
    page.on("console", (message) => warnings.push(message.text()));
    const found = await page.evaluate(async (record) => {
      const world = window.startWorld({ seed: 7, pace: "free" });
      world.admit(new Uint8Array(record));
      const outcome = await world.outcome;
      if (outcome.kind !== "faulted" || world.blackBox === undefined) throw new Error("it has not crashed");
      const { blob: _, ...box } = world.blackBox;
      return { fault: outcome.fault.kind, tick: outcome.tick, box };
    }, joining());
    expect(found.fault).toBe("system-threw");
    expect(found.tick).toBe(lateTick - 1);
    expect(found.box).toMatchObject({ kind: "crash", firstTick: 1_801, lastTick: lateTick - 1 });
    expect(found.box.seconds).toBeCloseTo((lateTick - 1 - 1_800) / 60);
    await expect
      .poll(() => warnings.join("\n"), { timeout: 20_000 })
      .toContain(`Arm.angle of entity 1 is Infinity after "swing-arms" at tick ${infiniteTick}`);
    expect(await page.textContent("#orrery-fault h2")).toContain(`System "swing-arms" (phase gameplay) threw at tick`);

    const path = await savedFrom(page);
    expect(path.endsWith(found.box.name)).toBe(true);
    const journal = readJournal(readFileSync(path), path);
    expect(journal.end).toMatchObject({ reason: "faulted", tick: lateTick - 1 });
    expect(topicsIn(journal)).toEqual(["page", "fault", "trace"]);
    expect(recordedTreesOf(journal)!.tickCount).toBe(lateTick - 1 - 1_800);
    const keyframes = splitBlocks(readFileSync(path), path).blocks.filter(({ kind }) => kind === blockKind.keyframe);
    expect(keyframes.map(({ payload }) => decodeKeyframePayload(payload).codec)).toContain(codec.gzip);

    const again = await replayed(path);
    expect(again.code, again.stderr).toBe(1);
    expect(again.stdout).toContain(`ticks 1801 to ${lateTick - 1} as recorded, hash ${hashIn(journal, lateTick - 1)}`);
    expect(again.stdout).toContain(`Tick ${lateTick} ends it, as recorded: System "swing-arms"`);
  });
});

test("a world is told on demand, and goes on", async () => {
  await within(async (page) => {
    const { bytes, name, tick } = await page.evaluate(async () => {
      const world = window.startWorld({ seed: 7 });
      const before = await world.demandBlackBox();
      if (before !== undefined) throw new Error("there was a box before there was a world");
      while (world.tick < 40) await new Promise((resolve) => setTimeout(resolve, 1));
      // The page takes blocks of ticks when it comes to it, the first ones perhaps behind this loop.
      let box = await world.demandBlackBox();
      while (box !== undefined && box.lastTick < 30) {
        await new Promise((resolve) => setTimeout(resolve, 1));
        box = await world.demandBlackBox();
      }
      if (box === undefined) throw new Error("there is no box");
      const at = world.tick;
      while (world.tick < at + 5) await new Promise((resolve) => setTimeout(resolve, 1));
      const outcome = await world.stop();
      if (outcome.kind !== "ended" || world.blackBox !== undefined || (await world.demandBlackBox()) !== undefined)
        throw new Error("a run that ended well left a box");
      return { bytes: [...new Uint8Array(await box.blob.arrayBuffer())], name: box.name, tick: box.lastTick };
    });
    expect(await page.$("#orrery-fault")).toBeNull();
    expect(tick).toBeGreaterThanOrEqual(30);
    const path = join(folder, name);
    writeFileSync(path, new Uint8Array(bytes));
    const again = await replayed(path);
    expect(again.code, again.stderr).toBe(0);
    expect(again.stdout).toContain(`ticks 1 to ${tick} as recorded, hash `);
  });
});

test("a worker that is gone leaves what the page was handed", async () => {
  await within(async (page) => {
    const lost = await page.evaluate(async () => {
      const world = window.startWorld({ seed: 7, workerCount: 0 });
      while (world.tick < 60) await new Promise((resolve) => setTimeout(resolve, 1));
      for (const worker of window.workers) worker.terminate();
      const outcome = await world.outcome;
      return { kind: outcome.kind === "faulted" && outcome.fault.kind, lastTick: world.blackBox?.lastTick };
    });
    expect(lost.kind).toBe("thread-died");
    expect(lost.lastTick).toBeGreaterThanOrEqual(45);
    const path = await savedFrom(page);
    const bytes = readFileSync(path);
    const journal = readJournal(bytes, path);
    expect(journal.end?.text).toContain("E0605");
    expect(topicsIn(journal)).toEqual(["page", "fault", "trace", "lost"]);
    const { traceEvents } = JSON.parse(traceInBox(bytes, path)!) as { traceEvents: { name: string }[] };
    expect(traceEvents.map(({ name }) => name)).toContain("swing-arms");
    // The ring has the hashes of what the worker had not handed over.
    expect(recordedTreesOf(journal)!.tickCount).toBeGreaterThanOrEqual(lost.lastTick!);
    const again = await replayed(path);
    // Nothing in the world has ended the thread, so it runs on here, as is said.
    expect(again.stderr).toContain(`E0432 ${path} ends with a fault behind tick ${lost.lastTick}`);
  });
});

test("a world that loops without end is ended by a stop, and loops again in Node", async () => {
  await within(async (page) => {
    const kind = await page.evaluate(async (tick) => {
      // A frame a tick: one that comes late makes several, and one that never ends shows none of them.
      const world = window.startWorld({ seed: 7, workerCount: 0, pace: "free" });
      while (world.tick < tick - 1) await new Promise((resolve) => setTimeout(resolve, 1));
      // Asked in the moment between this tick and the next one it would stop as it should.
      await new Promise((resolve) => setTimeout(resolve, 300));
      const outcome = await world.stop();
      return outcome.kind === "faulted" && outcome.fault.kind;
    }, stuckTick);
    expect(kind).toBe("thread-silent");
    const again = await replayed(await savedFrom(page), "endless");
    expect(again.code, again.stderr).toBe(1);
    expect(again.stdout).toContain(`Tick ${stuckTick} ends it, as recorded: `);
  }, "stuck-page");
});

test("an audited world in a page stops at a write that was not declared", async () => {
  await within(async (page) => {
    const fault = await page.evaluate(async () => {
      const outcome = await window.startWorld({ seed: 7, pace: "free", audit: true }).outcome;
      return outcome.kind === "faulted" ? outcome.fault : undefined;
    });
    expect(fault).toMatchObject({ kind: "undeclared-write", fields: { tick: smuggleTick, system: "swing-arms" } });
  }, "stuck-page");
});

declare global {
  interface Window {
    /** Workers that the page has started. */
    workers: Worker[];
  }
}

function hashIn(journal: Journal, tick: number): string {
  const { high, low } = journal.hashOf(tick)!;
  return hashHex(high, low);
}
