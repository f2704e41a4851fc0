/**
 * The job `bounds`: a sphere around every entity that has a look, from its world matrix and the radius of
 * its mesh. Row e is entity e; who is not shown has radius 0 at the origin. Poses and skinning, where a
 * game has them, come before it: their outputs widen the radius of who is animated.
 */
import { array, f32, u32 } from "../../ecs/field.ts";
import { type AnyJob, defineJob } from "../../jobs/definition.ts";
import { defineOutput } from "../../jobs/output.ts";
import { tableBytes, writeSphereTable } from "../../kernels/tables.ts";
import { WorldTransform } from "../../transform/components.ts";
import { type Look, Renderable } from "../look.ts";
import type { MeshDescription } from "../scene.ts";

export const Bounds = defineOutput("Bounds", { x: f32, y: f32, z: f32, radius: f32, localRadius: f32 });

export const boundsChunkItems = 1_024;

export function boundsJob(look: Look, entityMax: number): AnyJob {
  const radii = Float32Array.from(look.meshes, radiusOf);
  /** Filled anew in each run and kept, so that a steady frame leaves no garbage. */
  const spheres: [number, number, number, number] = [0, 0, 0, 0];
  const values = { matrices: 0, entities: 0, radii: 0, spheres };
  return defineJob({
    name: "bounds",
    reads: [WorldTransform, Renderable],
    params: { identity: array(u32, entityMax + 4), table: array(u32, tableBytes.spheres / 4) },
    output: Bounds,
    chunkItems: boundsChunkItems,
    itemsMax: ({ entities }) => entities + 1,
    begin({ snapshot, columns, params, output }) {
      const { identity, table } = params;
      if (identity[1] === 0) for (let e = 0; e < identity.length; e++) identity[e] = e;
      const { x, y, z, radius, localRadius } = output as typeof output & Record<string, Float32Array>;
      spheres[0] = x!.byteOffset;
      spheres[1] = y!.byteOffset;
      spheres[2] = z!.byteOffset;
      spheres[3] = radius!.byteOffset;
      values.matrices = offsetOf(columns.WorldTransform.matrix);
      values.entities = identity.byteOffset;
      values.radii = localRadius!.byteOffset;
      writeSphereTable(table.buffer as SharedArrayBuffer, table.byteOffset, values);
      return snapshot.slotCount;
    },
    run({ first, count, columns, params, output, snapshot, kernels }) {
      const { mesh, tint } = columns.Renderable;
      const look = snapshot.presenceOf(Renderable);
      const place = snapshot.presenceOf(WorldTransform);
      const { localRadius } = output;
      for (let i = 0; i < count; i++) {
        const e = first + i;
        const isShown = (look.row[e]! & look.bit) !== 0 && (place.row[e]! & place.bit) !== 0 && tint[e]! >>> 24 !== 0;
        localRadius[i] = isShown ? radii[mesh[e]!]! : 0;
      }
      kernels.spheresFromMatrices(params.table.byteOffset, first, count);
      return count;
    },
  });
}

/** Offset in the world's memory of a column that is only read. */
export function offsetOf(column: { readonly length: number }): number {
  return (column as unknown as Float32Array).byteOffset;
}

/** The radius about its origin of a mesh, metres. */
export function radiusOf(mesh: MeshDescription): number {
  switch (mesh.shape) {
    case "box":
      return length(mesh.width / 2, mesh.height / 2, mesh.depth / 2);
    case "sphere":
      return mesh.radius;
    case "cylinder":
      return length(Math.max(mesh.radiusTop, mesh.radiusBottom), mesh.height / 2, 0);
    case "cone":
      return length(mesh.radius, mesh.height / 2, 0);
    case "capsule":
      return mesh.radius + mesh.height / 2;
    case "torus":
      return mesh.radius + mesh.tube;
    case "plane":
      return length(mesh.width / 2, mesh.depth / 2, 0);
    case "resource":
      return mesh.radius ?? radiusOf(mesh.fallback);
  }
}

function length(x: number, y: number, z: number): number {
  return Math.sqrt(x * x + y * y + z * z);
}
