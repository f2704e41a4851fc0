/**
 * What bursts look like: one particle system for each kind, as data. Particles are the view's alone; a
 * world that nobody looks at has none, and nothing in its state depends on them.
 */
import { exact, type Particle, type ParticleSystem, type RandomStream, type ReadonlyColumn } from "../engine/index.ts";
import { Burst, burstKind } from "./events.ts";
import { gold, teal } from "./palette.ts";
import { gravity } from "./physics.ts";
import { deckHalfX, deckHalfZ } from "./yard/deck.ts";

type Range = readonly [least: number, most: number];

/** How particles of a kind begin; the rest of a system says how they go on. */
interface Birth {
  readonly kind: keyof typeof burstKind;
  /** Particles for each one that a burst asks for. */
  readonly factor: number;
  readonly seconds: Range;
  /** Side at birth, metres. */
  readonly size: Range;
  /** Part of the power that goes upwards. */
  readonly lift: number;
  /** How far from the burst's place they begin, metres along each axis. */
  readonly scatter?: readonly [number, number, number];
}
type Motion = Omit<ParticleSystem, "name" | "event" | "amount" | "birth">;
type Row = Readonly<Record<string, ReadonlyColumn>>;

const deckFloor = { height: 0.04, restitution: 0.42, halfX: deckHalfX, halfZ: deckHalfZ };

function particles({ kind, factor, seconds, size, lift, scatter = [0, 0, 0] }: Birth, motion: Motion): ParticleSystem {
  const number = burstKind[kind];
  return {
    ...motion,
    name: kind,
    event: Burst,
    amount: (burst: Row, row) => (burst["kind"]![row] === number ? burst["amount"]![row]! * factor : 0),
    birth(burst: Row, row, random: RandomStream, particle: Particle): void {
      const power = burst["power"]![row]!;
      const angle = random.between(0, exact.TAU);
      const speed = power * random.between(0.3, 1);
      particle.x = burst["x"]![row]! + scatter[0] * random.between(-1, 1);
      particle.y = burst["y"]![row]! + scatter[1] * random.between(-1, 1);
      particle.z = burst["z"]![row]! + scatter[2] * random.between(-1, 1);
      particle.velocityX = burst["driftX"]![row]! + exact.cos(angle) * speed;
      particle.velocityY = burst["driftY"]![row]! + power * lift * random.between(0.2, 1.1);
      particle.velocityZ = burst["driftZ"]![row]! + exact.sin(angle) * speed;
      particle.life = random.between(...seconds);
      particle.size = random.between(...size);
      particle.target = burst["target"]![row]! as Particle["target"];
    },
  };
}

export const particleSystems: readonly ParticleSystem[] = [
  // Metal on metal: falls, bounces on the deck, goes out.
  particles(
    { kind: "hot", factor: 2.5, seconds: [0.35, 0.95], size: [0.04, 0.09], lift: 1 },
    {
      capacity: 4_096,
      acceleration: [0, -gravity, 0],
      drag: 0.985,
      floor: deckFloor,
      sizeAtEnd: 0.3,
      fadeRate: 3,
      color: 0xffb052,
      emissiveIntensity: 4,
      shape: "spark",
    },
  ),
  // Beams that let go, tugs that come and go.
  particles(
    { kind: "cold", factor: 2.5, seconds: [0.3, 0.65], size: [0.04, 0.08], lift: 1 },
    {
      capacity: 2_048,
      acceleration: [0, -5, 0],
      drag: 0.95,
      floor: deckFloor,
      sizeAtEnd: 0.3,
      fadeRate: 2.5,
      color: 0x9ffff0,
      emissiveIntensity: 3,
      shape: "spark",
    },
  ),
  // Points on their way to the tug that earned them.
  particles(
    { kind: "gold", factor: 2, seconds: [1.2, 2], size: [0.12, 0.2], lift: 1 },
    {
      capacity: 2_048,
      acceleration: [0, 0, 0],
      drag: 0.95,
      attraction: 22,
      sizeAtEnd: 0.6,
      fadeRate: 4,
      color: gold,
      emissiveIntensity: 3,
      shape: "spark",
    },
  ),
  particles(
    { kind: "smoke", factor: 1.5, seconds: [1, 1.9], size: [0.35, 0.6], lift: 0.8, scatter: [0.2, 0.1, 0.2] },
    {
      capacity: 2_048,
      acceleration: [0.35, 1.1, 0.12],
      drag: 0.955,
      sizeAtEnd: 3.2,
      fadeRate: 0.5,
      color: 0x6b6460,
      emissiveIntensity: 0,
      shape: "puff",
    },
  ),
  // Behind thrusters: bright and gone at once.
  particles(
    { kind: "exhaust", factor: 1, seconds: [0.16, 0.32], size: [0.16, 0.26], lift: 0.3, scatter: [0.05, 0.05, 0.05] },
    {
      capacity: 4_096,
      acceleration: [0, 0.8, 0],
      drag: 0.88,
      sizeAtEnd: 0.35,
      fadeRate: 0.5,
      color: 0x8ff7ff,
      emissiveIntensity: 1.2,
      shape: "puff",
    },
  ),
  // Out of the furnace, carried by the heat and a little by the wind.
  particles(
    { kind: "ember", factor: 1, seconds: [1.3, 3.2], size: [0.035, 0.075], lift: 1, scatter: [2.8, 0.3, 1.6] },
    {
      capacity: 2_048,
      acceleration: [0.5, 1.6, 0.25],
      drag: 0.975,
      sizeAtEnd: 0.2,
      fadeRate: 2,
      color: 0xff8a2a,
      emissiveIntensity: 4,
      shape: "spark",
    },
  ),
  particles(
    { kind: "dust", factor: 1.5, seconds: [0.55, 1.1], size: [0.25, 0.45], lift: 0.25, scatter: [0.4, 0.05, 0.4] },
    {
      capacity: 2_048,
      acceleration: [0.1, 0.4, 0],
      drag: 0.9,
      sizeAtEnd: 2.6,
      fadeRate: 0.32,
      color: 0xb9a793,
      emissiveIntensity: 0,
      shape: "puff",
    },
  ),
  // What a tractor beam pulls off a crate.
  particles(
    { kind: "mote", factor: 1, seconds: [0.4, 0.7], size: [0.03, 0.055], lift: 0.5, scatter: [0.5, 0.5, 0.5] },
    {
      capacity: 2_048,
      acceleration: [0, 0, 0],
      drag: 0.88,
      attraction: 60,
      sizeAtEnd: 0.5,
      fadeRate: 3,
      color: teal,
      emissiveIntensity: 3,
      shape: "spark",
    },
  ),
];
