/** Lamps change their material and their light by the tick; those of drums only while the fuse burns, ever faster. */
import { defineSystem, Light, Renderable } from "../../engine/index.ts";
import { Crate, FuseLamp } from "../components/crate.ts";
import { Lamp } from "../components/yard.ts";
import { look } from "../look.ts";
import { ticksOf } from "../time.ts";

const hastyTicks = ticksOf(3);
const slowBlinkTicks = 24;
const fastBlinkTicks = 8;
const fuseIntensity = 4;

export const blinkLamps = defineSystem({
  name: "blink-lamps",
  phase: "gameplay",
  after: ["turn-rollers"],
  query: [Lamp, Renderable],
  queries: { fuses: [FuseLamp, Renderable], lights: [Lamp, Light], fuseLights: [FuseLamp, Light] },
  reads: [Lamp, Crate],
  writes: [Renderable, Light],
  run({ entities, members, columns: { Lamp, Crate, Renderable, Light }, tick, world }) {
    for (let i = 0; i < entities.length; i++) {
      const e = entities[i]!;
      const isOn = (tick + Lamp.phaseTicks[e]!) % Lamp.periodTicks[e]! < Lamp.onTicks[e]!;
      Renderable.material[e] = isOn ? Lamp.onMaterial[e]! : Lamp.offMaterial[e]!;
    }
    for (let i = 0; i < members.fuses.length; i++) {
      const e = members.fuses[i]!;
      const fuseTick = Crate.fuseTick[world.parentOf(e)]!;
      const period = fuseTick - tick < hastyTicks ? fastBlinkTicks : slowBlinkTicks;
      const isOn = fuseTick !== 0 && (fuseTick - tick) % period < period / 2;
      Renderable.material[e] = isOn ? look.material.redLight : look.material.darkLight;
    }
    // What has a light shines while its material does.
    for (let i = 0; i < members.lights.length; i++) {
      const e = members.lights[i]!;
      Light.intensity[e] = Renderable.material[e] === Lamp.onMaterial[e] ? Lamp.intensity[e]! : 0;
    }
    for (let i = 0; i < members.fuseLights.length; i++) {
      const e = members.fuseLights[i]!;
      Light.intensity[e] = Renderable.material[e] === look.material.redLight ? fuseIntensity : 0;
    }
  },
});
