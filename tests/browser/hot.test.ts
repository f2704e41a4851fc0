/**
 * A game that is edited while somebody plays it in a real Chromium: a save changes the game without a pause and keeps its
 * state, what cannot take over is refused on the screen and the game goes on, and a changed view is drawn anew.
 */
import { existsSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import "../../runtime/drivers/web/client/probe.ts";
import { RunningCommand } from "../cli/command.ts";
import { EditedSources } from "../games/edited-game.ts";

const chromiumPath = process.env["ORRERY_CHROMIUM"] ?? "/usr/bin/chromium";

let sources: EditedSources;
let game: RunningCommand;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  expect(existsSync(chromiumPath), `${chromiumPath} exists; \`node build.mjs setup\` installs it`).toBe(true);
  sources = new EditedSources({ step: 1 });
  game = new RunningCommand(["play", "--hot", "--no-open", "--port", "0", "--seed", "7"], { file: sources.main });
  const [url] = await game.printed(/http:\/\/127\.0\.0\.1:\d+\/\?token=[0-9a-f]+/);
  await game.printed(/every save takes over/);
  const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  browser = await chromium.launch({ executablePath: chromiumPath, args: [...args, "--enable-unsafe-swiftshader"] });
  page = await browser.newPage({ viewport: { width: 640, height: 400 } });
  await page.goto(`${url}&quality=least`);
  await page.waitForFunction(() => window.orrery.connection === "playing" && window.orrery.tick > 3);
}, 60_000);

afterAll(async () => {
  await browser?.close();
  game?.signal("SIGKILL");
  sources?.remove();
});

/** The newest tick of the page and the number that the game shows then. */
function shown(): Promise<{ readonly tick: number; readonly level: number }> {
  return page.evaluate(() => ({ tick: window.orrery.tick, level: window.orrery.hud["level"]! }));
}

/** Waits until ticks have gone by. */
async function pass(ticks: number): Promise<void> {
  const { tick } = await shown();
  await page.waitForFunction((goal) => window.orrery.tick >= goal, tick + ticks, { timeout: 30_000 });
}

test("a changed constant takes over without a pause, and the state is kept", async () => {
  const before = await shown();
  expect(before.level).toBeGreaterThan(0);
  sources.edit({ step: 1_000 });
  await page.waitForFunction((level) => window.orrery.hud["level"]! > level + 5_000, before.level, { timeout: 30_000 });
  const after = await shown();
  // Thousands are steps of the new code; what is left are those of the old one, since the world began.
  expect(after.level % 1_000).toBeGreaterThanOrEqual(before.level);
  expect(await page.textContent("body")).toContain("New code since tick");
  expect(await page.evaluate(() => window.orrery.connection)).toBe("playing");
});

test("a changed type without a migration is refused on the screen, and the game goes on", async () => {
  sources.edit({ step: 1_000, level: "f32" });
  await page.waitForFunction(() => document.body.textContent!.includes("Gauge.level is u32"), undefined, {
    timeout: 30_000,
  });
  const refused = await shown();
  await pass(20);
  expect((await shown()).level).toBeGreaterThanOrEqual(refused.level + 10_000);
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
  expect((await shown()).level).toBeGreaterThan(before.level);
  expect(await page.textContent("body")).toContain("Height");
});
