/** What systems of the game tell each other within a tick. */
import { defineEvent, entity, f32, u8, u16 } from "../engine/index.ts";

/** Sparks are asked for at a place. `target`, when there is one, draws them in. */
export const Burst = defineEvent("Burst", {
  x: f32,
  y: f32,
  z: f32,
  amount: u8,
  /** A value of sparkKind. */
  kind: u8,
  /** Speed at which they leave, metres a second. */
  power: f32,
  target: entity,
});

/** A crate went into the furnace; `tug` is none when nobody had touched it. */
export const Delivered = defineEvent("Delivered", { tug: entity, kind: u8, points: u16 });
