/** Moves the sections in the distance along their ways, and lets them bob. */
import { defineSystem, exact, Position } from "../../engine/index.ts";
import { FarSection } from "../components/yard.ts";
import { farSectionPlace } from "../sections/sailing.ts";

const bobMetres = 0.8;
const bobRate = 0.008;

export const sailSections = defineSystem({
  name: "sail-sections",
  phase: "gameplay",
  after: ["drift-debris"],
  query: [FarSection, Position],
  reads: [FarSection],
  writes: [Position],
  run({ entities, columns: { FarSection, Position }, tick }) {
    for (let i = 0; i < entities.length; i++) {
      const e = entities[i]!;
      const sailing = {
        directionX: FarSection.directionX[e]!,
        directionZ: FarSection.directionZ[e]!,
        nearMetres: FarSection.nearMetres[e]!,
        periodTicks: FarSection.periodTicks[e]!,
        phase: FarSection.phase[e]!,
      };
      const { x, z } = farSectionPlace(sailing, tick);
      Position.x[e] = x;
      Position.y[e] = FarSection.y[e]! + bobMetres * exact.sin(tick * bobRate + i * 2);
      Position.z[e] = z;
    }
  },
});
