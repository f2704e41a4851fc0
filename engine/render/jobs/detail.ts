/**
 * The job `detail`: for each viewer and entity a level of detail, 0 (finest) to 3 (too small to draw), by
 * the size of its sphere on the screen. The level of the last run shifts the borders, so none flaps.
 */
import { array, type Field, f32, u8, u32 } from "../../ecs/field.ts";
import { type AnyJob, defineJob } from "../../jobs/definition.ts";
import { defineOutput } from "../../jobs/output.ts";
import { tableBytes, writeLevelTable, writeThresholds } from "../../kernels/tables.ts";
import { cameraEntryWords, cameraWord, viewerCountMax } from "../camera-rig.ts";
import { type Look, Renderable } from "../look.ts";
import { Bounds, boundsChunkItems, offsetOf } from "./bounds.ts";

const levelFields: Readonly<Record<string, Field<"u8">>> = Object.fromEntries(
  Array.from({ length: viewerCountMax }, (_, viewer) => [levelField(viewer), u8]),
);
/** One column a viewer, by entity. */
export const Levels = defineOutput("Levels", levelFields);

/** The column of `Levels` that is viewer `viewer`'s. */
export function levelField(viewer: number): string {
  return `viewer${viewer}`;
}

/** Radii on a screen of 1,080 lines below which levels 1, 2 and 3 begin, in pixels. */
const sizes = [48, 14, 1.2] as const;
const hysteresis = 0.12;
const tableWords = tableBytes.levels / 4;

export function detailJob(look: Look, entityMax: number): AnyJob {
  const meshCount = Math.max(1, look.meshes.length);
  return defineJob({
    name: "detail",
    reads: [Renderable],
    inputs: [Bounds],
    params: {
      identity: array(u32, entityMax + 4),
      tables: array(u32, tableWords * viewerCountMax),
      thresholds: array(f32, meshCount * 4),
      viewerCount: u32,
    },
    output: Levels,
    chunkItems: boundsChunkItems,
    itemsMax: ({ entities }) => entities + 1,
    begin({ columns, params, inputs, feeds, quality, output, before }) {
      const { identity, tables, thresholds } = params;
      const buffer = identity.buffer as SharedArrayBuffer;
      if (identity[1] === 0) for (let e = 0; e < identity.length; e++) identity[e] = e;
      // A budget below the whole coarsens: every border moves towards the viewer.
      const factor = 1 / Math.max(0.25, quality);
      for (let mesh = 0; mesh < meshCount; mesh++)
        writeThresholds(buffer, thresholds.byteOffset, mesh, [sizes[0] * factor, sizes[1] * factor, sizes[2] * factor]);
      const cameras = feeds["cameras"]!;
      const viewerCount = cameras[0]!;
      params.viewerCount[0] = viewerCount;
      const { x, y, z, radius } = inputs.Bounds.columns;
      for (let viewer = 0; viewer < viewerCount; viewer++) {
        const at = (1 + viewer) * cameraEntryWords;
        const field = levelField(viewer);
        writeLevelTable(buffer, tables.byteOffset + viewer * tableBytes.levels, {
          spheres: [x.byteOffset, y.byteOffset, z.byteOffset, radius.byteOffset],
          entities: identity.byteOffset,
          mesh: offsetOf(columns.Renderable.mesh),
          before: before[field]!.byteOffset,
          after: output[field]!.byteOffset,
          thresholds: thresholds.byteOffset,
          camera: [cameras[at + cameraWord.eye]!, cameras[at + cameraWord.eye + 1]!, cameras[at + cameraWord.eye + 2]!],
          projectionScale: cameras[at + cameraWord.projectionScale]!,
          hysteresis,
        });
      }
      return inputs.Bounds.itemCount;
    },
    run({ first, count, params, kernels }) {
      const viewerCount = params.viewerCount[0]!;
      for (let viewer = 0; viewer < viewerCount; viewer++)
        kernels.selectLevels(params.tables.byteOffset + tableBytes.levels * viewer, first, count);
      return count;
    },
  });
}
