/** Lamps change their material by the tick; those of drums only while the fuse burns, ever faster. */
import { defineSystem, Renderable } from "../../engine/index.ts";
import { Crate, FuseLamp } from "../components/crate.ts";
import { Lamp } from "../components/yard.ts";
import { look } from "../look.ts";
import { ticksOf } from "../time.ts";

const hastyTicks = ticksOf(3);
const slowBlinkTicks = 24;
const fastBlinkTicks = 8;

export const blinkLamps = defineSystem({
  name: "blink-lamps",
  phase: "gameplay",
  after: ["turn-rollers"],
  query: [Lamp, Renderable],
  queries: { fuses: [FuseLamp, Renderable] },
  reads: [Lamp, Crate],
  writes: [Renderable],
  run({ entities, members, columns: { Lamp, Crate, Renderable }, tick, world }) {
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
  },
});
