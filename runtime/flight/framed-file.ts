/**
 * A file of journal blocks that is written as it grows: each block is numbered and linked for this file, whatever it was
 * called where it came from. Plain writes, so that what was added outlives the process, however it ends.
 */
import { closeSync, openSync, writeSync } from "node:fs";
import { type BlockKind, blockLink, encodeBlock } from "../../engine/replay/block.ts";

export class FramedFile {
  readonly path: string;
  readonly #descriptor: number;
  #number = 0;
  #link = 0;
  #byteCount = 0;
  #isOpen = true;

  /** Makes the file anew. Throws what the system says. */
  constructor(path: string) {
    this.path = path;
    this.#descriptor = openSync(path, "w");
  }

  get byteCount(): number {
    return this.#byteCount;
  }

  /** Appends a block. The first one is to be a header. */
  add(kind: BlockKind, payload: Uint8Array): void {
    const block = encodeBlock(kind, this.#number, this.#link, payload);
    for (let at = 0; at < block.length; ) at += writeSync(this.#descriptor, block, at, block.length - at);
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
}
