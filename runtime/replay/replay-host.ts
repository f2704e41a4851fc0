/**
 * What a host lends to replays: its clock, the way back from compressed keyframes, and, when it is there, the way through
 * recorded swaps.
 */
import { auditSubsystem } from "../../engine/audit/subsystem.ts";
import type { ReplayHost, SwapHost } from "../../engine/replay/replay.ts";
import { checkDerived } from "../../engine/sim/derived-check.ts";
import { hostClock } from "../host/clock.ts";
import { hostDecompressor } from "./compression.ts";

/** With `audit` every step of every tick is held against what it declares. */
export function replayHost(swaps?: SwapHost, audit = false): ReplayHost {
  return {
    clock: hostClock,
    decompressor: hostDecompressor,
    ...(swaps === undefined ? {} : { swaps }),
    ...(audit ? { subsystems: [auditSubsystem({ checkDerived })] } : {}),
  };
}
