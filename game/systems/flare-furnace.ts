/** The furnace flares up with each delivery and calms down; its flames lick all the time, it glows, sparks and smokes. */
import { defineSystem, exact, Light, Position, Scale } from "../../engine/index.ts";
import { Furnace, FurnaceFlame, Glow } from "../components/yard.ts";
import { Burst, burstKind, Delivered } from "../events.ts";

const heatPerPoint = 0.22;
const cooling = 0.975;
/** Across a flame at rest. */
const width = 1.9;
/** Bottom of the flames in the frame of the furnace. */
const floorY = -0.9;
const emberTicks = 5;
/** Middle of the embers, above the furnace's place, and how fast they rise, metres a second. */
const emberY = 0.6;
const emberRise = 2.4;
const smokeTicks = 14;
const chimneys: readonly (readonly [x: number, y: number, z: number])[] = [
  [-3.6, 11.6, -1],
  [3.6, 11.6, -1],
];

export const flareFurnace = defineSystem({
  name: "flare-furnace",
  phase: "gameplay",
  after: ["blink-lamps"],
  query: [Furnace],
  queries: { flames: [FurnaceFlame, Position, Scale], glows: [Glow, Light] },
  reads: [FurnaceFlame, Glow],
  writes: [Furnace, Position, Scale, Light],
  hears: [Delivered],
  emits: [Burst],
  run({ entities, members, columns: { FurnaceFlame, Furnace, Glow, Light, Position, Scale }, events, tick }) {
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
    for (let i = 0; i < members.glows.length; i++) {
      const glow = members.glows[i]!;
      const phase = Glow.phase[glow]!;
      const lick = exact.sin(tick * 0.31 + phase) * 0.1 + exact.sin(tick * 0.83 + phase * 2.6) * 0.07;
      Light.intensity[glow] = (Glow.intensity[glow]! + Glow.reach[glow]! * heat) * (1 + lick);
    }
    const furnace = entities[0]!;
    const x = Position.x[furnace]!;
    const y = Position.y[furnace]!;
    const z = Position.z[furnace]!;
    if (tick % emberTicks === 0)
      events.Burst.emit({
        ...{ x, y: y + emberY, z: z + 0.8 },
        amount: 1 + Math.round(heat * 3),
        kind: burstKind.ember,
        power: 0.6 + heat,
        driftY: emberRise,
        driftZ: 0.9,
      });
    for (let i = 0; i < chimneys.length; i++) {
      if ((tick + i * 5) % smokeTicks !== 0) continue;
      const [chimneyX, chimneyY, chimneyZ] = chimneys[i]!;
      events.Burst.emit({
        ...{ x: x + chimneyX, y: y + chimneyY, z: z + chimneyZ },
        amount: 1,
        kind: burstKind.smoke,
        power: 0.4,
        driftY: 1.6 + heat,
      });
    }
  },
});
