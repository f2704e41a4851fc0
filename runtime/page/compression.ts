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
import { ByteReader } from "../../engine/base/bytes.ts";
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

function resultIn(head: Int32Array): Compressed {
  const raw = new Uint8Array(head.buffer, headBytes);
  return head[0] === state.small ? gzipped(raw.slice(0, head[1]), raw.length) : left(raw.slice());
}

/** The page's end. Settles when the memory is the worker's again. Never rejects. */
export async function compressShared(memory: SharedArrayBuffer): Promise<void> {
  const head = new Int32Array(memory, 0, 2);
  const place = new Uint8Array(memory, headBytes);
  const small = await smallOf(place.slice());
  if (small !== undefined) {
    place.set(small);
    head[1] = small.length;
  }
  Atomics.store(head, 0, small === undefined ? state.left : state.small);
  Atomics.notify(head, 0);
}

/** Makes the page's own bytes small. Never rejects. */
export async function compressHere(raw: Uint8Array<ArrayBuffer>): Promise<Compressed> {
  const small = await smallOf(raw);
  return small === undefined ? left(raw) : gzipped(small, raw.length);
}

/** Undefined when they do not become smaller, or in a browser that cannot. */
async function smallOf(raw: Uint8Array<ArrayBuffer>): Promise<Uint8Array | undefined> {
  try {
    const stream = new Blob([raw]).stream().pipeThrough(new CompressionStream("gzip"));
    const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
    return bytes.length < raw.length ? bytes : undefined;
  } catch {
    return undefined;
  }
}

/** A gzip file ends with the checksum of what it was made of, and its length. */
function gzipped(bytes: Uint8Array, rawLength: number): Compressed {
  const crc = new ByteReader(bytes.subarray(-8)).u32();
  return { codec: codec.gzip, rawLength, crc, bytes };
}

function left(bytes: Uint8Array): Compressed {
  return { codec: codec.none, rawLength: bytes.length, crc: crc32(bytes), bytes };
}
