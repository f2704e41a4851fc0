/** Debris drifts by its velocity; what leaves the belt comes in again on the other side. */
import { defineSystem, Position } from "../../engine/index.ts";
import { Velocity } from "../components/yard.ts";
import { beltReach } from "../yard/debris.ts";

export const driftDebris = defineSystem({
  name: "drift-debris",
  phase: "gameplay",
  after: ["float-scrap"],
  query: [Velocity, Position],
  reads: [Velocity],
  writes: [Position],
  run({ entities, columns: { Velocity, Position }, deltaSeconds }) {
    for (let i = 0; i < entities.length; i++) {
      const e = entities[i]!;
      Position.x[e]! += Velocity.x[e]! * deltaSeconds;
      Position.y[e]! += Velocity.y[e]! * deltaSeconds;
      const z = Position.z[e]! + Velocity.z[e]! * deltaSeconds;
      Position.z[e] = z > beltReach ? z - 2 * beltReach : z < -beltReach ? z + 2 * beltReach : z;
    }
  },
});
