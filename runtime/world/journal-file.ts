/**
 * The journal's file: appended block by block, so that whatever ends the process leaves whole blocks
 * behind. Written synchronously from the main thread, a block a second: a crash loses at most one.
 */
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { raise } from "../../engine/base/faults.ts";

export class JournalFile {
  readonly path: string;
  #descriptor: number;
  readonly #isNew: boolean;
  #byteCount = 0;

  /**
   * Opens or creates the file. What it held is gone with the first block and not before: a world that
   * does not start costs nobody an older journal, and leaves none of its own. Raises "file-write" when it cannot be written.
   */
  constructor(path: string) {
    this.path = path;
    this.#isNew = !existsSync(path);
    this.#descriptor = attempt(path, () => openSync(path, constants.O_WRONLY | constants.O_CREAT));
  }

  get byteCount(): number {
    return this.#byteCount;
  }

  append(bytes: Uint8Array): void {
    attempt(this.path, () => {
      if (this.#byteCount === 0 && fstatSync(this.#descriptor).isFile()) ftruncateSync(this.#descriptor);
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#descriptor, bytes, at, bytes.length - at);
    });
    this.#byteCount += bytes.length;
  }

  /** Brings everything to the disk and closes. May be called twice. */
  close(): void {
    if (this.#descriptor < 0) return;
    const descriptor = this.#descriptor;
    this.#descriptor = -1;
    attempt(this.path, () => {
      try {
        fsyncSync(descriptor);
      } catch (thrown) {
        // A device or a pipe has no disk to be brought to and says so by EINVAL.
        if ((thrown as NodeJS.ErrnoException).code !== "EINVAL") throw thrown;
      } finally {
        closeSync(descriptor);
      }
      if (this.#isNew && this.#byteCount === 0) unlinkSync(this.path);
    });
  }
}

function attempt<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (thrown) {
    return raise("file-write", { path, purpose: "journal", problem: (thrown as Error).message }, thrown);
  }
}
