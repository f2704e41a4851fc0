/**
 * A game that is edited while somebody plays it in a real Chromium: a save changes the game without a pause, which is
 * counted in frames and ticks, and keeps its state; what cannot take over is refused on the screen and the game goes on;
 * a changed view is drawn anew.
 */
import { existsSync, readFileSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readJournal } from "../../engine/replay/journal.ts";
import "../../runtime/drivers/web/client/probe.ts";
import { command, jsonOf, newPath, RunningCommand } from "../cli/command.ts";
import { EditedSources } from "../games/edited-game.ts";

const chromiumPath = process.env["ORRERY_CHROMIUM"] ?? "/usr/bin/chromium";

const journal = newPath("hot.orj");
/** What the gauge rises by after the first save: more than the ticks until then, however slowly the page comes up. */
const newStep = 100_000;
/** What it rises by, save after save, while the page is watched. Code that ran before would be there at once. */
const editedSteps = [2_000, 3_000, 4_000, 5_000] as const;
let sources: EditedSources;
let game: RunningCommand;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  expect(existsSync(chromiumPath), `${chromiumPath} exists; \`node build.mjs setup\` installs it`).toBe(true);
  sources = new EditedSources({ step: 1 });
  const args = ["play", "--hot", "--no-open", "--port", "0", "--seed", "7", "--record", journal];
  game = new RunningCommand(args, { file: sources.main });
  const [url] = await game.printed(/http:\/\/127\.0\.0\.1:\d+\/\?token=[0-9a-f]+(?=\n)/);
  await game.printed(/every save takes over/);
  const root = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  browser = await chromium.launch({ executablePath: chromiumPath, args: [...root, "--enable-unsafe-swiftshader"] });
  page = await browser.newPage({ viewport: { width: 640, height: 400 } });
  await page.goto(`${url}&quality=least`);
  await page.waitForFunction(() => window.orrery.connection === "playing" && window.orrery.tick > 3);
});

afterAll(async () => {
  await browser?.close();
  game?.signal("SIGKILL");
  sources?.remove();
});

/** The newest tick of the page and the number that the game shows then. */
function shown(): Promise<{ readonly tick: number; readonly level: number }> {
  return page.evaluate(() => ({ tick: window.orrery.tick, level: window.orrery.hud["level"]! }));
}

/** Waits until the page knows of this tick. */
async function reach(tick: number): Promise<void> {
  await page.waitForFunction((goal) => window.orrery.tick >= goal, tick, { timeout: 30_000 });
}

/** Waits until ticks have gone by. */
async function pass(ticks: number): Promise<void> {
  await reach((await shown()).tick + ticks);
}

/** Waits until the gauge shows more than this. */
async function exceed(level: number): Promise<void> {
  await page.waitForFunction((least) => window.orrery.hud["level"]! > least, level, { timeout: 30_000 });
}

test("a changed constant takes over, and the state is kept", async () => {
  const before = await shown();
  expect(before.level).toBeGreaterThan(0);
  // Looked for from now on: it is on screen for a while only, and comes another way than the ticks.
  const told = page.waitForFunction(() => document.body.textContent!.includes("New code since tick"));
  sources.edit({ step: newStep });
  await exceed(before.level + 5_000);
  const after = await shown();
  // Whole new steps are those of the new code; what is left are those of the old one, since the world began.
  expect(after.level % newStep).toBeGreaterThanOrEqual(before.level);
  await told;
  expect(await page.evaluate(() => window.orrery.connection)).toBe("playing");
});

/** What the page showed, frame by frame of its own, in a stretch of time. */
interface Stretch {
  readonly firstTick: number;
  readonly lastTick: number;
  /** The longest run of frames in which the newest tick stayed the same. */
  readonly standstillFrames: number;
  /** The most ticks that came between two frames. */
  readonly leapTicks: number;
  /** Ticks that the world dropped, by the page's own count. */
  readonly droppedTicks: number;
}

/** Looks at the tick in each frame of the page until `during` is over. */
async function watched(during: () => Promise<void>): Promise<Stretch> {
  const watching = await page.evaluateHandle(() => {
    const dropped = (): number => Number(document.querySelector(".status-dropped .status-value")!.textContent);
    const { tick: firstTick } = window.orrery;
    const droppedBefore = dropped();
    const seen = { firstTick, lastTick: firstTick, standstillFrames: 0, leapTicks: 0, droppedTicks: 0, isOver: false };
    let still = 0;
    const look = (): void => {
      if (seen.isOver) return;
      const { tick } = window.orrery;
      still = tick === seen.lastTick ? still + 1 : 0;
      seen.standstillFrames = Math.max(seen.standstillFrames, still);
      seen.leapTicks = Math.max(seen.leapTicks, tick - seen.lastTick);
      seen.lastTick = tick;
      seen.droppedTicks = dropped() - droppedBefore;
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
    return seen;
  });
  await during();
  return await watching.evaluate((seen) => {
    seen.isOver = true;
    return seen;
  });
}

const takenOver = (): number[] =>
  [...(game.stdout + game.stderr).matchAll(/New code since tick (\d+)/g)].map(([, tick]) => Number(tick));

test("nothing stops while code is prepared and takes over: ticks go on as in a stretch without an edit", async () => {
  const edited: Stretch[] = [];
  const calm: Stretch[] = [];
  for (const step of editedSteps) {
    const { length: before } = takenOver();
    const stretch = await watched(async () => {
      sources.edit({ step });
      await game.until(() => takenOver().length > before);
      // The page may be behind the world by more than a few ticks.
      await reach(takenOver().at(-1)! + 30);
    });
    edited.push(stretch);
    expect(takenOver().at(-1)).toBeGreaterThanOrEqual(stretch.firstTick);
    expect(takenOver().at(-1)).toBeLessThan(stretch.lastTick);
    calm.push(await watched(() => pass(stretch.lastTick - stretch.firstTick)));
  }
  // What a busy machine does hits this or that stretch; what a swap does hits all that have one.
  const least = (key: keyof Stretch): number => Math.min(...edited.map((stretch) => stretch[key]));
  const usual = (key: keyof Stretch): number => Math.max(...calm.map((stretch) => stretch[key]));
  const told = JSON.stringify({ edited, calm });
  expect(least("droppedTicks"), told).toBeLessThanOrEqual(usual("droppedTicks"));
  for (const key of ["standstillFrames", "leapTicks"] as const) {
    expect(least(key), told).toBeLessThanOrEqual(usual(key) * 2 + 2);
    for (const stretch of edited) expect(stretch[key], told).toBeLessThanOrEqual(usual(key) * 4 + 120);
  }
}, 120_000);

test("a changed type without a migration is refused on the screen, and the game goes on", async () => {
  sources.edit({ step: 1_000, level: "f32" });
  await page.waitForFunction(() => document.body.textContent!.includes("Gauge.level is u32"), undefined, {
    timeout: 30_000,
  });
  const refused = await shown();
  await pass(20);
  await exceed(refused.level + 10_000);
});

test("a file that does not compile is refused on the screen with its place, and the game goes on", async () => {
  sources.edit({ step: 1_000, head: "const = 3;" });
  await page.waitForFunction(() => /parts\.ts:3:\d+/.test(document.body.textContent!), undefined, { timeout: 30_000 });
  await pass(20);
});

test("what is drawn follows the code, and a player keeps the seat", async () => {
  const player = await page.evaluate(() => window.orrery.playerKey);
  sources.edit({ step: 1, label: "Height" });
  await page.waitForFunction(() => document.body.textContent!.includes("Height"), undefined, { timeout: 30_000 });
  await pass(20);
  expect(await page.evaluate(() => [window.orrery.playerKey, window.orrery.connection])).toEqual([player, "playing"]);
});

test("code that fails while it makes a picture is taken back, and pictures go on", async () => {
  const before = await shown();
  sources.edit({ step: 1, label: "Depth", looking: 'if (snapshot.tick > 0) throw new Error("bad look");' });
  await page.waitForFunction(() => document.body.textContent!.includes("bad look"), undefined, { timeout: 30_000 });
  await pass(20);
  await exceed(before.level);
  await page.waitForFunction(() => document.body.textContent!.includes("Height"), undefined, { timeout: 30_000 });
});

test("the journal has each tick once, and the state is what they add up to", async () => {
  game.signal("SIGINT");
  await game.finished;
  const { swaps, startTick, lastTick, ticks, end } = readJournal(readFileSync(journal), journal);
  expect([startTick, end?.reason]).toEqual([0, "stopped"]);
  expect(ticks.map(({ tick }) => tick)).toEqual(Array.from({ length: lastTick }, (_, at) => at + 1));
  const dump = await command(["replay", "run", journal, "--dump-all", "Gauge", "--json"], { file: sources.main });
  const [{ components }] = jsonOf(dump)["entities"] as [{ components: unknown }];
  // Each tick raised the gauge by what its code says: none was made twice, none was left out.
  const steps = [1, newStep, ...editedSteps, 1];
  const since = [0, ...swaps.map(({ tick }) => tick), lastTick];
  expect(since.length).toBe(steps.length + 1);
  const level = steps.reduce((sum, step, at) => sum + step * (since[at + 1]! - since[at]!), 0);
  expect(components).toMatchObject([{ component: "Gauge", fields: [{ field: "level", values: [level] }] }]);
});
