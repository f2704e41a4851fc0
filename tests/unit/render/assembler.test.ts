/** Render assembly: packets of a real engine, what fits and what does not, and views that throw. */
import { expect, test } from "vitest";
import { Engine } from "../../../engine/engine.ts";
import { defineGame, type Game } from "../../../engine/game.ts";
import { halfBits, linearLight } from "../../../engine/kernels/half-floats.ts";
import { ManualClock } from "../../../engine/ports/clock.ts";
import type { PacketSink } from "../../../engine/ports/packet-sink.ts";
import { defineLook, Renderable, tint } from "../../../engine/render/look.ts";
import { type PacketViews, readPacket } from "../../../engine/render/packet.ts";
import { renderSubsystem } from "../../../engine/render/subsystem.ts";
import { defineView, type ViewDefinition } from "../../../engine/render/view.ts";
import { Position, Scale } from "../../../engine/transform/components.ts";
import { faultOf } from "../small-world.ts";

const look = defineLook({
  meshes: { ball: { shape: "sphere", radius: 1 }, cube: { shape: "box", width: 1, height: 1, depth: 1 } },
  materials: { red: { color: 0xff0000 } },
});

function viewOf(over: Partial<ViewDefinition> = {}): ViewDefinition {
  return defineView({
    title: "Test",
    look,
    lighting: {
      sunDirection: [0, -1, 0],
      sunColor: 0xffffff,
      sunIntensity: 1,
      shadowExtent: 10,
      skyColor: 0,
      groundColor: 0,
      ambientIntensity: 1,
    },
    camera: (_snapshot, _viewer, camera) => {
      camera.target = [1, 2, 3];
    },
    hud: [
      { name: "tick", label: "Tick", format: "integer", place: "top", value: (snapshot) => snapshot.tick },
      {
        name: "shown",
        label: "Shown",
        format: "integer",
        place: "top",
        value: (snapshot) => snapshot.count(Renderable),
      },
    ],
    ...over,
  });
}

async function run(view: ViewDefinition, byteCapacity = 65_536) {
  const packets: PacketViews[] = [];
  let space: ArrayBufferLike | undefined;
  const keeping: PacketSink = {
    byteCapacity,
    claim: () => {
      space = new ArrayBuffer(byteCapacity);
      return { buffer: space, byteOffset: 0, byteCapacity };
    },
    publish: (byteLength) => {
      packets.push(readPacket(new Uint8Array(space!, 0, byteLength))!);
    },
  };
  const game: Game = defineGame({
    id: "assembled",
    tickRate: 60,
    components: [],
    systems: [],
    setup: ({ commands }) => {
      const shown = (mesh: number) => Renderable.of({ mesh, material: look.material.red, tint: tint(0x112233) });
      commands.spawn(shown(look.mesh.cube), Position.of({ x: 5 }), Scale.of({ y: 2 }));
      commands.spawn(shown(look.mesh.ball), Position.of({ z: 7 }));
      commands.spawn(shown(look.mesh.cube), Position.of({ x: 6 }));
      commands.spawn(Renderable.of({ mesh: look.mesh.ball, tint: 0 }), Position);
    },
    view,
  });
  const clock = new ManualClock();
  const render = renderSubsystem(view, keeping, clock);
  const engine = new Engine(game, { clock }, { seed: 1, subsystems: [render] });
  await engine.start();
  return { engine, packets, assembler: engine.of(render).assembler! };
}

test("a packet holds draws by mesh and material, poses as rows, colours, camera and HUD", async () => {
  const { engine, packets } = await run(viewOf());
  engine.step();
  const packet = packets[1]!;
  // Meshes are numbered by name: ball 0, cube 1. The entity with tint alpha 0 is not shown.
  expect([...packet.draws]).toEqual([0, 0, 0, 1, 1, 0, 1, 2]);
  expect([...packet.current.subarray(0, 12)]).toEqual([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 7]);
  expect([...packet.current.subarray(12, 24)]).toEqual([1, 0, 0, 5, 0, 2, 0, 0, 0, 0, 1, 0]);
  expect([...packet.previous]).toEqual([...packet.current]);
  const red = [0x11, 0x22, 0x33, 0xff].map((byte) => halfBits(byte === 0xff ? 1 : linearLight(byte)));
  expect([...packet.colors]).toEqual([...red, ...red, ...red]);
  expect([...packet.hud]).toEqual([1, 4]);
  expect([...packet.cameras.subarray(13, 16)]).toEqual([1, 2, 3]);
  expect(packet.header).toMatchObject({ tick: 1, hashLow: engine.world.hash.low, hashHigh: engine.world.hash.high });
  engine.dispose();
});

test("a packet that does not fit is left out and counted; the world goes on", async () => {
  const { engine, packets, assembler } = await run(viewOf(), 256);
  engine.step();
  engine.step();
  expect(packets).toEqual([]);
  expect(assembler.skippedCount).toBe(3);
  expect(engine.status).toMatchObject({ state: "running", tick: 2 });
  engine.dispose();
});

test("a view that throws is a fault that names what of it", async () => {
  const broken = (): never => {
    throw new Error("no such crate");
  };
  for (const [view, what] of [
    [
      viewOf({
        hud: [{ name: "score", label: "", format: "integer", place: "top", value: (s) => (s.tick > 0 ? broken() : 0) }],
      }),
      'HUD item "score"',
    ],
    [viewOf({ camera: (s) => (s.tick > 0 ? broken() : undefined) }), "camera"],
  ] as const) {
    const { engine } = await run(view);
    expect(faultOf(() => engine.step())).toMatchObject({
      kind: "view-failed",
      fields: { what, message: "no such crate", place: expect.stringContaining("assembler.test.ts") },
    });
    engine.dispose();
  }
});
