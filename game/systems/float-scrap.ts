/** Scrap in the distance bobs slowly. */
import { defineSystem, exact, Position } from "../../engine/index.ts";
import { Floater } from "../components/yard.ts";

const rate = 0.012;

export const floatScrap = defineSystem({
  name: "float-scrap",
  phase: "gameplay",
  after: ["raise-score-bars"],
  query: [Floater, Position],
  reads: [Floater],
  writes: [Position],
  run({ entities, columns: { Floater, Position }, tick }) {
    for (let i = 0; i < entities.length; i++) {
      const e = entities[i]!;
      Position.y[e] = Floater.y[e]! + exact.sin(tick * rate + Floater.phase[e]!) * Floater.height[e]!;
    }
  },
});
