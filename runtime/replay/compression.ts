/**
 * Compression of keyframes: the engine thread hands bytes to the main thread, whose thread pool makes them small, and
 * takes results back without waiting. Both ends of the port are here, and the way back from compressed bytes.
 */
import { MessageChannel, type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import * as zlib from "node:zlib";
import {
  type Codec,
  type Compressed,
  type Compressor,
  codec,
  type Decompressor,
} from "../../engine/ports/compressor.ts";

/** Keyframes are taken often and read seldom, so speed counts for more than size. */
const level = 1;

/** How long the end of a run waits for a keyframe. */
const waitMillis = 3_000;

/** The main thread's end: compresses what comes through the other port until it is closed. */
export class Compression {
  /** For the engine thread; to be transferred. */
  readonly enginePort: MessagePort;
  readonly #port: MessagePort;
  /** Results leave in the order in which the bytes came. */
  #last: Promise<void> = Promise.resolve();

  constructor() {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.enginePort = port2;
    port1.on("message", (bytes: Uint8Array<ArrayBuffer>) => {
      const compressed = compress(bytes);
      this.#last = this.#last.then(async () => this.#send(await compressed));
    });
    // Nobody stays alive for a keyframe alone.
    port1.unref();
  }

  close(): void {
    this.#port.close();
  }

  #send(compressed: Compressed): void {
    const { buffer } = compressed.bytes;
    this.#port.postMessage(compressed, buffer instanceof ArrayBuffer ? [buffer] : []);
  }
}

/** The engine thread's end. */
export function portCompressor(port: MessagePort): Compressor {
  const poll = (): Compressed | undefined => receiveMessageOnPort(port)?.message as Compressed | undefined;
  return {
    compress(bytes) {
      const { buffer } = bytes;
      const isWhole = buffer instanceof ArrayBuffer && buffer.byteLength === bytes.byteLength;
      port.postMessage(bytes, isWhole ? [buffer] : []);
    },
    poll,
    wait() {
      const asleep = new Int32Array(new SharedArrayBuffer(4));
      for (let waited = 0; waited < waitMillis; waited++) {
        const compressed = poll();
        if (compressed !== undefined) return compressed;
        Atomics.wait(asleep, 0, 0, 1);
      }
      return undefined;
    },
  };
}

async function compress(raw: Uint8Array<ArrayBuffer>): Promise<Compressed> {
  const options = { params: { [zlib.constants.ZSTD_c_compressionLevel]: level } };
  const crc = zlib.crc32(raw);
  const bytes = await new Promise<Uint8Array | undefined>((resolve) => {
    zlib.zstdCompress(raw, options, (error, result) => resolve(error === null ? new Uint8Array(result) : undefined));
  });
  // What cannot be made small is kept as it is: a large keyframe is better than none.
  if (bytes === undefined) return { codec: codec.none, rawLength: raw.length, crc, bytes: raw };
  return { codec: codec.zstd, rawLength: raw.length, crc, bytes };
}

/** Compresses at once, on this thread: for what happens seldom. */
export function compressNow(raw: Uint8Array): Compressed {
  const options = { params: { [zlib.constants.ZSTD_c_compressionLevel]: level } };
  const bytes = new Uint8Array(zlib.zstdCompressSync(raw, options));
  return { codec: codec.zstd, rawLength: raw.length, crc: zlib.crc32(raw), bytes };
}

/** Reads all codecs. */
export const hostDecompressor: Decompressor = {
  decompress(used: Codec, bytes, rawLength) {
    if (used === codec.none) return bytes;
    try {
      const maxOutputLength = Math.max(1, rawLength);
      return used === codec.gzip
        ? zlib.gunzipSync(bytes, { maxOutputLength })
        : zlib.zstdDecompressSync(bytes, { maxOutputLength });
    } catch (thrown) {
      throw new RangeError((thrown as Error).message);
    }
  },
};
