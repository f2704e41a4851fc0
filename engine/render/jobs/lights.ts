/**
 * The job `clusters`: for each of the first viewers, which lights reach which cell of its frustum, cut into
 * 16 columns, 9 rows and 24 depth slices that grow with the distance. Drivers that shade by clusters take
 * the lists; from the counts the assembler learns which lights matter most.
 */
import { assert } from "../../base/assertions.ts";
import { exp, log } from "../../base/math.ts";
import { array, f32, u16, u32 } from "../../ecs/field.ts";
import { type AnyJob, defineJob } from "../../jobs/definition.ts";
import { defineOutput } from "../../jobs/output.ts";
import {
  type ClusterGrid,
  clusterBorderBytes,
  clusterScratchBytes,
  tableBytes,
  writeClusterTable,
} from "../../kernels/tables.ts";
import { WorldTransform } from "../../transform/components.ts";
import { cameraEntryWords, cameraWord } from "../camera-rig.ts";
import { Light, lightCountMax } from "../light.ts";

const columnCount = 16;
const rowCount = 9;
const sliceCount = 24;
const slicesPerChunk = 4;
const cellsPerSlice = columnCount * rowCount;
/** Lights that one cell lists; what is beyond is counted as overflow. */
export const lightsPerCell = 16;
/** Viewers for whom clusters are made. */
export const clusteredViewerMax = 4;
/** Lights farther away than this share no slice. */
const farMetres = 200;

/** One row a cell, viewer by viewer, slice by slice. `scratch` is the kernel's. */
export const Clusters = defineOutput("Clusters", {
  count: u16,
  lights: array(u16, lightsPerCell),
  scratch: array(u32, 8),
});
export const cellsPerViewer = cellsPerSlice * sliceCount;

const noGrid: ClusterGrid = { columnCount, rowCount, sliceCount, slopesX: [], slopesY: [], depths: [] };
const borderWords = clusterBorderBytes(noGrid) / 4;
const borderStride = Math.ceil(borderWords / 4) * 4;
const tableWords = tableBytes.lights / 4;
const columnWords = lightCountMax + 8;

export function clustersJob(): AnyJob {
  const [has, needs] = [slicesPerChunk * cellsPerSlice * 32, clusterScratchBytes(lightCountMax)];
  assert(has >= needs, "the scratch of a chunk's rows holds what the kernel needs", { has, needs });
  /** Filled anew for each viewer and kept, so that a steady frame leaves no garbage. */
  const lights: [number, number, number, number] = [0, 0, 0, 0];
  const table = { lights, lightCount: 0, grid: noGrid, borders: 0, counts: 0, lists: 0, countMax: lightsPerCell };
  return defineJob({
    name: "clusters",
    reads: [Light, WorldTransform],
    params: {
      /** Entity of each light. */
      entities: array(u32, lightCountMax),
      lightCount: u32,
      /** x y depth radius in the space of each viewer's camera. */
      columns: array(f32, columnWords * 4 * clusteredViewerMax),
      borders: array(f32, borderStride * clusteredViewerMax),
      tables: array(u32, tableWords * clusteredViewerMax),
    },
    output: Clusters,
    chunkItems: slicesPerChunk,
    rowsPerItem: cellsPerSlice,
    itemsMax: () => clusteredViewerMax * sliceCount,
    begin({ snapshot, columns, params, feeds, output }) {
      const { matrix } = columns.WorldTransform;
      const { radius, intensity } = columns.Light;
      const { row, bit } = snapshot.presenceOf(Light);
      let count = 0;
      for (let e = 1; e < snapshot.slotCount && count < lightCountMax; e++)
        if ((row[e]! & bit) !== 0 && intensity[e]! > 0) params.entities[count++] = e;
      params.lightCount[0] = count;
      const cameras = feeds["cameras"]!;
      const viewerCount = Math.min(clusteredViewerMax, cameras[0]!);
      const buffer = params.columns.buffer as SharedArrayBuffer;
      for (let viewer = 0; viewer < viewerCount; viewer++) {
        const at = (1 + viewer) * cameraEntryWords;
        const base = viewer * columnWords * 4;
        for (let i = 0; i < count; i++) {
          const from = params.entities[i]! * 16 + 12;
          const dx = matrix[from]! - cameras[at + cameraWord.eye]!;
          const dy = matrix[from + 1]! - cameras[at + cameraWord.eye + 1]!;
          const dz = matrix[from + 2]! - cameras[at + cameraWord.eye + 2]!;
          params.columns[base + i] = along(cameras, at + cameraWord.right, dx, dy, dz);
          params.columns[base + columnWords + i] = along(cameras, at + cameraWord.up, dx, dy, dz);
          params.columns[base + columnWords * 2 + i] = along(cameras, at + cameraWord.forward, dx, dy, dz);
          params.columns[base + columnWords * 3 + i] = radius[params.entities[i]!]!;
        }
        for (let i = 0; i < 4; i++) lights[i] = params.columns.byteOffset + (base + columnWords * i) * 4;
        table.lightCount = count;
        table.grid = gridOf(cameras, at);
        table.borders = params.borders.byteOffset + viewer * borderStride * 4;
        table.counts = output["count"]!.byteOffset + viewer * cellsPerViewer * 2;
        table.lists = output["lights"]!.byteOffset + viewer * cellsPerViewer * lightsPerCell * 2;
        writeClusterTable(buffer, params.tables.byteOffset + viewer * tableBytes.lights, table);
      }
      return viewerCount * sliceCount;
    },
    run({ first, count, params, output, kernels }) {
      const viewer = Math.floor(first / sliceCount);
      const table = params.tables.byteOffset + viewer * tableBytes.lights;
      kernels.binLights(table, first % sliceCount, count, output.scratch.byteOffset);
      return count * cellsPerSlice;
    },
  });
}

function along(cameras: Float32Array, at: number, x: number, y: number, z: number): number {
  return cameras[at]! * x + cameras[at + 1]! * y + cameras[at + 2]! * z;
}

/** A camera's shape and the grid that belongs to it. */
interface ShapedGrid {
  readonly tangentX: number;
  readonly tangentY: number;
  readonly near: number;
  readonly far: number;
  readonly grid: ClusterGrid;
}

const grids: ShapedGrid[] = [];
const gridCountMax = 64;

/** The grid of a camera; the few shapes that a view's cameras have are made once. */
function gridOf(cameras: Float32Array, at: number): ClusterGrid {
  const tangentX = cameras[at + cameraWord.tangentX]!;
  const tangentY = cameras[at + cameraWord.tangentY]!;
  const near = Math.max(0.05, cameras[at + cameraWord.near]!);
  const far = Math.min(farMetres, cameras[at + cameraWord.far]!);
  for (let i = 0; i < grids.length; i++) {
    const known = grids[i]!;
    if (known.tangentX === tangentX && known.tangentY === tangentY && known.near === near && known.far === far)
      return known.grid;
  }
  // Made elsewhere: what a function in here captured would be boxed in every call.
  const grid = makeGrid(tangentX, tangentY, near, far);
  if (grids.length === gridCountMax) grids.length = 0;
  grids.push({ tangentX, tangentY, near, far, grid });
  return grid;
}

function makeGrid(tangentX: number, tangentY: number, near: number, far: number): ClusterGrid {
  const ratio = log(far / near);
  return {
    columnCount,
    rowCount,
    sliceCount,
    slopesX: Array.from({ length: columnCount + 1 }, (_, i) => tangentX * ((2 * i) / columnCount - 1)),
    slopesY: Array.from({ length: rowCount + 1 }, (_, i) => tangentY * ((2 * i) / rowCount - 1)),
    depths: Array.from({ length: sliceCount + 1 }, (_, i) => (i === 0 ? 0 : near * exp((ratio * i) / sliceCount))),
  };
}
