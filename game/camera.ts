/** The camera: behind the viewer's tug while a round runs, else slowly around the yard. */
import { type Camera, exact, type Snapshot, type Viewer, WorldTransform } from "../engine/index.ts";
import { Round, roundState } from "./components/round.ts";
import { Tug } from "./components/tug.ts";

const chaseBack = 9.6;
const chaseUp = 5.3;
const chaseAhead = 5.5;
/** The camera does not follow a tug that falls below this. */
const chaseFloor = 0.4;
/** How fast the eye and the target catch up, a second. */
const eyeRate = 5.5;
const targetRate = 9;
/** Farther than this from its goal the camera cuts. */
const cutMetres = 60;

const orbitRadius = 36;
const orbitHeight = 14;
const orbitRate = 0.0022;

type Point = [x: number, y: number, z: number];

/** Index of the tug that the viewer drives, 0 for none. */
export function tugOf(snapshot: Snapshot, viewer: Viewer): number {
  if (viewer.entity === 0) return 0;
  const player = snapshot.handleOf(viewer.entity);
  const { row, bit } = snapshot.presenceOf(Tug);
  const owner = snapshot.columnsOf(Tug).player;
  for (let index = 1; index < snapshot.slotCount; index++)
    if ((row[index]! & bit) !== 0 && owner[index] === player) return index;
  return 0;
}

export function moveCamera(snapshot: Snapshot, viewer: Viewer, camera: Camera, deltaSeconds: number): void {
  camera.near = 0.2;
  camera.far = 400;
  const state = snapshot.columnsOf(Round).state[snapshot.first(Round)]!;
  const isRunning = state === roundState.countdown || state === roundState.playing;
  const tug = isRunning ? tugOf(snapshot, viewer) : 0;
  if (tug === 0) orbit(snapshot, camera, deltaSeconds);
  else chase(snapshot, tug, camera, deltaSeconds);
}

function orbit(snapshot: Snapshot, camera: Camera, deltaSeconds: number): void {
  const angle = snapshot.tick * orbitRate + 0.5;
  camera.fieldOfView = 0.82;
  const radius = orbitRadius + 4 * exact.sin(angle * 0.7);
  approach(camera.eye, [exact.sin(angle) * radius, orbitHeight, exact.cos(angle) * radius - 2], 2.5, deltaSeconds);
  approach(camera.target, [0, 1, -3], 2.5, deltaSeconds);
}

function chase(snapshot: Snapshot, tug: number, camera: Camera, deltaSeconds: number): void {
  const { matrix } = snapshot.columnsOf(WorldTransform);
  const at = tug * 16;
  const x = matrix[at + 12]!;
  const y = Math.max(chaseFloor, matrix[at + 13]!);
  const z = matrix[at + 14]!;
  const aheadX = -matrix[at + 8]!;
  const aheadZ = -matrix[at + 10]!;
  const isBoosting = snapshot.columnsOf(Tug).boosting[tug] === 1;
  camera.fieldOfView += ((isBoosting ? 1.18 : 1.02) - camera.fieldOfView) * share(4, deltaSeconds);
  const eye: Point = [x - aheadX * chaseBack, y + chaseUp, z - aheadZ * chaseBack];
  approach(camera.eye, eye, eyeRate, deltaSeconds);
  approach(camera.target, [x + aheadX * chaseAhead, y + 0.6, z + aheadZ * chaseAhead], targetRate, deltaSeconds);
}

/** Moves `point` towards `goal`, or there at once when it is far away. */
function approach(point: Point, goal: Point, rate: number, deltaSeconds: number): void {
  const far = Math.abs(goal[0] - point[0]) + Math.abs(goal[1] - point[1]) + Math.abs(goal[2] - point[2]);
  const part = far > cutMetres ? 1 : share(rate, deltaSeconds);
  for (let i = 0; i < 3; i++) point[i as 0 | 1 | 2] += (goal[i as 0 | 1 | 2] - point[i as 0 | 1 | 2]) * part;
}

/** The part of the way that is covered in `deltaSeconds` at `rate` a second. */
function share(rate: number, deltaSeconds: number): number {
  return 1 - exact.exp(-rate * deltaSeconds);
}
