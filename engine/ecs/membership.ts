/**
 * Membership: the bitecs world of a store, opened over regions of the arena, and brought to the structure of a save.
 * Which entities live and which components they have lies in the arena; which entities are members of which query lies
 * in bitecs's sets, which follow from it.
 *
 * The rule a reader could break: bitecs is told of every component that comes and goes, also in a restore, because its
 * queries and our prepared ones learn of their members from that alone.
 */
import {
  $internal,
  addComponent,
  type World as BitecsWorld,
  commitRemovals,
  createWorld,
  entityExists,
  registerComponents,
  removeComponent,
} from "bitecs";
import { assert } from "../base/assertions.ts";
import type { AnyColumns } from "./component.ts";

/** Components that share a row of presence masks: bitecs uses 31 bits of a word. */
export const componentsPerMaskRow = 31;
/** Words of the Header region; see the drawing in arena.ts. */
export const headerWord = { tick: 0, aliveCount: 1, peakSlots: 2, one: 3, chainLow: 4, chainHigh: 5 } as const;

interface BitecsContext {
  entityMasks: ArrayLike<number>[];
  /** Components of each alive entity; bitecs asks it when a component goes. */
  readonly entityComponents: Map<number, Set<unknown>>;
}

function bitecsContext(world: BitecsWorld): BitecsContext {
  return (world as unknown as { readonly [$internal]: BitecsContext })[$internal];
}

/**
 * A bitecs world whose entity index and presence masks are regions of the arena. `dense` is filled
 * beforehand with every index in ascending order, so bitecs always recycles and never grows it.
 */
export function openMembership(
  header: Uint32Array,
  dense: Uint32Array,
  sparse: Uint32Array,
  columns: readonly AnyColumns[],
  masks: readonly Int32Array[],
): BitecsWorld {
  for (let i = 0; i < dense.length; i++) {
    dense[i] = i + 1;
    sparse[i + 1] = i;
  }
  const entityIndex = {
    dense,
    sparse,
    maxId: dense.length,
    versioning: false,
    versionBits: 0,
    entityMask: 0xffffffff,
    versionShift: 0,
    versionMask: 0,
    get aliveCount(): number {
      return header[headerWord.aliveCount]!;
    },
    set aliveCount(count: number) {
      header[headerWord.aliveCount] = count;
    },
  };
  const world = createWorld(entityIndex as never) as BitecsWorld;
  registerComponents(world, columns as AnyColumns[]);
  const context = bitecsContext(world);
  assert(context.entityMasks.length >= masks.length, "bitecs has a mask row for each of ours", {
    theirs: context.entityMasks.length,
    ours: masks.length,
  });
  for (let row = 0; row < masks.length; row++) context.entityMasks[row] = masks[row]!;
  return world;
}

/** What a restore works on: the bitecs world and the regions that it was opened over. */
export interface Membership {
  readonly world: BitecsWorld;
  readonly header: Uint32Array;
  readonly dense: Uint32Array;
  readonly sparse: Uint32Array;
  readonly masks: readonly Int32Array[];
  /** By component number. */
  readonly columns: readonly AnyColumns[];
}

/**
 * Brings bitecs to the structure of a save, entity by entity where it differs. `bytesOf` gives the used bytes of the save's
 * regions by name; `write` puts all regions of the save into the arena.
 */
export function restoreMembership(
  { world, header, dense, sparse, masks, columns }: Membership,
  bytesOf: (region: string) => Uint8Array,
  write: () => void,
): void {
  const { entityComponents } = bitecsContext(world);
  const slotCount = Math.max(header[headerWord.peakSlots]!, wordsOf(bytesOf("Header"))[headerWord.peakSlots]!);
  const rows = masks.map((now, number) => {
    const then = new Int32Array(slotCount);
    then.set(wordsOf(bytesOf(`Entities.mask${number}`)));
    return { now, then };
  });
  const wasAlive = new Uint8Array(slotCount);
  for (let index = 1; index < slotCount; index++) {
    if (!entityExists(world, index)) continue;
    wasAlive[index] = 1;
    for (let row = 0; row < rows.length; row++) {
      const { now, then } = rows[row]!;
      for (let bits = now[index]! & ~then[index]!; bits !== 0; bits &= bits - 1)
        removeComponent(world, index, columns[row * componentsPerMaskRow + lowestBit(bits)]!);
    }
  }
  // What bitecs still counts as a member until it commits would be found again by a query of the restored world.
  commitRemovals(world);
  const held = rows.map(({ now }) => now.slice(0, slotCount));
  write();
  // Behind what the save used, the list of free entities is as it was at the start.
  const used = header[headerWord.peakSlots]!;
  for (let at = Math.max(0, used - 1); at < Math.min(slotCount, dense.length); at++) {
    dense[at] = at + 1;
    sparse[at + 1] = at;
  }
  for (let index = 1; index < slotCount; index++) {
    const isAlive = entityExists(world, index);
    if (wasAlive[index] === 1 && !isAlive) entityComponents.delete(index);
    if (wasAlive[index] === 0 && isAlive) entityComponents.set(index, new Set());
    // bitecs is to see each component arrive, so the masks are those of before for a moment.
    for (let row = 0; row < rows.length; row++) rows[row]!.now[index] = held[row]![index]!;
    for (let row = 0; row < rows.length; row++) {
      const { now, then } = rows[row]!;
      for (let bits = then[index]! & ~now[index]!; bits !== 0; bits &= bits - 1)
        addComponent(world, index, columns[row * componentsPerMaskRow + lowestBit(bits)]!);
    }
  }
}

/** Number of the lowest bit that is 1. */
export function lowestBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}

/** The whole words of bytes that begin at a multiple of 4. */
function wordsOf(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
}
