/**
 * Compression of keyframes in a page: the engine worker, which is told nothing while it runs, puts bytes into shared memory
 * and says so; the page makes them small where they lie, and the worker looks for that between frames. Both ends are here.
 *
 *     0  state   i32   0 in the page's hands, 1 made small, 2 left as they were
 *     4  length  i32   bytes that are made small
 *     8  the bytes, before and after
 *
 * The rule a reader could break: what cannot be made small is kept as it is, for a large keyframe is better than none.
 */
import { crc32 } from "../../engine/base/checksum.ts";
import { type Compressed, type Compressor, codec } from "../../engine/ports/compressor.ts";

const state = { asked: 0, small: 1, left: 2 } as const;
const headBytes = 8;
/** How long the end of a run waits for a keyframe. */
const waitMillis = 3_000;

/** The engine worker's end; `ask` hands memory to the page. */
export function sharedCompressor(ask: (memory: SharedArrayBuffer) => void): Compressor {
  const asked: Int32Array[] = [];
  const poll = (): Compressed | undefined => {
    const head = asked[0];
    if (head === undefined || Atomics.load(head, 0) === state.asked) return undefined;
    asked.shift();
    return resultIn(head);
  };
  return {
    compress(bytes) {
      const memory = new SharedArrayBuffer(headBytes + bytes.length);
      new Uint8Array(memory, headBytes).set(bytes);
      asked.push(new Int32Array(memory, 0, 2));
      ask(memory);
    },
    poll,
    wait() {
      if (asked[0] !== undefined) Atomics.wait(asked[0], 0, state.asked, waitMillis);
      return poll();
    },
  };
}

/** A gzip file ends with the checksum of what it was made of. */
function resultIn(head: Int32Array): Compressed {
  const rawLength = head.buffer.byteLength - headBytes;
  if (head[0] === state.left) {
    const bytes = new Uint8Array(head.buffer, headBytes).slice();
    return { codec: codec.none, rawLength, crc: crc32(bytes), bytes };
  }
  const bytes = new Uint8Array(head.buffer, headBytes, head[1]).slice();
  const crc = new DataView(bytes.buffer).getUint32(bytes.length - 8, true);
  return { codec: codec.gzip, rawLength, crc, bytes };
}

/** The page's end. Settles when the memory is the worker's again. Never rejects. */
export async function compressShared(memory: SharedArrayBuffer): Promise<void> {
  const head = new Int32Array(memory, 0, 2);
  const place = new Uint8Array(memory, headBytes);
  const small = await gzipOf(place.slice()).catch(() => undefined);
  const isSmall = small !== undefined && small.length < place.length;
  if (isSmall) {
    place.set(small);
    head[1] = small.length;
  }
  Atomics.store(head, 0, isSmall ? state.small : state.left);
  Atomics.notify(head, 0);
}

/** Undefined in a browser that cannot. */
async function gzipOf(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array | undefined> {
  if (globalThis.CompressionStream === undefined) return undefined;
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
