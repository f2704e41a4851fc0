/**
 * The jobs `hierarchy` and `visibility`: a bounding-volume hierarchy over the spheres of `bounds`, and for
 * each camera, the shadow's among them, the entities that it may see, ascending. A camera is a chunk.
 */
import { array, f32, u32 } from "../../ecs/field.ts";
import { type AnyJob, defineJob } from "../../jobs/definition.ts";
import { defineOutput } from "../../jobs/output.ts";
import type { Kernels } from "../../kernels/kernels.ts";
import { cameraEntryWords, shadowEntry, viewerCountMax } from "../camera-rig.ts";
import { hierarchyByteLength, hierarchyScratchBytes, SphereHierarchy } from "../culling/hierarchy.ts";
import { Bounds } from "./bounds.ts";

/** The hierarchy's memory; see culling/hierarchy.ts. */
export const Hierarchy = defineOutput("Hierarchy", { words: u32 });
/** `entity`: those that may be seen, by camera; `scratch` is the query's own. */
export const Visible = defineOutput("Visible", { entity: u32, scratch: u32 });

/** Cameras of a frame: those of the viewers, then the shadow's. */
export const cameraCountMax = viewerCountMax + 1;

/** Behind the hierarchy: spheres, tick and size of the boxes when it was built. */
const noteWords = 3;
/** An order is kept so long at most, and as long as its boxes are not this many times as large as they were. */
const orderTicks = 120;
const loosenessMax = 1.5;

/** Hierarchies by the memory they lie in: what they know beside it follows from it when they are built. */
const opened = new WeakMap<object, SphereHierarchy>();

export function hierarchyJob(entityMax: number): AnyJob {
  const wordCount = hierarchyByteLength(entityMax + 1) / 4;
  return defineJob({
    name: "hierarchy",
    inputs: [Bounds],
    output: Hierarchy,
    chunkItems: 1,
    rowsPerItem: wordCount + noteWords,
    itemsMax: () => 1,
    begin: () => 1,
    run({ tick, inputs, output, kernels }) {
      const { x, y, z, radius } = inputs.Bounds.columns;
      const { words } = output;
      const memory = words.buffer as SharedArrayBuffer;
      // The spheres are in one of two places, turn by turn, as this job's own memory is.
      const key = words;
      let hierarchy = opened.get(key);
      if (hierarchy === undefined || words[0] !== x.byteOffset) {
        const spheres = [x.byteOffset, y.byteOffset, z.byteOffset, radius.byteOffset] as const;
        hierarchy = new SphereHierarchy(memory, kernels, words.byteOffset, entityMax + 1, spheres);
        opened.set(key, hierarchy);
      }
      const { itemCount } = inputs.Bounds;
      // Whether an order still serves is decided from what lies in this memory, for another thread may have built it.
      const age = tick - words[wordCount + 1]!;
      let isFitting = words[wordCount] === itemCount && age >= 0 && age < orderTicks;
      if (isFitting) {
        if (hierarchy.sphereCount !== itemCount) hierarchy.adopt(itemCount);
        hierarchy.fit();
        isFitting = Math.ceil(hierarchy.size()) <= words[wordCount + 2]! * loosenessMax;
      }
      if (!isFitting) {
        hierarchy.build(itemCount);
        words[wordCount] = itemCount;
        words[wordCount + 1] = tick;
        words[wordCount + 2] = Math.ceil(hierarchy.size());
      }
      return wordCount + noteWords;
    },
  });
}

export function visibilityJob(entityMax: number): AnyJob {
  const scratchWords = hierarchyScratchBytes(entityMax + 1) / 4;
  return defineJob({
    name: "visibility",
    inputs: [Hierarchy],
    params: { planes: array(f32, cameraCountMax * 24) },
    output: Visible,
    chunkItems: 1,
    rowsPerItem: Math.max(entityMax + 1, scratchWords),
    itemsMax: () => cameraCountMax,
    begin({ feeds, params }) {
      const cameras = feeds["cameras"]!;
      const viewerCount = cameras[0]!;
      for (let viewer = 0; viewer < viewerCount; viewer++) copyPlanes(cameras, 1 + viewer, params.planes, viewer);
      copyPlanes(cameras, shadowEntry, params.planes, viewerCount);
      return viewerCount + 1;
    },
    run({ number, inputs, params, output, kernels }) {
      const { words } = inputs.Hierarchy.columns;
      // A query leaves its scratch at zero; one that a dead worker began may not have.
      output.scratch.fill(0, 0, scratchWords);
      return cull(kernels, words.byteOffset, params.planes.byteOffset + number * 96, output);
    },
  });
}

function cull(
  kernels: Kernels,
  table: number,
  planes: number,
  output: { readonly entity: Uint32Array; readonly scratch: Uint32Array },
): number {
  return kernels.cullHierarchy(table, planes, output.scratch.byteOffset, output.entity.byteOffset);
}

function copyPlanes(cameras: Float32Array, entry: number, planes: Float32Array, to: number): void {
  const from = entry * cameraEntryWords;
  for (let i = 0; i < 24; i++) planes[to * 24 + i] = cameras[from + i]!;
}
