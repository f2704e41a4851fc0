/**
 * Handles of resources: index (low 16 bits) and generation (high 16 bits) in one number. Index 0 does not
 * exist, so 0 is no handle. A generation comes round after 65,535 releases of one slot.
 *
 * "Handle order" is ascending index: at most one handle of an index is alive, so that order is total.
 */
export type ResourceHandle = number;

export function resourceHandle(index: number, generation: number): ResourceHandle {
  return ((generation << 16) | index) >>> 0;
}

export function resourceIndex(handle: ResourceHandle): number {
  return handle & 0xffff;
}

export function resourceGeneration(handle: ResourceHandle): number {
  return handle >>> 16;
}

/** The generation after `generation`; 0 is left out, for it stands for a slot never used. */
export function nextGeneration(generation: number): number {
  return generation === 0xffff ? 1 : generation + 1;
}
