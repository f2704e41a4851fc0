/** What pilots ask of the job pilot-ways, and what it answers. */
import { bool, defineComponent, entity, f32, u8, u16, u32 } from "../../engine/index.ts";

/** Where a pilot wants to be. */
export const Errand = defineComponent(
  "Errand",
  {
    x: f32,
    z: f32,
    /** The crate that it is about, and whether the tug has it already. */
    crate: entity,
    isCarrying: bool,
    /** Counts errands, so that an answer to an earlier one is known; 0 is none. */
    number: u16,
  },
  { shared: true },
);

/** The answer to an errand: the place to make for first. */
export const Way = defineComponent(
  "Way",
  {
    x: f32,
    z: f32,
    /** Of pathStatus; 0 before the first answer. */
    status: u8,
    /** Nothing fixed stands between the tug and where it wants to be. */
    hasSight: bool,
    /** The errand that it answers. */
    number: u16,
    /** The tick whose yard it was found in. */
    tick: u32,
  },
  { writtenIn: [], writer: "door" },
);
