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
  /** Bytes of the largest packet that the host has room for. */
  readonly byteCapacity: number;
  /** Space for a packet, or undefined when readers hold all of it: the frame then goes without one. */
  claim(): PacketSpace | undefined;
  /** Hands over what was written to the claimed space. */
  publish(byteLength: number): void;
}
