/**
 * What the engine of an engine thread is made with, from what the main thread told it: its ports, and the parts beside the
 * game's own. The rule a reader could break: a thread may have several engines, one behind another, so nothing here keeps
 * anything.
 */
import { RingSource } from "../../engine/asset/source-protocol.ts";
import { hashRingSubsystem } from "../../engine/audit/hash-ring.ts";
import { auditSubsystem } from "../../engine/audit/subsystem.ts";
import { watchSubsystem } from "../../engine/audit/watches.ts";
import { raise } from "../../engine/base/faults.ts";
import { resolveLimits } from "../../engine/base/limits.ts";
import type { EnginePorts } from "../../engine/engine.ts";
import type { Game } from "../../engine/game.ts";
import type { PoolPort } from "../../engine/jobs/pool.ts";
import { packetByteLength } from "../../engine/render/packet.ts";
import type { RecorderOptions } from "../../engine/replay/recorder.ts";
import { checkDerived } from "../../engine/sim/derived-check.ts";
import type { SubsystemDefinition } from "../../engine/sim/subsystem.ts";
import { flightTicksPerBlock } from "../flight/flight-pace.ts";
import { withSourcePlaces } from "../host/source-places.ts";
import type { AssetHostData } from "./asset-host.ts";
import type { EngineThreadData, EngineThreadMessage } from "./engine-thread.ts";
import { packetCountsOf } from "./packet-counts.ts";

/** Packets have a place of fixed size, and pages that are open know what it holds. Raises "swap-refused". */
export function checkPackets(game: Game, packetSlotBytes: number): void {
  if (packetSlotBytes === 0) return;
  const byteLength = game.view === undefined ? 0 : packetByteLength(packetCountsOf(game, resolveLimits(game.limits)));
  if (byteLength === 0 || byteLength > packetSlotBytes)
    raise("swap-refused", {
      subject: "the size of what is shown in a frame",
      before: `at most ${packetSlotBytes} bytes`,
      after: byteLength === 0 ? "nothing" : `${byteLength} bytes`,
      remedy: "Start the game anew: views with other limits need other memory.",
    });
}

export function recorderOptions({ hasFlight }: EngineThreadData): RecorderOptions {
  const options = { authorsPlaces: withSourcePlaces };
  return hasFlight ? { ...options, ticksPerBlock: flightTicksPerBlock, notesInput: true } : options;
}

/** Parts that look at the world and change nothing; the audit last, so that it sees what the others do. */
export function onlookers(
  { audit, watches, hasFlight }: EngineThreadData,
  say: (message: EngineThreadMessage) => void,
): readonly SubsystemDefinition[] {
  return [
    ...(hasFlight
      ? [
          hashRingSubsystem({
            onRing: ({ buffer, shape: { leafNames } }, afterTick) =>
              say({ kind: "hash-ring", ring: { buffer, leafNames, afterTick } }),
          }),
        ]
      : []),
    ...(watches === undefined
      ? []
      : [
          watchSubsystem({
            buffer: watches,
            onWatching: (names) => say({ kind: "watching", names }),
            onRefused: (refused) => say({ kind: "watches-refused", refused }),
          }),
        ]),
    ...(audit ? [auditSubsystem({ checkDerived })] : []),
  ];
}

export function assetPort(
  data: AssetHostData | undefined,
  say: (message: EngineThreadMessage) => void,
): EnginePorts["assets"] {
  if (data === undefined) return undefined;
  const { memory, rings, manifest } = data;
  return {
    memory,
    manifest,
    source: new RingSource(rings),
    presents: true,
    onFailed: (fault) => say({ kind: "report", fault }),
  };
}

export function poolPort(
  memory: SharedArrayBuffer | undefined,
  code: string,
  say: (message: EngineThreadMessage) => void,
  handOut: (message: EngineThreadMessage) => void,
): PoolPort | undefined {
  if (memory === undefined) return undefined;
  return {
    memory,
    attach: (attachment) => handOut({ kind: "attach", attachment, code }),
    report: (fault) => say({ kind: "report", fault }),
  };
}
