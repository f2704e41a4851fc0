/**
 * The grid that pilots find their ways on: which places of the yard a tug can hover over. `gridInputOf`
 * takes its shapes from a snapshot, `buildYardGrid` makes the block of them; both are pure, so any
 * thread may do either. Ground makes a place open; obstacles and cliffs close it.
 *
 * The one rule: the same yard gives the same numbers. The tick is left out of them and the drifting section is
 * taken at coarse places, so that a grid is built again when it would be another one and not in every tick.
 */
import {
  encodeGridInput,
  exact,
  type GridPlace,
  type GridShape,
  gridBuildStateWords,
  gridByteLength,
  type Snapshot,
  stepGridBuild,
  WorldTransform,
} from "../../engine/index.ts";
import { DriftSection, Ground, Obstacle } from "../components/yard.ts";
import { stepMetres } from "../ground.ts";

/** The deck, the dock and the drifting section where it lies at the yard. */
export const yardGridPlace: GridPlace = { width: 112, height: 80, cellSize: 0.5, originX: -24, originZ: -24 };

export const yardGridBytes = gridByteLength(yardGridPlace.width, yardGridPlace.height);

/** A tug's middle keeps this far from edges and walls, metres. */
const agentRadius = 1.4;
/** The gap between deck and drifting section, which a tug hovers over: so much farther does the section reach. */
const bridgeMetres = 0.5;
/** How far the section sways before the grid follows, metres. */
const swayStep = 2;
const eastEdge = yardGridPlace.originX + yardGridPlace.width * yardGridPlace.cellSize;
/** Edges are walked in steps of this, metres, and felt this far on both sides. */
const cliffStep = 0.5;
const feelMetres = 0.05;

/** A piece of ground, as Ground describes it, at its place in the world. */
interface Piece {
  readonly x: number;
  readonly z: number;
  /** Height of the top in the middle. */
  readonly y: number;
  readonly halfX: number;
  readonly halfZ: number;
  readonly riseX: number;
  readonly riseZ: number;
}

/** The numbers that the grid of this snapshot's yard is built from (encodeGridInput). */
export function gridInputOf(snapshot: Snapshot): Float32Array {
  const pieces = piecesOf(snapshot);
  const shapes: GridShape[] = pieces.map(({ x, z, halfX, halfZ }) => ({
    ...{ form: "box", x, z, halfX, halfZ, effect: "ground" },
  }));
  addObstacles(snapshot, shapes);
  for (const piece of pieces) addCliffs(piece, pieces, shapes);
  return encodeGridInput({ ...yardGridPlace, agentRadius, tick: 0, shapes });
}

/** The grid's block, which openGrid reads. */
export function buildYardGrid(input: Float32Array): Uint8Array {
  const block = new Uint8Array(yardGridBytes);
  buildYardGridInto(input, block);
  return block;
}

/** The same into memory that is there: `block` has yardGridBytes bytes and begins at a multiple of 4. */
export function buildYardGridInto(input: Float32Array, block: Uint8Array): void {
  const state = new Uint32Array(gridBuildStateWords(yardGridPlace.width, yardGridPlace.height));
  stepGridBuild(input, state, block, Number.POSITIVE_INFINITY);
}

function piecesOf(snapshot: Snapshot): readonly Piece[] {
  const { halfX, halfZ, top, riseX, riseZ } = snapshot.columnsOf(Ground);
  const { matrix } = snapshot.columnsOf(WorldTransform);
  const grounds = snapshot.presenceOf(Ground);
  const sections = snapshot.presenceOf(DriftSection);
  const pieces: Piece[] = [];
  for (let e = 1; e < snapshot.slotCount; e++) {
    if ((grounds.row[e]! & grounds.bit) === 0) continue;
    const drifts = (sections.row[e]! & sections.bit) !== 0;
    const x = matrix[e * 16 + 12]!;
    const z = matrix[e * 16 + 14]!;
    if (x - halfX[e]! > eastEdge) continue;
    pieces.push({
      x: drifts ? Math.round(x) : x,
      z: drifts ? Math.round(z / swayStep) * swayStep : z,
      y: matrix[e * 16 + 13]! + top[e]!,
      halfX: halfX[e]! + (drifts ? bridgeMetres : 0),
      ...{ halfZ: halfZ[e]!, riseX: riseX[e]!, riseZ: riseZ[e]! },
    });
  }
  return pieces;
}

function addObstacles(snapshot: Snapshot, shapes: GridShape[]): void {
  const { halfX, halfZ } = snapshot.columnsOf(Obstacle);
  const { matrix } = snapshot.columnsOf(WorldTransform);
  const { row, bit } = snapshot.presenceOf(Obstacle);
  for (let e = 1; e < snapshot.slotCount; e++) {
    // Tugs move; nobody builds a grid around them.
    if ((row[e]! & bit) === 0 || halfX[e] === 0) continue;
    const at = e * 16;
    const place = { x: matrix[at + 12]!, z: matrix[at + 14]!, effect: "blocked" } as const;
    if (halfZ[e] === 0) shapes.push({ ...place, form: "disc", radius: halfX[e]! });
    else
      shapes.push({
        ...place,
        form: "box",
        halfX: halfX[e]!,
        halfZ: halfZ[e]!,
        yaw: exact.atan2(-matrix[at + 2]!, matrix[at]!),
      });
  }
}

/** Closes the edges of `piece` beside which the ground is higher or lower by more than a tug climbs. */
function addCliffs(piece: Piece, pieces: readonly Piece[], shapes: GridShape[]): void {
  const { x, z, halfX, halfZ } = piece;
  const feel = (atX: number, atZ: number, outX: number, outZ: number): void => {
    const inside = heightAt(pieces, atX - outX * feelMetres, atZ - outZ * feelMetres);
    const outside = heightAt(pieces, atX + outX * feelMetres, atZ + outZ * feelMetres);
    if (!(Math.abs(inside - outside) > stepMetres)) return;
    shapes.push({ form: "box", x: atX, z: atZ, halfX: cliffStep / 2, halfZ: cliffStep / 2, effect: "blocked" });
  };
  for (const side of [-1, 1]) {
    for (let along = cliffStep / 2; along < halfX * 2; along += cliffStep)
      feel(x - halfX + along, z + side * halfZ, 0, side);
    for (let along = cliffStep / 2; along < halfZ * 2; along += cliffStep)
      feel(x + side * halfX, z - halfZ + along, side, 0);
  }
}

/** The highest ground at (x, z), NaN for none: no comparison with it is true. */
function heightAt(pieces: readonly Piece[], x: number, z: number): number {
  let highest = Number.NaN;
  for (let i = 0; i < pieces.length; i++) {
    const piece = pieces[i]!;
    const acrossX = x - piece.x;
    const acrossZ = z - piece.z;
    if (Math.abs(acrossX) > piece.halfX || Math.abs(acrossZ) > piece.halfZ) continue;
    const height = piece.y + piece.riseX * acrossX + piece.riseZ * acrossZ;
    if (!(height <= highest)) highest = height;
  }
  return highest;
}
