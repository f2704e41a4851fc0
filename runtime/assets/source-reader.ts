/**
 * The source reader: serves the engine's requests for bytes on the main thread. It reads each file in parts into a buffer
 * of its own and copies them from there into the block that the request names, in the shared memory of assets.
 *
 * The copy (some 30 microseconds for 256 KiB) buys the right to give up at once: a read that the system has not ended
 * writes to the reader's own buffer and to no block that the engine may use again.
 *
 * The one rule: each request is told exactly one end, and after it nothing is written to its block.
 */
import { setTimeout as delay } from "node:timers/promises";
import { SourceHost, type SourceRequest } from "../../engine/asset/source-protocol.ts";
import type { FileSource, OpenFile } from "./file-source.ts";

/** Bytes of one part: small enough that a cancellation is served soon, large enough that calls do not count. */
const partBytesMax = 256 * 1024;
/** Pause before an end is told again that found no room; the engine makes room at each frame. */
const roomMillis = 2;

type ReadRequest = Extract<SourceRequest, { kind: "read" }>;

interface ReadUnderWay {
  isCancelled: boolean;
  /** Ends the wait for a part. */
  readonly cancel: () => void;
  readonly cancelled: Promise<undefined>;
}

export class SourceReader {
  readonly #host: SourceHost;
  readonly #buffer: SharedArrayBuffer;
  readonly #files: FileSource;
  readonly #underWay = new Map<number, ReadUnderWay>();
  readonly #ends = new Set<Promise<void>>();
  #isStopped = false;
  /** Bytes written to blocks so far. */
  byteCount = 0;

  /** `rings` and `buffer` are the memories that the engine thread was handed. */
  constructor(rings: SharedArrayBuffer, buffer: SharedArrayBuffer, files: FileSource) {
    this.#host = new SourceHost(rings);
    this.#buffer = buffer;
    this.#files = files;
  }

  /** Serves requests until `stop` is called or the engine closes its end. Start it and go on; never rejects for a file. */
  async run(): Promise<void> {
    while (!this.#isStopped && !this.#host.isClosed) {
      for (let request = this.#host.next(); request !== undefined; request = this.#host.next()) this.#serve(request);
      await this.#host.requested();
    }
    for (const read of this.#underWay.values()) read.cancel();
    while (this.#ends.size > 0) await Promise.all(this.#ends);
  }

  /** Ends `run` soon; what is under way is cancelled. */
  stop(): void {
    this.#isStopped = true;
    this.#host.wake();
  }

  #serve(request: SourceRequest): void {
    if (request.kind === "cancel") {
      // One that has ended already has told its end; there is nothing to add.
      this.#underWay.get(request.id)?.cancel();
      return;
    }
    const end = this.#read(request).finally(() => this.#ends.delete(end));
    this.#ends.add(end);
  }

  async #read(request: ReadRequest): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const read: ReadUnderWay = {
      isCancelled: false,
      cancelled: promise,
      cancel() {
        read.isCancelled = true;
        resolve(undefined);
      },
    };
    this.#underWay.set(request.id, read);
    let tell: () => boolean;
    try {
      tell = await this.#copyFile(request, read);
    } catch (thrown) {
      const problem = thrown instanceof Error ? thrown.message : String(thrown);
      tell = () => this.#host.tellFailed(request.id, problem);
    }
    this.#underWay.delete(request.id);
    while (!tell() && !this.#isStopped) await delay(roomMillis);
  }

  /** Copies the part of the file that was asked for and gives what is to be told. */
  async #copyFile({ id, name, ...request }: ReadRequest, read: ReadUnderWay): Promise<() => boolean> {
    const opening = this.#files.open(name);
    const file = await Promise.race([opening, read.cancelled]);
    if (file === undefined) {
      this.#closeLater(opening);
      return () => this.#host.tellCancelled(id);
    }
    try {
      const part = new Uint8Array(Math.min(partBytesMax, request.byteLength));
      let at = 0;
      while (at < request.byteLength && !read.isCancelled) {
        const target = part.subarray(0, Math.min(part.length, request.byteLength - at));
        const count = await Promise.race([file.read(target, request.fileOffset + at), read.cancelled]);
        if (count === undefined || count === 0) break;
        new Uint8Array(this.#buffer, request.byteOffset + at, count).set(part.subarray(0, count));
        at += count;
        this.byteCount += count;
        // A sign of life; one that finds no room is left out.
        this.#host.tellProgress(id, at);
      }
      if (read.isCancelled) return () => this.#host.tellCancelled(id);
      return () => this.#host.tellFinished(id, at, file.byteLength);
    } finally {
      // Not waited for: a file that a read hangs in is closed when the system is done with it.
      this.#closeLater(Promise.resolve(file));
    }
  }

  /** Closes a file without anybody waiting for it but the end of `run`. */
  #closeLater(opening: Promise<OpenFile>): void {
    const closed = opening.then((file) => file.close()).catch(() => {});
    const end = closed.finally(() => this.#ends.delete(end));
    this.#ends.add(end);
  }
}
