/**
 * A file of journal blocks that is written as it grows: each block is numbered and linked for this file, whatever it was
 * called where it came from. Plain writes, so that what was added outlives the process, however it ends.
 */
import { closeSync, ftruncateSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { type BlockKind, blockHeadBytes, blockLink, encodeBlock, splitBlocks } from "../../engine/replay/block.ts";

/** Where the blocks of a file end. */
interface FileEnd {
  readonly number: number;
  readonly link: number;
  readonly byteCount: number;
}

export class FramedFile {
  readonly path: string;
  readonly #descriptor: number;
  #number: number;
  #link: number;
  #byteCount: number;
  #isOpen = true;

  /** Makes a file that is not there yet. Throws what the system says. */
  constructor(path: string, end?: FileEnd) {
    this.path = path;
    this.#descriptor = openSync(path, end === undefined ? "wx" : "r+");
    this.#number = end?.number ?? 0;
    this.#link = end?.link ?? 0;
    this.#byteCount = end?.byteCount ?? 0;
    if (end !== undefined) ftruncateSync(this.#descriptor, end.byteCount);
  }

  /** Goes on with a file that has no end, behind its last whole block. Raises the faults of journals. */
  static goOn(path: string): FramedFile {
    const bytes = readFileSync(path);
    const { blocks } = splitBlocks(bytes, path);
    const { offset = 0, payloadBytes = 0 } = blocks.at(-1) ?? {};
    const head = bytes.subarray(offset, offset + blockHeadBytes);
    const byteCount = offset + blockHeadBytes + payloadBytes;
    return new FramedFile(path, { number: blocks.length, link: blockLink(head), byteCount });
  }

  get byteCount(): number {
    return this.#byteCount;
  }

  /** Appends a block. The first one is to be a header. */
  add(kind: BlockKind, payload: Uint8Array): void {
    const block = encodeBlock(kind, this.#number, this.#link, payload);
    for (let at = 0; at < block.length; )
      at += writeSync(this.#descriptor, block, at, block.length - at, this.#byteCount + at);
    this.#number++;
    this.#link = blockLink(block);
    this.#byteCount += block.length;
  }

  /** May be called twice. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    closeSync(this.#descriptor);
  }

  /** Closes and deletes the file. */
  remove(): void {
    this.close();
    rmSync(this.path, { force: true });
  }
}
