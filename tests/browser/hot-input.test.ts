/**
 * Keys that are held while code takes over, in a real Chromium: what is down stays down in the world behind the swap, what
 * goes up goes up there, whichever numbers the controls have by then, and the page plays on through all of it.
 */
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import "../../runtime/drivers/web/client/probe.ts";
import { RunningCommand } from "../cli/command.ts";
import { type SteeredGame, SteeredSources, x } from "../games/steered-game.ts";

const chromiumPath = process.env["ORRERY_CHROMIUM"] ?? "/usr/bin/chromium";

const boost = { kind: "held", keys: ["ShiftLeft"], label: "Boost" } as const;
const axle = { ...x, negative: ["KeyQ"], positive: ["KeyE"] };
let sources: SteeredSources;
let game: RunningCommand;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  expect(existsSync(chromiumPath), `${chromiumPath} exists; \`node build.mjs setup\` installs it`).toBe(true);
  sources = new SteeredSources({ controls: { x } });
  game = new RunningCommand(["play", "--hot", "--no-open", "--port", "0"], { file: sources.main });
  const [url] = await game.printed(/http:\/\/127\.0\.0\.1:\d+\/\?token=[0-9a-f]+(?=\n)/);
  await game.printed(/Edit the game while it runs/);
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

/** Waits until the world shows these values: the control x and the sum of all others. */
async function shows(wantedX: number, wantedOthers: number): Promise<void> {
  const isShown = ([wanted, others]: readonly [number, number]): boolean =>
    window.orrery.hud["x"] === wanted && window.orrery.hud["others"] === others;
  try {
    await page.waitForFunction(isShown, [wantedX, wantedOthers] as const, { timeout: 20_000 });
  } catch {
    const shown = await page.evaluate(() => [window.orrery.hud["x"], window.orrery.hud["others"]]);
    expect(shown).toEqual([wantedX, wantedOthers]);
  }
}

/** Waits until ticks have gone by. */
async function pass(ticks: number): Promise<void> {
  const tick = await page.evaluate(() => window.orrery.tick);
  await page.waitForFunction((goal) => window.orrery.tick >= goal, tick + ticks, { timeout: 30_000 });
}

const told = (pattern: RegExp): number => [...(game.stdout + game.stderr).matchAll(pattern)].length;

/** Saves, and waits until the page has what came of it. */
async function edit(next: SteeredGame, pattern = /New code since tick/g): Promise<void> {
  const before = told(pattern);
  sources.edit(next);
  await game.until(() => told(pattern) > before);
  await pass(20);
}

test("a key that is held while code or settings take over is down until it goes up", async () => {
  await page.keyboard.down("KeyD");
  await shows(1, 0);
  await edit({ controls: { x }, first: "sum({}, 0, () => true);" });
  await shows(1, 0);
  writeFileSync(join(sources.folder, "orrery.toml"), "[tick]\nrate = 30\n");
  await game.until(() => told(/New settings since tick/g) > 0);
  await pass(20);
  await shows(1, 0);
  await edit({ controls: { axle, boost, x } });
  await shows(1, 0);
  await page.keyboard.up("KeyD");
  await shows(0, 0);
  await page.keyboard.down("ShiftLeft");
  await page.keyboard.down("KeyA");
  await shows(-1, 1);
  await edit({ controls: { x, yoke: { ...boost } } });
  await shows(-1, 1);
  await page.keyboard.up("ShiftLeft");
  await page.keyboard.up("KeyA");
  await shows(0, 0);
}, 120_000);

test("a key that goes up while its control is gone is up when code is taken back", async () => {
  await edit({ controls: { x } });
  await page.keyboard.down("KeyD");
  await shows(1, 0);
  const undone = /was taken back/g;
  // Without x for a while, in which the key goes up.
  await edit({ controls: { boost }, head: counting, first: 'if (madeTicks() > 55) throw new Error("it leaks");' });
  await page.keyboard.up("KeyD");
  await game.until(() => told(undone) > 0);
  // What the page showed of the code that failed is no answer.
  await pass(20);
  await shows(0, 0);
}, 120_000);

test("keys that change all the while disturb nothing, whenever code takes over", async () => {
  let isOver = false;
  const keys = (async () => {
    while (!isOver) {
      await page.keyboard.down("KeyD");
      await page.keyboard.up("KeyD");
    }
  })();
  for (const controls of [{ boost, x }, { x }, { axle, boost, x }, { x }, { boost, x }]) await edit({ controls });
  isOver = true;
  await keys;
  await shows(0, 0);
  expect(await page.evaluate(() => window.orrery.connection)).toBe("playing");
}, 120_000);

const counting = "let made = 0;\nconst madeTicks = (): number => ++made;";
