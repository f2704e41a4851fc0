/**
 * Scrapyard as a person plays it: the real command, the real page in a real Chromium. A key moves the
 * tug, the score shows, a vanished page leaves the world running, and the journal of all of it replays
 * to the same hash. Each run leaves a picture in tests/.tmp; that of the README is taken in the best
 * quality when UPDATE_PICTURES=1 is set.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import "../../runtime/drivers/web/client/probe.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const chromiumPath = process.env["ORRERY_CHROMIUM"] ?? "/usr/bin/chromium";
const folder = mkdtempSync(join(tmpdir(), "orrery-play-"));
const journal = join(folder, "play.orj");

let game: ChildProcess;
let browser: Browser;
let url = "";
let printed = "";

beforeAll(async () => {
  expect(existsSync(chromiumPath), `${chromiumPath} exists; \`node build.mjs setup\` installs it`).toBe(true);
  game = spawn(
    process.execPath,
    ["game/main.ts", "play", "--no-open", "--port", "0", "--seed", "7", "--record", journal],
    { cwd: root },
  );
  for (const stream of [game.stdout!, game.stderr!])
    stream.on("data", (chunk: Buffer) => (printed += chunk.toString()));
  await vi.waitFor(() => expect(printed).toMatch(/http:\/\/127\.0\.0\.1:\d+\/\?token=[0-9a-f]+\n/), {
    timeout: 30_000,
  });
  url = /http:\S+/.exec(printed)![0];
  const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  browser = await chromium.launch({ executablePath: chromiumPath, args: [...args, "--enable-unsafe-swiftshader"] });
});

afterAll(async () => {
  await browser?.close();
  game?.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

async function openPage(quality: string): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
  page.setDefaultTimeout(60_000);
  await page.goto(`${url}&quality=${quality}`);
  await page.waitForFunction(() => window.orrery.connection === "playing" && window.orrery.tick > 0);
  return page;
}

test("a page draws the yard, Enter starts a round, a key moves the tug, and the HUD shows it", async () => {
  const page = await openPage("least");
  const first = await page.screenshot();
  const isOther = async (): Promise<boolean> => !(await page.screenshot()).equals(first);
  await expect.poll(isOther, { timeout: 30_000, interval: 200, message: "the picture moves" }).toBe(true);

  await page.keyboard.press("Enter");
  // The clock stands at its full time while the round is counted down, and then runs.
  const full = 120;
  await page.waitForFunction((seconds) => window.orrery.hud["clock"] === seconds, full, { timeout: 30_000 });
  await page.waitForFunction((seconds) => window.orrery.hud["clock"]! < seconds, full, { timeout: 30_000 });
  const before = await page.evaluate(() => window.orrery.cameraTarget);
  await page.keyboard.down("w");
  // The camera follows the tug; how soon depends on how fast this machine draws.
  const movedMetres = 2;
  await page.waitForFunction(
    ([from, metres]) => {
      const at = window.orrery.cameraTarget;
      return Math.hypot(at[0] - from[0], at[2] - from[2]) > metres;
    },
    [before, movedMetres] as const,
    { timeout: 30_000 },
  );
  // The furnace smokes and glows; what is streamed has taken the place of its fallback.
  await page.waitForFunction(() => window.orrery.drawn!.particles > 0 && window.orrery.drawn!.lights > 0);
  await page.waitForFunction(() => {
    const streamed = Object.values(window.orrery.resources).filter((resource) => resource !== undefined);
    return streamed.length > 0 && streamed.every(({ version }) => version > 0);
  });
  await page.screenshot({ path: join(root, "tests/.tmp/scrapyard.png") });
  await page.keyboard.up("w");

  expect(await page.locator("text=Score").first().isVisible()).toBe(true);
  const hash = await page.evaluate(() => window.orrery.hash);
  expect(hash).toMatch(/^[0-9a-f]{16}$/);
  await page.waitForFunction((first) => window.orrery.hash !== first, hash, { timeout: 30_000 });
  await page.close();
});

test.runIf(process.env["UPDATE_PICTURES"] === "1")(
  "the picture of the README",
  async () => {
    const page = await openPage("high");
    await page.waitForTimeout(9_000);
    await page.screenshot({ path: join(root, "tests/browser/scrapyard.png"), timeout: 60_000 });
    await page.close();
  },
  180_000,
);

test("a page that vanishes leaves the world running, and the journal replays to the same hash", async () => {
  const tickOf = async (page: Page): Promise<number> => page.evaluate(() => window.orrery.tick);
  const first = await openPage("least");
  await first.keyboard.down("w");
  const seen = await tickOf(first);
  await first.close({ runBeforeUnload: false });

  const second = await openPage("least");
  await second.waitForFunction((tick) => window.orrery.tick > tick + 60, seen);
  await second.close();

  game.kill("SIGINT");
  // With all that it has printed, which an "exit" may come before.
  const code = await new Promise((resolve) => game.once("close", resolve));
  expect(code).toBe(130);
  const hash = /ticks, hash ([0-9a-f]{16})/.exec(printed)?.[1];
  expect(hash).toBeDefined();
  const verified = spawnSync(process.execPath, ["game/main.ts", "replay", "verify", journal], {
    cwd: root,
    encoding: "utf8",
  });
  expect(verified.stdout).toContain(`hash ${hash}`);
  expect(verified.status).toBe(0);
});
