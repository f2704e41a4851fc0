/**
 * Physics components. RigidBody and Collider describe a body; it is made at the start of the physics
 * phase after they were added and removed at once when RigidBody is. Position and Rotation are its
 * pose in both directions: read back after each step, and where world code wrote another value, that
 * value is given to the body before the next step (a jump for a dynamic body, a move for a kinematic).
 */

import { defineComponent, type Initial, type ValuesOf } from "../ecs/component.ts";
import { bool, entity, f32, u8, u16 } from "../ecs/field.ts";
import { defineEvent } from "../events/event.ts";
import { Position, Rotation } from "../transform/components.ts";

/** Values of RigidBody.kind. Kinematic bodies follow Position and Rotation, or WorldTransform below a parent. */
export const bodyKind = { dynamic: 0, fixed: 1, kinematic: 2 } as const;

/** Values of Collider.shape. */
export const colliderShape = { box: 0, ball: 1, capsule: 2, cylinder: 3, cone: 4 } as const;

/** The pose and velocity as the physics world last gave them, to tell what world code wrote. Engine-owned. */
export const BodyState = defineComponent(
  "BodyState",
  {
    px: f32,
    py: f32,
    pz: f32,
    rx: f32,
    ry: f32,
    rz: f32,
    rw: f32,
    vx: f32,
    vy: f32,
    vz: f32,
    wx: f32,
    wy: f32,
    wz: f32,
    asleep: bool,
  },
  { writtenIn: ["physics"] },
);

/**
 * A body. Damping is per second; `locks` holds bits 1, 2, 4 for rotation about x, y, z and 8, 16, 32
 * for movement along them; `fast` turns on continuous collision detection.
 */
export const RigidBody = defineComponent(
  "RigidBody",
  { kind: u8, gravityScale: f32, linearDamping: f32, angularDamping: f32, locks: u8, fast: bool, neverSleeps: bool },
  { writtenIn: [], defaults: { gravityScale: 1 }, requires: [Position, Rotation, BodyState] },
);

/**
 * A collider of the entity's own body, or of the nearest ancestor's when it has none. Half sizes and
 * radius in metres; density in kg/m3. Two colliders touch when each one's `layers` meets the other's
 * `mask`. `reports` asks for Contact events; a sensor always reports and never pushes.
 */
export const Collider = defineComponent(
  "Collider",
  {
    shape: u8,
    halfX: f32,
    halfY: f32,
    halfZ: f32,
    radius: f32,
    friction: f32,
    restitution: f32,
    density: f32,
    sensor: bool,
    reports: bool,
    layers: u16,
    mask: u16,
  },
  { writtenIn: [], defaults: { friction: 0.5, density: 1, layers: 1, mask: 0xffff } },
);

/** Metres a second. With it on a body, its velocity is read back and may be written. */
export const LinearVelocity = defineComponent(
  "LinearVelocity",
  { x: f32, y: f32, z: f32 },
  { writtenIn: ["input", "physics", "gameplay"] },
);

/** Radians a second about the world axes; as LinearVelocity. */
export const AngularVelocity = defineComponent(
  "AngularVelocity",
  { x: f32, y: f32, z: f32 },
  { writtenIn: ["input", "physics", "gameplay"] },
);

/** Newtons and newton metres for the next step; zeroed once applied, so systems add to it. */
export const ExternalForce = defineComponent(
  "ExternalForce",
  { x: f32, y: f32, z: f32, torqueX: f32, torqueY: f32, torqueZ: f32 },
  { writtenIn: ["input", "physics", "gameplay"] },
);

/** Newton seconds for the next step; zeroed once applied. */
export const ExternalImpulse = defineComponent(
  "ExternalImpulse",
  { x: f32, y: f32, z: f32, torqueX: f32, torqueY: f32, torqueZ: f32 },
  { writtenIn: ["input", "physics", "gameplay"] },
);

/**
 * Two colliders began (`started` 1) or ceased (0) to touch in this tick. `a` has the smaller index;
 * rows are in ascending order of (a, b).
 */
export const Contact = defineEvent("Contact", { a: entity, b: entity, started: bool, sensor: bool });

type ColliderOptions = Partial<
  Omit<ValuesOf<typeof Collider.fields>, "shape" | "halfX" | "halfY" | "halfZ" | "radius">
>;

export function boxCollider(halfX: number, halfY: number, halfZ: number, options: ColliderOptions = {}): Initial {
  return Collider.of({ ...options, shape: colliderShape.box, halfX, halfY, halfZ });
}
export function ballCollider(radius: number, options: ColliderOptions = {}): Initial {
  return Collider.of({ ...options, shape: colliderShape.ball, radius });
}
/** A capsule about Y; `halfHeight` is that of its straight part. */
export function capsuleCollider(halfHeight: number, radius: number, options: ColliderOptions = {}): Initial {
  return Collider.of({ ...options, shape: colliderShape.capsule, halfY: halfHeight, radius });
}
export function cylinderCollider(halfHeight: number, radius: number, options: ColliderOptions = {}): Initial {
  return Collider.of({ ...options, shape: colliderShape.cylinder, halfY: halfHeight, radius });
}
export function coneCollider(halfHeight: number, radius: number, options: ColliderOptions = {}): Initial {
  return Collider.of({ ...options, shape: colliderShape.cone, halfY: halfHeight, radius });
}
