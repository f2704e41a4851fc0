/**
 * Streamed resources in a real Chromium: the fallback is on screen until packets tell of a version and its
 * bytes are decoded; bytes that are no picture change nothing, and the page tries again.
 */
import { describe, expect, test } from "vitest";
import { resourceStates } from "../../engine/asset/resource-table.ts";
import type { PacketViews } from "../../engine/render/packet.ts";
import type { SceneDescription } from "../../engine/render/scene.ts";
import { encodeMesh, encodeTexture } from "../../runtime/drivers/web/resource-codec.ts";
import { makeHost, makePacket, scene as smallScene } from "../unit/drivers/fixtures.ts";
import { type Picture, pictureOf, type Shown, showWorld } from "./shown-page.ts";

/** A blue ground that fills the picture from above, and a white box over its middle. */
const scene: SceneDescription = {
  ...smallScene,
  title: "Streaming",
  meshes: [
    { shape: "plane", width: 8, depth: 8 },
    { shape: "resource", resource: "statue", fallback: { shape: "box", width: 1, height: 1, depth: 1 } },
  ],
  materials: [{ color: 0x0000ff, texture: "ground" }, { color: 0xffffff }],
  lighting: { ...smallScene.lighting, sunDirection: [0, -1, -0.1], sunIntensity: 1, ambientIntensity: 0.3 },
  hud: [],
  resources: [
    { name: "ground", kind: "texture" },
    { name: "statue", kind: "mesh" },
    { name: "unused", kind: "texture" },
  ],
};

const red = [255, 0, 0, 255];
const yellow = [255, 255, 0, 255];
const cyan = [0, 255, 255, 255];
const white = [255, 255, 255, 255];

const side = 32;
/** Four coloured quarters, rows from the top. */
const groundTexture = encodeTexture({
  width: side,
  height: side,
  texels: Uint8Array.from(
    Array.from(
      { length: side * side },
      (_, i) =>
        [
          [red, yellow],
          [cyan, white],
        ][Math.floor((2 * i) / side / side)]![Math.floor((2 * (i % side)) / side)]!,
    ).flat(),
  ),
});
/** A magenta square that faces up. */
const statue = encodeMesh({
  positions: Float32Array.of(-1, 0.5, -1, -1, 0.5, 1, 1, 0.5, 1, 1, 0.5, -1),
  normals: Float32Array.of(0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0),
  colors: Uint8Array.from([0, 1, 2, 3].flatMap(() => [255, 0, 255, 255])),
  indices: Uint32Array.of(0, 1, 2, 0, 2, 3),
});

interface Streaming extends Shown {
  /** Publishes versions of the ground and the statue. */
  publish(ground: number, statue: number): void;
  /** What each request gets, by "number/version"; missing ones are answered with 404. */
  readonly files: Map<string, Uint8Array>;
  readonly asked: string[];
  /** The picture once the page shows these versions. */
  picture(ground: number, statue: number): Promise<Picture>;
}

async function withStreaming(run: (streaming: Streaming) => Promise<void>): Promise<void> {
  const versions = [0, 0, 1];
  const files = new Map<string, Uint8Array>();
  const asked: string[] = [];
  const host = {
    ...makeHost(),
    resource(number: number, version: number) {
      asked.push(`${number}/${version}`);
      return files.get(`${number}/${version}`);
    },
  };
  const fill = (views: PacketViews): void => {
    views.draws.set([0, 0, 0, 1, 1, 1, 1, 1]);
    for (const poses of [views.previous, views.current])
      poses.set([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1, 0, 0.5, 0, 0, 1, 0]);
    views.colors.fill(0x3c00);
    const eye = [0, 8, 0.01, 0, 0, 0];
    views.cameras.set([1, 0.9, 0.1, 200, ...eye, ...eye]);
    versions.forEach((version, i) => {
      views.assets.set([i, version, 64, resourceStates.indexOf(version === 0 ? "loading" : "ready")], i * 4);
    });
  };
  const packet = (tick: number): Uint8Array => makePacket(tick, 2, fill, { draws: 2, hud: 0, assets: 3 });
  await showWorld({ scene, packet, query: "&quality=least", host }, async (shown) => {
    await run({
      ...shown,
      files,
      asked,
      publish(ground, statueVersion) {
        versions[0] = ground;
        versions[1] = statueVersion;
      },
      async picture(ground, statueVersion) {
        await shown.view.waitForFunction(
          ([a, b]) =>
            window.orrery.resources["ground"]?.version === a && window.orrery.resources["statue"]?.version === b,
          [ground, statueVersion] as const,
        );
        const { tick } = await shown.view.evaluate(() => ({ tick: window.orrery.tick }));
        await shown.view.waitForFunction((before) => window.orrery.tick > before + 20, tick);
        return await pictureOf(shown.view);
      },
    });
  });
}

type Rgb = readonly [number, number, number];

/** Which of red, green and blue are bright: "rg-" for yellow. */
function hue(color: Rgb): string {
  const most = Math.max(...color);
  return ["r", "g", "b"].map((name, i) => (color[i]! > most * 0.6 ? name : "-")).join("");
}

describe("streamed resources on the page", () => {
  test("a texture and a mesh take the place of their fallbacks when they are published", async () => {
    await withStreaming(async ({ publish, files, asked, picture, errors }) => {
      const before = await picture(0, 0);
      expect(before.quarters.map(hue)).toEqual(["--b", "--b", "--b", "--b"]);
      expect(hue(before.middle)).toBe("rgb");
      expect(asked).toEqual([]);

      files.set("0/1", groundTexture).set("1/4", statue);
      publish(1, 0);
      const textured = await picture(1, 0);
      expect(textured.quarters.map(hue)).toEqual(["r--", "rg-", "-gb", "rgb"]);
      expect(hue(textured.middle)).toBe("rgb");
      publish(1, 4);
      const both = await picture(1, 4);
      expect(hue(both.middle)).toBe("r-b");

      publish(0, 0);
      const after = await picture(0, 0);
      expect(after.quarters.map(hue)).toEqual(["--b", "--b", "--b", "--b"]);
      expect(hue(after.middle)).toBe("rgb");
      // The third has a version too, but nothing shows it.
      expect(asked).toEqual(["0/1", "1/4"]);
      expect(errors).toEqual([]);
    });
  });

  test("a picture in a format of the browser's own is upright", async () => {
    await withStreaming(async ({ publish, files, picture, view, errors }) => {
      const base64 = await view.evaluate(async () => {
        const canvas = new OffscreenCanvas(64, 64);
        const context = canvas.getContext("2d")!;
        for (const [color, x, y] of [
          ["#f00", 0, 0],
          ["#ff0", 32, 0],
          ["#0ff", 0, 32],
          ["#fff", 32, 32],
        ] as const) {
          context.fillStyle = color;
          context.fillRect(x, y, 32, 32);
        }
        const bytes = new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer());
        return btoa(String.fromCharCode(...bytes));
      });
      files.set("0/2", Uint8Array.from(Buffer.from(base64, "base64")));
      publish(2, 0);
      expect((await picture(2, 0)).quarters.map(hue)).toEqual(["r--", "rg-", "-gb", "rgb"]);
      expect(errors).toEqual([]);
    });
  });

  test("bytes that are none leave the fallback on screen, with a reason, until good ones come", async () => {
    await withStreaming(async ({ publish, files, picture, view }) => {
      files.set("0/1", new Uint8Array(100).fill(7)).set("1/1", statue.subarray(0, 90));
      publish(1, 1);
      await view.waitForFunction(() => window.orrery.resources["ground"]!.failureCount > 1);
      await view.waitForFunction(() => window.orrery.resources["statue"]!.failureCount > 1);
      const problems = await view.evaluate(() => window.orrery.resources);
      expect(problems["statue"]!.problem).toBe("a mesh of these counts takes 152 bytes, not 90");
      expect(problems["ground"]!.problem).not.toBe("");
      const still = await picture(0, 0);
      expect(still.quarters.map(hue)).toEqual(["--b", "--b", "--b", "--b"]);
      expect(hue(still.middle)).toBe("rgb");
      files.set("0/1", groundTexture).set("1/1", statue);
      const mended = await picture(1, 1);
      expect(mended.quarters.map(hue)).toEqual(["r--", "rg-", "-gb", "rgb"]);
      expect(hue(mended.middle)).toBe("r-b");
    });
  });
});
