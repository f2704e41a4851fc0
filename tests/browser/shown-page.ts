/**
 * The page in a real Chromium on a world made up by a test: a driver, a host that writes down what it is
 * told, a packet each tick, and what the picture shows.
 */
import { existsSync } from "node:fs";
import { type Browser, type Page as BrowserPage, chromium } from "playwright-core";
import { afterAll, beforeAll } from "vitest";
import type { SceneDescription } from "../../engine/render/scene.ts";
import { createWebDriver, type WebDriver } from "../../runtime/drivers/web/driver.ts";
import { type Page, pageOfFiles } from "../../runtime/drivers/web/page.ts";
import { bundleClient } from "../../runtime/package/client.ts";
import "../../runtime/drivers/web/client/probe.ts";
import { makeHost, type RecordingHost } from "../unit/drivers/fixtures.ts";

declare global {
  interface Window {
    /** Every socket that the page has opened. */
    sockets: WebSocket[];
  }
}

export const token = "browser-test";
const chromiumPath = process.env["ORRERY_CHROMIUM"] ?? "/usr/bin/chromium";

let page: Page;
let browser: Browser;
beforeAll(async () => {
  if (!existsSync(chromiumPath)) throw new Error(`${chromiumPath} is missing: install Debian's package chromium`);
  const made = pageOfFiles(await bundleClient());
  if (made === undefined) throw new Error("the bundle of the page is not whole");
  page = made;
  const root = process.getuid?.() === 0;
  browser = await chromium.launch({ executablePath: chromiumPath, args: root ? ["--no-sandbox"] : [] });
});
afterAll(() => browser?.close());

/** The files of the page, once the tests run. */
export function pageFiles(): Page {
  return page;
}

export interface Shown {
  readonly driver: WebDriver;
  readonly host: RecordingHost;
  readonly view: BrowserPage;
  /** Messages of the browser's console that are errors. */
  readonly errors: readonly string[];
  /** Stops and starts the flow of packets. */
  flow(on: boolean): void;
}

export interface ShownWorld {
  readonly scene: SceneDescription;
  readonly packet: (tick: number) => Uint8Array;
  /** More of the address, such as "&quality=least". */
  readonly query: string;
  readonly host?: RecordingHost;
}

/** Opens the page on a world that sends a packet every tick, and closes both after `run`. */
export async function showWorld(world: ShownWorld, run: (shown: Shown) => Promise<void>): Promise<void> {
  const host = world.host ?? makeHost();
  const driver = createWebDriver({ port: 0, strictPort: true, page, token });
  await driver.open(world.scene, host);
  const view = await browser.newPage({ viewport: { width: 640, height: 400 } });
  // A processor that draws the best quality, and nothing else in time, takes many seconds for the first frames.
  view.setDefaultTimeout(90_000);
  await view.addInitScript(() => {
    window.sockets = [];
    window.WebSocket = class extends WebSocket {
      constructor(url: string | URL) {
        super(url);
        window.sockets.push(this);
      }
    };
  });
  const errors: string[] = [];
  view.on("pageerror", (error) => errors.push(error.message));
  view.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  let tick = 0;
  let flowing = true;
  const timer = setInterval(() => {
    if (flowing) driver.submit(world.packet(++tick));
  }, 16);
  try {
    await view.goto(`${driver.url}${world.query}&name=Ada`);
    await view.waitForFunction(() => window.orrery.connection === "playing" && window.orrery.tick > 3);
    await run({
      driver,
      host,
      view,
      errors,
      flow(on) {
        flowing = on;
      },
    });
  } finally {
    clearInterval(timer);
    await view.close();
    await driver.close();
  }
}

export interface Picture {
  /** How many different colours there are in a coarse grid. */
  readonly colorCount: number;
  /** Red, green and blue, 0..255, of the middle of the picture and of the middles of its four quarters. */
  readonly middle: readonly [number, number, number];
  readonly quarters: readonly (readonly [number, number, number])[];
  /** The mean of red, green and blue over the whole picture. */
  readonly mean: readonly [number, number, number];
}

/** What the page's canvas shows now; the HUD, which lies over it, is left out by place. */
export async function pictureOf(view: BrowserPage, path?: string): Promise<Picture> {
  const png = await view.locator("#view").screenshot(path === undefined ? {} : { path });
  return await view.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
    const { width, height } = bitmap;
    const context = new OffscreenCanvas(width, height).getContext("2d")!;
    context.drawImage(bitmap, 0, 0);
    const { data } = context.getImageData(0, 0, width, height);
    const colors = new Set<number>();
    for (let at = 0; at < data.length; at += 4 * 97)
      colors.add((data[at]! >> 4) | ((data[at + 1]! >> 4) << 4) | ((data[at + 2]! >> 4) << 8));
    const at = (x: number, y: number): [number, number, number] => {
      const from = (Math.floor(y * height) * width + Math.floor(x * width)) * 4;
      return [data[from]!, data[from + 1]!, data[from + 2]!];
    };
    const mean: [number, number, number] = [0, 0, 0];
    for (let from = 0; from < data.length; from += 4)
      for (let i = 0; i < 3; i++) mean[i]! += (data[from + i]! * 4) / data.length;
    return {
      colorCount: colors.size,
      middle: at(0.5, 0.5),
      quarters: [at(0.25, 0.25), at(0.75, 0.25), at(0.25, 0.75), at(0.75, 0.75)],
      mean,
    };
  }, png.toString("base64"));
}
