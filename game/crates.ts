/** The kinds of crates: what they weigh, what they are worth and how they are made. */
import {
  AngularVelocity,
  boxCollider,
  type Commands,
  cylinderCollider,
  ExternalForce,
  ExternalImpulse,
  exact,
  type Handle,
  type Initial,
  Light,
  LinearVelocity,
  RigidBody,
} from "../engine/index.ts";
import { Crate, crateKind, FuseLamp } from "./components/crate.ts";
import { cratePaints } from "./palette.ts";
import { part, type Vector } from "./parts.ts";
import { crateMask, layer } from "./physics.ts";
import { ticksOf } from "./time.ts";

export interface CrateKind {
  readonly points: number;
  /** Half its height, metres. */
  readonly halfHeight: number;
  /** Kilograms. */
  readonly mass: number;
}

/** By crateKind. Mass follows from the colliders below. */
export const crateKinds: readonly CrateKind[] = [
  { points: 1, halfHeight: 0.6, mass: 60 },
  { points: 3, halfHeight: 0.8, mass: 190 },
  { points: 5, halfHeight: 0.5, mass: 50 },
  { points: 4, halfHeight: 0.7, mass: 70 },
];
export const crateNames: readonly string[] = ["Crate +1", "Heavy crate +3", "Gold +5", "Volatile drum +4"];

export const fuseTicks = ticksOf(9);
/** A crate that nobody has touched for so long is scrapped, so that the yard never clogs. */
export const neglectTicks = ticksOf(75);

const drumRadius = 0.5;

export function spawnCrate(
  commands: Commands,
  kind: number,
  [x, y, z]: Vector,
  velocity: Vector,
  paint: number,
  tick: number,
): Handle {
  const crate = commands.spawn(
    ...body(kind, [x, y, z], paint),
    RigidBody.of({ linearDamping: 0.15, angularDamping: 0.9 }),
    collider(kind),
    LinearVelocity.of({ x: velocity[0], y: velocity[1], z: velocity[2] }),
    AngularVelocity,
    ExternalForce,
    ExternalImpulse,
    Crate.of({ kind, touchTick: tick }),
  );
  dress(commands, crate, kind);
  return crate;
}

function collider(kind: number): Initial {
  const { halfHeight, mass } = crateKinds[kind]!;
  const options = { layers: layer.crate, mask: crateMask, friction: 0.5, restitution: 0.15 };
  if (kind === crateKind.drum)
    return cylinderCollider(halfHeight, drumRadius, {
      ...options,
      density: mass / (exact.PI * drumRadius * drumRadius * halfHeight * 2),
    });
  const side = halfHeight * 2;
  return boxCollider(halfHeight, halfHeight, halfHeight, { ...options, density: mass / (side * side * side) });
}

function body(kind: number, at: Vector, paint: number): Initial[] {
  switch (kind) {
    case crateKind.heavy:
      return part("heavyCrate", "steel", at, { color: 0x8a949c });
    case crateKind.golden:
      return part("ingot", "gold", at);
    case crateKind.drum:
      return part("drum", "danger", at);
    default:
      return part("crate", "paint", at, { color: cratePaints[paint % cratePaints.length]! });
  }
}

/** Bands and lamps, which tell the kinds apart from afar. */
function dress(commands: Commands, crate: Handle, kind: number): void {
  switch (kind) {
    case crateKind.heavy:
      commands.spawnChild(crate, ...part("box", "hazard", [0, 0, 0], { size: [1.64, 0.3, 1.64] }));
      commands.spawnChild(crate, ...part("box", "frame", [0, 0.62, 0], { size: [1.2, 0.4, 1.2] }));
      return;
    case crateKind.golden:
      commands.spawnChild(crate, ...part("box", "warmLight", [0, 0, 0], { size: [1.03, 0.1, 1.03] }));
      return;
    case crateKind.drum:
      commands.spawnChild(
        crate,
        ...part("cylinder", "darkLight", [0, 0.3, 0], { size: [1.05, 0.16, 1.05] }),
        FuseLamp,
        Light.of({ color: 0xff3b30, intensity: 0, radius: 6 }),
      );
      commands.spawnChild(
        crate,
        ...part("cylinder", "darkLight", [0, -0.3, 0], { size: [1.05, 0.16, 1.05] }),
        FuseLamp,
      );
      return;
    default:
      commands.spawnChild(crate, ...part("box", "frame", [0, 0, 0], { size: [1.24, 0.16, 1.24] }));
  }
}
