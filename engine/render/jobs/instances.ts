/**
 * The job `instances`: what a driver draws, packed. `begin` gathers who is seen by any camera and sorts it by
 * (mesh, material), so each pair is one draw; chunks write rows of matrices, colours in linear light, and
 * for each instance the cameras that see it and the level of detail that each chose.
 */
import { array, f32, u16, u32 } from "../../ecs/field.ts";
import { type AnyJob, defineJob } from "../../jobs/definition.ts";
import { defineOutput } from "../../jobs/output.ts";
import { tintTableLength, writeTintTable } from "../../kernels/half-floats.ts";
import { tableBytes, writeInstanceTable } from "../../kernels/tables.ts";
import { WorldTransform } from "../../transform/components.ts";
import { shadowBit, viewerCountMax } from "../camera-rig.ts";
import { type Look, Renderable } from "../look.ts";
import { offsetOf } from "./bounds.ts";
import { Levels, levelField } from "./detail.ts";
import { Visible } from "./visibility.ts";

/** An instance that moved farther than this since the last packet is shown at its new place at once, metres. */
const snapDistance = 4;
const chunkItems = 256;

export const Instances = defineOutput("Instances", {
  /** Three rows of four of the world matrix, now and at the last packet. */
  current: array(f32, 12),
  previous: array(f32, 12),
  /** Half floats in linear light: red green blue alpha. */
  color: array(u16, 4),
  colorBefore: array(u16, 4),
  /** Handle of the entity. */
  entity: u32,
  /** Bit v: camera v sees it; bit 31: the shadow's camera does. */
  visible: u32,
  /** Two bits a viewer: its level of detail. */
  levels: u32,
});

export function instancesJob(look: Look, entityMax: number): AnyJob {
  const materialCount = Math.max(1, look.materials.length);
  const keyCount = Math.max(1, look.meshes.length) * materialCount;
  /** Filled anew in each run and kept, so that a steady frame leaves no garbage. */
  const table = { matrices: 0, entities: 0, tints: 0, rows: 0, colors: 0, light: 0 };
  return defineJob({
    name: "instances",
    reads: [Renderable, WorldTransform],
    inputs: [Visible, Levels],
    params: {
      /** Entities in the order of instances; cameras that see an entity, by entity. */
      list: array(u32, entityMax + 4),
      seenBy: array(u32, entityMax + 1),
      /** First instance of each pair of mesh and material. */
      firsts: array(u32, keyCount + 1),
      tables: array(u32, (tableBytes.instances / 4) * 2),
      light: array(u16, tintTableLength),
      viewerCount: u32,
      previousTick: u32,
    },
    output: Instances,
    chunkItems,
    itemsMax: ({ entities }) => entities + 1,
    begin({ snapshot, previous, columns, params, inputs, output, feeds }) {
      if (params.light[255] === 0) writeTintTable(params.light);
      const viewerCount = feeds["cameras"]![0]!;
      params.viewerCount[0] = viewerCount;
      const { seenBy, list, firsts, tables } = params;
      seenBy.fill(0, 0, snapshot.slotCount);
      const visible = inputs.Visible;
      for (let camera = 0; camera < visible.chunkCount; camera++) {
        const bit = camera === viewerCount ? shadowBit : camera;
        const from = camera * visible.rowStride;
        const end = from + visible.rowCounts[camera]!;
        for (let row = from; row < end; row++) {
          const e = visible.columns.entity[row]!;
          seenBy[e] = (seenBy[e]! | (1 << bit)) >>> 0;
        }
      }
      const count = sortByDraw(snapshot, columns.Renderable, seenBy, list, firsts, materialCount);
      const buffer = tables.buffer as SharedArrayBuffer;
      table.matrices = offsetOf(columns.WorldTransform.matrix);
      table.entities = list.byteOffset;
      table.tints = offsetOf(columns.Renderable.tint);
      table.rows = output["current"]!.byteOffset;
      table.colors = output["color"]!.byteOffset;
      table.light = params.light.byteOffset;
      writeInstanceTable(buffer, tables.byteOffset, table);
      table.matrices = offsetOf(previous.columnsOf(WorldTransform).matrix);
      table.rows = output["previous"]!.byteOffset;
      table.colors = output["colorBefore"]!.byteOffset;
      writeInstanceTable(buffer, tables.byteOffset + tableBytes.instances, table);
      markNew(snapshot, previous, list, count, seenBy);
      return count;
    },
    run({ first, count, params, inputs, output, snapshot, kernels }) {
      const { list, seenBy, tables } = params;
      kernels.packInstances(tables.byteOffset, first, count);
      kernels.packInstances(tables.byteOffset + tableBytes.instances, first, count);
      const { current, previous, entity, visible, levels } = output;
      const viewerCount = Math.min(viewerCountMax, params.viewerCount[0]!);
      for (let i = 0; i < count; i++) {
        const e = list[first + i]!;
        const at = i * 12;
        const dx = current[at + 3]! - previous[at + 3]!;
        const dy = current[at + 7]! - previous[at + 7]!;
        const dz = current[at + 11]! - previous[at + 11]!;
        const isNear = dx * dx + dy * dy + dz * dz <= snapDistance * snapDistance;
        if (!isNear || (seenBy[e]! & (1 << newBit)) !== 0) for (let k = at; k < at + 12; k++) previous[k] = current[k]!;
        entity[i] = snapshot.handleOf(e);
        visible[i] = (seenBy[e]! & ~(1 << newBit)) >>> 0;
        levels[i] = 0;
      }
      for (let viewer = 0; viewer < viewerCount; viewer++) {
        const level = inputs.Levels.columns[levelField(viewer)]!;
        for (let i = 0; i < count; i++) levels[i] = (levels[i]! | (level[list[first + i]!]! << (viewer * 2))) >>> 0;
      }
      return count;
    },
  });
}

/** Bit of `seenBy` that says that the entity was not in the last packet; above every viewer's. */
const newBit = 30;

interface Looks {
  readonly mesh: { readonly [index: number]: number };
  readonly material: { readonly [index: number]: number };
  readonly tint: { readonly [index: number]: number };
}

interface Places {
  readonly slotCount: number;
  presenceOf(component: typeof Renderable): { readonly row: Int32Array; readonly bit: number };
}

/** A counting sort: fills `list` with who is seen, by (mesh, material), then index. Returns how many. */
function sortByDraw(
  snapshot: Places,
  { mesh, material, tint }: Looks,
  seenBy: Uint32Array,
  list: Uint32Array,
  firsts: Uint32Array,
  materialCount: number,
): number {
  const { row, bit } = snapshot.presenceOf(Renderable);
  const keyCount = firsts.length - 1;
  const end = snapshot.slotCount;
  firsts.fill(0);
  for (let e = 1; e < end; e++) {
    if (seenBy[e] === 0) continue;
    const key = mesh[e]! * materialCount + material[e]!;
    // The sphere of one that has no look lies at the origin and may be seen there.
    if ((row[e]! & bit) === 0 || tint[e]! >>> 24 === 0 || key >= keyCount) seenBy[e] = 0;
    else firsts[key + 1]!++;
  }
  for (let key = 0; key < keyCount; key++) firsts[key + 1]! += firsts[key]!;
  const count = firsts[keyCount]!;
  for (let e = 1; e < end; e++) if (seenBy[e] !== 0) list[firsts[mesh[e]! * materialCount + material[e]!]!++] = e;
  // Each start was moved to its end by the pass above, which is the next key's start.
  for (let key = keyCount; key > 0; key--) firsts[key] = firsts[key - 1]!;
  firsts[0] = 0;
  return count;
}

interface Lives {
  readonly slotCount: number;
  readonly generation: Uint16Array;
  presenceOf(component: typeof WorldTransform): { readonly row: Int32Array; readonly bit: number };
}

/** Marks those that the previous snapshot does not have, or has as another entity. */
function markNew(now: Lives, before: Lives, list: Uint32Array, count: number, seenBy: Uint32Array): void {
  const { row, bit } = before.presenceOf(WorldTransform);
  const end = before.slotCount;
  for (let i = 0; i < count; i++) {
    const e = list[i]!;
    if (e < end && (row[e]! & bit) !== 0 && before.generation[e] === now.generation[e]) continue;
    seenBy[e] = (seenBy[e]! | (1 << newBit)) >>> 0;
  }
}
