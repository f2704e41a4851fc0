/**
 * The form of one block of the heap: bytes, zeros up to a multiple of 64, and 64 bytes that hold the length.
 *
 *      ┌──────────────────┬────────────────┬──────────────────────────────┐
 *      │ byteLength bytes │ zeros to 64    │ 60 zero bytes, byteLength u32│
 *      └──────────────────┴────────────────┴──────────────────────────────┘
 * This is the padding of `hashBytes` (engine/base/hash.ts), so the content hash of a block is computed in place,
 * without a copy, and equals `hashBytes` of the same bytes wherever they came from.
 */
import { avalanche, hashBlockBytes, hashLaneSeed, hashMultiplier, hashWords } from "../base/hash.ts";

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

/** Words of state between the parts of a hash that is computed in parts. */
export const hashLaneCount = 16;
const lanes = new Uint32Array(hashLaneCount);

/**
 * Goes on with the hash of a sealed block from word `from`, over at most `wordCount` words, a multiple of 16. The lanes lie
 * in state[at..at+15] and are begun where `from` is 0. Gives the word to go on from, which is the block's end at last.
 */
export function hashBlockPart(
  buffer: SharedArrayBuffer,
  byteOffset: number,
  byteLength: number,
  from: number,
  wordCount: number,
  state: Uint32Array,
  at: number,
): number {
  const words = new Uint32Array(buffer, byteOffset, blockBytes(byteLength) >>> 2);
  const end = Math.min(words.length, from + wordCount);
  if (from === 0) for (let i = 0; i < hashLaneCount; i++) state[at + i] = Math.imul(hashLaneSeed, i + 1);
  // The lanes lie in ordinary memory while they are worked on: they are read and written sixteen times a block.
  for (let i = 0; i < hashLaneCount; i++) lanes[i] = state[at + i]!;
  for (let block = from; block < end; block += hashLaneCount)
    for (let i = 0; i < hashLaneCount; i++) {
      const product = Math.imul(lanes[i]! ^ words[block + i]!, hashMultiplier);
      lanes[i] = product ^ (product >>> 15);
    }
  for (let i = 0; i < hashLaneCount; i++) state[at + i] = lanes[i]!;
  return end;
}

/** The hash that the lanes of a whole block stand for: that of `hashBlock`. */
export function foldBlockHash(
  byteLength: number,
  state: Uint32Array,
  at: number,
  out: Uint32Array,
  outAt: number,
): void {
  let low = blockBytes(byteLength) >>> 0;
  let high = ~low >>> 0;
  for (let i = 0; i < hashLaneCount; i++) {
    low = avalanche(low ^ state[at + i]!);
    high = avalanche(high ^ state[at + hashLaneCount - 1 - i]!);
  }
  out[outAt] = low;
  out[outAt + 1] = high;
}
