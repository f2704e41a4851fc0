/** Rollers turn; their angle follows from the tick alone. */
import { defineSystem, exact, Rotation } from "../../engine/index.ts";
import { Roller } from "../components/yard.ts";

export const turnRollers = defineSystem({
  name: "turn-rollers",
  phase: "gameplay",
  after: ["show-flames"],
  query: [Roller, Rotation],
  reads: [Roller],
  writes: [Rotation],
  run({ entities, columns: { Roller, Rotation }, tick, deltaSeconds }) {
    for (let i = 0; i < entities.length; i++) {
      const roller = entities[i]!;
      const half = (Roller.phase[roller]! + Roller.speed[roller]! * tick * deltaSeconds) / 2;
      Rotation.z[roller] = exact.sin(half);
      Rotation.w[roller] = exact.cos(half);
    }
  },
});
