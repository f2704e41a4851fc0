/** The arm sweeps the yard; its angle follows from the tick alone. */
import { defineSystem, exact, Rotation } from "../../engine/index.ts";
import { SweepArm } from "../components/yard.ts";

export const sweepArm = defineSystem({
  name: "sweep-arm",
  phase: "physics",
  after: ["run-conveyors"],
  query: [SweepArm, Rotation],
  reads: [SweepArm],
  writes: [Rotation],
  run({ entities, columns: { SweepArm, Rotation }, tick, deltaSeconds }) {
    for (let i = 0; i < entities.length; i++) {
      const arm = entities[i]!;
      const half = (SweepArm.speed[arm]! * tick * deltaSeconds) / 2;
      Rotation.y[arm] = exact.sin(half);
      Rotation.w[arm] = exact.cos(half);
    }
  },
});
