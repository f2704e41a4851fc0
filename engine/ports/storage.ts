/**
 * The storage port: where a journal's bytes go and come from. Appends are in order; the host may write them later,
 * but never drops or reorders any.
 */
/** Bytes at rest that are read piece by piece, such as a file's. */
export interface ByteSource {
  readonly byteLength: number;
  /** The bytes there, fewer at the end; whether they are a copy or a view is the source's business. */
  read(offset: number, byteLength: number): Uint8Array;
}

export interface ByteSink {
  /** Takes the bytes; they are copied before this returns. */
  append(bytes: Uint8Array): void;
  /** All appended bytes are with the host when this returns. */
  flush(): void;
}

/** Keeps everything in memory; for tests and for replays that compare. */
export class MemorySink implements ByteSink {
  readonly #parts: Uint8Array[] = [];
  append(bytes: Uint8Array): void {
    this.#parts.push(bytes.slice());
  }
  flush(): void {}
  /** All bytes so far, in one array. */
  bytes(): Uint8Array {
    const length = this.#parts.reduce((sum, part) => sum + part.length, 0);
    const all = new Uint8Array(length);
    let at = 0;
    for (const part of this.#parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }
}
