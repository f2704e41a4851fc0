/**
 * The page in a real Chromium, against a host that makes packets up: it draws, tells keys as
 * records, shows the HUD, comes back after a lost socket or a lost graphics context, and shows where
 * a world broke. The graphics are drawn in software here, so levels of quality are chosen low.
 */
import { describe, expect, test, vi } from "vitest";
import { makeFault } from "../../engine/base/faults.ts";
import type { SceneDescription } from "../../engine/render/scene.ts";
import { createWebDriver } from "../../runtime/drivers/web/driver.ts";
import "../../runtime/drivers/web/client/probe.ts";
import { makeHost, makePacket, scene as smallScene } from "../unit/drivers/fixtures.ts";
import { pageFiles, pictureOf, type Shown, showWorld, token } from "./shown-page.ts";

declare global {
  interface Window {
    /** Loses and restores the page's graphics context. */
    loss: WEBGL_lose_context;
  }
}

const scene: SceneDescription = {
  ...smallScene,
  title: "Browser test",
  meshes: [
    { shape: "box", width: 1, height: 1, depth: 1, bevel: 0.1 },
    { shape: "sphere", radius: 0.5 },
    { shape: "cylinder", radiusTop: 0.3, radiusBottom: 0.5, height: 1 },
    { shape: "cone", radius: 0.5, height: 1 },
    { shape: "capsule", radius: 0.3, height: 0.6 },
    { shape: "torus", radius: 0.5, tube: 0.15 },
    { shape: "plane", width: 40, depth: 40 },
  ],
  materials: [
    { color: 0xffffff, roughness: 0.6 },
    { color: 0x44505a },
    { color: 0x112222, emissive: 0x2fd3bd, emissiveIntensity: 2 },
    { color: 0xff8800, opacity: 0.5 },
  ],
  lighting: { ...smallScene.lighting, fog: { color: 0xaabbcc, near: 30, far: 90 } },
  hud: [
    { name: "score", label: "Score", format: "integer", place: "top-left" },
    { name: "clock", label: "Time", format: "clock", place: "top" },
    { name: "beam", label: "Beam", format: "bar", place: "top-right" },
    { name: "title", label: "", format: "choice", style: "title", place: "center", choices: ["", "Ready?"] },
  ],
};

/** Mesh, material and number of instances of each draw. */
const draws: readonly (readonly [number, number, number])[] = [
  [6, 1, 1],
  [0, 0, 200],
  [1, 2, 40],
  [2, 0, 30],
  [3, 0, 30],
  [4, 3, 20],
  [5, 0, 20],
  [0, 0, 7],
];
const instanceCount = draws.reduce((sum, [, , count]) => sum + count, 0);

/** White, red and sand as half floats: linear red, green, blue and alpha. */
const halfColors = [
  [0x3c00, 0x3c00, 0x3c00, 0x3c00],
  [0x39fd, 0x2df4, 0x2a7a, 0x3c00],
  [0x39fd, 0x3843, 0x2df4, 0x3c00],
];

/** A packet in which everything circles slowly around the middle. */
function movingPacket(tick: number): Uint8Array {
  return makePacket(
    tick,
    instanceCount,
    (views) => {
      draws.reduce((first, [mesh, material, count], draw) => {
        views.draws.set([mesh, material, first, count], draw * 4);
        return first + count;
      }, 0);
      for (const [poses, at] of [
        [views.previous, tick - 1],
        [views.current, tick],
      ] as const) {
        for (let i = 0; i < instanceCount; i++) {
          const angle = i * 2.4 + at * 0.01;
          const distance = i === 0 ? 0 : 2 + (i % 60) * 0.2;
          const x = Math.cos(angle) * distance;
          const z = Math.sin(angle) * distance;
          poses.set([1, 0, 0, x, 0, 1, 0, i === 0 ? 0 : 0.5 + (i % 3), 0, 0, 1, z], i * 12);
        }
      }
      for (let i = 0; i < instanceCount; i++) views.colors.set(halfColors[i % 3]!, i * 4);
      const eye = [10, 7, 10, 0, 0.5, 0];
      views.cameras.set([99, 0.9, 0.1, 200, 0, 40, 0, 0, 0, 1, 0, 40, 0, 0, 0, 1]);
      views.cameras.set([1, 0.9, 0.1, 200, ...eye, ...eye], 24);
      views.hud.set([0, 0, 0, 0, 1234, 83.2, 0.75, 1]);
    },
    { cameras: 2, draws: draws.length, hud: 2 * scene.hud.length },
  );
}

/** Opens the page on a world that sends a moving packet every tick. */
function withPage(run: (shown: Shown) => Promise<void>, query = "&quality=least"): Promise<void> {
  return showWorld({ scene, packet: movingPacket, query }, run);
}

describe("the page", () => {
  test("draws packets, shows the HUD and tells where it stands", async () => {
    await withPage(async ({ view, errors, host }) => {
      await expect.poll(async () => (await pictureOf(view)).colorCount, { timeout: 20_000 }).toBeGreaterThan(20);
      expect(await view.locator('[data-name="score"]').innerText()).toMatch(/SCORE\s+1\u2009234/);
      expect(await view.locator('[data-name="clock"] .hud-value').innerText()).toBe("1:24");
      expect(await view.locator('[data-name="title"]').innerText()).toBe("Ready?");
      // The line of figures is brought up to date now and then.
      const hashShown = (): Promise<string> => view.locator(".status-hash").innerText();
      await expect.poll(hashShown, { timeout: 20_000 }).toContain("0123456789abcdef");
      const probe = await view.evaluate(() => ({ ...window.orrery, isolated: crossOriginIsolated }));
      expect(probe).toMatchObject({
        hash: "0123456789abcdef",
        hud: { score: 1234, clock: 83.2, beam: 0.75, title: 1 },
        playerKey: 1,
        connection: "playing",
        isolated: true,
      });
      expect(host.records).toEqual([{ kind: "join", player: 1, name: "Ada" }]);
      expect(errors).toEqual([]);
    });
  });

  test.each(["high", "low"])("draws at quality %s", async (level) => {
    await withPage(async ({ view, errors }) => {
      await expect.poll(async () => (await pictureOf(view)).colorCount, { timeout: 20_000 }).toBeGreaterThan(20);
      expect(await view.evaluate(() => window.orrery.quality)).toBe(level);
      expect(errors).toEqual([]);
    }, `&quality=${level}`);
  });

  test("tells keys as records, once each, and lets go when it loses the focus", async () => {
    await withPage(async ({ view, host }) => {
      const records = async (count: number) => {
        while (host.records.length < count + 1) await view.waitForTimeout(5);
        return host.records.slice(1);
      };
      const button = (control: number, down: boolean) => ({ kind: "button", player: 1, control, down });
      await view.keyboard.down("Space");
      await view.keyboard.down("Space");
      await view.keyboard.press("Enter");
      expect(await records(3)).toEqual([button(0, true), button(1, true), button(1, false)]);
      await view.keyboard.down("KeyW");
      expect((await records(4)).at(-1)).toEqual({ kind: "axis", player: 1, control: 2, value: 1 });
      await view.evaluate(() => dispatchEvent(new Event("blur")));
      expect((await records(6)).slice(4)).toEqual([
        button(0, false),
        { kind: "axis", player: 1, control: 2, value: 0 },
      ]);
    });
  });

  test("the help panel lists the controls and their keys", async () => {
    await withPage(async ({ view }) => {
      await view.keyboard.press("KeyH");
      expect(await view.locator("#help").innerText()).toMatch(/Space\s+Beam\s+Enter\s+Start\s+S\s+–\s+W\s+Thrust/);
      await view.keyboard.press("Escape");
      expect(await view.locator("#help").isVisible()).toBe(false);
    });
  });

  test("comes back to its seat after its socket is lost", async () => {
    await withPage(async ({ view, host }) => {
      await view.keyboard.down("Space");
      await view.evaluate(() => window.sockets.at(-1)!.close());
      await view.waitForFunction(() => window.sockets.length === 2 && window.orrery.connection === "playing");
      const tick = await view.evaluate(() => window.orrery.tick);
      await view.waitForFunction((before) => window.orrery.tick > before, tick);
      await expect.poll(() => host.records.length, { timeout: 20_000 }).toBeGreaterThan(2);
      expect(host.records).toEqual([
        { kind: "join", player: 1, name: "Ada" },
        { kind: "button", player: 1, control: 0, down: true },
        { kind: "button", player: 1, control: 0, down: false },
      ]);
    });
  });

  test("comes back when the driver closes its socket and another one starts in its place", async () => {
    await withPage(async ({ view, driver }) => {
      const { url } = driver;
      await driver.close();
      await view.waitForFunction(() => window.orrery.connection === "reconnecting");
      expect(await view.locator("#notice").innerText()).toContain("Connecting again");
      const host = makeHost();
      const port = Number(new URL(url).port);
      const second = await vi.waitFor(
        async () => {
          const driver = createWebDriver({ port, strictPort: true, page: pageFiles(), token });
          // Somebody who connects to anything may have been given this number for the moment.
          await driver.open(scene, host);
          return driver;
        },
        { timeout: 30_000 },
      );
      await view.waitForFunction(() => window.orrery.connection === "playing");
      second.submit(movingPacket(1));
      await view.waitForFunction(() => window.orrery.tick === 1);
      expect(host.records).toEqual([{ kind: "join", player: 1, name: "Ada" }]);
      await second.close();
    });
  });

  test("draws again after its graphics context was lost", async () => {
    await withPage(async ({ view, errors }) => {
      await view.evaluate(() => {
        const context = document.querySelector("canvas")!.getContext("webgl2")!;
        window.loss = context.getExtension("WEBGL_lose_context")!;
        window.loss.loseContext();
      });
      await view.waitForSelector("#notice", { state: "visible" });
      await view.evaluate(() => window.loss.restoreContext());
      await view.waitForSelector("#notice", { state: "hidden" });
      // It is drawn in the frame that follows.
      await expect.poll(async () => (await pictureOf(view)).colorCount, { timeout: 20_000 }).toBeGreaterThan(20);
      expect(errors).toEqual([]);
    });
  });

  test("shows the world's fault with its place", async () => {
    await withPage(async ({ view, driver, flow }) => {
      flow(false);
      driver.fault(
        makeFault("system-threw", {
          system: "pull-crates",
          phase: "gameplay",
          tick: 12,
          entity: 4,
          message: "no <crate>",
          place: "game/systems/pull-crates.ts:42:17",
        }),
        "    throw new Error('no <crate>');",
      );
      await view.waitForSelector("#fault", { state: "visible" });
      expect(await view.locator(".fault-place").innerText()).toBe("game/systems/pull-crates.ts:42:17");
      expect(await view.locator(".fault-source").innerText()).toBe("throw new Error('no <crate>');");
      expect(await view.locator(".fault-text").innerText()).toContain("no <crate>");
      expect((await view.locator(".fault-kicker").innerText()).toUpperCase()).toContain("E0303");
    });
  });
});
