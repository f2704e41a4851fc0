/**
 * Rapier's methods that take a vector, with one vector for all calls: its own methods make and free one
 * in its memory, with a JavaScript object and a finalizer, in each call; that is 190 bytes of garbage.
 */
import { type World as RapierWorld, VectorOps } from "@dimforge/rapier3d-compat";

type RawBodies = RapierWorld["bodies"]["raw"];
type RawVector = ReturnType<typeof VectorOps.intoRaw>;

/** Each method acts on the body with this handle and wakes it. */
export class VectorCalls {
  readonly #bodies: RawBodies;
  readonly #vector: RawVector;

  constructor(rapier: RapierWorld) {
    this.#bodies = rapier.bodies.raw;
    this.#vector = VectorOps.intoRaw({ x: 0, y: 0, z: 0 });
  }

  addForce(handle: number, x: number, y: number, z: number): void {
    this.#bodies.rbAddForce(handle, this.#filled(x, y, z), true);
  }
  addTorque(handle: number, x: number, y: number, z: number): void {
    this.#bodies.rbAddTorque(handle, this.#filled(x, y, z), true);
  }
  applyImpulse(handle: number, x: number, y: number, z: number): void {
    this.#bodies.rbApplyImpulse(handle, this.#filled(x, y, z), true);
  }
  applyTorqueImpulse(handle: number, x: number, y: number, z: number): void {
    this.#bodies.rbApplyTorqueImpulse(handle, this.#filled(x, y, z), true);
  }
  setLinearVelocity(handle: number, x: number, y: number, z: number): void {
    this.#bodies.rbSetLinvel(handle, this.#filled(x, y, z), true);
  }
  setAngularVelocity(handle: number, x: number, y: number, z: number): void {
    this.#bodies.rbSetAngvel(handle, this.#filled(x, y, z), true);
  }

  /** The vector in Rapier's memory, whose place a save notes. */
  get raw(): RawVector {
    return this.#vector;
  }

  free(): void {
    this.#vector.free();
  }

  #filled(x: number, y: number, z: number): RawVector {
    const vector = this.#vector;
    vector.x = x;
    vector.y = y;
    vector.z = z;
    return vector;
  }
}
