/** Boost drains energy, rest restores it; an empty tug must rest a little before it boosts again. */
import { defineSystem, exact } from "../../engine/index.ts";
import { Intent, Tug } from "../components/tug.ts";

/** Parts a second. */
const drain = 0.42;
const restore = 0.17;
const restartEnergy = 0.15;

export const spendEnergy = defineSystem({
  name: "spend-energy",
  phase: "gameplay",
  after: ["remember-touches"],
  query: [Tug, Intent],
  reads: [Intent],
  writes: [Tug],
  run({ entities, columns: { Tug, Intent }, deltaSeconds }) {
    for (let i = 0; i < entities.length; i++) {
      const e = entities[i]!;
      const least = Tug.boosting[e] === 1 ? 0 : restartEnergy;
      const boosting = Intent.boost[e] === 1 && Intent.thrust[e]! > 0 && Tug.energy[e]! > least;
      Tug.boosting[e] = boosting ? 1 : 0;
      Tug.energy[e] = exact.clamp(Tug.energy[e]! + (boosting ? -drain : restore) * deltaSeconds, 0, 1);
    }
  },
});
