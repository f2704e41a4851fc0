/** Crates on a belt are carried along it and kept to its middle. */
import { defineSystem, LinearVelocity, Position } from "../../engine/index.ts";
import { Crate } from "../components/crate.ts";
import { Conveyor } from "../components/yard.ts";

/** A crate whose middle is less than this above a belt lies on it. */
const layerMetres = 1.4;

export const runConveyors = defineSystem({
  name: "run-conveyors",
  phase: "physics",
  query: [Conveyor, Position],
  queries: { crates: [Crate, Position, LinearVelocity] },
  reads: [Conveyor, Position],
  writes: [LinearVelocity],
  run({ entities, members, columns: { Conveyor, Position, LinearVelocity } }) {
    const { crates } = members;
    for (let b = 0; b < entities.length; b++) {
      const belt = entities[b]!;
      const axisX = Conveyor.axisX[belt]!;
      const axisZ = Conveyor.axisZ[belt]!;
      const speed = Conveyor.speed[belt]!;
      for (let i = 0; i < crates.length; i++) {
        const crate = crates[i]!;
        const height = Position.y[crate]! - Position.y[belt]!;
        if (height < 0.2 || height > layerMetres) continue;
        const offX = Position.x[crate]! - Position.x[belt]!;
        const offZ = Position.z[crate]! - Position.z[belt]!;
        const along = offX * axisX + offZ * axisZ;
        const across = offX * axisZ - offZ * axisX;
        if (Math.abs(along) > Conveyor.halfLength[belt]! + 0.3 || Math.abs(across) > Conveyor.halfWidth[belt]!)
          continue;
        const drift = -across * 1.5;
        LinearVelocity.x[crate] = axisX * speed + axisZ * drift;
        LinearVelocity.z[crate] = axisZ * speed - axisX * drift;
      }
    }
  },
});
