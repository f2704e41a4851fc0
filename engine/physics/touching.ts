/**
 * Who touches whom, read from Rapier itself: whether or not a collider reports its contacts, and also for contacts that
 * began long ago. For whoever asks why a body is where it is; ticks learn of contacts from events alone.
 *
 * The rule a reader could break: reading must leave no trace in the state. Rapier hands a pair out by allocating in its own
 * memory, so that memory is put back as it was, to the last byte.
 */
import type { World as RapierWorld } from "@dimforge/rapier3d-compat";
import type { Bodies } from "./bodies.ts";
import type { BodyReader } from "./body-reader.ts";

/** An entity whose collider touches, and whether one of the two is a sensor, which pushes nobody. */
export interface Touched {
  readonly entity: number;
  readonly isSensor: boolean;
}

export class Touching {
  readonly #bodies: Bodies;
  readonly #rapier: RapierWorld;
  readonly #reader: BodyReader;
  #image = new Uint8Array(0);

  constructor(bodies: Bodies, rapier: RapierWorld, reader: BodyReader) {
    this.#bodies = bodies;
    this.#rapier = rapier;
    this.#reader = reader;
  }

  /** The entities that touch any collider of the body of `index`, or its own one, as of the last step; ascending. */
  touchedBy(index: number): readonly Touched[] {
    const { narrowPhase } = this.#rapier;
    const found = new Map<number, boolean>();
    const near: [own: number, other: number][] = [];
    for (const own of this.#bodies.collidersOf(index)) {
      narrowPhase.contactPairsWith(own, (other) => near.push([own, other]));
      narrowPhase.intersectionPairsWith(own, (other) => found.set(this.#bodies.entityOf(other), true));
    }
    if (near.length > 0)
      this.#leavingNoTrace(() => {
        for (const [own, other] of near)
          if (this.#isTouching(own, other)) found.set(this.#bodies.entityOf(other), false);
      });
    found.delete(0); // A collider that is removed within the tick.
    found.delete(index);
    return [...found].map(([entity, isSensor]) => ({ entity, isSensor })).sort((a, b) => a.entity - b.entity);
  }

  /** Rapier lists pairs whose boxes meet; they touch when its solver has a point to work on. */
  #isTouching(one: number, other: number): boolean {
    let isTouching = false;
    this.#rapier.narrowPhase.contactPair(one, other, this.#rapier.bodies, (manifold) => {
      isTouching ||= manifold.numSolverContacts() > 0;
    });
    return isTouching;
  }

  #leavingNoTrace(read: () => void): void {
    const { rapierMemory, rapierStackBytes } = this.#reader;
    const before = new Uint8Array(rapierMemory.buffer, rapierStackBytes);
    if (this.#image.length !== before.length) this.#image = new Uint8Array(before.length);
    this.#image.set(before);
    read();
    // The buffer is another one when the memory has grown meanwhile.
    const after = new Uint8Array(rapierMemory.buffer, rapierStackBytes);
    after.set(this.#image);
    after.fill(0, this.#image.length);
  }
}
