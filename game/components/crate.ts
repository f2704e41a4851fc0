/** Crates. */
import { defineComponent, entity, u8, u32 } from "../../engine/index.ts";

/** Values of Crate.kind. A drum is volatile: once taken it explodes unless it is burnt in time. */
export const crateKind = { common: 0, heavy: 1, golden: 2, drum: 3 } as const;

export const Crate = defineComponent("Crate", {
  kind: u8,
  /** The tug whose beam has it. */
  holder: entity,
  /** The tug that last dragged or pushed it, which gets its points. */
  lastTug: entity,
  touchTick: u32,
  /** The tick at which a drum explodes; 0 while its fuse is not lit. */
  fuseTick: u32,
});

/** A part of a drum that blinks while the fuse burns; a child of the crate. */
export const FuseLamp = defineComponent("FuseLamp");
