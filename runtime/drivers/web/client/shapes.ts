/**
 * Builds the geometry of each mesh that a scene describes. Lengths are metres, shapes are centred on
 * the origin, cylinders, cones and capsules stand along +Y, a plane lies flat and faces +Y.
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
import type { MeshDescription } from "../../../../engine/render/scene.ts";
import { buildBevelledBox } from "./bevel.ts";

const defaultSegments = 20;

export function buildShape(mesh: MeshDescription): BufferGeometry {
  switch (mesh.shape) {
    case "box": {
      const { width, height, depth, bevel = 0 } = mesh;
      if (bevel <= 0) return new BoxGeometry(width, height, depth);
      return buildBevelledBox(width, height, depth, Math.min(bevel, width / 2, height / 2, depth / 2));
    }
    case "sphere": {
      const segments = mesh.segments ?? 24;
      return new SphereGeometry(mesh.radius, segments, Math.max(2, segments >> 1));
    }
    case "cylinder":
      return new CylinderGeometry(mesh.radiusTop, mesh.radiusBottom, mesh.height, mesh.segments ?? defaultSegments);
    case "cone":
      return new ConeGeometry(mesh.radius, mesh.height, mesh.segments ?? defaultSegments);
    case "capsule":
      return new CapsuleGeometry(mesh.radius, mesh.height, 6, defaultSegments);
    case "torus":
      return new TorusGeometry(mesh.radius, mesh.tube, 10, 32);
    case "plane":
      return new PlaneGeometry(mesh.width, mesh.depth).rotateX(-Math.PI / 2);
  }
}
