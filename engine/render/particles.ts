/**
 * Particle systems, as definitions of a view. Particles are presentation: an event of the world brings
 * them forth, jobs move them from frame to frame, and nothing of them is hashed or saved.
 */
import type { RandomStream } from "../base/random.ts";
import type { ReadonlyColumn } from "../ecs/field.ts";
import type { Handle } from "../ecs/handle.ts";
import type { EventKind } from "../events/event.ts";

/** A particle at its birth. Metres, metres a second, seconds. */
export interface Particle {
  x: number;
  y: number;
  z: number;
  velocityX: number;
  velocityY: number;
  velocityZ: number;
  life: number;
  /** Side of the particle, metres. */
  size: number;
  /** An entity that draws it in, or 0. Only where the system has an `attraction`. */
  target: Handle | 0;
}

export interface ParticleSystem {
  readonly name: string;
  /** Particles alive at once; the oldest give way. Rounded up to whole chunks. */
  readonly capacity: number;
  readonly event: EventKind;
  /** How many particles row `row` of the event brings forth. */
  amount(event: Readonly<Record<string, ReadonlyColumn>>, row: number): number;
  /** Fills in one of them. */
  birth(event: Readonly<Record<string, ReadonlyColumn>>, row: number, random: RandomStream, particle: Particle): void;
  /** Metres a second squared. */
  readonly acceleration: readonly [number, number, number];
  /** Share of its velocity that a particle keeps in a tick. */
  readonly drag: number;
  /** Pull towards the target, a second squared: acceleration is this times the way. */
  readonly attraction?: number;
  /** Something flat about the origin that particles bounce off. */
  readonly floor?: {
    readonly height: number;
    readonly restitution: number;
    readonly halfX: number;
    readonly halfZ: number;
  };
  /** Share of its size that a particle ends with. */
  readonly sizeAtEnd: number;
  /** Opacity is this times the share of life left, at most 1. */
  readonly fadeRate: number;
  /** How a driver shows it: 0xRRGGBB, how bright, and of what kind. */
  readonly color: number;
  readonly emissiveIntensity: number;
  readonly shape: "spark" | "puff";
}
