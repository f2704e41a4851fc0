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

const levelNames: readonly string[] = Array.from({ length: viewerCountMax }, (_, viewer) => `viewer${viewer}`);
const levelFields: Readonly<Record<string, Field<"u8">>> = Object.fromEntries(
  Array.from({ length: viewerCountMax }, (_, viewer) => [levelField(viewer), u8]),
);
/** One column a viewer, by entity. */
export const Levels = defineOutput("Levels", levelFields);

/** The column of `Levels` that is viewer `viewer`'s. */
export function levelField(viewer: number): string {
  return levelNames[viewer]!;
}

/** Radii on a screen of 1,080 lines below which levels 1, 2 and 3 begin, in pixels. */
const sizes = [48, 14, 1.2] as const;
const hysteresis = 0.12;
const tableWords = tableBytes.levels / 4;

export function detailJob(look: Look, entityMax: number): AnyJob {
  const meshCount = Math.max(1, look.meshes.length);
  /** Filled anew for each viewer and kept, so that a steady frame leaves no garbage. */
  const spheres: [number, number, number, number] = [0, 0, 0, 0];
  const camera: [number, number, number] = [0, 0, 0];
  const borders: [number, number, number] = [0, 0, 0];
  const table = {
    spheres,
    camera,
    entities: 0,
    mesh: 0,
    before: 0,
    after: 0,
    thresholds: 0,
    projectionScale: 0,
    hysteresis,
  };
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
      for (let i = 0; i < 3; i++) borders[i] = sizes[i]! * factor;
      for (let mesh = 0; mesh < meshCount; mesh++) writeThresholds(buffer, thresholds.byteOffset, mesh, borders);
      const cameras = feeds["cameras"]!;
      const viewerCount = cameras[0]!;
      params.viewerCount[0] = viewerCount;
      const { x, y, z, radius } = inputs.Bounds.columns;
      spheres[0] = x.byteOffset;
      spheres[1] = y.byteOffset;
      spheres[2] = z.byteOffset;
      spheres[3] = radius.byteOffset;
      table.entities = identity.byteOffset;
      table.mesh = offsetOf(columns.Renderable.mesh);
      table.thresholds = thresholds.byteOffset;
      for (let viewer = 0; viewer < viewerCount; viewer++) {
        const at = (1 + viewer) * cameraEntryWords;
        const field = levelField(viewer);
        table.before = before[field]!.byteOffset;
        table.after = output[field]!.byteOffset;
        for (let axis = 0; axis < 3; axis++) camera[axis] = cameras[at + cameraWord.eye + axis]!;
        table.projectionScale = cameras[at + cameraWord.projectionScale]!;
        writeLevelTable(buffer, tables.byteOffset + viewer * tableBytes.levels, table);
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
