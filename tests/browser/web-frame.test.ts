/**
 * What a packet brings beside poses, in a real Chromium: instances that only other cameras see are not
 * drawn, levels of detail cost fewer triangles, particles are seen, lights shine. Each picture is compared
 * with that of a world which differs in the one thing.
 */
import { describe, expect, test } from "vitest";
import { halfBits } from "../../engine/kernels/half-floats.ts";
import type { PacketViews } from "../../engine/render/packet.ts";
import type { SceneDescription } from "../../engine/render/scene.ts";
import { makePacket, scene as smallScene } from "../unit/drivers/fixtures.ts";
import { type Picture, pictureOf, type Shown, showWorld } from "./shown-page.ts";

const scene: SceneDescription = {
  ...smallScene,
  title: "Frame",
  meshes: [
    { shape: "plane", width: 60, depth: 60 },
    { shape: "box", width: 1, height: 1, depth: 1, bevel: 0.1 },
    { shape: "sphere", radius: 0.6 },
  ],
  materials: [
    { color: 0x6a727c, roughness: 0.8 },
    { color: 0x8a8a90, roughness: 0.7 },
    { color: 0x101010, emissive: 0xb0a0a0, emissiveIntensity: 0.3 },
  ],
  lighting: { ...smallScene.lighting, sunIntensity: 0.7, skyColor: 0x304058, ambientIntensity: 0.3 },
  hud: [],
  particles: [
    { color: 0xffa040, emissiveIntensity: 4, shape: "spark" },
    { color: 0xb0b0b8, emissiveIntensity: 0, shape: "puff" },
  ],
};

interface Content {
  /** Spheres and boxes in a grid: bits of cameras, and levels. */
  readonly visible?: number;
  readonly levels?: number;
  /** Half float of green of all instances. */
  readonly green?: number;
  readonly particles?: boolean;
  readonly lights?: boolean;
}

const side = 8;
const gridCount = side * side;
const sparkCount = 400;
const puffCount = 60;

function packetOf({ visible = 0x80000001, levels = 0, green = 1, particles = false, lights = false }: Content) {
  const fill = (views: PacketViews): void => {
    views.draws.set([0, 0, 0, 1, 1, 1, 1, gridCount, 2, 2, 1 + gridCount, gridCount]);
    place(views, 0, 0, 0, 0);
    for (let i = 0; i < gridCount * 2; i++) {
      const x = (i % side) - side / 2 + 0.5;
      const z = (Math.floor(i / side) % side) - side / 2 + 0.5;
      place(views, 1 + i, x * 1.9, i < gridCount ? 0.5 : 1.6, z * 1.9);
      views.visible[1 + i] = visible;
      views.levels[1 + i] = levels;
    }
    for (let i = 0; i <= gridCount * 2; i++) views.colors.set([0x3c00, halfBits(green), 0x3c00, 0x3c00], i * 4);
    // The camera looks at a sphere.
    const eye = [9, 9, 14, 0.95, 1.6, 0.95];
    views.cameras.set([1, 0.9, 0.1, 200, ...eye, ...eye]);
    for (let i = 0; i < views.particles.length / 8; i++) {
      const angle = i * 2.399;
      const out = i < sparkCount ? 0.2 + (i % 40) * 0.09 : 0.3 + (i % 10) * 0.1;
      const [x, z] = [Math.cos(angle) * out, Math.sin(angle) * out];
      const spark = [x + 3, 3 + (i % 9) * 0.25, z, 0.09, x * 3, 4 - out, z * 3, 0.999 * (1 - (i % 5) / 6)];
      const puff = [x - 5, 2 + (i % 12) * 0.3, z + 2, 0.6 + (i % 12) * 0.08, 0, 1, 0, 1 + 0.5];
      views.particles.set(i < sparkCount ? spark : puff, i * 8);
    }
    for (let i = 0; i < views.lights.length / 8; i++)
      views.lights.set([i * 4 - 14, 2.5, 3, 9, 2 + (i % 2) * 4, 1.5, 7 - (i % 2) * 5, 8 - i], i * 8);
  };
  const counts = { draws: 3, hud: 0, particles: particles ? sparkCount + puffCount : 0, lights: lights ? 8 : 0 };
  return (tick: number): Uint8Array => makePacket(tick, 1 + gridCount * 2, fill, counts);
}

function place({ previous, current }: PacketViews, instance: number, x: number, y: number, z: number): void {
  for (const poses of [previous, current]) poses.set([1, 0, 0, x, 0, 1, 0, y, 0, 0, 1, z], instance * 12);
}

interface Looked extends Picture {
  readonly drawn: NonNullable<Window["orrery"]["drawn"]>;
}

type Look = (content: Content, name?: string) => Promise<Looked>;

/** Opens a world at a level of quality; `look` changes its content and takes its picture once that is on screen. */
async function withLook(quality: string, run: (look: Look) => Promise<void>): Promise<void> {
  let packet = packetOf({});
  const look = async ({ view, errors }: Shown, content: Content, name?: string): Promise<Looked> => {
    packet = packetOf(content);
    // The page stays a few ticks behind the newest packet and draws slowly here.
    const seen = await view.evaluate(() => window.orrery.tick);
    await view.waitForFunction((tick) => window.orrery.tick > tick + 30, seen);
    const picture = await pictureOf(view, name === undefined ? undefined : `tests/.tmp/${name}.png`);
    const drawn = await view.evaluate(() => window.orrery.drawn!);
    expect(errors).toEqual([]);
    return { ...picture, drawn };
  };
  await showWorld({ scene, packet: (tick) => packet(tick), query: `&quality=${quality}` }, (shown) =>
    run((content, name) => look(shown, content, name)),
  );
}

const brightness = ({ mean }: Picture): number => mean[0] + mean[1] + mean[2];

describe("a packet's frame on the page", () => {
  test("what only another camera sees is not drawn; what casts a shadow is", async () => {
    await withLook("least", async (look) => {
      const own = await look({});
      const other = await look({ visible: 0b10 });
      const shadow = await look({ visible: 0x80000000 });
      expect(own.drawn.instances).toBe(1 + gridCount * 2);
      expect(other.drawn.instances).toBe(1);
      expect(shadow.drawn.instances).toBe(1 + gridCount * 2);
      expect(other.colorCount).toBeLessThan(own.colorCount);
    });
  });

  test("coarser levels cost fewer triangles and no more draws, the last is not drawn", async () => {
    await withLook("least", async (look) => {
      const levels: Looked[] = [];
      for (let level = 0; level < 4; level++) levels.push(await look({ levels: level }));
      const triangles = levels.map(({ drawn }) => drawn.triangles);
      expect(triangles[1]!).toBeLessThan(triangles[0]! / 2);
      expect(triangles[2]!).toBeLessThan(triangles[1]! / 2);
      const all = 1 + gridCount * 2;
      expect(levels.map(({ drawn }) => drawn.instances)).toEqual([all, all, all, 1]);
      expect(levels.slice(0, 3).map(({ drawn }) => drawn.draws)).toEqual(new Array(3).fill(levels[0]!.drawn.draws));
    });
  });

  test("a tint colours surfaces and their own light", async () => {
    await withLook("least", async (look) => {
      const white = await look({});
      const tinted = await look({ green: 0 });
      expect(tinted.mean[1]).toBeLessThan(white.mean[1] * 0.9);
      expect(tinted.middle[1]).toBeLessThan(white.middle[1] / 2);
      expect(Math.abs(tinted.middle[0] - white.middle[0])).toBeLessThan(12);
    });
  });

  test.each(["least", "low"])("particles and lights are seen at quality %s", async (quality) => {
    await withLook(quality, async (look) => {
      const dark = await look({});
      const sparks = await look({ particles: true });
      const lit = await look({ lights: true });
      await look({ particles: true, lights: true }, `frame-${quality}`);
      expect(dark.drawn).toMatchObject({ particles: 0, lights: 0 });
      expect(sparks.drawn).toMatchObject({ particles: sparkCount + puffCount, lights: 0 });
      // One draw a system.
      expect(sparks.drawn.draws).toBe(dark.drawn.draws + 2);
      expect(lit.drawn.lights).toBe({ least: 1, low: 2 }[quality]);
      for (const brighter of [sparks, lit]) expect(brightness(brighter)).toBeGreaterThan(brightness(dark) + 2);
    });
  });
});
