/** The viewer's page in a real Chromium: it draws from one file, follows keys, wheel and pointer, and complains of nothing. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { viewerPage } from "../../../runtime/trace/viewer-page.ts";
import { sampleRun } from "./sample-run.ts";

const chromiumPath = process.env["ORRERY_CHROMIUM"] ?? "/usr/bin/chromium";
const folder = mkdtempSync(join(tmpdir(), "orrery-viewer-"));
let browser: Browser;
beforeAll(async () => {
  if (!existsSync(chromiumPath)) throw new Error(`${chromiumPath} is missing: install Debian's package chromium`);
  const root = process.getuid?.() === 0;
  browser = await chromium.launch({ executablePath: chromiumPath, args: root ? ["--no-sandbox"] : [] });
});
afterAll(async () => {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Opens the page of a trace and gives it with all that it asked for or complained of. */
async function open(traceText: string): Promise<{ page: Page; complaints: string[] }> {
  const file = join(folder, "trace.html");
  writeFileSync(file, await viewerPage(traceText));
  const page = await browser.newPage({ viewport: { width: 1_000, height: 600 }, deviceScaleFactor: 2 });
  const complaints: string[] = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => {
    if (request.url() !== pathToFileURL(file).href) complaints.push(`asked for ${request.url()}`);
  });
  await page.goto(pathToFileURL(file).href);
  await page.waitForSelector("canvas[data-painted]");
  return { page, complaints };
}

/** How many different colours a row of device pixels has, and the canvas's size. */
function pixels(page: Page, y: number): Promise<{ colors: number; width: number; height: number }> {
  return page.evaluate((line) => {
    const canvas = document.querySelector("canvas")!;
    const { data } = canvas.getContext("2d")!.getImageData(0, line, canvas.width, 1);
    return { colors: new Set(new Uint32Array(data.buffer)).size, width: canvas.width, height: canvas.height };
  }, y);
}

/** Does something and waits for the picture that follows. */
async function painted(page: Page, act: () => Promise<void>): Promise<void> {
  const count = await page.getAttribute("canvas", "data-painted");
  await act();
  await page.waitForSelector(`canvas:not([data-painted="${count}"])`);
}

test("draws spans sharply, zooms, searches and tells what is under the pointer", async () => {
  const { page, complaints } = await open(sampleRun(60));
  const box = (await page.locator("#stage").boundingBox())!;
  const first = await pixels(page, 2 * 60);
  expect(first.colors).toBeGreaterThan(10);
  expect([first.width, first.height]).toEqual([2 * box.width, 2 * box.height]);
  expect(await page.textContent("#facts")).toContain("workers3");
  expect(await page.title()).toBe("scrapyard \u00b7 Orrery trace");
  expect(await page.locator("#legend .row").count()).toBe(25);

  await page.keyboard.press("/");
  await page.keyboard.type("frame");
  expect(await page.textContent("#found")).toBe("60");
  await painted(page, () => page.keyboard.press("Enter"));
  await painted(page, () => page.mouse.move(box.x + 440, box.y + 30 + 9 + 8));
  await page.waitForSelector("#tooltip:not([hidden])");
  expect(await page.textContent("#tooltip .title")).toBe("frame");
  expect(await page.textContent("#tooltip")).toMatch(/took \d.*from \d.*frame \d+/);
  await page.keyboard.press("Escape");
  expect(await page.textContent("#found")).toBe("");

  for (const key of ["w", "w", "s", "a", "d", "0"]) await painted(page, () => page.keyboard.press(key));
  await painted(page, () => page.mouse.wheel(0, -300));
  await page.mouse.down();
  await painted(page, () => page.mouse.move(box.x + 300, box.y + 60));
  await page.mouse.up();
  await page.click("#fit");
  expect(complaints).toEqual([]);
  await page.close();
});

test("shows a name as text, whatever it holds", async () => {
  const name = "</script><b>bold</b>$& <!--script-->";
  const events = [{ ph: "X", name, pid: 1, tid: 1, ts: 1, dur: 5 }];
  const { page, complaints } = await open(JSON.stringify(events));
  expect(await page.textContent("#legend .name")).toBe(name);
  expect(complaints).toEqual([]);
  await page.close();
});
