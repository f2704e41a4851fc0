/** Stretches the ray of each beam from its tug to the crate and rings and lights the crate; an empty beam gropes ahead. */
import { defineSystem, exact, Light, Position, Renderable, Rotation, Scale, untinted } from "../../engine/index.ts";
import { Crate } from "../components/crate.ts";
import { Beam, BeamRay, BeamRing, Intent } from "../components/tug.ts";
import { crateKinds } from "../crates.ts";
import { Burst, burstKind } from "../events.ts";
import { forwardX, forwardZ } from "../orientation.ts";
import { hidden } from "../visibility.ts";

/** Where it leaves the tug, in the frame of the tug. */
const startY = -0.04;
const startZ = -1.65;
const gropeMetres = 3.4;
/** How fast the ring around a crate moves up and down, radians a tick. */
const ringRate = 0.13;
const ringIntensity = 2;
const moteTicks = 4;

export const showBeams = defineSystem({
  name: "show-beams",
  phase: "gameplay",
  after: ["lean-hulls"],
  query: [BeamRay, Position, Rotation, Scale, Renderable],
  queries: { rings: [BeamRing, Light, Position, Rotation, Scale, Renderable] },
  reads: [Beam, Intent, Crate],
  writes: [Position, Rotation, Scale, Renderable, Light],
  emits: [Burst],
  run({ entities, members, columns, events, tick, world }) {
    const { Beam, Intent, Crate, Position, Rotation, Scale, Renderable, Light } = columns;
    for (let i = 0; i < members.rings.length; i++) {
      const ring = members.rings[i]!;
      const tug = world.parentOf(ring);
      const crate = world.indexOf(Beam.crate[tug]!);
      Renderable.tint[ring] = crate === 0 ? hidden : untinted;
      Light.intensity[ring] = crate === 0 ? 0 : ringIntensity * (1 + exact.sin(tick * 0.9 + tug) * 0.12);
      if (crate === 0) continue;
      if ((tick + tug) % moteTicks === 0)
        events.Burst.emit({
          ...{ x: Position.x[crate]!, y: Position.y[crate]!, z: Position.z[crate]! },
          amount: 1,
          kind: burstKind.mote,
          power: 1.5,
          target: world.handleOf(tug),
        });
      const noseX = forwardX(Rotation.y[tug]!, Rotation.w[tug]!);
      const noseZ = forwardZ(Rotation.y[tug]!);
      const awayX = Position.x[crate]! - Position.x[tug]!;
      const awayZ = Position.z[crate]! - Position.z[tug]!;
      Position.x[ring] = awayZ * noseX - awayX * noseZ;
      Position.y[ring] = Position.y[crate]! - Position.y[tug]! + exact.sin(tick * ringRate) * 0.25;
      Position.z[ring] = -awayX * noseX - awayZ * noseZ;
      const radius = crateKinds[Crate.kind[crate]!]!.halfHeight * 1.45;
      Scale.x[ring] = Scale.y[ring] = radius;
      Scale.z[ring] = 0.6;
    }
    for (let i = 0; i < entities.length; i++) {
      const ray = entities[i]!;
      const tug = world.parentOf(ray);
      const crate = world.indexOf(Beam.crate[tug]!);
      if (crate === 0 && (Intent.beam[tug] === 0 || tick < Beam.readyTick[tug]!)) {
        Renderable.tint[ray] = hidden;
        continue;
      }
      let x = 0;
      let y = 0;
      let z = -gropeMetres;
      if (crate !== 0) {
        const noseX = forwardX(Rotation.y[tug]!, Rotation.w[tug]!);
        const noseZ = forwardZ(Rotation.y[tug]!);
        const awayX = Position.x[crate]! - Position.x[tug]!;
        const awayZ = Position.z[crate]! - Position.z[tug]!;
        x = awayZ * noseX - awayX * noseZ;
        y = Position.y[crate]! - Position.y[tug]! - startY;
        z = -awayX * noseX - awayZ * noseZ - startZ;
      }
      const length = Math.max(0.1, Math.sqrt(x * x + y * y + z * z));
      const yaw = exact.atan2(x, z) / 2;
      const pitch = -exact.asin(exact.clamp(y / length, -1, 1)) / 2;
      Position.x[ray] = x / 2;
      Position.y[ray] = startY + y / 2;
      Position.z[ray] = startZ + z / 2;
      Rotation.x[ray] = exact.cos(yaw) * exact.sin(pitch);
      Rotation.y[ray] = exact.sin(yaw) * exact.cos(pitch);
      Rotation.z[ray] = -exact.sin(yaw) * exact.sin(pitch);
      Rotation.w[ray] = exact.cos(yaw) * exact.cos(pitch);
      const width = (crate === 0 ? 0.07 : 0.3) + exact.sin(tick * 0.9 + tug) * (crate === 0 ? 0.05 : 0.06);
      Scale.x[ray] = width;
      Scale.y[ray] = width;
      Scale.z[ray] = length;
      Renderable.tint[ray] = untinted;
    }
  },
});
