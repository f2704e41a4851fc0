/** Hulls squat, bank and bob with what their tug does. Only looks: bodies stay upright. */
import { AngularVelocity, defineSystem, exact, LinearVelocity, Position, Rotation } from "../../engine/index.ts";
import { Hull, Motion, Tug } from "../components/tug.ts";
import { forwardX, forwardZ } from "../orientation.ts";

/** Lean for each m/s2 along the nose, and for each rad/s of turning. */
const pitchPerAcceleration = 0.006;
const rollPerTurn = 0.1;
const leanMax = 0.3;
/** Part of the way to the wanted lean in a tick. */
const ease = 0.12;
const bobMetres = 0.045;
const bobRate = 0.06;

export const leanHulls = defineSystem({
  name: "lean-hulls",
  phase: "gameplay",
  after: ["rank-tugs"],
  query: [Hull, Position, Rotation],
  queries: { tugs: [Tug, Motion] },
  reads: [Tug, LinearVelocity, AngularVelocity],
  writes: [Motion, Position, Rotation],
  run({ entities, members, columns, tick, deltaSeconds, world }) {
    const { Tug, LinearVelocity, AngularVelocity, Motion, Position, Rotation } = columns;
    for (let i = 0; i < members.tugs.length; i++) {
      const e = members.tugs[i]!;
      const noseX = forwardX(Rotation.y[e]!, Rotation.w[e]!);
      const noseZ = forwardZ(Rotation.y[e]!);
      const gained = (LinearVelocity.x[e]! - Motion.x[e]!) * noseX + (LinearVelocity.z[e]! - Motion.z[e]!) * noseZ;
      const pitch = exact.clamp((gained / deltaSeconds) * pitchPerAcceleration, -leanMax, leanMax);
      const roll = exact.clamp(AngularVelocity.y[e]! * rollPerTurn, -leanMax, leanMax);
      Motion.pitch[e] = exact.lerp(Motion.pitch[e]!, pitch, ease);
      Motion.roll[e] = exact.lerp(Motion.roll[e]!, roll, ease);
      Motion.x[e] = LinearVelocity.x[e]!;
      Motion.z[e] = LinearVelocity.z[e]!;
    }
    for (let i = 0; i < entities.length; i++) {
      const hull = entities[i]!;
      const tug = world.parentOf(hull);
      const bob = tick * bobRate + Tug.seat[tug]! * 1.3;
      const pitch = (Motion.pitch[tug]! + exact.sin(bob * 0.7) * 0.02) / 2;
      const roll = (Motion.roll[tug]! + exact.sin(bob * 0.9 + 1) * 0.025) / 2;
      const pitchSine = exact.sin(pitch);
      const pitchCosine = exact.cos(pitch);
      const rollSine = exact.sin(roll);
      const rollCosine = exact.cos(roll);
      Position.y[hull] = exact.sin(bob) * bobMetres;
      Rotation.x[hull] = pitchSine * rollCosine;
      Rotation.y[hull] = -pitchSine * rollSine;
      Rotation.z[hull] = pitchCosine * rollSine;
      Rotation.w[hull] = pitchCosine * rollCosine;
    }
  },
});
