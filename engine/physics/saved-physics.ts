/**
 * A saved physics world: the image of Rapier's memory, which holds bodies, contacts, islands and all else to the last
 * bit, and what its JavaScript side keeps beside it.
 *
 *     image     the module's memory behind its stack, in which nothing outlives a call
 *     pointers  where in that memory the parts of the world begin, in the order of `partNames`
 *     bodies    (entity, handle) in ascending entity index; colliders and what waits to be made likewise
 *
 * A copy is exact and quicker than Rapier's own serialisation, which loses the caches of contacts in some builds. Its
 * price is a rule: the memory holds all worlds of the thread, so a thread that saves or restores has one, and another
 * world lives in another thread. `claimRapier` counts them.
 */
import {
  RigidBody as RapierBody,
  Collider as RapierCollider,
  type World as RapierWorld,
} from "@dimforge/rapier3d-compat";
import { assert } from "../base/assertions.ts";
import { ByteReader, ByteWriter } from "../base/bytes.ts";
import { raise } from "../base/faults.ts";
import type { BodyReader } from "./body-reader.ts";

const pageBytes = 65_536;

/** The parts of a Rapier world that are objects in its memory. */
const partNames = [
  "integrationParameters",
  "islands",
  "broadPhase",
  "narrowPhase",
  "bodies",
  "colliders",
  "impulseJoints",
  "multibodyJoints",
  "ccdSolver",
  "physicsPipeline",
  "serializationPipeline",
  "debugRenderPipeline",
] as const;

export interface SavedPhysics {
  image: Uint8Array;
  imageBytes: number;
  readonly pointers: number[];
  readonly bodyEntities: number[];
  readonly bodyHandles: number[];
  readonly colliderEntities: number[];
  readonly colliderHandles: number[];
  readonly waitingBodies: number[];
  readonly waitingColliders: number[];
  /** Whose bodies these are, and their version then: the same bodies need not be put back. */
  owner: object | undefined;
  version: number;
}

let worldCount = 0;

/** Counts a world of this thread; call the result when it ends. */
export function claimRapier(): () => void {
  worldCount++;
  let isHeld = true;
  return () => {
    if (isHeld) worldCount--;
    isHeld = false;
  };
}

/** Raises "physics-shared" when this thread has another world with physics. */
export function requireAlone(operation: string): void {
  if (worldCount !== 1) raise("physics-shared", { operation, worlds: worldCount });
}

export function emptySave(): SavedPhysics {
  return {
    ...{ image: new Uint8Array(0), imageBytes: 0, pointers: [], bodyEntities: [], bodyHandles: [] },
    ...{ colliderEntities: [], colliderHandles: [], waitingBodies: [], waitingColliders: [] },
    ...{ owner: undefined, version: 0 },
  };
}

/** An object of Rapier's glue that stands for one in its memory. */
interface Raw {
  __wbg_ptr: number;
}

function rawParts(world: RapierWorld, others: readonly unknown[]): Raw[] {
  const parts = partNames.map((name) => (world[name] as unknown as { readonly raw: Raw }).raw);
  return [...parts, ...(others as Raw[])];
}

/** Copies the memory and the pointers; `others` are objects of the glue beside the world's own. */
export function saveMemory(
  saved: SavedPhysics,
  { rapierMemory, rapierStackBytes }: BodyReader,
  world: RapierWorld,
  others: readonly unknown[],
): void {
  assert(world.impulseJoints.len() === 0 && world.multibodyJoints.len() === 0, "the bridge makes no joints");
  const bytes = new Uint8Array(rapierMemory.buffer, rapierStackBytes);
  if (saved.image.length < bytes.length) saved.image = new Uint8Array(bytes.length);
  saved.image.set(bytes);
  saved.imageBytes = bytes.length;
  saved.pointers.length = 0;
  for (const part of rawParts(world, others)) saved.pointers.push(part.__wbg_ptr);
}

/**
 * Puts the memory back, also into another instance of the same module, and makes the glue's objects point into it. A
 * memory never shrinks: where it has grown since, what Rapier allocates next lies elsewhere, which it does not notice.
 */
export function restoreMemory(
  saved: SavedPhysics,
  { rapierMemory, rapierStackBytes }: BodyReader,
  world: RapierWorld,
  others: readonly unknown[],
): void {
  const missing = rapierStackBytes + saved.imageBytes - rapierMemory.buffer.byteLength;
  if (missing > 0) rapierMemory.grow(Math.ceil(missing / pageBytes));
  const bytes = new Uint8Array(rapierMemory.buffer, rapierStackBytes);
  bytes.set(saved.image.subarray(0, saved.imageBytes));
  bytes.fill(0, saved.imageBytes);
  const parts = rawParts(world, others);
  assert(parts.length === saved.pointers.length, "a save has a pointer for each part", { parts: parts.length });
  parts.forEach((part, i) => {
    assert(saved.pointers[i]! >= rapierStackBytes, "what lives longer than a call is not on the stack", { part: i });
    part.__wbg_ptr = saved.pointers[i]!;
  });
}

/** The glue's map of a set: data by index of the handle, and how many there are. */
interface HandleMap<T> {
  data: (T | null)[];
  size: number;
  set(handle: number, item: T): void;
}

function emptied<T>(set: unknown): HandleMap<T> {
  const handles = (set as { readonly map: HandleMap<T> }).map;
  handles.data = [];
  handles.size = 0;
  return handles;
}

/** Makes the glue's maps of bodies and colliders anew; `body` and `collider` are told of each, in entity order. */
export function rebuildHandles(
  saved: SavedPhysics,
  world: RapierWorld,
  body: (entity: number, body: RapierBody) => void,
  collider: (entity: number, collider: RapierCollider) => void,
): void {
  const bodies = emptied<RapierBody>(world.bodies);
  saved.bodyEntities.forEach((entity, i) => {
    const made = new RapierBody(world.bodies.raw, world.colliders, saved.bodyHandles[i]!);
    bodies.set(made.handle, made);
    body(entity, made);
  });
  const colliders = emptied<RapierCollider>(world.colliders);
  saved.colliderEntities.forEach((entity, i) => {
    const handle = saved.colliderHandles[i]!;
    const parent = world.bodies.get(world.colliders.raw.coParent(handle) as number);
    const made = new RapierCollider(world.colliders, handle, parent);
    colliders.set(handle, made);
    collider(entity, made);
  });
}

const lists = ["bodyEntities", "colliderEntities", "waitingBodies", "waitingColliders"] as const;
const handleLists = ["bodyHandles", "colliderHandles"] as const;

export function encodePhysics(saved: SavedPhysics): Uint8Array {
  const writer = new ByteWriter(saved.imageBytes + 1_024 + saved.bodyEntities.length * 32);
  for (const list of [saved.pointers, ...lists.map((name) => saved[name])]) {
    writer.u32(list.length);
    for (const value of list) writer.u32(value);
  }
  for (const name of handleLists) {
    writer.u32(saved[name].length);
    for (const value of saved[name]) writer.f64(value);
  }
  return writer.u32(saved.imageBytes).bytes(saved.image.subarray(0, saved.imageBytes)).view();
}

/** Raises ShortRead or RangeError for bytes that `encodePhysics` does not make. */
export function decodePhysics(bytes: Uint8Array): SavedPhysics {
  const reader = new ByteReader(bytes);
  const saved = emptySave();
  const count = (most: number): number => {
    const length = reader.u32();
    if (length > most) throw new RangeError(`a list of ${length} entries has no room`);
    return length;
  };
  for (const list of [saved.pointers, ...lists.map((name) => saved[name])])
    for (let left = count(reader.remaining / 4); left > 0; left--) list.push(reader.u32());
  for (const name of handleLists)
    for (let left = count(reader.remaining / 8); left > 0; left--) saved[name].push(reader.f64());
  saved.imageBytes = reader.u32();
  if (saved.imageBytes !== reader.remaining)
    throw new RangeError(`an image of ${saved.imageBytes} bytes where ${reader.remaining} are left`);
  saved.image = reader.bytes(saved.imageBytes).slice();
  if (saved.bodyEntities.length !== saved.bodyHandles.length) throw new RangeError("bodies without handles");
  if (saved.colliderEntities.length !== saved.colliderHandles.length) throw new RangeError("colliders without handles");
  return saved;
}
