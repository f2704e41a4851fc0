/**
 * Builds the geometries of each mesh that a scene describes, one for each level of detail. Lengths are
 * metres, shapes are centred on the origin, cylinders, cones and capsules stand along +Y, a plane lies flat
 * and faces +Y.
 *
 * Rule: a level that would look like a finer one is that finer one, so that it costs no draw of its own.
 */
import {
  BoxGeometry,
  type BufferGeometry,
  CapsuleGeometry,
  ConeGeometry,
  CylinderGeometry,
  PlaneGeometry,
  SphereGeometry,
  TorusGeometry,
} from "three";
import type { ShapeDescription } from "../../../../engine/render/scene.ts";
import { buildBevelledBox } from "./bevel.ts";

/** Levels of detail that are drawn; packets call the next one "not drawn". */
export const levelCount = 3;
const defaultSegments = 20;
/** No round shape is drawn with fewer segments, unless it is described with fewer. */
const segmentsMin = 6;

export interface MeshLevels {
  /** From the finest. */
  readonly geometries: readonly BufferGeometry[];
  /** The place in `geometries` of each level. */
  readonly places: readonly number[];
  readonly triangleCounts: readonly number[];
}

export function buildLevels(mesh: ShapeDescription): MeshLevels {
  const geometries: BufferGeometry[] = [];
  const places: number[] = [];
  let finer: ShapeAtLevel | undefined;
  for (let level = 0; level < levelCount; level++) {
    const shape = shapeAtLevel(mesh, level);
    if (finer === undefined || shape.segments !== finer.segments || shape.bevel !== finer.bevel)
      geometries.push(buildShape(mesh, shape));
    places.push(geometries.length - 1);
    finer = shape;
  }
  return levelsOf(geometries, places);
}

/** The levels of a streamed mesh; at a `bias` of 1 each level is drawn as the next coarser one. */
export function streamedLevels(geometries: readonly BufferGeometry[], bias: number): MeshLevels {
  const place = (level: number): number => Math.min(level + bias, geometries.length - 1);
  return levelsOf(
    geometries,
    Array.from({ length: levelCount }, (_, level) => place(level)),
  );
}

function levelsOf(geometries: readonly BufferGeometry[], places: readonly number[]): MeshLevels {
  return { geometries, places, triangleCounts: geometries.map(({ index }) => (index?.count ?? 0) / 3) };
}

interface ShapeAtLevel {
  /** Around a round shape; 0 where there is nothing round. */
  readonly segments: number;
  readonly bevel: number;
}

function shapeAtLevel(mesh: ShapeDescription, level: number): ShapeAtLevel {
  const round = (segments: number): ShapeAtLevel => ({
    segments: level === 0 ? segments : Math.min(segments, Math.max(segmentsMin, level === 1 ? segments >> 1 : 0)),
    bevel: 0,
  });
  switch (mesh.shape) {
    case "box": {
      const { width, height, depth, bevel = 0 } = mesh;
      return { segments: 0, bevel: level > 0 ? 0 : Math.max(0, Math.min(bevel, width / 2, height / 2, depth / 2)) };
    }
    case "sphere":
      return round(mesh.segments ?? 24);
    case "cylinder":
    case "cone":
      return round(mesh.segments ?? defaultSegments);
    case "capsule":
      return round(defaultSegments);
    case "torus":
      return round(32);
    case "plane":
      return { segments: 0, bevel: 0 };
  }
}

function buildShape(mesh: ShapeDescription, { segments, bevel }: ShapeAtLevel): BufferGeometry {
  switch (mesh.shape) {
    case "box":
      if (bevel === 0) return new BoxGeometry(mesh.width, mesh.height, mesh.depth);
      return buildBevelledBox(mesh.width, mesh.height, mesh.depth, bevel);
    case "sphere":
      return new SphereGeometry(mesh.radius, segments, Math.max(2, segments >> 1));
    case "cylinder":
      return new CylinderGeometry(mesh.radiusTop, mesh.radiusBottom, mesh.height, segments);
    case "cone":
      return new ConeGeometry(mesh.radius, mesh.height, segments);
    case "capsule":
      return new CapsuleGeometry(mesh.radius, mesh.height, Math.max(2, Math.floor(segments * 0.3)), segments);
    case "torus":
      return new TorusGeometry(mesh.radius, mesh.tube, Math.max(4, Math.floor(segments / 3)), segments);
    case "plane":
      return new PlaneGeometry(mesh.width, mesh.depth).rotateX(-Math.PI / 2);
  }
}
