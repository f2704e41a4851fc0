/**
 * The wire between the engine and the host's reader: two byte rings (engine/base/byte-ring.ts) in one shared memory. The
 * bytes of files do not go through them: the host writes those straight into the blocks that requests name.
 *
 *        ┌───────────────────┐
 *        │ requests ring     │ engine -> host    read, cancel
 *        │ completions ring  │ host -> engine    progress, finished, failed, cancelled
 *        └───────────────────┘
 * The engine never waits for room: a request that does not fit is made again at a later frame. The host may wait for
 * room, for the engine drains completions at every frame. Messages, little-endian, first byte is the tag:
 *
 *     read       1  id u32, file offset u32, byte length u32, byte offset u32, name text
 *     cancel     2  id u32
 *     progress   3  id u32, byte count u32
 *     finished   4  id u32, byte count u32, file byte length f64
 *     failed     5  id u32, problem text
 *     cancelled  6  id u32
 */
import { ByteRing, byteRingBytes } from "../base/byte-ring.ts";
import { ByteReader, ByteWriter } from "../base/bytes.ts";
import type { AssetSource, SourceListener } from "./source.ts";

const ringCapacity = 16 * 1024;
const tag = { read: 1, cancel: 2, progress: 3, finished: 4, failed: 5, cancelled: 6 } as const;
/** Longest name or text of a problem in characters; what is longer is cut, so that any message fits the ring. */
const textCharactersMax = 1_024;

export function allocateSourceRings(): SharedArrayBuffer {
  return new SharedArrayBuffer(byteRingBytes(ringCapacity) * 2);
}

function requestRing(rings: SharedArrayBuffer): ByteRing {
  return new ByteRing(rings, 0, ringCapacity);
}

function completionRing(rings: SharedArrayBuffer): ByteRing {
  return new ByteRing(rings, byteRingBytes(ringCapacity), ringCapacity);
}

/** The engine's end: a source whose host is another thread. */
export class RingSource implements AssetSource {
  readonly #requests: ByteRing;
  readonly #completions: ByteRing;
  readonly #writer = new ByteWriter();

  constructor(rings: SharedArrayBuffer) {
    this.#requests = requestRing(rings);
    this.#completions = completionRing(rings);
  }

  read(requestId: number, name: string, fileOffset: number, byteLength: number, byteOffset: number): boolean {
    this.#writer.clear();
    this.#writer.u8(tag.read).u32(requestId).u32(fileOffset).u32(byteLength).u32(byteOffset);
    return this.#requests.write(this.#writer.text(name.slice(0, textCharactersMax)).view());
  }

  cancel(requestId: number): boolean {
    this.#writer.clear();
    return this.#requests.write(this.#writer.u8(tag.cancel).u32(requestId).view());
  }

  poll(listener: SourceListener): void {
    for (let bytes = this.#completions.read(); bytes !== undefined; bytes = this.#completions.read()) {
      const reader = new ByteReader(bytes);
      const kind = reader.u8();
      const id = reader.u32();
      if (kind === tag.progress) listener.progressed(id, reader.u32());
      else if (kind === tag.finished) listener.finished(id, reader.u32(), reader.f64());
      else if (kind === tag.failed) listener.failed(id, reader.text());
      else if (kind === tag.cancelled) listener.cancelled(id);
      else throw new RangeError(`completion tag ${kind}`);
    }
  }

  /** Tells the host's reader that nothing more will come. */
  close(): void {
    this.#requests.close();
  }
}

export type SourceRequest =
  | {
      readonly kind: "read";
      readonly id: number;
      readonly name: string;
      readonly fileOffset: number;
      readonly byteLength: number;
      readonly byteOffset: number;
    }
  | { readonly kind: "cancel"; readonly id: number };

/** The host's end: takes requests and tells what became of them. Each `tell` is false when there is no room now. */
export class SourceHost {
  readonly #requests: ByteRing;
  readonly #completions: ByteRing;
  readonly #writer = new ByteWriter();

  constructor(rings: SharedArrayBuffer) {
    this.#requests = requestRing(rings);
    this.#completions = completionRing(rings);
  }

  /** The next request, or undefined when there is none now. */
  next(): SourceRequest | undefined {
    const bytes = this.#requests.read();
    if (bytes === undefined) return undefined;
    const reader = new ByteReader(bytes);
    const kind = reader.u8();
    const id = reader.u32();
    if (kind === tag.cancel) return { kind: "cancel", id };
    if (kind !== tag.read) throw new RangeError(`request tag ${kind}`);
    const [fileOffset, byteLength, byteOffset] = [reader.u32(), reader.u32(), reader.u32()];
    return { kind: "read", id, fileOffset, byteLength, byteOffset, name: reader.text() };
  }

  /** Resolves when there may be a request; at the latest after a second. */
  requested(): Promise<void> {
    return this.#requests.readable();
  }

  get isClosed(): boolean {
    return this.#requests.isClosed;
  }

  /** Wakes whoever waits for a request. */
  wake(): void {
    this.#requests.wake();
  }

  tellProgress(id: number, byteCount: number): boolean {
    return this.#tell(this.#begin(tag.progress, id).u32(byteCount));
  }

  tellFinished(id: number, byteCount: number, fileByteLength: number): boolean {
    return this.#tell(this.#begin(tag.finished, id).u32(byteCount).f64(fileByteLength));
  }

  tellFailed(id: number, problem: string): boolean {
    return this.#tell(this.#begin(tag.failed, id).text(problem.slice(0, textCharactersMax)));
  }

  tellCancelled(id: number): boolean {
    return this.#tell(this.#begin(tag.cancelled, id));
  }

  #begin(kind: number, id: number): ByteWriter {
    this.#writer.clear();
    return this.#writer.u8(kind).u32(id);
  }

  #tell(message: ByteWriter): boolean {
    return this.#completions.write(message.view());
  }
}
