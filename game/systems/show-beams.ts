/** Stretches the ray of each beam from its tug to the crate; a beam without a crate gropes ahead. */
import { defineSystem, exact, Position, Renderable, Rotation, Scale, untinted } from "../../engine/index.ts";
import { Beam, BeamRay, Intent } from "../components/tug.ts";
import { forwardX, forwardZ } from "../orientation.ts";
import { hidden } from "../visibility.ts";

/** Where it leaves the tug, in the frame of the tug. */
const startY = -0.04;
const startZ = -1.65;
const gropeMetres = 3.4;

export const showBeams = defineSystem({
  name: "show-beams",
  phase: "gameplay",
  after: ["lean-hulls"],
  query: [BeamRay, Position, Rotation, Scale, Renderable],
  reads: [Beam, Intent],
  writes: [Position, Rotation, Scale, Renderable],
  run({ entities, columns: { Beam, Intent, Position, Rotation, Scale, Renderable }, tick, world }) {
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
      const width = (crate === 0 ? 0.07 : 0.24) + exact.sin(tick * 0.9 + tug) * (crate === 0 ? 0.05 : 0.06);
      Scale.x[ray] = width;
      Scale.y[ray] = width;
      Scale.z[ray] = length;
      Renderable.tint[ray] = untinted;
    }
  },
});
