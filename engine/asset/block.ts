/**
 * The form of one block of the heap: bytes, zeros up to a multiple of 64, and 64 bytes that hold the length.
 *
 *      ┌──────────────────┬────────────────┬──────────────────────────────┐
 *      │ byteLength bytes │ zeros to 64    │ 60 zero bytes, byteLength u32│
 *      └──────────────────┴────────────────┴──────────────────────────────┘
 * This is the padding of `hashBytes` (engine/base/hash.ts), so the content hash of a block is computed in place,
 * without a copy, and equals `hashBytes` of the same bytes wherever they came from.
 */
import { hashBlockBytes, hashWords } from "../base/hash.ts";

/** Bytes that a block of `byteLength` bytes takes in the heap. */
export function blockBytes(byteLength: number): number {
  return Math.ceil(byteLength / hashBlockBytes) * hashBlockBytes + hashBlockBytes;
}

/** Writes what follows the bytes. Until a block is sealed its hash means nothing. */
export function sealBlock(buffer: SharedArrayBuffer, byteOffset: number, byteLength: number): void {
  const padding = new Uint8Array(buffer, byteOffset + byteLength, blockBytes(byteLength) - byteLength);
  padding.fill(0);
  new Uint32Array(buffer, byteOffset + blockBytes(byteLength) - 4, 1)[0] = byteLength;
}

/** The content hash of a sealed block, low half to out[at], high half to out[at + 1]. */
export function hashBlock(
  buffer: SharedArrayBuffer,
  byteOffset: number,
  byteLength: number,
  out: Uint32Array,
  at: number,
): void {
  const words = new Uint32Array(buffer, byteOffset, blockBytes(byteLength) >>> 2);
  hashWords(words, 0, words.length, out, at);
}
