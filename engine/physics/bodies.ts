/**
 * The bodies of one Rapier world and the entities that they belong to. Bodies are made in ascending
 * entity index at the start of a physics phase and removed at once, so that the order of insertion,
 * which is part of Rapier's state, follows from the history of commands alone.
 *
 * Poses are read into objects that live as long as the world: reading a body allocates nothing.
 */
import {
  ActiveCollisionTypes,
  ActiveEvents,
  ColliderDesc,
  type RigidBody as RapierBody,
  type Collider as RapierCollider,
  type World as RapierWorld,
  RigidBodyDesc,
} from "@dimforge/rapier3d-compat";
import { raise } from "../base/faults.ts";
import { Parent } from "../ecs/hierarchy.ts";
import type { World } from "../sim/world.ts";
import { WorldTransform } from "../transform/components.ts";
import { type PhysicsColumns, physicsColumns } from "./columns.ts";
import { AngularVelocity, bodyKind, Collider, colliderShape, LinearVelocity, RigidBody } from "./components.ts";
import { rebuildHandles, type SavedPhysics } from "./saved-physics.ts";

export class Bodies {
  /** The body of each entity that has one, by entity index. */
  readonly ofEntity: (RapierBody | undefined)[];
  /** Its handle in Rapier's set, likewise. */
  readonly handleOf: Float64Array;
  readonly columns: PhysicsColumns;

  readonly #world: World;
  readonly #rapier: RapierWorld;
  readonly #collider: (RapierCollider | undefined)[];
  readonly #entityOfCollider = new Map<number, number>();
  readonly #waitingBodies = new Set<number>();
  readonly #waitingColliders = new Set<number>();
  /** Changes with bodies, colliders and what waits, and never comes again but by a restore. */
  #version = 0;
  #lastVersion = 0;

  constructor(world: World, rapier: RapierWorld) {
    this.#world = world;
    this.#rapier = rapier;
    this.columns = physicsColumns(world.store);
    const slots = world.limits.entities + 1;
    this.ofEntity = new Array<RapierBody | undefined>(slots).fill(undefined);
    this.handleOf = new Float64Array(slots);
    this.#collider = new Array<RapierCollider | undefined>(slots).fill(undefined);
    const { store } = world;
    const wait =
      (waiting: Set<number>) =>
      (index: number): void => {
        this.#changed();
        waiting.add(index);
      };
    store.watch(RigidBody, {
      added: wait(this.#waitingBodies),
      overwritten: (index) => {
        this.#changed();
        this.#removeBody(index);
        this.#waitingBodies.add(index);
      },
      removing: (index) => {
        this.#changed();
        this.#waitingBodies.delete(index);
        this.#removeBody(index);
      },
    });
    store.watch(Collider, {
      added: wait(this.#waitingColliders),
      overwritten: (index) => {
        this.#changed();
        this.#removeCollider(index);
        this.#waitingColliders.add(index);
      },
      removing: (index) => {
        this.#changed();
        this.#waitingColliders.delete(index);
        this.#removeCollider(index);
      },
    });
    // Colliders without a body of their own go over to that of the new ancestors.
    const moveColliders = (index: number): void => {
      if (store.has(index, RigidBody)) return;
      for (const holder of this.#collidersBelow(index)) {
        this.#changed();
        this.#removeCollider(holder);
        this.#waitingColliders.add(holder);
      }
    };
    const attach = (index: number): void => {
      if (this.ofEntity[index] !== undefined && this.columns.kind[index] === bodyKind.dynamic) refuseChild(index);
      moveColliders(index);
    };
    store.watch(Parent, { added: attach, overwritten: moveColliders, removing: moveColliders });
    // Added again, a velocity is compared with zero, as it was the first time.
    store.watch(LinearVelocity, { removing: (index) => this.columns.forgetLinearVelocity(index) });
    store.watch(AngularVelocity, { removing: (index) => this.columns.forgetAngularVelocity(index) });
    for (const index of world.query([RigidBody]).entities) this.#waitingBodies.add(index);
    for (const index of world.query([Collider]).entities) this.#waitingColliders.add(index);
  }

  /** Copies which entity has which body and collider, and what waits to be made. */
  save(saved: SavedPhysics): void {
    if (saved.owner === this && saved.version === this.#version) return;
    saved.owner = this;
    saved.version = this.#version;
    for (const list of [saved.bodyEntities, saved.bodyHandles, saved.colliderEntities, saved.colliderHandles])
      list.length = 0;
    for (let index = 1; index < this.ofEntity.length; index++) {
      if (this.ofEntity[index] !== undefined) {
        saved.bodyEntities.push(index);
        saved.bodyHandles.push(this.handleOf[index]!);
      }
      const collider = this.#collider[index];
      if (collider === undefined) continue;
      saved.colliderEntities.push(index);
      saved.colliderHandles.push(collider.handle);
    }
    saved.waitingBodies.length = 0;
    saved.waitingBodies.push(...ascending(this.#waitingBodies));
    saved.waitingColliders.length = 0;
    saved.waitingColliders.push(...ascending(this.#waitingColliders));
  }

  /** Takes over what a save says of entities; Rapier's memory is that of the save already. */
  restore(saved: SavedPhysics): void {
    const isOwn = saved.owner === this;
    if (isOwn && saved.version === this.#version) return;
    this.#version = isOwn ? saved.version : ++this.#lastVersion;
    this.ofEntity.fill(undefined);
    this.handleOf.fill(0);
    this.#collider.fill(undefined);
    this.#entityOfCollider.clear();
    rebuildHandles(
      saved,
      this.#rapier,
      (entity, body) => {
        this.ofEntity[entity] = body;
        this.handleOf[entity] = body.handle;
      },
      (entity, collider) => {
        this.#collider[entity] = collider;
        this.#entityOfCollider.set(collider.handle, entity);
      },
    );
    replace(this.#waitingBodies, saved.waitingBodies);
    replace(this.#waitingColliders, saved.waitingColliders);
  }

  /** Goes on with what another engine's bodies say of the same Rapier world. */
  takeOver(before: Bodies): void {
    this.#changed();
    for (let index = 0; index < this.ofEntity.length; index++) {
      this.ofEntity[index] = before.ofEntity[index];
      this.handleOf[index] = before.handleOf[index] ?? 0;
      this.#collider[index] = before.#collider[index];
    }
    this.#entityOfCollider.clear();
    for (const [collider, entity] of before.#entityOfCollider) this.#entityOfCollider.set(collider, entity);
    replace(this.#waitingBodies, [...before.#waitingBodies]);
    replace(this.#waitingColliders, [...before.#waitingColliders]);
    this.awaitMissing();
  }

  /** A component may have come with another program: whoever has one and no body of its own waits for it from now on. */
  awaitMissing(): void {
    this.#changed();
    for (const index of this.#world.query([RigidBody]).entities)
      if (this.ofEntity[index] === undefined) this.#waitingBodies.add(index);
    for (const index of this.#world.query([Collider]).entities)
      if (this.#collider[index] === undefined) this.#waitingColliders.add(index);
  }

  /** Entity index of a collider handle, 0 when the collider is gone. */
  entityOf(colliderHandle: number): number {
    return this.#entityOfCollider.get(colliderHandle) ?? 0;
  }

  /** Handles of the colliders of the body of `index`, also of those that descendants hold; of its own one without a body. */
  collidersOf(index: number): readonly number[] {
    const body = this.ofEntity[index];
    const own = this.#collider[index];
    if (body === undefined) return own === undefined ? [] : [own.handle];
    return Array.from({ length: body.numColliders() }, (_, at) => body.collider(at).handle);
  }

  isSensor(index: number): boolean {
    return this.columns.sensor[index] === 1;
  }

  /** Makes what commands of the last tick asked for: bodies first, then colliders, ascending. */
  admitWaiting(): void {
    if (this.#waitingBodies.size === 0 && this.#waitingColliders.size === 0) return;
    this.#changed();
    if (this.#waitingBodies.size > 0) {
      for (const index of ascending(this.#waitingBodies)) this.#makeBody(index);
      this.#waitingBodies.clear();
    }
    if (this.#waitingColliders.size > 0) {
      for (const index of ascending(this.#waitingColliders)) this.#makeCollider(index);
      this.#waitingColliders.clear();
    }
  }

  #changed(): void {
    this.#version = ++this.#lastVersion;
  }

  #makeBody(index: number): void {
    const c = this.columns;
    const kind = c.kind[index]!;
    const { store } = this.#world;
    const isChild = store.has(index, Parent);
    if (kind > bodyKind.kinematic)
      raise("physics-invalid", { entity: index, problem: `its RigidBody has kind ${kind}, which does not exist` });
    if (kind === bodyKind.dynamic && isChild) refuseChild(index);
    if (isChild && !store.has(index, WorldTransform))
      raise("physics-invalid", { entity: index, problem: "a body below a parent needs a WorldTransform" });
    const desc =
      kind === bodyKind.fixed
        ? RigidBodyDesc.fixed()
        : kind === bodyKind.kinematic
          ? RigidBodyDesc.kinematicPositionBased()
          : RigidBodyDesc.dynamic();
    const { position, rotation } = isChild ? c.worldPose(index) : c.localPose(index);
    desc.setTranslation(position.x, position.y, position.z).setRotation(rotation);
    if (c.hasLinearVelocity(index)) desc.setLinvel(c.lvx[index]!, c.lvy[index]!, c.lvz[index]!);
    if (c.hasAngularVelocity(index)) desc.setAngvel({ x: c.avx[index]!, y: c.avy[index]!, z: c.avz[index]! });
    desc
      .setGravityScale(c.gravityScale[index]!)
      .setLinearDamping(c.linearDamping[index]!)
      .setAngularDamping(c.angularDamping[index]!);
    const locks = c.locks[index]!;
    desc.enabledRotations((locks & 1) === 0, (locks & 2) === 0, (locks & 4) === 0);
    desc.enabledTranslations((locks & 8) === 0, (locks & 16) === 0, (locks & 32) === 0);
    desc.setCcdEnabled(c.fast[index] === 1).setCanSleep(c.neverSleeps[index] === 0);
    const body = this.#rapier.createRigidBody(desc);
    this.ofEntity[index] = body;
    this.handleOf[index] = body.handle;
    c.rememberPose(index, { position, rotation });
    // Colliders of this entity and of descendants without a body of their own attach to it.
    for (const holder of this.#collidersBelow(index)) this.#waitingColliders.add(holder);
  }

  #makeCollider(index: number): void {
    const c = this.columns;
    // What waited may have been despawned since, or may have lost its Collider.
    if (!this.#world.store.has(index, Collider)) return;
    const owner = this.#ownerOf(index);
    if (owner === 0) return; // It is made when an ancestor gets a body.
    this.#removeCollider(index);
    const shape = c.shape[index]!;
    const { halfX, halfY, halfZ, radius } = {
      halfX: c.halfX[index]!,
      halfY: c.halfY[index]!,
      halfZ: c.halfZ[index]!,
      radius: c.radius[index]!,
    };
    const needsRadius = shape !== colliderShape.box;
    const sizes =
      shape === colliderShape.box ? [halfX, halfY, halfZ] : shape === colliderShape.ball ? [radius] : [halfY, radius];
    if (shape > colliderShape.cone || sizes.some((size) => !(size > 0 && size < Number.POSITIVE_INFINITY)))
      raise("physics-invalid", {
        entity: index,
        problem: `its Collider has shape ${shape} with sizes ${sizes.join(", ")}; each must be above 0 and finite${needsRadius ? " (radius, halfY)" : ""}`,
      });
    const desc =
      shape === colliderShape.box
        ? ColliderDesc.cuboid(halfX, halfY, halfZ)
        : shape === colliderShape.ball
          ? ColliderDesc.ball(radius)
          : shape === colliderShape.capsule
            ? ColliderDesc.capsule(halfY, radius)
            : shape === colliderShape.cylinder
              ? ColliderDesc.cylinder(halfY, radius)
              : ColliderDesc.cone(halfY, radius);
    const sensor = c.sensor[index] === 1;
    desc
      .setFriction(c.friction[index]!)
      .setRestitution(c.restitution[index]!)
      .setDensity(c.density[index]!)
      .setSensor(sensor);
    desc.setCollisionGroups(((c.layers[index]! << 16) | c.mask[index]!) >>> 0);
    if (sensor || c.reports[index] === 1) desc.setActiveEvents(ActiveEvents.COLLISION_EVENTS);
    if (sensor) desc.setActiveCollisionTypes(ActiveCollisionTypes.ALL);
    if (owner !== index) {
      const { position, rotation } = c.poseWithin(index, owner, (node) => this.#world.hierarchy.parentOf(node));
      desc.setTranslation(position.x, position.y, position.z).setRotation(rotation);
    }
    const collider = this.#rapier.createCollider(desc, this.ofEntity[owner]!);
    this.#collider[index] = collider;
    this.#entityOfCollider.set(collider.handle, index);
  }

  #removeBody(index: number): void {
    const body = this.ofEntity[index];
    if (body === undefined) return;
    for (let i = body.numColliders() - 1; i >= 0; i--) {
      const holder = this.entityOf(body.collider(i).handle);
      this.#entityOfCollider.delete(body.collider(i).handle);
      this.#collider[holder] = undefined;
      this.#waitingColliders.add(holder); // For the body of an ancestor, if there is one.
    }
    this.#rapier.removeRigidBody(body);
    this.ofEntity[index] = undefined;
    this.columns.forgetPose(index);
  }

  #removeCollider(index: number): void {
    const collider = this.#collider[index];
    if (collider === undefined) return;
    this.#entityOfCollider.delete(collider.handle);
    this.#rapier.removeCollider(collider, true);
    this.#collider[index] = undefined;
  }

  /** The entity whose body carries a collider of `index`: itself or the nearest ancestor with a body; 0: none. */
  #ownerOf(index: number): number {
    for (let node = index; node !== 0; node = this.#world.hierarchy.parentOf(node))
      if (this.ofEntity[node] !== undefined) return node;
    return 0;
  }

  #collidersBelow(index: number): number[] {
    const { store, hierarchy } = this.#world;
    const found: number[] = [];
    const visit = (node: number): void => {
      if (store.has(node, Collider)) found.push(node);
      for (let child = hierarchy.firstChildOf(node); child !== 0; child = hierarchy.nextSiblingOf(child))
        if (!store.has(child, RigidBody)) visit(child);
    };
    visit(index);
    return found;
  }
}

function refuseChild(index: number): never {
  raise("physics-invalid", { entity: index, problem: "a dynamic body cannot be the child of another entity" });
}

function replace(set: Set<number>, values: readonly number[]): void {
  set.clear();
  for (const value of values) set.add(value);
}

function ascending(indices: Set<number>): number[] {
  return [...indices].sort((a, b) => a - b);
}
