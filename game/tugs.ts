/** Tugs: their measures, where they start and what they are made of. */
import {
  AngularVelocity,
  boxCollider,
  type Commands,
  type Component,
  ExternalForce,
  ExternalImpulse,
  exact,
  type Handle,
  type Initial,
  Light,
  LinearVelocity,
  RigidBody,
  Rotation,
  WorldTransform,
} from "../engine/index.ts";
import { Beam, BeamRay, BeamRing, Flame, Hull, Intent, Motion, Pilot, ThrusterGlow, Tug } from "./components/tug.ts";
import { Errand, Way } from "./components/way.ts";
import { Lamp, Obstacle } from "./components/yard.ts";
import { look } from "./look.ts";
import { aboutX, aboutY } from "./orientation.ts";
import { seatColors, teal } from "./palette.ts";
import { part, place, type Vector } from "./parts.ts";
import { layer } from "./physics.ts";

export const seatCount = 16;

const half: Vector = [0.95, 0.35, 1.3];
const density = 110;
/** Kilograms; the collider is the whole body. */
export const tugMass = half[0] * half[1] * half[2] * 8 * density;
/** Moment of inertia about the vertical axis, kg m2. */
export const tugInertia = (tugMass / 3) * (half[0] * half[0] + half[2] * half[2]);

/** Height of a tug's middle above the ground. */
export const hoverMetres = 0.9;
/** Where a beam holds a crate, ahead of the tug's middle. */
export const holdMetres = 3;

const lockTilt = 1 | 4;

/** Where the tug of a seat starts: two blocks, left and right, facing the furnace. */
export function startOf(seat: number): Vector {
  const side = seat % 2 === 0 ? -1 : 1;
  const row = Math.floor(seat / 4);
  const column = Math.floor(seat / 2) % 2;
  return [side * (9.5 + column * 4), hoverMetres, 4 - row * 3.4 + column];
}

/** Stages a tug of `seat`, driven by `player` (none: a rival), `drop` metres above its start. */
export function spawnTug(commands: Commands, seat: number, player: Handle, drop: number): Handle {
  const [x, y, z] = startOf(seat);
  const tug = commands.spawn(
    ...place([x, y + drop, z]),
    Rotation,
    WorldTransform,
    RigidBody.of({ locks: lockTilt, neverSleeps: true }),
    boxCollider(half[0], half[1], half[2], {
      layers: layer.tug,
      density,
      friction: 0.15,
      restitution: 0.3,
      reports: true,
    }),
    LinearVelocity,
    AngularVelocity,
    ExternalForce,
    ExternalImpulse,
    Tug.of({ seat, player, energy: 1 }),
    Intent,
    Beam,
    Pilot,
    Errand,
    Way,
    Motion,
    Obstacle.of({ radius: 0.8 }),
  );
  dress(commands, tug, seatColors[seat % seatColors.length]!);
  return tug;
}

function dress(commands: Commands, tug: Handle, color: number): void {
  commands.spawnChild(tug, ...part("box", "beam", [0, 0, 0], { size: [0, 0, 0], rotation: aboutY(0) }), BeamRay);
  commands.spawnChild(
    tug,
    ...part("ring", "tealLight", [0, 0, 0], { size: [0, 0, 0], rotation: aboutX(exact.PI / 2) }),
    BeamRing,
    Light.of({ color: teal, intensity: 0, radius: 6 }),
  );
  const hull = commands.spawnChild(tug, ...place([0, 0, 0], aboutX(0)), WorldTransform, Hull);
  const add = (...components: readonly (Initial | Component)[]): Handle => commands.spawnChild(hull, ...components);

  add(...part("hull", "paint", [0, 0, 0.1], { color }));
  add(...part("nose", "frame", [0, -0.06, -1.15]));
  add(...part("box", "warmLight", [-0.42, 0, -1.6], { size: [0.22, 0.12, 0.06] }));
  add(...part("box", "warmLight", [0.42, 0, -1.6], { size: [0.22, 0.12, 0.06] }));
  add(...part("cabin", "glass", [0, 0.42, -0.2]));
  add(...part("box", "paint", [0, 0.68, -0.15], { size: [0.7, 0.06, 0.8], color }));
  add(...part("box", "frame", [0, 0.32, 0.75], { size: [1.1, 0.22, 0.8] }));
  add(...part("ball", "tealLight", [0, -0.04, -1.62], { size: [0.3, 0.3, 0.3] }));
  add(...part("box", "tealLight", [0, -0.27, 0.1], { size: [1.3, 0.04, 1.9] }));
  add(
    ...part("box", "orangeLight", [0, 0.76, 0.1], { size: [0.3, 0.1, 0.14] }),
    Lamp.of({
      onMaterial: look.material.orangeLight,
      offMaterial: look.material.darkLight,
      periodTicks: 50,
      onTicks: 14,
      phaseTicks: (color >>> 3) % 50,
    }),
  );
  add(...place([0, 0.1, -2.6]), Light.of({ color: 0xffd9a0, intensity: 1.2, radius: 8 }));
  add(...place([0, 0.05, 2.2]), ThrusterGlow, Light.of({ color: 0x48dcff, intensity: 0, radius: 6 }));
  for (const side of [-1, 1]) {
    add(...part("pod", "frame", [side * 0.95, -0.08, 0.2]));
    add(...part("box", "paint", [side * 0.95, 0.14, 0.3], { size: [0.24, 0.05, 1.1], color }));
    const back = aboutX(exact.PI / 2);
    add(...part("cylinder", "steel", [side * 0.55, 0.02, 1.32], { size: [0.52, 0.36, 0.52], rotation: back }));
    add(
      ...part("cone", "flame", [side * 0.55, 0.02, 1.6], { size: [0.36, 0.2, 0.36], rotation: back }),
      Flame.of({ side }),
    );
  }
}
