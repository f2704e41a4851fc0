/** Brings crates: some to begin with, then along the conveyors, and better ones on the drifting section. */
import { defineSystem, Position } from "../../engine/index.ts";
import { Crate, crateKind } from "../components/crate.ts";
import { Round } from "../components/round.ts";
import { Tug } from "../components/tug.ts";
import { Conveyor, DriftSection } from "../components/yard.ts";
import { Config } from "../config.ts";
import { crateKinds, spawnCrate } from "../crates.ts";
import { cargoTick, driftTick } from "../drift.ts";
import { ticksOf } from "../time.ts";
import { isClearing } from "./clear-yard.ts";

const firstCrates = 12;
/** Between two crates of one belt; each tug in the yard shortens it. */
const intervalTicksMax = ticksOf(4);
const intervalTicksPerTug = 14;
const intervalTicksMin = ticksOf(0.9);
/** Cargo of the drifting section may go beyond the limit by this. */
const cargoSpare = 4;

export const bringCrates = defineSystem({
  name: "bring-crates",
  phase: "gameplay",
  after: ["seat-tugs"],
  query: [Crate],
  queries: {
    rounds: [Round],
    tugs: [Tug],
    belts: [Conveyor, Position],
    sections: [DriftSection, Position],
    config: [Config],
  },
  reads: [Round, Config, Position],
  writes: [Conveyor],
  run({ entities, members, columns: { Round, Config, Position, Conveyor }, tick, random, commands }) {
    const round = members.rounds[0]!;
    const sinceTick = Round.sinceTick[round]!;
    if (isClearing(Round.state[round]!, sinceTick, tick)) return;
    const limit = Config.crates[members.config[0]!]! + members.tugs.length;
    let count = entities.length;

    if (count === 0 && tick === sinceTick + 1)
      for (; count < Math.min(firstCrates, limit); count++) {
        const side = count % 2 === 0 ? -1 : 1;
        const x = side * random.between(7.5, 17);
        const z = random.between(-9, 12);
        spawnCrate(commands, drawKind(random.unit()), [x, 1.2, z], [0, 0, 0], random.below(64), tick);
      }

    const interval = Math.max(intervalTicksMin, intervalTicksMax - intervalTicksPerTug * members.tugs.length);
    for (let i = 0; i < members.belts.length; i++) {
      const belt = members.belts[i]!;
      if (tick < Conveyor.nextTick[belt]!) continue;
      Conveyor.nextTick[belt] = tick + interval + random.below(20);
      if (count >= limit) continue;
      count++;
      const kind = drawKind(random.unit());
      const back = 1 - Conveyor.halfLength[belt]!;
      const x = Position.x[belt]! + Conveyor.axisX[belt]! * back;
      const y = Position.y[belt]! + crateKinds[kind]!.halfHeight + 0.1;
      const z = Position.z[belt]! + Conveyor.axisZ[belt]! * back;
      spawnCrate(commands, kind, [x, y, z], [0, 0, 0], random.below(64), tick);
    }

    if (driftTick(tick) !== cargoTick) return;
    for (let i = 0; i < members.sections.length; i++) {
      const section = members.sections[i]!;
      for (const [kind, z] of [
        [crateKind.golden, -2.4],
        [crateKind.drum, 0],
        [crateKind.golden, 2.4],
      ] as const) {
        if (count++ >= limit + cargoSpare) return;
        const x = Position.x[section]! - 0.5;
        spawnCrate(commands, kind, [x, 3, Position.z[section]! + z], [0, 0, 0], 0, tick);
      }
    }
  },
});

/** The kind for a draw in [0, 1). */
function drawKind(draw: number): number {
  if (draw < 0.64) return crateKind.common;
  if (draw < 0.82) return crateKind.heavy;
  return draw < 0.93 ? crateKind.drum : crateKind.golden;
}
