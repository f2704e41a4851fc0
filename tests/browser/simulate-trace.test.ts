/**
 * The trace of `simulate` in the offline viewer, both by their commands, in a real Chromium: all tracks are
 * there, and a frame can be found and filled the page with. Each run leaves a picture in tests/.tmp; that of
 * the docs, tests/browser/simulate-trace.png, is taken anew when UPDATE_PICTURES=1 is set.
 */
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ChromeEvent, isTrouble, parseTrace } from "../../engine/trace/parsed.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const chromiumPath = process.env["ORRERY_CHROMIUM"] ?? "/usr/bin/chromium";
const folder = mkdtempSync(join(tmpdir(), "orrery-simulate-trace-"));
const pictureBytesMax = 300_000;
let browser: Browser;

beforeAll(async () => {
  expect(existsSync(chromiumPath), `${chromiumPath} exists; \`node build.mjs setup\` installs it`).toBe(true);
  const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  browser = await chromium.launch({ executablePath: chromiumPath, args });
});
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

function spansOf(trace: string): readonly ChromeEvent[] {
  const parsed = parseTrace(readFileSync(trace, "utf8"));
  if (isTrouble(parsed)) throw new Error(parsed.problem);
  return parsed.events.filter(({ phase }) => phase === "X");
}

/** Of the shortest quarter of frames the number of the one in which surfaces were recorded at the same time for the greatest part of it. */
function busiestFrame(spans: readonly ChromeEvent[]): number {
  const end = ({ startMicros, durationMicros }: ChromeEvent): number => startMicros + durationMicros;
  const within = (outer: ChromeEvent): readonly ChromeEvent[] =>
    spans.filter((span) => span.startMicros >= outer.startMicros && end(span) <= end(outer));
  const shares = spans
    .filter(({ name }) => name === "frame")
    .slice(20, 60)
    .map((frame) => {
      const records = within(frame).filter(({ name }) => name.endsWith(" record"));
      let overlapMicros = 0;
      for (const a of records)
        for (const b of records)
          if (a.threadId < b.threadId)
            overlapMicros += Math.max(0, Math.min(end(a), end(b)) - Math.max(a.startMicros, b.startMicros));
      return {
        frame: Number(frame.args["frame"]),
        share: overlapMicros / frame.durationMicros,
        micros: frame.durationMicros,
      };
    });
  const short = shares.sort((a, b) => a.micros - b.micros).slice(0, shares.length / 4);
  return short.sort((a, b) => b.share - a.share)[0]!.frame;
}

/** Does something and waits for the picture that follows: the page paints in the next frame, and nothing behind that one. */
async function painted(page: Page, act: () => Promise<void>): Promise<void> {
  await act();
  await page.evaluate(
    () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve(undefined)))),
  );
}

test("a frame of the simulation fills the viewer", async () => {
  const trace = join(folder, "simulation.json");
  const html = join(folder, "simulation.html");
  const orrery = (...args: readonly string[]): string =>
    execFileSync(process.execPath, [join(root, "game/main.ts"), ...args], { cwd: root, encoding: "utf8" });
  orrery("simulate", "--frames", "120", "--workers", "1", "--trace", trace);
  orrery("trace", "view", trace, "--output", html);
  const wanted = busiestFrame(spansOf(trace));

  const page = await browser.newPage({ viewport: { width: 1_360, height: 620 }, deviceScaleFactor: 1.5 });
  await page.goto(pathToFileURL(html).href);
  await page.waitForSelector("canvas[data-painted]");
  expect(await page.title()).toBe("simulation \u00b7 Orrery trace");
  const legend = (await page.locator("#legend").textContent()) ?? "";
  for (const name of [
    "MainWindow record",
    "ShadowMap submit",
    "UI_Overlay present",
    "culling",
    "stage",
    "load texture/tug",
  ])
    expect(legend).toContain(name);

  // The frame that is found next stands in the middle; the topmost track is the coordinator's.
  await page.keyboard.press("/");
  await page.keyboard.type("frame");
  await painted(page, () => page.keyboard.press("Enter"));
  await page.evaluate(() => document.querySelector("input")!.blur());
  const box = (await page.locator("#stage").boundingBox())!;
  const label = 150;
  const middle = { x: box.x + label + (box.width - label) / 2, y: box.y + 30 + 17 };
  await painted(page, () => page.mouse.move(middle.x, middle.y));
  const pointed = new RegExp(`frame ${wanted}(?![0-9])`);
  for (let i = 0; i < 200 && !pointed.test((await page.textContent("#tooltip")) ?? ""); i++)
    await painted(page, () => page.keyboard.press("n"));
  expect(await page.textContent("#tooltip")).toMatch(pointed);
  await painted(page, () => page.mouse.dblclick(middle.x, middle.y));
  await painted(page, () => page.keyboard.press("Escape"));
  await painted(page, () => page.mouse.move(5, 5));

  mkdirSync(join(root, "tests/.tmp"), { recursive: true });
  const picture = join(root, "tests/.tmp/simulate-trace.png");
  await page.screenshot({ path: picture });
  expect(statSync(picture).size).toBeLessThan(pictureBytesMax);
  if (process.env["UPDATE_PICTURES"] === "1") copyFileSync(picture, join(root, "tests/browser/simulate-trace.png"));
  await page.close();
}, 120_000);
