/**
 * Coarser levels of a streamed mesh: its parts, which share no vertex with one another, less those that are
 * small. What stays keeps its shape, so nothing thin is bent away; vertices are shared by all levels.
 */
import { BufferAttribute, BufferGeometry } from "three";

/** The part of the mesh's radius that a part must measure to be drawn at levels 1 and 2. */
const partShares = [1 / 24, 1 / 8] as const;
/** A level must save this share of triangles of the finer one to be worth having. */
const savedShare = 0.25;

/** The levels of a mesh, finest first, which is `geometry` itself; up to three. It has an index. */
export function coarsened(geometry: BufferGeometry): BufferGeometry[] {
  const levels = [geometry];
  geometry.computeBoundingSphere();
  const radius = geometry.boundingSphere?.radius ?? 0;
  const indices = geometry.index!.array as Uint32Array;
  const positions = geometry.getAttribute("position").array as Float32Array;
  const sizes = partSizes(positions, indices);
  let finer = indices;
  for (const share of partShares) {
    const kept = finer.filter((vertex) => sizes[vertex]! >= radius * share);
    if (kept.length === 0 || kept.length > finer.length * (1 - savedShare)) continue;
    const level = new BufferGeometry();
    for (const [name, attribute] of Object.entries(geometry.attributes)) level.setAttribute(name, attribute);
    levels.push(level.setIndex(new BufferAttribute(kept, 1)));
    finer = kept;
  }
  return levels;
}

/** For each vertex the diagonal of the box around its part. All vertices of a triangle are of one part. */
export function partSizes(positions: Float32Array, indices: Uint32Array): Float32Array {
  const vertexCount = positions.length / 3;
  const parent = Uint32Array.from({ length: vertexCount }, (_, vertex) => vertex);
  const rootOf = (vertex: number): number => {
    let at = vertex;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at]!]!;
      at = parent[at]!;
    }
    return at;
  };
  for (let i = 0; i + 2 < indices.length; i += 3)
    for (let corner = 1; corner < 3; corner++) parent[rootOf(indices[i + corner]!)] = rootOf(indices[i]!);
  const least = new Float32Array(vertexCount * 3).fill(Number.POSITIVE_INFINITY);
  const most = new Float32Array(vertexCount * 3).fill(Number.NEGATIVE_INFINITY);
  for (let vertex = 0; vertex < vertexCount; vertex++) {
    const root = rootOf(vertex);
    for (let axis = 0; axis < 3; axis++) {
      const value = positions[vertex * 3 + axis]!;
      least[root * 3 + axis] = Math.min(least[root * 3 + axis]!, value);
      most[root * 3 + axis] = Math.max(most[root * 3 + axis]!, value);
    }
  }
  return Float32Array.from({ length: vertexCount }, (_, vertex) => {
    const at = rootOf(vertex) * 3;
    return Math.hypot(most[at]! - least[at]!, most[at + 1]! - least[at + 1]!, most[at + 2]! - least[at + 2]!);
  });
}
