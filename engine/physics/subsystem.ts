/**
 * The physics subsystem: one Rapier world behind components, in three systems of the physics phase.
 *
 *   push-bodies   makes waiting bodies, gives them what world code wrote, adds forces
 *   step-bodies   one step of the tick's length; contact events in ascending order of their bodies, those of a pair as told
 *   pull-bodies   reads poses and velocities back
 *
 * Rapier's own state (velocities without a component, contact caches, sleep) is not in the arena; it
 * follows from the columns' history alone because every call here is in a fixed order.
 */
import { EventQueue, World as RapierWorld } from "@dimforge/rapier3d-compat";
import { assert } from "../base/assertions.ts";
import { Family, Parent } from "../ecs/hierarchy.ts";
import { not } from "../ecs/prepared-query.ts";
import type { Program } from "../sim/program.ts";
import { defineSubsystem, type PartState, type Subsystem, type SubsystemDefinition } from "../sim/subsystem.ts";
import { defineSystem } from "../sim/system.ts";
import type { World } from "../sim/world.ts";
import { Position, Rotation, WorldTransform } from "../transform/components.ts";
import { Bodies } from "./bodies.ts";
import { type BodyReader, openRapier } from "./body-reader.ts";
import type { Quaternion, Vector3 } from "./columns.ts";
import {
  AngularVelocity,
  BodyState,
  bodyKind,
  Collider,
  Contact,
  ExternalForce,
  ExternalImpulse,
  LinearVelocity,
  RigidBody,
} from "./components.ts";
import { Readback } from "./readback.ts";
import {
  claimRapier,
  decodePhysics,
  emptySave,
  encodePhysics,
  requireAlone,
  restoreMemory,
  type SavedPhysics,
  saveMemory,
} from "./saved-physics.ts";
import { type Touched, Touching } from "./touching.ts";
import { VectorCalls } from "./vector-calls.ts";

export interface PhysicsOptions {
  /** Metres a second squared. */
  readonly gravity: readonly [x: number, y: number, z: number];
  /** Solver iterations a step; Rapier's default is 4. */
  readonly solverIterations?: number;
}

export interface PhysicsSubsystem extends Subsystem {
  /** The Rapier world of a started engine, for benchmarks and for debugging; never step it. */
  readonly rapier: RapierWorld | undefined;
  /** Whom the body of an entity touches as of the last step; changes nothing. Costs a copy of Rapier's memory. */
  touchedBy(entity: number): readonly Touched[];
}

const bodyQuery = [RigidBody, Position] as const;
/** Rapier's own. */
const defaultSolverIterations = 4;

export function physicsSubsystem(options: PhysicsOptions): SubsystemDefinition<PhysicsSubsystem> {
  return defineSubsystem<PhysicsSubsystem>({
    name: "physics",
    settings: JSON.stringify([options.gravity, options.solverIterations]),
    needs: ["transform"],
    components: [RigidBody, Collider, BodyState, LinearVelocity, AngularVelocity, ExternalForce, ExternalImpulse],
    events: [Contact],
    create: () => new Physics(options),
  });
}

/** The physics of a program's engine; undefined for a game without. */
export function physicsOf({ parts }: Program): PhysicsSubsystem | undefined {
  const part = parts.find(({ subsystem }) => subsystem instanceof Physics);
  return part === undefined ? undefined : (part.subsystem as PhysicsSubsystem);
}

class Physics implements PhysicsSubsystem {
  rapier: RapierWorld | undefined;
  readonly systems;
  readonly state: PartState<SavedPhysics> = {
    save: (into) => this.#save(into ?? emptySave()),
    restore: (saved) => this.#restore(saved),
    encode: encodePhysics,
    decode: decodePhysics,
  };

  readonly #options: PhysicsOptions;
  #world: World | undefined;
  #events: EventQueue | undefined;
  #bodies: Bodies | undefined;
  #readback: Readback | undefined;
  #calls: VectorCalls | undefined;
  /** Made when somebody asks. */
  #touching: Touching | undefined;
  #reader: BodyReader | undefined;
  #release = (): void => {};
  /** Whether the state that is put back next is of another program. */
  #isArriving = false;
  readonly #vector: Vector3 = { x: 0, y: 0, z: 0 };
  readonly #rotation: Quaternion = { x: 0, y: 0, z: 0, w: 1 };
  #contactKeys = new Float64Array(1_024);
  #contactsAsTold = new Float64Array(1_024);
  #contactCount = 0;

  constructor(options: PhysicsOptions) {
    this.#options = options;
    const push = defineSystem({
      name: "push-bodies",
      phase: "physics",
      query: bodyQuery,
      queries: { forced: [RigidBody, ExternalForce], kicked: [RigidBody, ExternalImpulse] },
      reads: [RigidBody, Collider, Position, LinearVelocity, AngularVelocity, WorldTransform, Parent, Family],
      writes: [Rotation, ExternalForce, ExternalImpulse, BodyState],
      run: ({ entities, members, world }) => {
        this.#bodies!.admitWaiting();
        this.#pushPoses(entities, (index) => world.has(index, Parent));
        this.#applyForces(members.forced);
        this.#applyImpulses(members.kicked);
      },
    });
    const step = defineSystem({
      name: "step-bodies",
      phase: "physics",
      after: ["push-bodies"],
      query: [RigidBody, ExternalForce],
      emits: [Contact],
      run: ({ entities, events, world }) => {
        this.rapier!.step(this.#events!);
        for (let i = 0; i < entities.length; i++) {
          const body = this.#bodies!.ofEntity[entities[i]!];
          if (body === undefined) continue;
          body.resetForces(false);
          body.resetTorques(false);
        }
        this.#drainContacts();
        for (let i = 0; i < this.#contactCount; i++) {
          const key = this.#contactKeys[i]!;
          const b = Math.floor(key / 4) % indexSpan;
          const a = Math.floor(key / (4 * indexSpan));
          events.Contact.emit({
            a: world.handleOf(a),
            b: world.handleOf(b),
            started: Math.floor(key / 2) % 2,
            sensor: key % 2,
          });
        }
      },
    });
    const pull = defineSystem({
      name: "pull-bodies",
      phase: "physics",
      after: ["step-bodies", "push-bodies"],
      query: [...bodyQuery, not(Parent)],
      writes: [Position, Rotation, LinearVelocity, AngularVelocity, BodyState],
      run: ({ entities }) => this.#readback!.pull(entities),
    });
    this.systems = [push, step, pull];
  }

  async start({ world, isSuccessor }: Parameters<NonNullable<Subsystem["start"]>>[0]): Promise<void> {
    this.#world = world;
    this.#reader = await openRapier();
    if (!isSuccessor) this.#openWorld();
  }

  /** Goes on with the other's Rapier world; back in the engine that made it, its memory is put back by `restore`. */
  takeOver(before: Subsystem | undefined): boolean {
    // It was not handed over: the swap failed before it came to this.
    if (this.rapier !== undefined) return false;
    if (!(before instanceof Physics) || before.rapier === undefined) {
      this.#openWorld();
      this.#isArriving = true;
      return false;
    }
    const isBack = this.#bodies !== undefined;
    this.rapier = before.rapier;
    this.#events = before.#events;
    this.#calls = before.#calls;
    this.#release = before.#release;
    this.#makeBodies();
    this.#bodies!.takeOver(before.#bodies!);
    before.rapier = undefined;
    before.#events = undefined;
    before.#calls = undefined;
    before.#release = () => {};
    return !isBack;
  }

  restored(): void {
    if (this.#isArriving) this.#bodies!.awaitMissing();
    this.#isArriving = false;
  }

  touchedBy(entity: number): readonly Touched[] {
    this.#touching ??= new Touching(this.#bodies!, this.rapier!, this.#reader!);
    return this.#touching.touchedBy(entity);
  }

  stop(): void {
    this.#release();
    this.#calls?.free();
    this.#events?.free();
    this.rapier?.free();
    this.#events = undefined;
    this.rapier = undefined;
    this.#bodies = undefined;
    this.#readback = undefined;
    this.#calls = undefined;
    this.#touching = undefined;
  }

  #openWorld(): void {
    this.#release = claimRapier();
    this.rapier = new RapierWorld({ x: 0, y: 0, z: 0 });
    this.#events = new EventQueue(true);
    this.#calls = new VectorCalls(this.rapier);
    this.#makeBodies();
    // The first step of a process compiles Rapier's code; an empty world takes it before the first tick.
    this.rapier.step(this.#events);
  }

  #makeBodies(): void {
    this.#applyOptions();
    const rapier = this.rapier!;
    this.#bodies ??= new Bodies(this.#world!, rapier);
    this.#readback ??= new Readback(this.#bodies, this.#reader!, rapier);
  }

  /** What this program asks of the Rapier world. Some of it lies in the memory that a restore puts back. */
  #applyOptions(): void {
    const rapier = this.rapier!;
    const { gravity, solverIterations } = this.#options;
    [rapier.gravity.x, rapier.gravity.y, rapier.gravity.z] = gravity;
    rapier.timestep = 1 / this.#world!.program.tickRate;
    rapier.numSolverIterations = solverIterations ?? defaultSolverIterations;
  }

  #save(into: SavedPhysics): SavedPhysics {
    requireAlone("save");
    saveMemory(into, this.#reader!, this.rapier!, this.#ownObjects());
    this.#bodies!.save(into);
    return into;
  }

  #restore(saved: SavedPhysics): void {
    requireAlone("restore");
    restoreMemory(saved, this.#reader!, this.rapier!, this.#ownObjects());
    this.#applyOptions();
    this.#bodies!.restore(saved);
  }

  /** What of Rapier's memory belongs to this world and not to Rapier's own World object. */
  #ownObjects(): readonly unknown[] {
    const { raw } = this.#events as unknown as { readonly raw: unknown };
    return [raw, this.#calls!.raw];
  }

  /** Gives Rapier the values that differ from those it gave last: world code wrote them. */
  #pushPoses(entities: Uint32Array, isChild: (index: number) => boolean): void {
    const bodies = this.#bodies!;
    const c = bodies.columns;
    const calls = this.#calls!;
    const vector = this.#vector;
    const rotation = this.#rotation;
    for (let i = 0; i < entities.length; i++) {
      const e = entities[i]!;
      const body = bodies.ofEntity[e];
      assert(body !== undefined, "an entity with RigidBody has a body", { entity: e });
      const kind = c.kind[e]!;
      if (kind === bodyKind.kinematic && isChild(e)) {
        const pose = c.worldPose(e);
        body.setNextKinematicTranslation(pose.position);
        body.setNextKinematicRotation(pose.rotation);
        continue;
      }
      if (c.px[e] !== c.spx[e] || c.py[e] !== c.spy[e] || c.pz[e] !== c.spz[e]) {
        vector.x = c.px[e]!;
        vector.y = c.py[e]!;
        vector.z = c.pz[e]!;
        if (kind === bodyKind.kinematic) body.setNextKinematicTranslation(vector);
        else body.setTranslation(vector, true);
        c.spx[e] = vector.x;
        c.spy[e] = vector.y;
        c.spz[e] = vector.z;
      }
      if (c.rx[e] !== c.srx[e] || c.ry[e] !== c.sry[e] || c.rz[e] !== c.srz[e] || c.rw[e] !== c.srw[e]) {
        rotation.x = c.rx[e]!;
        rotation.y = c.ry[e]!;
        rotation.z = c.rz[e]!;
        rotation.w = c.rw[e]!;
        if (rotation.x === 0 && rotation.y === 0 && rotation.z === 0 && rotation.w === 0) c.rw[e] = rotation.w = 1;
        if (kind === bodyKind.kinematic) body.setNextKinematicRotation(rotation);
        else body.setRotation(rotation, true);
        c.srx[e] = rotation.x;
        c.sry[e] = rotation.y;
        c.srz[e] = rotation.z;
        c.srw[e] = rotation.w;
      }
      if (c.hasLinearVelocity(e) && (c.lvx[e] !== c.svx[e] || c.lvy[e] !== c.svy[e] || c.lvz[e] !== c.svz[e]))
        calls.setLinearVelocity(bodies.handleOf[e]!, c.lvx[e]!, c.lvy[e]!, c.lvz[e]!);
      if (c.hasAngularVelocity(e) && (c.avx[e] !== c.swx[e] || c.avy[e] !== c.swy[e] || c.avz[e] !== c.swz[e]))
        calls.setAngularVelocity(bodies.handleOf[e]!, c.avx[e]!, c.avy[e]!, c.avz[e]!);
    }
  }

  #applyForces(entities: Uint32Array): void {
    const calls = this.#calls!;
    const { columns, handleOf } = this.#bodies!;
    const { x, y, z, torqueX, torqueY, torqueZ } = columns.force;
    for (let i = 0; i < entities.length; i++) {
      const e = entities[i]!;
      if (x[e] !== 0 || y[e] !== 0 || z[e] !== 0) {
        calls.addForce(handleOf[e]!, x[e]!, y[e]!, z[e]!);
        x[e] = y[e] = z[e] = 0;
      }
      if (torqueX[e] !== 0 || torqueY[e] !== 0 || torqueZ[e] !== 0) {
        calls.addTorque(handleOf[e]!, torqueX[e]!, torqueY[e]!, torqueZ[e]!);
        torqueX[e] = torqueY[e] = torqueZ[e] = 0;
      }
    }
  }

  #applyImpulses(entities: Uint32Array): void {
    const calls = this.#calls!;
    const { columns, handleOf } = this.#bodies!;
    const { x, y, z, torqueX, torqueY, torqueZ } = columns.impulse;
    for (let i = 0; i < entities.length; i++) {
      const e = entities[i]!;
      if (x[e] !== 0 || y[e] !== 0 || z[e] !== 0) {
        calls.applyImpulse(handleOf[e]!, x[e]!, y[e]!, z[e]!);
        x[e] = y[e] = z[e] = 0;
      }
      if (torqueX[e] !== 0 || torqueY[e] !== 0 || torqueZ[e] !== 0) {
        calls.applyTorqueImpulse(handleOf[e]!, torqueX[e]!, torqueY[e]!, torqueZ[e]!);
        torqueX[e] = torqueY[e] = torqueZ[e] = 0;
      }
    }
  }

  /** Gathers contact changes as numbers that sort by (a, b, started, sensor). */
  #drainContacts(): void {
    this.#contactCount = 0;
    this.#events!.drainCollisionEvents(this.#noteContact);
    const count = this.#contactCount;
    if (count < 2) return;
    this.#contactsAsTold.set(this.#contactKeys.subarray(0, count));
    this.#contactKeys.subarray(0, count).sort();
    // A pair may begin, cease and begin again in one step: those stay in their order, or who adds them up is told wrongly.
    for (let begin = 0, end = 1; end <= count; end++) {
      if (end < count && pairOf(this.#contactKeys[end]!) === pairOf(this.#contactKeys[begin]!)) continue;
      if (end - begin > 1) this.#putAsTold(begin, count);
      begin = end;
    }
  }

  /** Puts the rows of one pair, which begin at `at`, into the order in which the step told them. */
  #putAsTold(at: number, count: number): void {
    const pair = pairOf(this.#contactKeys[at]!);
    for (let i = 0, to = at; i < count; i++)
      if (pairOf(this.#contactsAsTold[i]!) === pair) this.#contactKeys[to++] = this.#contactsAsTold[i]!;
  }

  readonly #noteContact = (first: number, second: number, started: boolean): void => {
    const bodies = this.#bodies!;
    const one = bodies.entityOf(first);
    const other = bodies.entityOf(second);
    if (one === 0 || other === 0) return; // A collider that was removed since.
    const a = one < other ? one : other;
    const b = one < other ? other : one;
    const sensor = bodies.isSensor(a) || bodies.isSensor(b) ? 1 : 0;
    if (this.#contactCount === this.#contactKeys.length) {
      const grown = new Float64Array(this.#contactKeys.length * 2);
      grown.set(this.#contactKeys);
      this.#contactKeys = grown;
      this.#contactsAsTold = new Float64Array(grown.length);
    }
    this.#contactKeys[this.#contactCount++] = (a * indexSpan + b) * 4 + (started ? 2 : 0) + sensor;
  };
}

/** The two bodies of a contact key. */
function pairOf(key: number): number {
  return Math.floor(key / 4);
}

/** Indices are below 2^20, so (a, b, two bits) is a whole number below 2^42. */
const indexSpan = 0x10_0000;
