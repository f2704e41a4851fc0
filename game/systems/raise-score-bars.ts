/** The columns above the furnace grow towards the scores of their seats. */
import { defineSystem, exact, Position, Renderable, Scale, tint } from "../../engine/index.ts";
import { Tug } from "../components/tug.ts";
import { ScoreBar } from "../components/yard.ts";
import { seatColors } from "../palette.ts";
import { tugBySeat } from "../seats.ts";
import { hidden } from "../visibility.ts";

const metresPerPoint = 0.12;
const heightMin = 0.12;
const heightMax = 6;
const width = 0.36;
const ease = 0.08;

export const raiseScoreBars = defineSystem({
  name: "raise-score-bars",
  phase: "gameplay",
  after: ["flare-furnace"],
  query: [ScoreBar, Position, Scale, Renderable],
  derived: [tugBySeat],
  reads: [ScoreBar, Tug],
  writes: [Position, Scale, Renderable],
  run({ entities, derived, columns: { ScoreBar, Tug, Position, Scale, Renderable } }) {
    for (let i = 0; i < entities.length; i++) {
      const bar = entities[i]!;
      const seat = ScoreBar.seat[bar]!;
      const owner = derived.tugBySeat[seat]!;
      if (owner === 0) {
        Renderable.tint[bar] = hidden;
        Scale.y[bar] = 0;
        continue;
      }
      const wanted = Math.min(heightMax, heightMin + Tug.score[owner]! * metresPerPoint);
      const height = exact.lerp(Scale.y[bar]!, wanted, ease);
      Renderable.tint[bar] = tint(seatColors[seat]!);
      Scale.x[bar] = Scale.z[bar] = width;
      Scale.y[bar] = height;
      Position.y[bar] = ScoreBar.y[bar]! + height / 2;
    }
  },
});
