/**
 * The compressor port: makes keyframes small somewhere else, so that no tick waits for it. The engine hands bytes over
 * and asks once a frame whether something is finished; results come in the order of the requests. `plainCompressor` is
 * what a host has that compresses nothing.
 */
import { crc32 } from "../base/checksum.ts";

/** How the bytes of a keyframe are stored: the number that stands in a journal. */
export const codec = { none: 0, gzip: 1, zstd: 2 } as const;
export type Codec = (typeof codec)[keyof typeof codec];

/** What became of bytes that were handed over. */
export interface Compressed {
  readonly codec: Codec;
  /** Bytes before compression, and their CRC-32. */
  readonly rawLength: number;
  readonly crc: number;
  readonly bytes: Uint8Array;
}

export interface Compressor {
  /** Queues bytes; they belong to the compressor from here on. */
  compress(bytes: Uint8Array): void;
  /** The oldest result that is finished, once; undefined while there is none. */
  poll(): Compressed | undefined;
  /** Waits for the oldest result, at most as long as the host finds right; undefined when nothing comes. For the end of a run. */
  wait(): Compressed | undefined;
}

/** Gives bytes back. `rawLength` and `crc` are those of the journal and are checked by whoever asks. */
export interface Decompressor {
  /** Raises RangeError when `bytes` are not what the codec makes, or hold more than `rawLength` bytes. */
  decompress(codec: Codec, bytes: Uint8Array, rawLength: number): Uint8Array;
}

/** Stores bytes as they are. */
export function plainCompressor(): Compressor {
  const queue: Compressed[] = [];
  const next = (): Compressed | undefined => queue.shift();
  return {
    compress: (bytes) => {
      queue.push({ codec: codec.none, rawLength: bytes.length, crc: crc32(bytes), bytes });
    },
    poll: next,
    wait: next,
  };
}

/** Reads only what `plainCompressor` stores. */
export const plainDecompressor: Decompressor = {
  decompress(used, bytes) {
    if (used !== codec.none) throw new RangeError(`codec ${used} is not known here`);
    return bytes;
  },
};
