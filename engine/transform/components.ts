/**
 * Spatial components. Position, Rotation and Scale are local to the parent (to the world for a root);
 * WorldTransform follows from them in the transforms phase and is written by nothing else.
 */
import { defineComponent } from "../ecs/component.ts";
import { f32, mat4 } from "../ecs/field.ts";

/** Metres; +Y is up. */
export const Position = defineComponent(
  "Position",
  { x: f32, y: f32, z: f32 },
  { writtenIn: ["input", "physics", "gameplay"] },
);

/** A unit quaternion. All zeros counts as no rotation, so an entity may go without. */
export const Rotation = defineComponent(
  "Rotation",
  { x: f32, y: f32, z: f32, w: f32 },
  { writtenIn: ["input", "physics", "gameplay"], defaults: { w: 1 } },
);

/** Factors along the local axes. */
export const Scale = defineComponent("Scale", { x: f32, y: f32, z: f32 }, { defaults: { x: 1, y: 1, z: 1 } });

/** World from local, column-major 4x4, last row 0 0 0 1. */
export const WorldTransform = defineComponent(
  "WorldTransform",
  { matrix: mat4 },
  {
    writtenIn: ["transforms"],
    writer: "propagate-transforms",
    shared: true,
    requires: [Position],
  },
);
