/**
 * Entity handles: index and generation in one u32. Columns are indexed by the index alone; a handle is
 * for keeping. Index 0 does not exist, so handle 0 means "none".
 *
 *   31            20 19                 0
 *   ┌───────────────┬───────────────────┐
 *   │ generation    │ index             │
 *   └───────────────┴───────────────────┘
 */
import { handleGenerationMask, handleIndexBits, handleIndexMask } from "../base/limits.ts";

export type Handle = number;

export function makeHandle(index: number, generation: number): Handle {
  return (((generation & handleGenerationMask) << handleIndexBits) | index) >>> 0;
}

/** The index of a handle, whether it is alive or not: for text and for columns of known handles. */
export function handleIndex(handle: Handle): number {
  return handle & handleIndexMask;
}

export function handleGeneration(handle: Handle): number {
  return handle >>> handleIndexBits;
}
