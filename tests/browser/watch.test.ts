/**
 * A game that is restarted from a keyframe at each save while somebody plays it in a real Chromium: what is drawn, its
 * resources among it, is that of the code that runs, also where the numbers and versions of resources are those of others
 * before, and when code is taken back. The page stays, and so do its seat and the state.
 */
import { existsSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import "../../runtime/drivers/web/client/probe.ts";
import { RunningCommand } from "../cli/command.ts";
import { type EditedGame, EditedSources } from "../games/edited-game.ts";

const chromiumPath = process.env["ORRERY_CHROMIUM"] ?? "/usr/bin/chromium";

/** Colours as texels hold them, and the channel that each lacks. */
const paints = {
  magenta: { texel: 0xffff00ff, lacks: 1 },
  cyan: { texel: 0xffffff00, lacks: 0 },
  yellow: { texel: 0xff00ffff, lacks: 2 },
} as const;
type Paint = keyof typeof paints;

/** A game whose block is painted with `texture`; textures are one texel each, in these colours. */
function painted(texture: string, textures: Readonly<Record<string, Paint>>, first = ""): EditedGame {
  const entries = Object.entries(textures).map(([name, paint]) => [name, paints[paint].texel]);
  return {
    ...{ texture, first },
    entries: `
  pipelines: [definePipeline({
    name: "paint",
    host: false,
    stages: [defineStage({
      name: "paint",
      run(context) {
        const bytes = context.allocate(20);
        new Uint32Array(bytes.buffer, bytes.byteOffset, 5).set([0x5854524f, 1, 1, 0, context.parameters[0]!]);
      },
    })],
  })],
  resources: ${JSON.stringify(entries)}.map(([name, texel]) =>
    defineResource({ name: name as string, pipeline: "paint", kind: "texture", parameters: [texel as number] }),
  ),`,
  };
}

let sources: EditedSources;
let game: RunningCommand;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  expect(existsSync(chromiumPath), `${chromiumPath} exists; \`node build.mjs setup\` installs it`).toBe(true);
  sources = new EditedSources(painted("skin", { skin: "magenta" }));
  game = new RunningCommand(["play", "--watch", "--no-open", "--port", "0", "--seed", "7"], { file: sources.main });
  const [url] = await game.printed(/http:\/\/127\.0\.0\.1:\d+\/\?token=[0-9a-f]+(?=\n)/);
  await game.printed(/every save restarts it/);
  const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  browser = await chromium.launch({ executablePath: chromiumPath, args: [...args, "--enable-unsafe-swiftshader"] });
  page = await browser.newPage({ viewport: { width: 320, height: 200 } });
  await page.goto(`${url}&quality=least`);
  await page.waitForFunction(() => window.orrery.connection === "playing" && window.orrery.tick > 3);
  // They lie over the picture, whose colours are looked at.
  await page.evaluate(() => {
    document.getElementById("toasts")!.style.visibility = "hidden";
  });
});

afterAll(async () => {
  await browser?.close();
  game?.signal("SIGKILL");
  sources?.remove();
});

/** The paint that most of the painted picture has; undefined when there is none. */
async function shownPaint(): Promise<Paint | undefined> {
  const png = await page.locator("#view").screenshot();
  const counts = await page.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
    const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d")!;
    context.drawImage(bitmap, 0, 0);
    const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
    const lacking = [0, 0, 0];
    for (let at = 0; at < data.length; at += 4)
      for (let channel = 0; channel < 3; channel++) {
        const others = Math.min(data[at + ((channel + 1) % 3)]!, data[at + ((channel + 2) % 3)]!);
        if (others > 60 && data[at + channel]! < others / 3) lacking[channel]!++;
      }
    return lacking;
  }, png.toString("base64"));
  const most = Math.max(...counts);
  if (most < 200) return undefined;
  return (Object.keys(paints) as Paint[]).find((paint) => paints[paint].lacks === counts.indexOf(most));
}

async function becomes(paint: Paint): Promise<void> {
  await expect.poll(shownPaint, { timeout: 30_000, interval: 100 }).toBe(paint);
}

function level(): Promise<number> {
  return page.evaluate(() => window.orrery.hud["level"]!);
}

test("a resource is drawn as the code that runs makes it, whatever its number and version were before", async () => {
  await becomes("magenta");
  const before = await level();
  const player = await page.evaluate(() => window.orrery.playerKey);
  // The same number and the same version, other bytes.
  sources.edit(painted("skin", { skin: "cyan" }));
  await becomes("cyan");
  // Another number, under which there was nothing; and under its own there is another one now.
  sources.edit(painted("skin", { other: "magenta", skin: "yellow" }));
  await becomes("yellow");
  sources.edit(painted("other", { other: "cyan", skin: "yellow" }));
  await becomes("cyan");
  expect(await level()).toBeGreaterThan(before);
  expect(await page.evaluate(() => [window.orrery.playerKey, window.orrery.connection])).toEqual([player, "playing"]);
}, 120_000);

test("when code is taken back, so is the picture", async () => {
  await becomes("cyan");
  const before = await level();
  const lasting = painted("skin", { skin: "magenta" }, "");
  sources.edit({ ...lasting, first: 'if (tick % 60 === 59) throw new Error("bad tick");' });
  await page.waitForFunction(() => document.body.textContent!.includes("bad tick"), undefined, { timeout: 30_000 });
  await becomes("cyan");
  await page.waitForFunction((goal) => window.orrery.hud["level"]! > goal, before + 120, { timeout: 30_000 });
  expect(await shownPaint()).toBe("cyan");
}, 120_000);

test("code that fails while it makes a picture is taken back, and pictures go on", async () => {
  const before = await level();
  sources.edit({
    ...painted("skin", { skin: "yellow" }),
    looking: 'if (snapshot.tick > 0) throw new Error("bad look");',
  });
  await page.waitForFunction(() => document.body.textContent!.includes("bad look"), undefined, { timeout: 30_000 });
  await page.waitForFunction((goal) => window.orrery.hud["level"]! > goal, before + 60, { timeout: 30_000 });
  await becomes("cyan");
}, 120_000);
