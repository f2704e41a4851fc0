/**
 * Hovering and driving, as forces: a spring to hover height above the ground, thrust and drag along
 * the nose, grip across it, and torque towards the wanted turn. Without ground below a tug only falls.
 */
import {
  AngularVelocity,
  defineSystem,
  ExternalForce,
  exact,
  LinearVelocity,
  Position,
  Rotation,
} from "../../engine/index.ts";
import { Intent, Tug } from "../components/tug.ts";
import { Ground } from "../components/yard.ts";
import { groundBelow, groundHeight } from "../ground.ts";
import { forwardX, forwardZ } from "../orientation.ts";
import { gravity } from "../physics.ts";
import { hoverMetres, tugInertia, tugMass } from "../tugs.ts";

/** Accelerations in m/s2, rates a second. */
const springRate = 70;
const springDamping = 9;
const liftMax = 45;
/** The spring lets go of ground farther below than this. */
const springReach = 2.2;
/** A tug is held up until its middle is this far beyond an edge. */
const edgeMetres = 0.5;
/** Ground is looked for below this much below the middle. */
const belowMetres = 0.3;

const thrustAcceleration = 25;
const reverseFactor = 0.6;
const boostFactor = 1.75;
const drag = 1.9;
const grip = 5.5;
const airDrag = 0.2;
const turnRate = 2.9;
const turnStiffness = 13;

export const driveTugs = defineSystem({
  name: "drive-tugs",
  phase: "physics",
  after: ["drift-section"],
  query: [Tug, Intent, ExternalForce],
  queries: { grounds: [Ground] },
  reads: [Tug, Intent, Ground, Position, Rotation, LinearVelocity, AngularVelocity],
  writes: [ExternalForce],
  run({ entities, members, columns }) {
    const { Tug, Intent, Ground, Position, Rotation, LinearVelocity, AngularVelocity, ExternalForce } = columns;
    const { grounds } = members;
    for (let i = 0; i < entities.length; i++) {
      const e = entities[i]!;
      const x = Position.x[e]!;
      const y = Position.y[e]!;
      const z = Position.z[e]!;
      ExternalForce.torqueY[e] =
        ExternalForce.torqueY[e]! + (-Intent.turn[e]! * turnRate - AngularVelocity.y[e]!) * turnStiffness * tugInertia;

      const ground = groundBelow(grounds, Ground, Position, x, y - belowMetres, z, edgeMetres);
      const gap = ground === 0 ? springReach : y - groundHeight(ground, Ground, Position, x, z);
      const isHovering = gap < springReach;
      const noseX = forwardX(Rotation.y[e]!, Rotation.w[e]!);
      const noseZ = forwardZ(Rotation.y[e]!);
      const flowX = LinearVelocity.x[e]! - (isHovering ? Ground.velocityX[ground]! : 0);
      const flowZ = LinearVelocity.z[e]! - (isHovering ? Ground.velocityZ[ground]! : 0);
      const along = flowX * noseX + flowZ * noseZ;
      const across = flowX * noseZ - flowZ * noseX;

      const thrust = Intent.thrust[e]! * (Intent.thrust[e]! < 0 ? reverseFactor : 1);
      const boost = Tug.boosting[e] === 1 ? boostFactor : 1;
      const push = isHovering
        ? thrust * thrustAcceleration * boost - along * drag
        : thrust * thrustAcceleration * 0.15 - along * airDrag;
      const hold = across * (isHovering ? grip : airDrag);
      ExternalForce.x[e] = ExternalForce.x[e]! + (noseX * push - noseZ * hold) * tugMass;
      ExternalForce.z[e] = ExternalForce.z[e]! + (noseZ * push + noseX * hold) * tugMass;
      if (!isHovering) continue;
      const lift = (hoverMetres - gap) * springRate - LinearVelocity.y[e]! * springDamping + gravity;
      ExternalForce.y[e] = ExternalForce.y[e]! + exact.clamp(lift, 0, liftMax) * tugMass;
    }
  },
});
