/**
 * The readback: what pull-bodies does. Poses and velocities of each body that was awake before or after
 * the step go to their columns and to BodyState, many bodies to a call and without garbage.
 */
import type { World as RapierWorld } from "@dimforge/rapier3d-compat";
import type { Bodies } from "./bodies.ts";
import { type BodyReader, bodiesPerRead, bodyVector } from "./body-reader.ts";
import type { PhysicsColumns } from "./columns.ts";
import { bodyKind } from "./components.ts";

/** A number of a vector and the two columns that it goes to. */
type Axis = readonly [column: Float32Array, state: Float32Array];

export class Readback {
  readonly #bodies: Bodies;
  readonly #reader: BodyReader;
  readonly #rapier: RapierWorld;
  readonly #axes: ReturnType<typeof axesOf>;
  /** Entities whose bodies are read, and those of them that show a velocity. */
  readonly #awake: Uint32Array;
  readonly #moving: Uint32Array;

  constructor(bodies: Bodies, reader: BodyReader, rapier: RapierWorld) {
    this.#bodies = bodies;
    this.#reader = reader;
    this.#rapier = rapier;
    this.#axes = axesOf(bodies.columns);
    this.#awake = new Uint32Array(bodies.ofEntity.length);
    this.#moving = new Uint32Array(bodies.ofEntity.length);
  }

  /** Reads the bodies of `entities`, all of which have one. */
  pull(entities: Uint32Array): void {
    const { position, rotation, linear, angular } = this.#axes;
    const c = this.#bodies.columns;
    const awake = this.#awake;
    const moving = this.#moving;
    const awakeCount = this.#gatherAwake(entities);
    this.#read(bodyVector.translation, awake, awakeCount, position);
    this.#read(bodyVector.rotation, awake, awakeCount, rotation);
    let movingCount = 0;
    for (let i = 0; i < awakeCount; i++) if (c.hasLinearVelocity(awake[i]!)) moving[movingCount++] = awake[i]!;
    this.#read(bodyVector.linearVelocity, moving, movingCount, linear);
    movingCount = 0;
    for (let i = 0; i < awakeCount; i++) if (c.hasAngularVelocity(awake[i]!)) moving[movingCount++] = awake[i]!;
    this.#read(bodyVector.angularVelocity, moving, movingCount, angular);
  }

  #gatherAwake(entities: Uint32Array): number {
    const { ofEntity, columns } = this.#bodies;
    const { kind, neverSleeps, asleep } = columns;
    const awake = this.#awake;
    let count = 0;
    for (let i = 0; i < entities.length; i++) {
      const e = entities[i]!;
      if (kind[e] === bodyKind.fixed) continue; // It is where it was put.
      if (neverSleeps[e] === 0) {
        const sleeps = ofEntity[e]!.isSleeping() ? 1 : 0;
        const slept = asleep[e]!;
        asleep[e] = sleeps;
        if (sleeps === 1 && slept === 1) continue;
      }
      awake[count++] = e;
    }
    return count;
  }

  #read(vector: number, entities: Uint32Array, count: number, axes: readonly Axis[]): void {
    const { handles, values } = this.#reader;
    const { handleOf } = this.#bodies;
    for (let from = 0; from < count; from += bodiesPerRead) {
      const part = Math.min(bodiesPerRead, count - from);
      for (let i = 0; i < part; i++) handles[i] = handleOf[entities[from + i]!]!;
      this.#reader.read(vector, this.#rapier, part);
      for (let axis = 0; axis < axes.length; axis++) {
        const [column, state] = axes[axis]!;
        for (let i = 0; i < part; i++) {
          const e = entities[from + i]!;
          const value = values[i * 4 + axis]!;
          column[e] = value;
          state[e] = value;
        }
      }
    }
  }
}

function axesOf(c: PhysicsColumns) {
  const position: readonly Axis[] = [
    [c.px, c.spx],
    [c.py, c.spy],
    [c.pz, c.spz],
  ];
  const rotation: readonly Axis[] = [
    [c.rx, c.srx],
    [c.ry, c.sry],
    [c.rz, c.srz],
    [c.rw, c.srw],
  ];
  const linear: readonly Axis[] = [
    [c.lvx, c.svx],
    [c.lvy, c.svy],
    [c.lvz, c.svz],
  ];
  const angular: readonly Axis[] = [
    [c.avx, c.swx],
    [c.avy, c.swy],
    [c.avz, c.swz],
  ];
  return { position, rotation, linear, angular };
}
