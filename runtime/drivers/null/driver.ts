/**
 * The null driver: it checks every packet, counts, shows nothing, and gives back only what a script
 * says. It is the twin that every other driver is held against: the tests in
 * tests/unit/drivers/contract.ts pass for this one first.
 *
 * Rule: a packet that cannot be read is a bug of its assembler, so it is an assertion, never a fault.
 */
import { assert } from "../../../engine/base/assertions.ts";
import { ByteWriter } from "../../../engine/base/bytes.ts";
import type { Fault } from "../../../engine/base/faults.ts";
import { encodeRecord, type PlayerKey } from "../../../engine/input/record.ts";
import type { Driver, DriverHost } from "../../../engine/render/driver.ts";
import { type PacketHeader, readPacket } from "../../../engine/render/packet.ts";

/** Record bytes that a null driver hands to its host with the first packet of `frame` or later. */
export interface ScriptStep {
  readonly frame: number;
  readonly recordBytes: Uint8Array;
}

export interface NullDriverOptions {
  /** Names of players that sit down when the driver opens and leave when it closes. */
  readonly players?: readonly string[];
  /** Steps in ascending order of frames. */
  readonly script?: readonly ScriptStep[];
}

export interface NullDriver extends Driver {
  readonly packetCount: number;
  readonly packetBytes: number;
  /** The header of the last packet, or undefined before the first. */
  readonly lastHeader: PacketHeader | undefined;
  /** The fault that ended the world, if one did. */
  readonly lastFault: Fault | undefined;
  /** The keys that the players of the options were given, in their order. */
  readonly playerKeys: readonly PlayerKey[];
}

export function createNullDriver(options: NullDriverOptions = {}): NullDriver {
  const script = options.script ?? [];
  for (let i = 1; i < script.length; i++)
    assert(script[i - 1]!.frame <= script[i]!.frame, "a script's frames ascend", { step: i });

  let host: DriverHost | undefined;
  let closed = false;
  let nextStep = 0;
  let packetCount = 0;
  let packetBytes = 0;
  let lastHeader: PacketHeader | undefined;
  let lastFault: Fault | undefined;
  const playerKeys: PlayerKey[] = [];
  const writer = new ByteWriter();

  return {
    name: "null",

    async open(_scene, driverHost) {
      assert(host === undefined && !closed, "a driver is opened once");
      host = driverHost;
      for (const name of options.players ?? []) {
        const player = host.takeSeat();
        if (player === 0) break;
        playerKeys.push(player);
        writer.clear();
        encodeRecord(writer, { kind: "join", player, name });
        host.admit(writer.view());
      }
    },

    submit(packet) {
      if (closed) return;
      assert(host !== undefined, "a driver is open before its first packet");
      const views = readPacket(packet);
      assert(views !== undefined, "a submitted packet can be read", { byteLength: packet.byteLength });
      packetCount++;
      packetBytes += packet.byteLength;
      lastHeader = views.header;
      while (nextStep < script.length && script[nextStep]!.frame <= views.header.frame) {
        host.admit(script[nextStep]!.recordBytes);
        nextStep++;
      }
    },

    fault(fault) {
      lastFault = fault;
    },

    async close() {
      if (closed) return;
      closed = true;
      if (host === undefined) return;
      for (const player of playerKeys) {
        writer.clear();
        encodeRecord(writer, { kind: "leave", player });
        host.admit(writer.view());
        host.leaveSeat(player);
      }
    },

    get packetCount() {
      return packetCount;
    },
    get packetBytes() {
      return packetBytes;
    },
    get lastHeader() {
      return lastHeader;
    },
    get lastFault() {
      return lastFault;
    },
    get playerKeys() {
      return playerKeys;
    },
  };
}
