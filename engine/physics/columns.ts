/**
 * The columns that the physics bridge reads and writes, gathered once for a world, and the small
 * calculations on poses that it needs.
 *
 * Of gl-matrix only functions made of + - * / and square roots may be used here: the others differ
 * between engines. A pose with a zero quaternion counts as unrotated: Rapier is given the identity instead.
 */
import { mat3, quat, vec3 } from "gl-matrix";
import type { Store } from "../ecs/store.ts";
import { Position, Rotation, WorldTransform } from "../transform/components.ts";
import {
  AngularVelocity,
  BodyState,
  Collider,
  ExternalForce,
  ExternalImpulse,
  LinearVelocity,
  RigidBody,
} from "./components.ts";

export interface Vector3 {
  x: number;
  y: number;
  z: number;
}
export interface Quaternion extends Vector3 {
  w: number;
}
export interface Pose {
  readonly position: Vector3;
  readonly rotation: Quaternion;
}

export type PhysicsColumns = ReturnType<typeof physicsColumns>;

export function physicsColumns(store: Store) {
  const floats = (component: Parameters<Store["columnsOf"]>[0], field: string): Float32Array =>
    store.columnsOf(component)[field] as Float32Array;
  const bytes = (component: Parameters<Store["columnsOf"]>[0], field: string): Uint8Array =>
    store.columnsOf(component)[field] as Uint8Array;
  const linear = store.presenceOf(LinearVelocity);
  const angular = store.presenceOf(AngularVelocity);
  const state = store.columnsOf(BodyState) as Readonly<Record<string, Float32Array>>;
  const matrix = floats(WorldTransform, "matrix");
  const columns = {
    px: floats(Position, "x"),
    py: floats(Position, "y"),
    pz: floats(Position, "z"),
    rx: floats(Rotation, "x"),
    ry: floats(Rotation, "y"),
    rz: floats(Rotation, "z"),
    rw: floats(Rotation, "w"),
    lvx: floats(LinearVelocity, "x"),
    lvy: floats(LinearVelocity, "y"),
    lvz: floats(LinearVelocity, "z"),
    avx: floats(AngularVelocity, "x"),
    avy: floats(AngularVelocity, "y"),
    avz: floats(AngularVelocity, "z"),
    spx: state["px"]!,
    spy: state["py"]!,
    spz: state["pz"]!,
    srx: state["rx"]!,
    sry: state["ry"]!,
    srz: state["rz"]!,
    srw: state["rw"]!,
    svx: state["vx"]!,
    svy: state["vy"]!,
    svz: state["vz"]!,
    swx: state["wx"]!,
    swy: state["wy"]!,
    swz: state["wz"]!,
    asleep: bytes(BodyState, "asleep"),
    kind: bytes(RigidBody, "kind"),
    gravityScale: floats(RigidBody, "gravityScale"),
    linearDamping: floats(RigidBody, "linearDamping"),
    angularDamping: floats(RigidBody, "angularDamping"),
    locks: bytes(RigidBody, "locks"),
    fast: bytes(RigidBody, "fast"),
    neverSleeps: bytes(RigidBody, "neverSleeps"),
    shape: bytes(Collider, "shape"),
    halfX: floats(Collider, "halfX"),
    halfY: floats(Collider, "halfY"),
    halfZ: floats(Collider, "halfZ"),
    radius: floats(Collider, "radius"),
    friction: floats(Collider, "friction"),
    restitution: floats(Collider, "restitution"),
    density: floats(Collider, "density"),
    sensor: bytes(Collider, "sensor"),
    reports: bytes(Collider, "reports"),
    layers: store.columnsOf(Collider)["layers"] as Uint16Array,
    mask: store.columnsOf(Collider)["mask"] as Uint16Array,
    force: forceColumns(store, ExternalForce),
    impulse: forceColumns(store, ExternalImpulse),
    hasLinearVelocity: (index: number): boolean => (linear.row[index]! & linear.bit) !== 0,
    hasAngularVelocity: (index: number): boolean => (angular.row[index]! & angular.bit) !== 0,
    localPose: (index: number): Pose => ({
      position: { x: columns.px[index]!, y: columns.py[index]!, z: columns.pz[index]! },
      rotation: rotationOrIdentity(columns.rx[index]!, columns.ry[index]!, columns.rz[index]!, columns.rw[index]!),
    }),
    /** The pose in the world by WorldTransform, whose scale must be 1. */
    worldPose: (index: number): Pose => ({
      position: { x: matrix[index * 16 + 12]!, y: matrix[index * 16 + 13]!, z: matrix[index * 16 + 14]! },
      rotation: rotationOfMatrix(matrix, index * 16),
    }),
    /** The pose of `index` in the frame of its ancestor `owner`. */
    poseWithin(index: number, owner: number, parentOf: (index: number) => number): Pose {
      let pose = columns.localPose(index);
      for (let node = parentOf(index); node !== owner && node !== 0; node = parentOf(node))
        pose = composePoses(columns.localPose(node), pose);
      return pose;
    },
    rememberPose(index: number, { position, rotation }: Pose): void {
      columns.spx[index] = position.x;
      columns.spy[index] = position.y;
      columns.spz[index] = position.z;
      columns.srx[index] = rotation.x;
      columns.sry[index] = rotation.y;
      columns.srz[index] = rotation.z;
      columns.srw[index] = rotation.w;
      columns.svx[index] = columns.lvx[index]!;
      columns.svy[index] = columns.lvy[index]!;
      columns.svz[index] = columns.lvz[index]!;
      columns.swx[index] = columns.avx[index]!;
      columns.swy[index] = columns.avy[index]!;
      columns.swz[index] = columns.avz[index]!;
      columns.asleep[index] = 0;
    },
    forgetLinearVelocity(index: number): void {
      columns.svx[index] = columns.svy[index] = columns.svz[index] = 0;
    },
    forgetAngularVelocity(index: number): void {
      columns.swx[index] = columns.swy[index] = columns.swz[index] = 0;
    },
    forgetPose(index: number): void {
      for (const column of Object.values(state)) column[index] = 0;
    },
  };
  return columns;
}

function forceColumns(store: Store, component: typeof ExternalForce | typeof ExternalImpulse) {
  const columns = store.columnsOf(component) as Readonly<Record<string, Float32Array>>;
  return {
    x: columns["x"]!,
    y: columns["y"]!,
    z: columns["z"]!,
    torqueX: columns["torqueX"]!,
    torqueY: columns["torqueY"]!,
    torqueZ: columns["torqueZ"]!,
  };
}

function rotationOrIdentity(x: number, y: number, z: number, w: number): Quaternion {
  return x === 0 && y === 0 && z === 0 && w === 0 ? { x, y, z, w: 1 } : { x, y, z, w };
}

/** a after b: the pose b, given in the frame of a, in the frame that a is given in. */
function composePoses(a: Pose, b: Pose): Pose {
  const turned = vec3.transformQuat([0, 0, 0], asVector(b.position), asQuaternion(a.rotation));
  const [x, y, z, w] = quat.multiply([0, 0, 0, 1], asQuaternion(a.rotation), asQuaternion(b.rotation)) as Four;
  return {
    position: { x: a.position.x + turned[0]!, y: a.position.y + turned[1]!, z: a.position.z + turned[2]! },
    rotation: { x, y, z, w },
  };
}

/** The rotation of a column-major matrix without scale. */
function rotationOfMatrix(matrix: Float32Array, at: number): Quaternion {
  const turn = mat3.fromMat4(
    mat3.create(),
    matrix.subarray(at, at + 16) as unknown as Parameters<typeof mat3.fromMat4>[1],
  );
  const [x, y, z, w] = quat.fromMat3([0, 0, 0, 1], turn) as Four;
  return { x, y, z, w };
}

type Four = [number, number, number, number];

function asVector({ x, y, z }: Vector3): [number, number, number] {
  return [x, y, z];
}

function asQuaternion({ x, y, z, w }: Quaternion): Four {
  return [x, y, z, w];
}
