/** Beams as forces: a spring of limited strength draws each held crate to a point ahead of its tug. */
import {
  AngularVelocity,
  defineSystem,
  ExternalForce,
  exact,
  LinearVelocity,
  Position,
  Rotation,
} from "../../engine/index.ts";
import { Crate } from "../components/crate.ts";
import { Beam, Tug } from "../components/tug.ts";
import { crateKinds } from "../crates.ts";
import { forwardX, forwardZ } from "../orientation.ts";
import { holdMetres } from "../tugs.ts";

/** Newtons; a heavy crate takes most of it only to leave the ground. */
const forceMax = 4200;
const springRate = 75;
const springDamping = 14;
/** The part of gravity that the beam takes off. */
const liftAcceleration = 14;
/** The part of the force that the tug feels. */
const recoil = 0.3;
const calm = 0.93;

export const pullCrates = defineSystem({
  name: "pull-crates",
  phase: "physics",
  after: ["drive-tugs"],
  before: ["push-bodies"],
  query: [Tug, Beam],
  reads: [Beam, Crate, Position, Rotation, LinearVelocity],
  writes: [ExternalForce, AngularVelocity],
  run({ entities, columns, world }) {
    const { Beam, Crate, Position, Rotation, LinearVelocity, ExternalForce, AngularVelocity } = columns;
    for (let i = 0; i < entities.length; i++) {
      const e = entities[i]!;
      const crate = world.indexOf(Beam.crate[e]!);
      if (crate === 0) continue;
      const { mass, halfHeight } = crateKinds[Crate.kind[crate]!]!;
      const reachX = forwardX(Rotation.y[e]!, Rotation.w[e]!) * (holdMetres + halfHeight * 0.5);
      const reachZ = forwardZ(Rotation.y[e]!) * (holdMetres + halfHeight * 0.5);
      const spin = AngularVelocity.y[e]!;
      const pull = (gap: number, closing: number): number => (gap * springRate + closing * springDamping) * mass;
      let x = pull(
        Position.x[e]! + reachX - Position.x[crate]!,
        LinearVelocity.x[e]! + spin * reachZ - LinearVelocity.x[crate]!,
      );
      let y =
        pull(Position.y[e]! + halfHeight - 0.15 - Position.y[crate]!, -LinearVelocity.y[crate]!) +
        liftAcceleration * mass;
      let z = pull(
        Position.z[e]! + reachZ - Position.z[crate]!,
        LinearVelocity.z[e]! - spin * reachX - LinearVelocity.z[crate]!,
      );
      const strength = Math.sqrt(x * x + y * y + z * z);
      const share = exact.clamp(forceMax / Math.max(1, strength), 0, 1);
      x *= share;
      y *= share;
      z *= share;
      ExternalForce.x[crate] = ExternalForce.x[crate]! + x;
      ExternalForce.y[crate] = ExternalForce.y[crate]! + y;
      ExternalForce.z[crate] = ExternalForce.z[crate]! + z;
      ExternalForce.x[e] = ExternalForce.x[e]! - x * recoil;
      ExternalForce.z[e] = ExternalForce.z[e]! - z * recoil;
      AngularVelocity.x[crate] = AngularVelocity.x[crate]! * calm;
      AngularVelocity.y[crate] = AngularVelocity.y[crate]! * calm;
      AngularVelocity.z[crate] = AngularVelocity.z[crate]! * calm;
    }
  },
});
