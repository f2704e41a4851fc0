/**
 * All limits of a world, in one place, each with its reason. Storage is laid out from these numbers
 * before the first tick; reaching one at run time is the fault "limit-reached", which names the
 * limit and the setting that raises it. Limits are part of a journal's header: they shape the arena.
 */
import { assert } from "./assertions.ts";

export interface Limits {
  /** Highest entity index, so the number of entities alive at once. Columns have this many slots. */
  readonly entities: number;
  /** Commands staged in one tick. Bounds the structure phase. */
  readonly commandsPerTick: number;
  /** Events of one kind in one tick. Event columns have this many slots. */
  readonly eventsPerTick: number;
  /** Players joined at once. Seats are handed out below this number. */
  readonly players: number;
  /** Records admitted for one tick; more is a flood and is refused at the door. */
  readonly recordsPerTick: number;
  /** Ticks run in one frame when the machine falls behind; what is beyond is dropped and counted. */
  readonly ticksPerFrame: number;
  /** Slots of the snapshot ring: previous, current, one being written, the rest for slow readers. */
  readonly snapshotSlots: number;
  /** Frames kept in the timing ring. */
  readonly timingFrames: number;
}

export const defaultLimits: Limits = {
  entities: 16_384,
  commandsPerTick: 16_384,
  eventsPerTick: 4_096,
  players: 16,
  recordsPerTick: 4_096,
  ticksPerFrame: 5,
  snapshotSlots: 4,
  timingFrames: 256,
};

/** Bits of a handle that hold the index; the others hold the generation. 2^20 entities, 2^12 generations. */
export const handleIndexBits = 20;
export const handleIndexMask = (1 << handleIndexBits) - 1;
export const handleGenerationMask = (1 << (32 - handleIndexBits)) - 1;

/** Components of one world; each takes a bit of a presence row, 31 to a row. */
export const componentCountMax = 512;

/** `overrides` over the defaults, with the relations between limits asserted. */
export function resolveLimits(overrides: Partial<Limits> = {}): Limits {
  const limits = { ...defaultLimits, ...overrides };
  for (const [name, value] of Object.entries(limits))
    assert(Number.isInteger(value) && value > 0, `limit ${name} is a positive integer`, { value });
  assert(limits.entities < handleIndexMask, "entity indices fit a handle", { entities: limits.entities });
  assert(limits.players < limits.entities, "each player is an entity", { players: limits.players });
  assert(limits.players < 65_535, "player keys are u16", { players: limits.players });
  assert(limits.recordsPerTick <= 65_535, "a journal counts the records of a tick in a u16", {
    recordsPerTick: limits.recordsPerTick,
  });
  assert(limits.snapshotSlots >= 3, "a snapshot ring holds previous, current and the one being written", {
    snapshotSlots: limits.snapshotSlots,
  });
  return limits;
}
