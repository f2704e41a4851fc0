/**
 * Worlds with a view, for benches of whole frames: things that drift in a box before a camera, each with a matrix
 * and a look; sparks and lamps where they are asked for. And a sink for packets that keeps the last one.
 */

import { defineComponent } from "../../engine/ecs/component.ts";
import { f32 } from "../../engine/ecs/field.ts";
import { defineEvent } from "../../engine/events/event.ts";
import { defineGame, type Game } from "../../engine/game.ts";
import type { PacketSink } from "../../engine/ports/packet-sink.ts";
import { defineLook, Renderable } from "../../engine/render/look.ts";
import type { ParticleSystem } from "../../engine/render/particles.ts";
import { renderSubsystem } from "../../engine/render/subsystem.ts";
import { defineView, type ViewDefinition } from "../../engine/render/view.ts";
import type { SubsystemDefinition } from "../../engine/sim/subsystem.ts";
import { defineSystem } from "../../engine/sim/system.ts";
import { Position, WorldTransform } from "../../engine/transform/components.ts";
import { hostClock } from "../../runtime/host/clock.ts";

export const Drift = defineComponent("Drift", { x: f32, y: f32, z: f32 });
export const Spark = defineEvent("Spark", { x: f32, y: f32, z: f32 });

export const look = defineLook({
  meshes: { ball: { shape: "sphere", radius: 0.5 }, box: { shape: "box", width: 1, height: 1, depth: 1 } },
  materials: { dull: { color: 0x888888 }, red: { color: 0xff2200 } },
});

const sparks: ParticleSystem = {
  name: "sparks",
  capacity: 4_096,
  event: Spark,
  amount: () => 8,
  birth({ x, y, z }, row, random, particle) {
    particle.x = x![row]!;
    particle.y = y![row]!;
    particle.z = z![row]!;
    particle.velocityY = random.between(1, 4);
    particle.velocityX = random.between(-1, 1);
    particle.velocityZ = random.between(-1, 1);
    particle.life = random.between(0.5, 2);
    particle.size = 0.1;
  },
  acceleration: [0, -9.8, 0],
  drag: 0.98,
  sizeAtEnd: 0.2,
  fadeRate: 2,
  ...({ color: 0xffaa00, emissiveIntensity: 2, shape: "spark" } as const),
};

/** A view from outside; with `hasSparks` it has a particle system, which hears `Spark`. */
export function viewOf(hasSparks: boolean): ViewDefinition {
  return defineView({
    title: "Bench",
    look,
    lighting: {
      sunDirection: [1, -2, 1],
      ...{ sunColor: 0xffffff, sunIntensity: 1, shadowExtent: 40 },
      ...{ skyColor: 0x88aaff, groundColor: 0x333333, ambientIntensity: 0.5 },
    },
    camera(_snapshot, _viewer, camera) {
      camera.eye[0] = 0;
      camera.eye[1] = 30;
      camera.eye[2] = 90;
      camera.target[0] = 0;
      camera.target[1] = 0;
      camera.target[2] = 0;
    },
    hud: [],
    ...(hasSparks ? { particles: [sparks] } : {}),
  });
}

/** `entityCount` things that drift, all of them shown as far as the camera sees them. */
export function driftingGame(entityCount: number): Game {
  const drift = defineSystem({
    name: "drift",
    phase: "gameplay",
    query: [Position, Drift],
    reads: [Drift],
    writes: [Position],
    run({ entities, columns: { Position, Drift }, deltaSeconds }) {
      const { x, y, z } = Position;
      const { x: dx, y: dy, z: dz } = Drift;
      for (let i = 0; i < entities.length; i++) {
        const e = entities[i]!;
        x[e] = x[e]! + dx[e]! * deltaSeconds;
        y[e] = y[e]! + dy[e]! * deltaSeconds;
        z[e] = z[e]! + dz[e]! * deltaSeconds;
      }
    },
  });
  return defineGame({
    id: "bench-drifting",
    tickRate: 60,
    limits: { entities: entityCount + 64, commandsPerTick: entityCount + 64 },
    components: [Drift],
    systems: [drift],
    view: viewOf(false),
    setup({ commands, random }) {
      const within = (reach: number): number => random.between(-reach, reach);
      for (let i = 0; i < entityCount; i++)
        commands.spawn(
          Position.of({ x: within(60), y: within(60), z: within(60) }),
          Drift.of({ x: within(1), y: within(1), z: within(1) }),
          WorldTransform,
          Renderable.of({ mesh: i % 2, material: i % 2 }),
        );
    },
  });
}

/** Room for packets in this thread. */
export function memorySink(byteCapacity: number): PacketSink & { packetCount: number } {
  const space = { buffer: new SharedArrayBuffer(byteCapacity), byteOffset: 0, byteCapacity };
  return {
    packetCount: 0,
    byteCapacity,
    claim: () => space,
    publish() {
      this.packetCount++;
    },
  };
}

/** Presents a game with a view into `sink`. */
export function presentation(view: ViewDefinition, sink: PacketSink): readonly SubsystemDefinition[] {
  return [renderSubsystem(view, sink, hostClock)];
}
