/**
 * The packets that have arrived and may still be shown, oldest first. The timeline stays a few ticks
 * behind the newest packet, so the one to show is often not the last.
 */
import type { PacketViews } from "../../../../engine/render/packet.ts";

const packetCountMax = 8;

export class PacketQueue {
  readonly #packets: PacketViews[] = [];

  /** The packet that arrived last. */
  get newest(): PacketViews | undefined {
    return this.#packets.at(-1);
  }

  /** Adds a packet. One of the same tick takes the older one's place; an earlier tick starts anew. */
  push(packet: PacketViews): void {
    const last = this.newest;
    if (last !== undefined && packet.header.tick < last.header.tick) this.#packets.length = 0;
    else if (last !== undefined && packet.header.tick === last.header.tick) this.#packets.pop();
    else if (this.#packets.length === packetCountMax) this.#packets.shift();
    this.#packets.push(packet);
  }

  /** The packet whose poses lead up to `shownTick`; older ones are dropped. */
  take(shownTick: number): PacketViews | undefined {
    while (this.#packets.length > 1 && this.#packets[0]!.header.tick < shownTick) this.#packets.shift();
    return this.#packets[0];
  }

  clear(): void {
    this.#packets.length = 0;
  }
}
