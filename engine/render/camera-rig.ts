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
  #cameras: CameraState[] = [];

  constructor(view: ViewDefinition, tickRate: number) {
    this.#view = view;
    this.#tickSeconds = 1 / tickRate;
  }

  /** The cameras of this frame, in the order of the viewers. */
  get cameras(): readonly CameraState[] {
    return this.#cameras;
  }

  /** Moves the camera of every viewer in `snapshot` and writes the feed. Raises "view-failed". */
  move(snapshot: Snapshot): void {
    const viewers = listViewers(snapshot);
    this.#cameras.length = 0;
    for (let i = 0; i < viewers.length; i++) {
      const camera = this.#moved(snapshot, viewers[i]!);
      this.#cameras.push(camera);
      if (i < viewerCountMax) writeEntry(this.feed, (1 + i) * cameraEntryWords, camera);
    }
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

const nobody: readonly Viewer[] = [{ key: 0, entity: 0 }];

/** The joined players in ascending entity index, or the one viewer that stands for nobody. */
function listViewers(snapshot: Snapshot): readonly Viewer[] {
  const { key } = snapshot.columnsOf(Player);
  const { row, bit } = snapshot.presenceOf(Player);
  const viewers: Viewer[] = [];
  for (let entity = 1; entity < snapshot.slotCount; entity++)
    if ((row[entity]! & bit) !== 0) viewers.push({ key: key[entity]!, entity });
  return viewers.length > 0 ? viewers : nobody;
}

function copyPoint(from: readonly [number, number, number], to: [number, number, number]): void {
  to[0] = from[0];
  to[1] = from[1];
  to[2] = from[2];
}

type Vector = readonly [number, number, number];

function normalized(x: number, y: number, z: number): Vector {
  const length = Math.sqrt(x * x + y * y + z * z);
  return length > 0 ? [x / length, y / length, z / length] : [0, 0, -1];
}

function cross(a: Vector, b: Vector): Vector {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function dot(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

/** A plane through `point` with its normal inwards, moved outwards by `slack` metres. */
function writePlane(feed: Float32Array, at: number, normal: Vector, point: Vector, slack: number): void {
  feed.set(normal, at);
  feed[at + 3] = slack - dot(normal, point);
}

function axesOf(direction: Vector): { readonly right: Vector; readonly up: Vector } {
  const side = cross(direction, [0, 1, 0]);
  const right = dot(side, side) > 1e-8 ? normalized(...side) : ([1, 0, 0] as const);
  return { right, up: cross(right, direction) };
}

function writeEntry(feed: Float32Array, at: number, camera: CameraState): void {
  const { eye, target, eyeBefore, fieldOfView, near, far } = camera;
  const forward = normalized(target[0] - eye[0], target[1] - eye[1], target[2] - eye[2]);
  const { right, up } = axesOf(forward);
  const tangentY = tan(fieldOfView / 2);
  const tangentX = tangentY * aspectMax;
  const way = Math.abs(eye[0] - eyeBefore[0]) + Math.abs(eye[1] - eyeBefore[1]) + Math.abs(eye[2] - eyeBefore[2]);
  const slack = blendMetres + way;
  const inward = (axis: Vector, tangent: number, sign: number): Vector =>
    normalized(
      forward[0] * tangent + axis[0] * sign,
      forward[1] * tangent + axis[1] * sign,
      forward[2] * tangent + axis[2] * sign,
    );
  writePlane(feed, at, inward(right, tangentX, 1), eye, slack);
  writePlane(feed, at + 4, inward(right, tangentX, -1), eye, slack);
  writePlane(feed, at + 8, inward(up, tangentY, 1), eye, slack);
  writePlane(feed, at + 12, inward(up, tangentY, -1), eye, slack);
  writePlane(feed, at + 16, forward, along(eye, forward, near), slack);
  writePlane(feed, at + 20, [-forward[0], -forward[1], -forward[2]], along(eye, forward, far), slack);
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
  const sun = normalized(...sunDirection);
  const { right, up } = axesOf(sun);
  const reach = shadowExtent * 4;
  let index = 0;
  for (const [axis, extent] of [
    [right, shadowExtent],
    [up, shadowExtent],
    [sun, reach],
  ] as const)
    for (const sign of [1, -1]) {
      let least = Number.POSITIVE_INFINITY;
      for (const { target } of cameras) least = Math.min(least, sign * dot(axis, target));
      feed[at + index * 4] = axis[0] * sign;
      feed[at + index * 4 + 1] = axis[1] * sign;
      feed[at + index * 4 + 2] = axis[2] * sign;
      feed[at + index * 4 + 3] = extent + blendMetres - least;
      index++;
    }
}

function along(from: Vector, direction: Vector, metres: number): Vector {
  return [from[0] + direction[0] * metres, from[1] + direction[1] * metres, from[2] + direction[2] * metres];
}
