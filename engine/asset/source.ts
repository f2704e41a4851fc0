/**
 * The source port: where the bytes of assets come from. The engine asks for a part of a file and names the place in the
 * shared memory; the host writes there, whenever it can, and says what it did. The engine polls and never waits.
 *
 *     read(id) ──▶ progressed(id)* ──▶ finished(id) | failed(id) | cancelled(id)      exactly one end
 *
 * The one rule: until one of the three ends is told, the host may still write into the block, so it belongs to the host,
 * also after `cancel`.
 */
export interface AssetSource {
  /**
   * Asks for `byteLength` bytes of the file `name` from `fileOffset` on, into the shared memory at `byteOffset`.
   * False: no room for another request now; ask again later.
   */
  read(requestId: number, name: string, fileOffset: number, byteLength: number, byteOffset: number): boolean;
  /** Asks to stop. False: no room to say so now. */
  cancel(requestId: number): boolean;
  /** Tells `listener` what has happened since. Allocates nothing when nothing has. */
  poll(listener: SourceListener): void;
}

export interface SourceListener {
  /** `byteCount` bytes in all have been written. A sign of life too. */
  progressed(requestId: number, byteCount: number): void;
  /** The file, or the part asked for, has come to its end after `byteCount` bytes; the whole file has `fileByteLength`. */
  finished(requestId: number, byteCount: number, fileByteLength: number): void;
  failed(requestId: number, problem: string): void;
  cancelled(requestId: number): void;
}

/** A source of nothing: for worlds without files. Every read fails. */
export class NoSource implements AssetSource {
  readonly #asked: number[] = [];
  read(requestId: number): boolean {
    this.#asked.push(requestId);
    return true;
  }
  cancel(): boolean {
    return true;
  }
  poll(listener: SourceListener): void {
    while (this.#asked.length > 0) listener.failed(this.#asked.shift()!, "this world has no source of files");
  }
}

/** Files in memory, there at the next poll: the null twin of a host's source, for tests and simulations. */
export class MemorySource implements AssetSource {
  readonly #buffer: SharedArrayBuffer;
  readonly #files: ReadonlyMap<string, Uint8Array>;
  readonly #asked: { id: number; name: string; fileOffset: number; byteLength: number; byteOffset: number }[] = [];

  constructor(buffer: SharedArrayBuffer, files: ReadonlyMap<string, Uint8Array>) {
    this.#buffer = buffer;
    this.#files = files;
  }

  read(id: number, name: string, fileOffset: number, byteLength: number, byteOffset: number): boolean {
    this.#asked.push({ id, name, fileOffset, byteLength, byteOffset });
    return true;
  }

  /** Too late for a source whose reads take no time: the end that follows is `finished`. */
  cancel(): boolean {
    return true;
  }

  poll(listener: SourceListener): void {
    while (this.#asked.length > 0) {
      const { id, name, fileOffset, byteLength, byteOffset } = this.#asked.shift()!;
      const file = this.#files.get(name);
      if (file === undefined) {
        listener.failed(id, `there is no file ${name}`);
        continue;
      }
      const part = file.subarray(fileOffset, fileOffset + byteLength);
      new Uint8Array(this.#buffer, byteOffset, part.length).set(part);
      listener.finished(id, part.length, file.length);
    }
  }
}
