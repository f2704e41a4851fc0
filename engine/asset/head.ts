/**
 * The words at the start of the shared memory of assets (memory.ts draws the whole):
 *   heapTop           byte offset above all blocks              any thread, by compare-exchange
 *   queuedTickets     tickets in the state queued, or more      coordinator adds, claimers subtract
 *   nextBuildingRow   where the search for a free row begins    any thread adds
 *   currentTable      version and copy of the current table     coordinator stores
 */
export const headWord = { heapTop: 0, queuedTickets: 1, nextBuildingRow: 2, currentTable: 3 } as const;

export const headBytes = 64;
