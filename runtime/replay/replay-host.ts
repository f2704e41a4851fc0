/**
 * What a host lends to replays: its clock, the way back from compressed keyframes, and, when it is there, the way through
 * recorded swaps.
 */
import type { ReplayHost, SwapHost } from "../../engine/replay/replay.ts";
import { hostClock } from "../host/clock.ts";
import { hostDecompressor } from "./compression.ts";

export function replayHost(swaps?: SwapHost): ReplayHost {
  return { clock: hostClock, decompressor: hostDecompressor, ...(swaps === undefined ? {} : { swaps }) };
}
