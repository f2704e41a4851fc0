/**
 * All limits of a world, in one place, each with its reason. Storage is laid out from these numbers
 * before the first tick; reaching one at run time is the fault "limit-reached", which names the
 * limit and the setting that raises it. Limits are part of a journal's header: they shape the arena.
 */
import { raise } from "./faults.ts";

export interface Limits {
  /** Highest entity index, so the number of entities alive at once. Columns have this many slots. */
  readonly entities: number;
  /** Commands staged in one tick. Bounds the structure phase. */
  readonly commandsPerTick: number;
  /** Events of one kind in one tick. Event columns have this many slots. */
  readonly eventsPerTick: number;
  /** Players joined at once. Seats are handed out below this number. */
  readonly players: number;
  /** Control records of one player in one tick; more is a flood and is refused at the door. */
  readonly recordsPerTick: number;
  /** Ticks run in one frame when the machine falls behind; what is beyond is dropped and counted. */
  readonly ticksPerFrame: number;
  /** Slots of the snapshot ring: previous, current, one being written, the rest for slow readers and tick jobs. */
  readonly snapshotSlots: number;
  /** Resources that a world may name: assets, grids, sections. Each has a version in the state. */
  readonly resources: number;
  /** Frames kept in the timing ring. */
  readonly timingFrames: number;
}

export const defaultLimits: Limits = {
  entities: 16_384,
  commandsPerTick: 16_384,
  eventsPerTick: 4_096,
  players: 16,
  recordsPerTick: 256,
  ticksPerFrame: 5,
  snapshotSlots: 6,
  resources: 256,
  timingFrames: 256,
};

/** Bits of a handle that hold the index; the others hold the generation. 2^20 entities, 2^12 generations. */
export const handleIndexBits = 20;
export const handleIndexMask = (1 << handleIndexBits) - 1;
export const handleGenerationMask = (1 << (32 - handleIndexBits)) - 1;

/** Components of one world; each takes a bit of a presence row, 31 to a row. */
export const componentCountMax = 512;

/**
 * `overrides` over the defaults. Raises "bad-definition" for a limit that does not exist, is no positive
 * whole number, or does not go with another.
 */
export function resolveLimits(overrides: Partial<Limits> = {}): Limits {
  const limits = { ...defaultLimits, ...overrides };
  const refuse = (name: string, problem: string, remedy: string): never =>
    raise("bad-definition", { what: "limit", name, problem, remedy });
  for (const [name, value] of Object.entries(limits)) {
    if (!Object.hasOwn(defaultLimits, name))
      refuse(name, "there is no such limit", `Use one of: ${Object.keys(defaultLimits).join(", ")}.`);
    if (!Number.isInteger(value) || value < 1) refuse(name, `it is ${value}`, "Give a whole number above 0.");
  }
  const { entities, players, recordsPerTick, snapshotSlots } = limits;
  if (entities >= handleIndexMask)
    refuse("entities", `it is ${entities}`, `A handle has room for ${handleIndexMask - 1}.`);
  if (limits.resources > 65_536) refuse("resources", `it is ${limits.resources}`, "A record has room for 65,536.");
  if (players >= entities) refuse("players", `it is ${players}`, "Each player is an entity: raise `limits.entities`.");
  // A journal counts the records of a tick in a u16; releases may exceed a player's share by the number of controls.
  const recordsMax = players * (recordsPerTick + 257);
  if (recordsMax > 65_535)
    refuse("recordsPerTick", `with ${players} players a tick may have ${recordsMax} records`, "Stay below 65,536.");
  if (snapshotSlots < 3)
    refuse("snapshotSlots", `it is ${snapshotSlots}`, "A ring holds the previous, the current and one being written.");
  return limits;
}
