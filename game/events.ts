/** What systems of the game tell each other, and the view, within a tick. */
import { defineEvent, entity, f32, u8, u16 } from "../engine/index.ts";

/** Values of Burst.kind; particles.ts says what each looks like. */
export const burstKind = { hot: 0, cold: 1, gold: 2, smoke: 3, exhaust: 4, ember: 5, dust: 6, mote: 7 } as const;

/** Particles are asked for at a place. Only the view hears it, so it may be left out of any tick. */
export const Burst = defineEvent("Burst", {
  x: f32,
  y: f32,
  z: f32,
  amount: u8,
  /** A value of burstKind. */
  kind: u8,
  /** Speed at which they leave each other, metres a second. */
  power: f32,
  /** Velocity that all of them have in common, metres a second. */
  driftX: f32,
  driftY: f32,
  driftZ: f32,
  /** What draws them in, where their kind can be drawn; none otherwise. */
  target: entity,
});

/** A tug has pushed a crate or has it in its beam. */
export const Touched = defineEvent("Touched", { crate: entity, tug: entity });

/** A crate went into the furnace; `tug` is none when nobody had touched it. */
export const Delivered = defineEvent("Delivered", { tug: entity, kind: u8, points: u16 });
