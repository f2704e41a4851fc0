/**
 * The camera rig: the cameras of all viewers, moved once a frame before the frame's jobs, and what jobs
 * need of them as plain numbers: planes for culling, axes for lights, a scale for levels of detail.
 * Beside the viewers there is a second kind of camera: the square that casts shadows.
 *
 *     feed "cameras", f32, one entry of 64 a camera behind a head of 64
 *      head 0  viewer count      1  1 when there is a shadow camera
 *      entry 0..23 planes (nx ny nz w, normals inwards)   24..26 eye   27 projection scale
 *            28..30 right   31..33 up   34..36 forward   37, 38 tangents of the half angles x, y
 *            39 near   40 far
 */

import { placeOf, raise } from "../base/faults.ts";
import { tan } from "../base/math.ts";
import { Player } from "../input/door.ts";
import type { Snapshot } from "../snapshot/snapshot.ts";
import type { LightingDescription } from "./scene.ts";
import type { Camera, ViewDefinition, Viewer } from "./view.ts";

export const cameraEntryWords = 64;
/** Viewers that have a camera of their own in the jobs; the levels of detail of a packet have room for them. */
export const viewerCountMax = 16;
/** Place of the shadow camera's entry, behind those of the viewers. */
export const shadowEntry = 1 + viewerCountMax;
/** Bit of an instance's visibility that says that it may cast a shadow into the picture. */
export const shadowBit = 31;

export const cameraWord = {
  planes: 0,
  eye: 24,
  projectionScale: 27,
  right: 28,
  up: 31,
  forward: 34,
  tangentX: 37,
  tangentY: 38,
  near: 39,
  far: 40,
} as const;

/** Wider than any window that is likely: the engine does not know the windows of its viewers. */
const aspectMax = 2.4;
/** Lines of the screen for which levels of detail are chosen. */
const screenLines = 1_080;
/** Drivers blend from the last pose of a camera to this one; what either sees must be there. */
const blendMetres = 1.5;

export interface CameraState extends Camera {
  readonly viewer: Viewer;
  readonly eyeBefore: [number, number, number];
  readonly targetBefore: [number, number, number];
  lastTick: number;
}

export class CameraRig {
  readonly feed = new Float32Array(cameraEntryWords * (2 + viewerCountMax));
  readonly #view: ViewDefinition;
  readonly #tickSeconds: number;
  readonly #states = new Map<number, CameraState>();
  readonly #cameras: CameraState[] = [];
  readonly #viewers: Viewer[] = [];

  constructor(view: ViewDefinition, tickRate: number) {
    this.#view = view;
    this.#tickSeconds = 1 / tickRate;
  }

  /** The cameras of this frame, in the order of the viewers. */
  get cameras(): readonly CameraState[] {
    return this.#cameras;
  }

  /** Has cameras where another view had them. */
  takeOver(before: CameraRig): void {
    for (const [key, camera] of before.#states) this.#states.set(key, camera);
  }

  /** Moves the camera of every viewer in `snapshot` and writes the feed. Raises "view-failed". */
  move(snapshot: Snapshot): void {
    const viewers = this.#viewers;
    listViewers(snapshot, viewers);
    for (let i = 0; i < viewers.length; i++) {
      const camera = this.#moved(snapshot, viewers[i]!);
      this.#cameras[i] = camera;
      if (i < viewerCountMax) writeEntry(this.feed, (1 + i) * cameraEntryWords, camera);
    }
    // Cut at the end: an array that was emptied before would begin with new memory.
    this.#cameras.length = viewers.length;
    this.#forgetGone(viewers);
    this.feed[0] = Math.min(viewers.length, viewerCountMax);
    this.feed[1] = 1;
    writeShadowEntry(this.feed, shadowEntry * cameraEntryWords, this.#cameras, this.#view.lighting);
  }

  #moved(snapshot: Snapshot, viewer: Viewer): CameraState {
    let camera = this.#states.get(viewer.key);
    if (camera === undefined || camera.viewer.entity !== viewer.entity) {
      camera = {
        viewer,
        eye: [0, 10, 20],
        target: [0, 0, 0],
        eyeBefore: [0, 0, 0],
        targetBefore: [0, 0, 0],
        fieldOfView: 1,
        near: 0.1,
        far: 500,
        lastTick: snapshot.tick,
      };
      this.#states.set(viewer.key, camera);
      this.#call(snapshot, viewer, camera, 0);
    }
    copyPoint(camera.eye, camera.eyeBefore);
    copyPoint(camera.target, camera.targetBefore);
    const deltaSeconds = (snapshot.tick - camera.lastTick) * this.#tickSeconds;
    camera.lastTick = snapshot.tick;
    if (deltaSeconds > 0) this.#call(snapshot, viewer, camera, deltaSeconds);
    return camera;
  }

  #call(snapshot: Snapshot, viewer: Viewer, camera: Camera, deltaSeconds: number): void {
    try {
      this.#view.camera(snapshot, viewer, camera, deltaSeconds);
    } catch (thrown) {
      const message = thrown instanceof Error ? thrown.message : String(thrown);
      raise("view-failed", { what: "camera", message, place: placeOf(thrown) }, thrown);
    }
  }

  /** A later player with the key of one who left begins with a camera of its own. */
  #forgetGone(viewers: readonly Viewer[]): void {
    if (this.#states.size === viewers.length) return;
    for (const key of [...this.#states.keys()])
      if (!viewers.some((viewer) => viewer.key === key)) this.#states.delete(key);
  }
}

const nobody: Viewer = { key: 0, entity: 0 };

/** Lists the joined players in ascending entity index, or the one viewer that stands for nobody; those known already stay the same objects. */
function listViewers(snapshot: Snapshot, viewers: Viewer[]): void {
  const { key } = snapshot.columnsOf(Player);
  const { row, bit } = snapshot.presenceOf(Player);
  let count = 0;
  for (let entity = 1; entity < snapshot.slotCount; entity++) {
    if ((row[entity]! & bit) === 0) continue;
    const known = viewers[count];
    if (known === undefined || known.entity !== entity || known.key !== key[entity]!)
      viewers[count] = { key: key[entity]!, entity };
    count++;
  }
  if (count === 0) viewers[count++] = nobody;
  viewers.length = count;
}

function copyPoint(from: readonly [number, number, number], to: [number, number, number]): void {
  to[0] = from[0];
  to[1] = from[1];
  to[2] = from[2];
}

type Vector = readonly [number, number, number];
type Slot = [number, number, number];

// Vectors on the way to the feed, kept: this runs for every camera in every frame and leaves no garbage.
const forward: Slot = [0, 0, 0];
const right: Slot = [0, 0, 0];
const up: Slot = [0, 0, 0];
const side: Slot = [0, 0, 0];
const normal: Slot = [0, 0, 0];
const nearPoint: Slot = [0, 0, 0];

function write(out: Slot, x: number, y: number, z: number): void {
  out[0] = x;
  out[1] = y;
  out[2] = z;
}

function writeNormalized(out: Slot, x: number, y: number, z: number): void {
  const length = Math.sqrt(x * x + y * y + z * z);
  if (length > 0) write(out, x / length, y / length, z / length);
  else write(out, 0, 0, -1);
}

/** `out` is neither `a` nor `b`. */
function writeCross(out: Slot, a: Vector, b: Vector): void {
  write(out, a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]);
}

function dot(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

/** A plane through `point` with its normal inwards, moved outwards by `slack` metres. */
function writePlane(feed: Float32Array, at: number, inward: Vector, point: Vector, slack: number): void {
  feed.set(inward, at);
  feed[at + 3] = slack - dot(inward, point);
}

const upwards: Vector = [0, 1, 0];

/** Writes `right` and `up` of whoever looks along `direction`. */
function writeAxes(direction: Vector): void {
  writeCross(side, direction, upwards);
  if (dot(side, side) > 1e-8) writeNormalized(right, side[0], side[1], side[2]);
  else write(right, 1, 0, 0);
  writeCross(up, right, direction);
}

/** A border plane of the view: `forward` turned towards `axis`, which is `right` or `up`, against `sign`. */
function writeBorder(
  feed: Float32Array,
  at: number,
  axis: Vector,
  tangent: number,
  sign: number,
  eye: Vector,
  slack: number,
): void {
  writeNormalized(
    normal,
    forward[0] * tangent + axis[0] * sign,
    forward[1] * tangent + axis[1] * sign,
    forward[2] * tangent + axis[2] * sign,
  );
  writePlane(feed, at, normal, eye, slack);
}

function writeEntry(feed: Float32Array, at: number, camera: CameraState): void {
  const { eye, target, eyeBefore, fieldOfView, near, far } = camera;
  writeNormalized(forward, target[0] - eye[0], target[1] - eye[1], target[2] - eye[2]);
  writeAxes(forward);
  const tangentY = tan(fieldOfView / 2);
  const tangentX = tangentY * aspectMax;
  const way = Math.abs(eye[0] - eyeBefore[0]) + Math.abs(eye[1] - eyeBefore[1]) + Math.abs(eye[2] - eyeBefore[2]);
  const slack = blendMetres + way;
  writeBorder(feed, at, right, tangentX, 1, eye, slack);
  writeBorder(feed, at + 4, right, tangentX, -1, eye, slack);
  writeBorder(feed, at + 8, up, tangentY, 1, eye, slack);
  writeBorder(feed, at + 12, up, tangentY, -1, eye, slack);
  writeAlong(nearPoint, eye, near);
  writePlane(feed, at + 16, forward, nearPoint, slack);
  writeAlong(nearPoint, eye, far);
  write(normal, -forward[0], -forward[1], -forward[2]);
  writePlane(feed, at + 20, normal, nearPoint, slack);
  feed.set(eye, at + cameraWord.eye);
  feed[at + cameraWord.projectionScale] = screenLines / 2 / tangentY;
  feed.set(right, at + cameraWord.right);
  feed.set(up, at + cameraWord.up);
  feed.set(forward, at + cameraWord.forward);
  feed[at + cameraWord.tangentX] = tangentX;
  feed[at + cameraWord.tangentY] = tangentY;
  feed[at + cameraWord.near] = near;
  feed[at + cameraWord.far] = far;
}

/** The box that the sun's shadows fall from: a square about every viewer's target, as long as the sun is far. */
function writeShadowEntry(
  feed: Float32Array,
  at: number,
  cameras: readonly CameraState[],
  { sunDirection, shadowExtent }: LightingDescription,
): void {
  const sun = forward;
  writeNormalized(sun, sunDirection[0], sunDirection[1], sunDirection[2]);
  writeAxes(sun);
  writeShadowPlanes(feed, at, right, shadowExtent, cameras);
  writeShadowPlanes(feed, at + 8, up, shadowExtent, cameras);
  writeShadowPlanes(feed, at + 16, sun, shadowExtent * 4, cameras);
}

/** The two planes across one axis of the shadow's box. */
function writeShadowPlanes(
  feed: Float32Array,
  at: number,
  axis: Vector,
  extent: number,
  cameras: readonly CameraState[],
): void {
  for (let index = 0; index < 2; index++) {
    const sign = index === 0 ? 1 : -1;
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < cameras.length; i++) least = Math.min(least, sign * dot(axis, cameras[i]!.target));
    feed[at + index * 4] = axis[0] * sign;
    feed[at + index * 4 + 1] = axis[1] * sign;
    feed[at + index * 4 + 2] = axis[2] * sign;
    feed[at + index * 4 + 3] = extent + blendMetres - least;
  }
}

/** The point `metres` before `from`, in the direction of `forward`. */
function writeAlong(out: Slot, from: Vector, metres: number): void {
  write(out, from[0] + forward[0] * metres, from[1] + forward[1] * metres, from[2] + forward[2] * metres);
}
