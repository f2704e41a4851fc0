/** Opening a window, on desktops that are made up; a stub stands in for the browser. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { browserArguments, browserPlaces, type Desktop, openAppWindow } from "../../../runtime/host/browser.ts";

const folder = mkdtempSync(join(tmpdir(), "orrery-window-"));
afterAll(() => rmSync(folder, { recursive: true }));

const linux: Desktop = {
  platform: "linux",
  environment: { DISPLAY: ":0", PATH: folder, XDG_CACHE_HOME: join(folder, "cache") },
  home: folder,
  root: false,
};

describe("where browsers are looked for", () => {
  test("on Linux along the search path, Chromium first", () => {
    const places = browserPlaces({ ...linux, environment: { PATH: "/a:/b" } });
    expect(places.slice(0, 4)).toEqual(["/a/chromium", "/b/chromium", "/a/chromium-browser", "/b/chromium-browser"]);
  });
  test("on macOS among the applications first", () => {
    const places = browserPlaces({ ...linux, platform: "darwin", home: "/Users/ada" });
    expect(places[1]).toBe("/Users/ada/Applications/Google Chrome.app/Contents/MacOS/Google Chrome");
  });
  test("on Windows in the program folders", () => {
    const environment = { PROGRAMFILES: "C:\\Program Files" };
    expect(browserPlaces({ ...linux, platform: "win32", environment })[1]).toBe(
      "C:\\Program Files\\Microsoft\\Edge\\Application\\msedge.exe",
    );
  });
});

test("only root goes without the sandbox", () => {
  expect(browserArguments("http://x/", linux)).not.toContain("--no-sandbox");
  expect(browserArguments("http://x/", { ...linux, root: true })).toContain("--no-sandbox");
});

test("without a display nothing is started, and the reason is said", async () => {
  expect(await openAppWindow("http://x/", { ...linux, environment: {} })).toEqual({
    opened: false,
    reason: "there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set)",
  });
});

test.skipIf(process.platform === "win32")("without a browser the reason is said", async () => {
  const environment = { ...linux.environment, PATH: join(folder, "empty") };
  const window = await openAppWindow("http://x/", { ...linux, environment });
  if (!window.opened) expect(window.reason).toBe("no browser of the Chromium family is installed");
});

test.skipIf(process.platform === "win32")("the first browser found is started on the address", async () => {
  const told = join(folder, "told");
  writeFileSync(
    join(folder, "chromium"),
    `#!/bin/sh\nprintf '%s\\n' "$@" > '${told}.part'; mv '${told}.part' '${told}'\n`,
    {
      mode: 0o755,
    },
  );
  const window = await openAppWindow("http://127.0.0.1:1/?token=x", linux);
  expect(window).toMatchObject({ opened: true, command: join(folder, "chromium") });
  let args = "";
  while (args === "") {
    await new Promise((resolve) => setTimeout(resolve, 5));
    try {
      args = readFileSync(told, "utf8");
    } catch {}
  }
  expect(args.split("\n").slice(0, 2)).toEqual([
    "--app=http://127.0.0.1:1/?token=x",
    `--user-data-dir=${join(folder, "cache", "orrery", "browser")}`,
  ]);
});
