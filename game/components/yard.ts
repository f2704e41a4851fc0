/** The yard: ground, furnace, machines and lamps. */
import { defineComponent, f32, u8, u16, u32, WorldTransform } from "../../engine/index.ts";

/**
 * A piece of ground that tugs can hover over: a rectangle around the entity's Position, whose top is
 * `top` above it and rises by `riseX`, `riseZ` metres a metre. Velocity is that of moving ground.
 */
export const Ground = defineComponent(
  "Ground",
  { halfX: f32, halfZ: f32, top: f32, riseX: f32, riseZ: f32, velocityX: f32, velocityZ: f32 },
  { writtenIn: ["physics"], shared: true, requires: [WorldTransform] },
);

/**
 * Something that pilots steer around, and keep out of when they plan. What it covers is a box of half lengths
 * `halfX` and `halfZ` about its entity, a disc of radius `halfX` when `halfZ` is 0, and nothing fixed when both are.
 */
export const Obstacle = defineComponent(
  "Obstacle",
  {
    /** It is steered around as a disc of this radius. */
    radius: f32,
    halfX: f32,
    halfZ: f32,
  },
  { writtenIn: [], shared: true, requires: [WorldTransform] },
);

/** The furnace; heat is 0 to 1 and flares with each delivery. */
export const Furnace = defineComponent("Furnace", { heat: f32 });
/** The sensor that takes crates. */
export const FurnaceMouth = defineComponent("FurnaceMouth", {}, { writtenIn: [] });
/** A part that grows with the heat: at rest it has `base` of its full height, `reach` metres. */
export const FurnaceFlame = defineComponent("FurnaceFlame", { base: f32, reach: f32, phase: f32 });

/** A belt, running along (axisX, axisZ) with its top at the entity's Position. */
export const Conveyor = defineComponent("Conveyor", {
  axisX: f32,
  axisZ: f32,
  halfLength: f32,
  halfWidth: f32,
  /** Metres a second. */
  speed: f32,
  /** The tick at which it brings the next crate. */
  nextTick: u32,
});
/** Something that turns about its own z axis, radians a second, from `phase`. */
export const Roller = defineComponent("Roller", { speed: f32, phase: f32 });

/** The arm that sweeps the yard, radians a second. */
export const SweepArm = defineComponent("SweepArm", { speed: f32 }, { writtenIn: [] });
/** The section that drifts away and comes back with better crates. */
export const DriftSection = defineComponent("DriftSection", { z: f32 }, { writtenIn: [] });

/** A light that flickers with the flames: `intensity` at rest, `reach` more at full heat. */
export const Glow = defineComponent("Glow", { intensity: f32, reach: f32, phase: f32 }, { writtenIn: [] });

/** Lights up for `onTicks` of every `periodTicks`: its material changes, and its Light if it has one shines at `intensity`. */
export const Lamp = defineComponent(
  "Lamp",
  { onMaterial: u16, offMaterial: u16, periodTicks: u16, onTicks: u16, phaseTicks: u16, intensity: f32 },
  { writtenIn: [] },
);

/** Scrap in the distance that bobs about `y`. */
export const Floater = defineComponent("Floater", { y: f32, height: f32, phase: f32 }, { writtenIn: [] });

/** Metres a second of what drifts and is no body. */
export const Velocity = defineComponent("Velocity", { x: f32, y: f32, z: f32 }, { writtenIn: [] });

/** A section of another yard, on its way there and back (sections/sailing.ts). */
export const FarSection = defineComponent(
  "FarSection",
  { directionX: f32, directionZ: f32, y: f32, nearMetres: f32, periodTicks: u32, phase: f32 },
  { writtenIn: [] },
);

/** A column of the score board that stands for one seat. */
export const ScoreBar = defineComponent("ScoreBar", { seat: u8, y: f32 });
