/**
 * The shared memory of assets: control tables at fixed places, then the heap of blocks. One growable
 * SharedArrayBuffer, allocated by the coordinator and opened by every worker and by the host's reader.
 *
 *     0  ┌─────────────────────┐
 *        │ head words u32      │ see headWord
 *    64  ├─────────────────────┤
 *        │ tickets             │ ticket-table.ts draws one
 *        │ building rows       │ building-rows.ts: results of last stages, not yet published
 *        │ published rows x 4  │ resource-table.ts: four copies of the table, one of them current
 *        │ pins                │ table-versions.ts: one word a thread
 *  heap  ├─────────────────────┤ a multiple of 64
 *        │ blocks ...          │ heap.ts; grows up to heapBytesMax
 *        └─────────────────────┘
 * The buffer only ever grows, so views made over it stay valid. Whoever views a part that another thread may
 * have just grown makes the view after it was told of the block.
 */
import { buildingRowWords } from "./building-rows.ts";
import { headBytes, headWord } from "./head.ts";
import { type AssetLimits, resolveAssetLimits } from "./limits.ts";
import { publishedCopyWords } from "./resource-table.ts";
import { tableCopyCount } from "./table-versions.ts";
import { ticketBytes } from "./ticket-table.ts";

/** What a thread is handed in order to open its side. Plain data: it may be posted to a worker. */
export interface AssetMemory {
  readonly buffer: SharedArrayBuffer;
  readonly limits: AssetLimits;
}

/** Byte offsets of the parts. */
export interface AssetLayout {
  readonly tickets: number;
  readonly buildingRows: number;
  readonly publishedRows: number;
  readonly pins: number;
  readonly heap: number;
}

/** Memory for the given limits; zeroed, its heap empty. Raises "bad-definition" when they cannot hold the tables. */
export function allocateAssetMemory(overrides: Partial<AssetLimits> = {}): AssetMemory {
  const asked = resolveAssetLimits(overrides);
  const layout = assetLayout(asked);
  // The tables must fit whatever the heap; a heap smaller than them is asked for one that holds them and a page.
  const heapBytesMax = Math.max(asked.heapBytesMax, layout.heap + 64 * 1024);
  const heapBytes = Math.max(asked.heapBytes, layout.heap + 64 * 1024);
  const limits = { ...asked, heapBytes, heapBytesMax };
  const buffer = new SharedArrayBuffer(heapBytes, { maxByteLength: heapBytesMax });
  Atomics.store(new Uint32Array(buffer, 0, headBytes >> 2), headWord.heapTop, layout.heap);
  return { buffer, limits };
}

export function assetLayout(limits: AssetLimits): AssetLayout {
  const tickets = headBytes;
  const buildingRows = align(tickets + ticketBytes * limits.tickets);
  const publishedRows = align(buildingRows + buildingRowWords * 4 * buildingRowCount(limits));
  const pins = align(publishedRows + tableCopyCount * publishedCopyWords(limits.resources) * 4);
  const heap = align(pins + limits.threads * 4);
  return { tickets, buildingRows, publishedRows, pins, heap };
}

/** Each ticket may hold a row and so may each resource whose result waits to be published. */
export function buildingRowCount(limits: AssetLimits): number {
  return limits.tickets + limits.resources;
}

function align(offset: number): number {
  return Math.ceil(offset / 64) * 64;
}
