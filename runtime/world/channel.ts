/**
 * The channel between the main thread and an engine thread: one shared memory with everything that
 * the two exchange while the world runs. Faults and the end of a run go by message, because they
 * happen once; everything else goes through here, because it happens each frame.
 *
 *        ┌────────────────────┐
 *        │ control words i32  │ see controlWord
 *        │ records ring       │ main -> engine: record bytes of drivers
 *        │ journal ring       │ engine -> main: blocks, never dropped
 *        │ packet ring words  │ SlotRing
 *        │ packet slots       │ engine -> main: the newest packet, older ones are overwritten
 *        └────────────────────┘
 */
import { ByteRing, byteRingBytes } from "../../engine/base/byte-ring.ts";
import { type PacketCounts, packetByteLength } from "../../engine/render/packet.ts";
import { SlotRing, slotRingWords } from "../../engine/snapshot/slots.ts";

/** Control words: `stop` is set by main and waited on by the engine; the others are written by the engine. */
export const controlWord = { stop: 0, tick: 1, hashLow: 2, hashHigh: 3, droppedTicks: 4, packetBytes: 8 } as const;
const controlBytes = 64;
const packetSlotCount = 4;
const recordRingBytes = 256 * 1024;
const journalRingBytes = 4 * 1024 * 1024;

/** What a thread is handed in order to open its side. */
export interface ChannelMemory {
  readonly buffer: SharedArrayBuffer;
  /** Bytes of one packet slot; 0 when no driver wants packets. */
  readonly packetSlotBytes: number;
}

/** Memory for a world whose packets have at most `packetCounts`; none for packets when it is undefined. */
export function allocateChannel(packetCounts: PacketCounts | undefined): ChannelMemory {
  const packetSlotBytes = packetCounts === undefined ? 0 : packetByteLength(packetCounts);
  const memory = { buffer: new SharedArrayBuffer(layOut(packetSlotBytes).byteLength), packetSlotBytes };
  new Channel(memory).packets.reset();
  return memory;
}

/** One thread's view of a channel. */
export class Channel {
  readonly control: Int32Array;
  readonly records: ByteRing;
  readonly journal: ByteRing;
  readonly packets: SlotRing;
  readonly memory: ChannelMemory;
  readonly #packetOffset: number;

  constructor(memory: ChannelMemory) {
    const { buffer, packetSlotBytes } = memory;
    const layout = layOut(packetSlotBytes);
    this.memory = memory;
    this.control = new Int32Array(buffer, 0, controlBytes >> 2);
    this.records = new ByteRing(buffer, layout.records, recordRingBytes);
    this.journal = new ByteRing(buffer, layout.journal, journalRingBytes);
    this.packets = new SlotRing(
      new Int32Array(buffer, layout.packetWords, slotRingWords(packetSlotCount)),
      packetSlotCount,
    );
    this.#packetOffset = layout.packets;
  }

  /** Byte offset of a packet slot. */
  packetOffset(slot: number): number {
    return this.#packetOffset + slot * this.memory.packetSlotBytes;
  }

  /** The packet in a pinned slot. */
  packetIn(slot: number): Uint8Array {
    const byteLength = Atomics.load(this.control, controlWord.packetBytes + slot);
    return new Uint8Array(this.memory.buffer, this.packetOffset(slot), byteLength);
  }

  requestStop(): void {
    Atomics.store(this.control, controlWord.stop, 1);
    Atomics.notify(this.control, controlWord.stop);
  }

  /** Ends the engine thread's wait for its next frame, so that it looks for messages. */
  wakeEngine(): void {
    Atomics.notify(this.control, controlWord.stop);
  }

  get isStopRequested(): boolean {
    return Atomics.load(this.control, controlWord.stop) === 1;
  }
}

function layOut(packetSlotBytes: number) {
  const records = controlBytes;
  const journal = align(records + byteRingBytes(recordRingBytes));
  const packetWords = align(journal + byteRingBytes(journalRingBytes));
  const packets = align(packetWords + slotRingWords(packetSlotCount) * 4);
  return { records, journal, packetWords, packets, byteLength: packets + packetSlotBytes * packetSlotCount };
}

function align(offset: number): number {
  return Math.ceil(offset / 64) * 64;
}
