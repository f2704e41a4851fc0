/** Point lights of a world: presentation that hangs on entities. */
import { defineComponent } from "../ecs/component.ts";
import { f32, u32 } from "../ecs/field.ts";
import { WorldTransform } from "../transform/components.ts";

/** A light at its entity's place. `color` is 0xRRGGBB in sRGB; beyond `radius` metres it reaches nothing; intensity 0 is off. */
export const Light = defineComponent(
  "Light",
  { color: u32, intensity: f32, radius: f32 },
  { shared: true, defaults: { color: 0xffffff, intensity: 1, radius: 10 }, requires: [WorldTransform] },
);

/** Lights that a frame handles; what is beyond stays dark. */
export const lightCountMax = 256;
