/** The furnace flares up with each delivery and calms down; its flames lick all the time. */
import { defineSystem, exact, Position, Scale } from "../../engine/index.ts";
import { Furnace, FurnaceFlame } from "../components/yard.ts";
import { Delivered } from "../events.ts";

const heatPerPoint = 0.22;
const cooling = 0.975;
/** Across a flame at rest. */
const width = 1.9;
/** Bottom of the flames in the frame of the furnace. */
const floorY = -0.9;

export const flareFurnace = defineSystem({
  name: "flare-furnace",
  phase: "gameplay",
  after: ["blink-lamps"],
  query: [Furnace],
  queries: { flames: [FurnaceFlame, Position, Scale] },
  reads: [FurnaceFlame],
  writes: [Furnace, Position, Scale],
  hears: [Delivered],
  run({ entities, members, columns: { FurnaceFlame, Furnace, Position, Scale }, events, tick }) {
    let points = 0;
    for (let i = 0; i < events.Delivered.count; i++) points += 1 + events.Delivered.columns.points[i]!;
    for (let i = 0; i < entities.length; i++) {
      const e = entities[i]!;
      Furnace.heat[e] = Math.min(1, Furnace.heat[e]! * cooling + points * heatPerPoint);
    }
    const heat = Furnace.heat[entities[0]!]!;
    for (let i = 0; i < members.flames.length; i++) {
      const flame = members.flames[i]!;
      const lick = exact.sin(tick * 0.19 + FurnaceFlame.phase[flame]! * 3) * 0.12;
      const height = FurnaceFlame.reach[flame]! * (FurnaceFlame.base[flame]! + lick + heat * 0.75);
      Scale.y[flame] = height;
      Scale.x[flame] = Scale.z[flame] = width + heat * 0.6;
      Position.y[flame] = floorY + height / 2;
    }
  },
});
