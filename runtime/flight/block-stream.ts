/**
 * The blocks of a journal as they come from another thread, in pieces of any length: gives kind and payload of each. What
 * is framed here was made in this process a moment ago, so the checksums are left to whoever reads files.
 */
import { ByteReader } from "../../engine/base/bytes.ts";
import { type BlockKind, blockHeadBytes } from "../../engine/replay/block.ts";

export interface StreamedBlock {
  readonly kind: BlockKind;
  readonly payload: Uint8Array;
}

export class BlockStream {
  readonly #parts: Uint8Array[] = [];
  #partBytes = 0;

  /** Takes the next piece, which is kept, and gives the blocks that are whole with it. */
  add(piece: Uint8Array): StreamedBlock[] {
    this.#parts.push(piece);
    this.#partBytes += piece.length;
    const blocks: StreamedBlock[] = [];
    if (this.#partBytes < blockHeadBytes) return blocks;
    const bytes = this.#parts.length === 1 ? piece : joined(this.#parts, this.#partBytes);
    let at = 0;
    while (bytes.length - at >= blockHeadBytes) {
      const head = new ByteReader(bytes.subarray(at, at + blockHeadBytes));
      head.u32();
      const kind = head.u32() as BlockKind;
      head.u32();
      head.u32();
      const end = at + blockHeadBytes + head.u32();
      if (end > bytes.length) break;
      blocks.push({ kind, payload: bytes.subarray(at + blockHeadBytes, end) });
      at = end;
    }
    this.#parts.length = 0;
    this.#partBytes = bytes.length - at;
    if (this.#partBytes > 0) this.#parts.push(bytes.subarray(at));
    return blocks;
  }
}

function joined(parts: readonly Uint8Array[], byteLength: number): Uint8Array {
  const bytes = new Uint8Array(byteLength);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
