/**
 * One journal on every engine at hand: V8 interpreting, with its WebAssembly tiers held at the lowest
 * and at the highest, JavaScriptCore through Bun, and the engine bundled into a page of Chromium.
 * Each runs the journal again and records it; the journals must be the same to the byte.
 */
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { type Browser, chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { difference } from "./comparison.ts";
import type { GameName } from "./games.ts";
import type {} from "./page.ts";
import { referenceJournal } from "./reference-runs.ts";

const names: readonly GameName[] = ["tumble", "scrapyard"];
const run = promisify(execFile);
const main = fileURLToPath(new URL("rerecord-main.ts", import.meta.url));
const bun = fileURLToPath(new URL("../../node_modules/.bin/bun", import.meta.url));
const chromiumPath = process.env["ORRERY_CHROMIUM"] ?? "/usr/bin/chromium";
const folder = mkdtempSync(join(tmpdir(), "orrery-engines-"));
const journalFile = (name: GameName): string => join(folder, `${name}.orj`);
const references = {} as Record<GameName, Uint8Array>;

beforeAll(async () => {
  for (const name of names) {
    references[name] = await referenceJournal(name);
    writeFileSync(journalFile(name), references[name]);
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the journals again in a process of `program` and compares them. */
async function sameUnder(program: string, flags: readonly string[], label: string): Promise<void> {
  const output = (name: GameName): string => join(folder, `${name}-${label}.orj`);
  const words = names.flatMap((name) => [name, journalFile(name), output(name)]);
  await run(program, [...flags, main, ...words]);
  for (const name of names)
    expect(difference(references[name], readFileSync(output(name))), `${name} under ${label}`).toBeUndefined();
}

describe("V8", () => {
  test(
    "interpreting only, with baseline WebAssembly",
    () => sameUnder(process.execPath, ["--no-opt", "--no-maglev", "--no-sparkplug", "--liftoff-only"], "interpreter"),
    120_000,
  );

  test(
    "optimising everything at once, WebAssembly included",
    () => sameUnder(process.execPath, ["--no-liftoff", "--always-sparkplug", "--no-lazy-feedback-allocation"], "eager"),
    120_000,
  );
});

test("JavaScriptCore, through Bun", () => sameUnder(bun, [], "bun"), 120_000);

describe("Chromium", () => {
  let browser: Browser;
  let server: Server;
  beforeAll(async () => {
    if (!existsSync(chromiumPath)) throw new Error(`${chromiumPath} is missing: install Debian's package chromium`);
    const result = await build({
      entryPoints: [fileURLToPath(new URL("page.ts", import.meta.url))],
      write: false,
      bundle: true,
      format: "esm",
      platform: "browser",
      target: "es2024",
      logLevel: "silent",
    });
    const script = result.outputFiles[0]!.contents;
    server = createServer((request, response) => {
      // A page has shared memory only when it is alone in its process, which these two headers ask for.
      response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
      response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
      const isScript = request.url === "/page.js";
      response.setHeader("Content-Type", isScript ? "text/javascript" : "text/html");
      response.end(isScript ? script : '<!doctype html><script type="module" src="/page.js"></script>');
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const root = process.getuid?.() === 0;
    browser = await chromium.launch({ executablePath: chromiumPath, args: root ? ["--no-sandbox"] : [] });
  });
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  test("in a page, with the engine bundled into it", async () => {
    const page = await browser.newPage();
    page.setDefaultTimeout(100_000);
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(String(error)));
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await page.waitForFunction(() => typeof window.rerecordHere === "function" && crossOriginIsolated);
    for (const name of names) {
      const journal = Buffer.from(references[name]).toString("base64");
      const again = await page.evaluate(([game, text]) => window.rerecordHere(game, text), [name, journal] as const);
      expect(difference(references[name], Buffer.from(again, "base64")), name).toBeUndefined();
    }
    expect(errors).toEqual([]);
  }, 120_000);
});
