/** The flames of thrusters grow with thrust, with boost and on the outer side of a turn. */
import { defineSystem, exact, Position, Scale } from "../../engine/index.ts";
import { Flame, Intent, Tug } from "../components/tug.ts";

const nozzleZ = 1.48;

export const showFlames = defineSystem({
  name: "show-flames",
  phase: "gameplay",
  after: ["show-beams"],
  query: [Flame, Position, Scale],
  reads: [Flame, Intent, Tug],
  writes: [Position, Scale],
  run({ entities, columns: { Flame, Intent, Tug, Position, Scale }, tick, world }) {
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
    }
  },
});
