/**
 * A journal's file as it is read: piece by piece, so that an hour of play is not in memory. Checking reads it from
 * beginning to end; after that, a block is read when a tick in it is asked for.
 */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { raise } from "../../engine/base/faults.ts";
import type { ByteSource } from "../../engine/ports/storage.ts";
import { Journal } from "../../engine/replay/journal.ts";

/** Bytes that are read at once. */
const windowBytes = 1024 * 1024;

/** Opens and checks a journal. Raises "file-missing", "journal-unreadable" and "journal-damaged". */
export function openJournal(path: string): Journal {
  let source: FileSource;
  try {
    source = new FileSource(path);
  } catch (thrown) {
    return raise("file-missing", { path, purpose: "journal" }, thrown);
  }
  return new Journal(source, path);
}

class FileSource implements ByteSource {
  readonly byteLength: number;
  readonly #path: string;
  #window: Uint8Array = new Uint8Array(0);
  #windowOffset = 0;

  constructor(path: string) {
    this.#path = path;
    const descriptor = openSync(path, "r");
    try {
      const { size } = fstatSync(descriptor);
      // Reading a folder or a file without permission fails here and not within a check.
      readSync(descriptor, new Uint8Array(1), 0, Math.min(1, size), 0);
      this.byteLength = size;
    } finally {
      closeSync(descriptor);
    }
  }

  /** What it gives is valid until the next read that lies elsewhere. */
  read(offset: number, byteLength: number): Uint8Array {
    const length = Math.max(0, Math.min(byteLength, this.byteLength - offset));
    const at = offset - this.#windowOffset;
    if (at < 0 || at + length > this.#window.length) {
      this.#window = this.#readFile(offset, Math.min(Math.max(length, windowBytes), this.byteLength - offset));
      this.#windowOffset = offset;
      return this.#window.subarray(0, length);
    }
    return this.#window.subarray(at, at + length);
  }

  /** The file is opened for each window: a journal has no end to its life at which it could be closed. */
  #readFile(offset: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    const descriptor = openSync(this.#path, "r");
    try {
      let read = 0;
      while (read < length) {
        const count = readSync(descriptor, bytes, read, length - read, offset + read);
        if (count === 0) break;
        read += count;
      }
      return bytes.subarray(0, read);
    } finally {
      closeSync(descriptor);
    }
  }
}
