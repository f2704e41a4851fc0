/** Tugs: what they are told, what they do, and the parts that show it. */
import { bool, defineComponent, entity, f32, u8, u16, u32 } from "../../engine/index.ts";

/** A hover-tug. Its entity is the body; what is seen of it are descendants. */
export const Tug = defineComponent(
  "Tug",
  {
    /** Its place at the start and its colour, 0 to 15. */
    seat: u8,
    /** The entity of the player who drives it; none for a rival. */
    player: entity,
    score: u16,
    /** 1 is in front. */
    rank: u8,
    /** 0 to 1; boost drains it. */
    energy: f32,
    boosting: bool,
    /** Deliveries in quick succession, 1 to 3; 0 when the last one is long ago. */
    chain: u8,
    chainTick: u32,
    /** The tick at which it comes back after a fall; 0 while it is in the yard. */
    returnTick: u32,
    /** What it drags: kind of crate + 1, 0 for nothing. */
    cargo: u8,
  },
  { shared: true },
);

/** What the driver of a tug wants in this tick. */
export const Intent = defineComponent("Intent", { thrust: f32, turn: f32, beam: bool, boost: bool });

/** The tractor beam of a tug. */
export const Beam = defineComponent("Beam", {
  crate: entity,
  /** No crate is taken before this tick. */
  readyTick: u32,
});

/** The mind of a rival. Tugs of players have one too, which drives during the title. */
export const Pilot = defineComponent("Pilot", {
  target: entity,
  /** The last crate that it found no way to. */
  refused: entity,
  /** The tick at which it next chooses a crate. */
  planTick: u32,
  /** Ticks during which it has wanted to move and has not. */
  stuckTicks: u16,
  /** It backs off until this tick, turning by `backTurn`. */
  backUntilTick: u32,
  backTurn: f32,
});

/** Velocity one tick ago and the lean of the hull, radians. */
export const Motion = defineComponent("Motion", { x: f32, z: f32, pitch: f32, roll: f32 });

/** The node between a tug and all that is seen of it; it leans and bobs. */
export const Hull = defineComponent("Hull");
/** The flame of a thruster, below a hull; `side` is -1 left, 1 right. */
export const Flame = defineComponent("Flame", { side: f32 });
/** The light of both flames, below a hull. */
export const ThrusterGlow = defineComponent("ThrusterGlow");
/** The visible beam, a child of its tug. */
export const BeamRay = defineComponent("BeamRay");
/** The ring around what a tug drags, a child of its tug. */
export const BeamRing = defineComponent("BeamRing");
