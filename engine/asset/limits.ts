/**
 * Limits of assets, each with its reason. They shape the shared memory of assets, so every thread that
 * opens it is handed the same ones. Reaching one at run time delays work or is a fault; nothing grows.
 */
import { raise } from "../base/faults.ts";

export interface AssetLimits {
  /** Resources alive at once. The published table has this many rows, in four copies. */
  readonly resources: number;
  /** Stages queued, running or finished and not yet collected at once. Bounds the search of a claim. */
  readonly tickets: number;
  /** Numbers of threads that run stages or read the table: 64 workers, the coordinator, the host, and room. At most 255. */
  readonly threads: number;
  /** Bytes of the whole memory when it is made. */
  readonly heapBytes: number;
  /** Bytes that the memory may grow to. */
  readonly heapBytesMax: number;
}

export const defaultAssetLimits: AssetLimits = {
  resources: 1_024,
  tickets: 64,
  threads: 68,
  heapBytes: 2 * 1024 * 1024,
  heapBytesMax: 256 * 1024 * 1024,
};

/** Parameters of one run of a pipeline: as many numbers as a ticket has room for. */
export const stageParameterCount = 16;

/** `overrides` over the defaults. Raises "bad-definition" for a limit that is out of range. */
export function resolveAssetLimits(overrides: Partial<AssetLimits> = {}): AssetLimits {
  const limits = { ...defaultAssetLimits, ...overrides };
  const check = (name: keyof AssetLimits, most: number): void => {
    const value = limits[name];
    if (Number.isInteger(value) && value >= 1 && value <= most) return;
    raise("bad-definition", {
      what: "asset limit",
      name,
      problem: `it is ${value}`,
      remedy: `Give a whole number from 1 to ${most}.`,
    });
  };
  check("resources", 65_535);
  check("tickets", 4_096);
  check("threads", 255);
  // Offsets are u32 and stay below 2^31, so that V8 keeps them as small integers.
  check("heapBytesMax", 2_147_483_584);
  check("heapBytes", limits.heapBytesMax);
  return limits;
}
