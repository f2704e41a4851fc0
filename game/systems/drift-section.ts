/** Moves the drifting section along its timetable, and the ground on it with it. */
import { defineSystem, Position } from "../../engine/index.ts";
import { DriftSection, Ground } from "../components/yard.ts";
import { driftSway, driftX } from "../drift.ts";

export const driftSection = defineSystem({
  name: "drift-section",
  phase: "physics",
  after: ["sweep-arm"],
  query: [DriftSection, Ground, Position],
  reads: [DriftSection],
  writes: [Position, Ground],
  run({ entities, columns: { DriftSection, Position, Ground }, tick, deltaSeconds }) {
    for (let i = 0; i < entities.length; i++) {
      const section = entities[i]!;
      const x = driftX(tick);
      const z = DriftSection.z[section]! + driftSway(tick);
      Ground.velocityX[section] = (x - driftX(tick - 1)) / deltaSeconds;
      Ground.velocityZ[section] = (driftSway(tick) - driftSway(tick - 1)) / deltaSeconds;
      Position.x[section] = x;
      Position.z[section] = z;
    }
  },
});
