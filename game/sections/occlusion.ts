/**
 * Shade between things, put into the colours of a mesh: from each vertex some directions are looked along,
 * through a coarse grid of what is filled. It is the costly part of a section and may be done in slices of vertices.
 */
import type { Mesh } from "./mesh.ts";

const cellMetres = 0.8;
const sideCells = 80;
const heightCells = 56;
/** The height of the grid's floor. */
const floorY = -14;
/** Share of its light that a vertex loses when nothing of the sky is seen. */
const darkest = 0.72;
const reaches = [0.9, 1.8, 3, 4.6] as const;

/** Which cells have a vertex in them. */
export function filledCells(mesh: Mesh): Uint8Array {
  const filled = new Uint8Array(sideCells * sideCells * heightCells);
  for (let i = 0; i < mesh.vertexCount; i++) {
    const cell = cellOf(mesh.positions[i * 3]!, mesh.positions[i * 3 + 1]!, mesh.positions[i * 3 + 2]!);
    if (cell >= 0) filled[cell] = 1;
  }
  return filled;
}

/** Darkens `count` vertices from `first` on. */
export function occlude(mesh: Mesh, filled: Uint8Array, first: number, count: number): void {
  const { positions, normals, colors } = mesh;
  for (let vertex = first; vertex < first + count; vertex++) {
    const at = vertex * 3;
    const normalX = normals[at]!;
    const normalY = normals[at + 1]!;
    const normalZ = normals[at + 2]!;
    const x = positions[at]! + normalX * 0.6;
    const y = positions[at + 1]! + normalY * 0.6;
    const z = positions[at + 2]! + normalZ * 0.6;
    let open = 0;
    let all = 0;
    for (let d = 0; d < directions.length; d += 3) {
      const wayX = directions[d]!;
      const wayY = directions[d + 1]!;
      const wayZ = directions[d + 2]!;
      const facing = wayX * normalX + wayY * normalY + wayZ * normalZ;
      if (facing <= 0.05) continue;
      all += facing;
      let isClosed = false;
      for (let k = 0; k < reaches.length && !isClosed; k++) {
        const reach = reaches[k]!;
        const cell = cellOf(x + wayX * reach, y + wayY * reach, z + wayZ * reach);
        isClosed = cell >= 0 && filled[cell] === 1;
      }
      if (!isClosed) open += facing;
    }
    const light = 1 - darkest * (1 - open / all);
    for (let channel = 0; channel < 3; channel++)
      colors[vertex * 4 + channel] = Math.round(colors[vertex * 4 + channel]! * light);
  }
}

/** The cell of a place, -1 outside. */
function cellOf(x: number, y: number, z: number): number {
  const column = Math.floor(x / cellMetres) + sideCells / 2;
  const row = Math.floor(z / cellMetres) + sideCells / 2;
  const level = Math.floor((y - floorY) / cellMetres);
  if (column < 0 || row < 0 || level < 0 || column >= sideCells || row >= sideCells || level >= heightCells) return -1;
  return (level * sideCells + row) * sideCells + column;
}

/** Directions to the middles of the outer cells of a 5 x 5 x 5 cube, of length 1: x, y, z each. */
const directions = spread();

function spread(): Float32Array {
  const list: number[] = [];
  for (let x = -2; x <= 2; x++)
    for (let y = -2; y <= 2; y++)
      for (let z = -2; z <= 2; z++) {
        if (Math.max(Math.abs(x), Math.abs(y), Math.abs(z)) !== 2 || (x + y + z) % 2 !== 0) continue;
        const length = Math.sqrt(x * x + y * y + z * z);
        list.push(x / length, y / length, z / length);
      }
  return Float32Array.from(list);
}
