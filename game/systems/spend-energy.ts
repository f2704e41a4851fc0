/** Boost drains energy, rest restores it; an empty tug must rest a little before it boosts again. */
import { defineSystem, exact, Position, Rotation } from "../../engine/index.ts";
import { sparkKind } from "../components/spark.ts";
import { Intent, Tug } from "../components/tug.ts";
import { Burst } from "../events.ts";
import { forwardX, forwardZ } from "../orientation.ts";

/** Parts a second. */
const drain = 0.42;
const restore = 0.17;
const restartEnergy = 0.15;
const trailTicks = 3;

export const spendEnergy = defineSystem({
  name: "spend-energy",
  phase: "gameplay",
  after: ["work-beams"],
  query: [Tug, Intent],
  reads: [Intent, Position, Rotation],
  writes: [Tug],
  emits: [Burst],
  run({ entities, columns: { Tug, Intent, Position, Rotation }, events, tick, deltaSeconds }) {
    for (let i = 0; i < entities.length; i++) {
      const e = entities[i]!;
      const least = Tug.boosting[e] === 1 ? 0 : restartEnergy;
      const boosting = Intent.boost[e] === 1 && Intent.thrust[e]! > 0 && Tug.energy[e]! > least;
      Tug.boosting[e] = boosting ? 1 : 0;
      Tug.energy[e] = exact.clamp(Tug.energy[e]! + (boosting ? -drain : restore) * deltaSeconds, 0, 1);
      if (!boosting || (tick + e) % trailTicks !== 0) continue;
      events.Burst.emit({
        x: Position.x[e]! - forwardX(Rotation.y[e]!, Rotation.w[e]!) * 1.9,
        y: Position.y[e]!,
        z: Position.z[e]! - forwardZ(Rotation.y[e]!) * 1.9,
        amount: 1,
        kind: sparkKind.cold,
        power: 1.2,
      });
    }
  },
});
