/**
 * A pile of boxes that never sleep, as a game and as a bare Rapier loop in the order in which the engine
 * makes bodies, so that the two give the same poses to the last bit.
 */
import type * as Rapier from "@dimforge/rapier3d-compat";
import { RandomStream, randomStateWords, seedStream } from "../../engine/base/random.ts";
import type { Component } from "../../engine/ecs/component.ts";
import { defineGame, type Game } from "../../engine/game.ts";
import { bodyKind, boxCollider, RigidBody } from "../../engine/physics/components.ts";
import { Position, Rotation, WorldTransform } from "../../engine/transform/components.ts";
import { benchSeed } from "./measure.ts";

const floorHalf = { x: 40, y: 1, z: 40 } as const;
const boxHalf = 0.5;
const gravity = [0, -9.81, 0] as const;
const gap = 1.15;

export interface Place {
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

/** Where each box begins: a block of columns, shaken by the seed so that it tumbles. */
export function boxPlaces(boxCount: number): readonly Place[] {
  const state = new Uint32Array(randomStateWords);
  seedStream(state, 0, benchSeed, "pile");
  const random = new RandomStream(state, 0);
  const side = Math.ceil(Math.cbrt(boxCount));
  return Array.from({ length: boxCount }, (_, i) => ({
    x: Math.fround(((i % side) - side / 2) * gap + random.between(-0.3, 0.3)),
    y: Math.fround(boxHalf + Math.floor(i / (side * side)) * gap),
    z: Math.fround(((Math.floor(i / side) % side) - side / 2) * gap + random.between(-0.3, 0.3)),
  }));
}

/**
 * The pile as a game. The boxes are the entities behind the floor, in the order of `boxPlaces`, each
 * with `boxParts` as well.
 */
export function pileGame(boxCount: number, more: Partial<Game> = {}, boxParts: readonly Component[] = []): Game {
  return defineGame({
    id: "bench-pile",
    tickRate: 60,
    components: [],
    systems: [],
    physics: { gravity },
    setup({ commands }) {
      commands.spawn(
        Position.of({ y: -floorHalf.y }),
        RigidBody.of({ kind: bodyKind.fixed }),
        boxCollider(floorHalf.x, floorHalf.y, floorHalf.z),
        WorldTransform,
      );
      for (const place of boxPlaces(boxCount))
        commands.spawn(
          Position.of(place),
          Rotation.of({ w: 1 }),
          RigidBody.of({ neverSleeps: true }),
          boxCollider(boxHalf, boxHalf, boxHalf),
          WorldTransform,
          ...boxParts,
        );
    },
    ...more,
  });
}

/** The pile on Rapier alone: one call steps it and reads every pose without garbage. */
export class BarePile {
  /** x, y, z and the quaternion of each box. */
  readonly poses: Float32Array;
  readonly #world: Rapier.World;
  readonly #bodies: readonly Rapier.RigidBody[];
  readonly #position = { x: 0, y: 0, z: 0 };
  readonly #rotation = { x: 0, y: 0, z: 0, w: 1 };

  constructor(rapier: typeof Rapier, boxCount: number) {
    const [x, y, z] = gravity;
    const world = new rapier.World({ x, y, z });
    world.timestep = 1 / 60;
    world.step();
    const floor = world.createRigidBody(rapier.RigidBodyDesc.fixed().setTranslation(0, -floorHalf.y, 0));
    const bodies = boxPlaces(boxCount).map((place) =>
      world.createRigidBody(
        rapier.RigidBodyDesc.dynamic().setTranslation(place.x, place.y, place.z).setCanSleep(false),
      ),
    );
    // Friction 0.5 and density 1 are Rapier's defaults and the engine's.
    world.createCollider(rapier.ColliderDesc.cuboid(floorHalf.x, floorHalf.y, floorHalf.z), floor);
    for (const body of bodies) world.createCollider(rapier.ColliderDesc.cuboid(boxHalf, boxHalf, boxHalf), body);
    this.#world = world;
    this.#bodies = bodies;
    this.poses = new Float32Array(boxCount * 7);
  }

  step(): void {
    this.#world.step();
    const { poses } = this;
    const position = this.#position;
    const rotation = this.#rotation;
    for (let i = 0, at = 0; i < this.#bodies.length; i++, at += 7) {
      const body = this.#bodies[i]!;
      body.translation(position);
      body.rotation(rotation);
      poses[at] = position.x;
      poses[at + 1] = position.y;
      poses[at + 2] = position.z;
      poses[at + 3] = rotation.x;
      poses[at + 4] = rotation.y;
      poses[at + 5] = rotation.z;
      poses[at + 6] = rotation.w;
    }
  }

  free(): void {
    this.#world.free();
  }
}
