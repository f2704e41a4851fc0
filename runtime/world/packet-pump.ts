/** The pump of packets: hands what the engine thread shows to the drivers, until the run is over. */
import { type Fault, faultOf } from "../../engine/base/faults.ts";
import type { Driver } from "../../engine/render/driver.ts";
import type { Channel } from "./channel.ts";

export interface PacketPumpHooks {
  isOver(): boolean;
  /** Called whenever the pump is awake. */
  awake(): void;
  /** Called when a driver has broken: the run is to be stopped. */
  broken(): void;
}

/**
 * Hands each new packet to the drivers; a packet that came and went meanwhile is not missed by anyone.
 * A driver that breaks over one stops the run, and the fault comes back.
 */
export async function pumpPackets(
  channel: Channel,
  drivers: readonly Driver[],
  { isOver, awake, broken }: PacketPumpHooks,
): Promise<Fault | undefined> {
  if (drivers.length === 0) return undefined;
  const ring = channel.packets;
  let seen = -1;
  while (!isOver()) {
    const changed = ring.changed(seen);
    if (changed !== undefined) await changed;
    awake();
    const slot = ring.pin();
    if (slot < 0) continue;
    seen = slot;
    try {
      const packet = channel.packetIn(slot);
      for (const driver of drivers) driver.submit(packet);
    } catch (thrown) {
      broken();
      return faultOf(thrown);
    } finally {
      ring.unpin(slot);
    }
  }
  return undefined;
}
