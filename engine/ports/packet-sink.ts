/**
 * The packet sink port: memory for the packet of one frame, and its publication. The host decides
 * where that memory is (a shared ring between threads, a plain buffer in a test).
 */
export interface PacketSpace {
  readonly buffer: ArrayBufferLike;
  /** A multiple of 16. */
  readonly byteOffset: number;
  readonly byteCapacity: number;
}

export interface PacketSink {
  /** Space for a packet, or undefined when readers hold all of it: the frame then goes without one. */
  claim(): PacketSpace | undefined;
  /** Hands over what was written to the claimed space. */
  publish(byteLength: number): void;
}

/** Keeps the last packet in memory; for tests and benchmarks. */
export class MemoryPacketSink implements PacketSink {
  readonly #space: PacketSpace;
  #last: Uint8Array | undefined;

  constructor(byteCapacity = 4 * 1024 * 1024) {
    this.#space = { buffer: new ArrayBuffer(byteCapacity), byteOffset: 0, byteCapacity };
  }
  claim(): PacketSpace {
    return this.#space;
  }
  publish(byteLength: number): void {
    this.#last = new Uint8Array(this.#space.buffer, 0, byteLength);
  }
  get last(): Uint8Array | undefined {
    return this.#last;
  }
}
