/** The flames of thrusters grow with thrust, with boost and on the outer side of a turn; so do their glow and exhaust. */
import { defineSystem, exact, Light, LinearVelocity, Position, Rotation, Scale } from "../../engine/index.ts";
import { Flame, Intent, ThrusterGlow, Tug } from "../components/tug.ts";
import { Burst, burstKind } from "../events.ts";
import { forwardX, forwardZ } from "../orientation.ts";

const nozzleZ = 1.48;
const nozzleX = 0.55;
/** Shorter flames leave nothing behind. */
const exhaustLength = 0.4;
/** Metres a second, away from the tug. */
const exhaustSpeed = 7;
const exhaustTicks = 2;
/** Of the light behind a tug at full thrust. */
const glowIntensity = 1.3;
const boostGlow = 2.2;

export const showFlames = defineSystem({
  name: "show-flames",
  phase: "gameplay",
  after: ["show-beams"],
  query: [Flame, Position, Scale],
  queries: { glows: [ThrusterGlow, Light] },
  reads: [Flame, Intent, Tug, LinearVelocity, Rotation],
  writes: [Position, Scale, Light],
  emits: [Burst],
  run({ entities, members, columns, events, tick, world }) {
    const { Flame, Intent, Tug, LinearVelocity, Rotation, Position, Scale, Light } = columns;
    for (let i = 0; i < entities.length; i++) {
      const flame = entities[i]!;
      const tug = world.parentOf(world.parentOf(flame));
      const turning = Math.max(0, -Intent.turn[tug]! * Flame.side[flame]!) * 0.35;
      const boost = Tug.boosting[tug] === 1 ? 1.1 : 0;
      const wanted = 0.18 + Math.max(0, Intent.thrust[tug]!) * (0.75 + boost) + turning;
      const flicker = 1 + exact.sin(tick * 1.7 + flame * 2.3) * 0.14;
      const length = exact.lerp(Scale.y[flame]!, wanted * flicker, 0.25);
      Scale.y[flame] = length;
      Scale.x[flame] = Scale.z[flame] = 0.34 + boost * 0.12;
      Position.z[flame] = nozzleZ + length / 2;
      if (length < exhaustLength || (tick + flame) % exhaustTicks !== 0) continue;
      const noseX = forwardX(Rotation.y[tug]!, Rotation.w[tug]!);
      const noseZ = forwardZ(Rotation.y[tug]!);
      const aside = nozzleX * Flame.side[flame]!;
      const back = nozzleZ + length * 0.8;
      events.Burst.emit({
        x: Position.x[tug]! - noseX * back - noseZ * aside,
        y: Position.y[tug]!,
        z: Position.z[tug]! - noseZ * back + noseX * aside,
        amount: boost > 0 ? 2 : 1,
        kind: burstKind.exhaust,
        power: 0.5 + boost * 0.6,
        driftX: LinearVelocity.x[tug]! - noseX * exhaustSpeed,
        driftZ: LinearVelocity.z[tug]! - noseZ * exhaustSpeed,
      });
    }
    for (let i = 0; i < members.glows.length; i++) {
      const glow = members.glows[i]!;
      const tug = world.parentOf(world.parentOf(glow));
      const wanted = Math.max(0, Intent.thrust[tug]!) * (Tug.boosting[tug] === 1 ? boostGlow : 1);
      Light.intensity[glow] = exact.lerp(Light.intensity[glow]!, glowIntensity * wanted, 0.2);
    }
  },
});
