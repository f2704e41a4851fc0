/**
 * What the transform pass reads and writes: columns of components, and the pass's own lists and cache in
 * the arena's scratch, so that the SIMD kernel reaches all of it by offsets.
 *
 *     0  ┌──────────────────────┐ Scratch.transform, each part at a multiple of 64 bytes
 *        │ table    u32[32]     │ offsets for the kernel; see assembly/kernels.ts
 *        │ four     f32[48]     │ four local matrices being composed
 *        │ local    i32[10 n]   │ bits of the local values that matrices were made of: for each four
 *        │                      │ entities ten vectors of four
 *        │ moved    u8[n]       │ 1 where the last pass made a matrix
 *        │ entities u32[n]      │ the order of the pass
 *        │ parents  u32[n]      │ of each of them: nearest ancestor with a transform, 0 for none
 *        └──────────────────────┘
 */
import { ArenaLayout, type Region } from "../ecs/arena.ts";
import type { Store } from "../ecs/store.ts";
import { Position, Rotation, Scale, WorldTransform } from "./components.ts";

const localElements = 10;
const tableWords = 32;
/** The kernel reads four values at a time: up to three behind the last. */
const slack = 16;

/** Bits of a NaN, which no column holds: nothing compares equal to it. */
export const forgotten = -1;

export type TransformMemory = ReturnType<typeof openTransformMemory>;

function layOut(slotCount: number) {
  const layout = new ArenaLayout();
  const table = layout.reserve("table", tableWords * 4);
  const four = layout.reserve("four", 48 * 4);
  const local = layout.reserve("local", Math.ceil(slotCount / 4) * 4 * localElements * 4 + slack);
  const moved = layout.reserve("moved", slotCount + slack);
  const entities = layout.reserve("entities", slotCount * 4 + slack);
  const parents = layout.reserve("parents", slotCount * 4 + slack);
  return { table, four, local, moved, entities, parents, byteLength: layout.byteLength };
}

export function transformScratchBytes(slotCount: number): number {
  return layOut(slotCount).byteLength;
}

/** Views over the columns of `store` and over its scratch region, with the kernel's table filled in. */
export function openTransformMemory(store: Store, scratch: Region) {
  const slotCount = store.limits.entities + 1;
  const { buffer } = store.arena;
  const layout = layOut(slotCount);
  const at = (region: Region): number => scratch.byteOffset + region.byteOffset;
  const position = store.columnsOf(Position) as Floats;
  const rotation = store.columnsOf(Rotation) as Floats;
  const scale = store.columnsOf(Scale) as Floats;
  const vector = (columns: Floats): Float32Array[] => [columns["x"]!, columns["y"]!, columns["z"]!];
  const columns = [...vector(position), ...vector(rotation), rotation["w"]!, ...vector(scale)];
  const matrix = (store.columnsOf(WorldTransform) as Floats)["matrix"]!;
  const { row: scaleRow, bit: scaleBit } = store.presenceOf(Scale);
  new Uint32Array(buffer, at(layout.table), tableWords).set([
    ...columns.map((column) => column.byteOffset),
    at(layout.local),
    matrix.byteOffset,
    scaleRow.byteOffset,
    at(layout.moved),
    at(layout.four),
    scaleBit,
  ]);
  const list = (region: Region): Uint32Array => new Uint32Array(buffer, at(region), slotCount);
  return {
    slotCount,
    columns,
    /** The columns' bits: 0 and -0 are equal as numbers but give other matrices. */
    bits: columns.map((column) => new Int32Array(buffer, column.byteOffset, slotCount)),
    remembered: new Int32Array(buffer, at(layout.local), layout.local.byteLength >> 2),
    matrix,
    /** Presence of Scale; an entity without it has scale 1. */
    scaleRow,
    scaleBit,
    moved: new Uint8Array(buffer, at(layout.moved), slotCount),
    entities: list(layout.entities),
    parents: list(layout.parents),
    tableOffset: at(layout.table),
  };
}

/** Place of the first remembered value of an entity; the next ones follow 4 apart. */
export function rememberedAt(index: number): number {
  return (index >> 2) * localElements * 4 + (index & 3);
}

type Floats = Readonly<Record<string, Float32Array>>;
