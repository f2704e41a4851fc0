/**
 * The state hash, TypeScript form: the reference that the SIMD kernel (engine/kernels) must equal bit
 * for bit, and the only form used for text and for folding column hashes into a tick hash.
 *
 * A span is hashed in blocks of 64 bytes by sixteen lanes of u32. A lane takes a word by exclusive or,
 * is multiplied by an odd number, which carries differences up, and shifted onto itself, which carries
 * them down: a bijection of the lane for a given word, so one changed bit always changes the result,
 * and two changed bits of one lane never cancel. The lanes are folded to 64 bits by the finaliser of MurmurHash3 (Appleby, 2011). Not for security.
 */

/** A 64-bit hash as two u32 halves. */
export interface Hash64 {
  readonly low: number;
  readonly high: number;
}

export const hashBlockBytes = 64;
const laneCount = 16;
export const hashMultiplier = 0x85ebca77;
export const hashLaneSeed = 0x9e3779b9;

/** Sixteen hexadecimal digits, high half first. */
export function hashHex(high: number, low: number): string {
  return (high >>> 0).toString(16).padStart(8, "0") + (low >>> 0).toString(16).padStart(8, "0");
}

/** MurmurHash3's 32-bit finaliser: every input bit changes every output bit with probability near 1/2. */
export function avalanche(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

const lanes = new Uint32Array(laneCount);

/**
 * Hashes `wordCount` u32 (a multiple of 16) of `words` from `wordOffset` and writes low and high half
 * to out[at] and out[at + 1]. Allocates nothing.
 */
export function hashWords(
  words: Uint32Array,
  wordOffset: number,
  wordCount: number,
  out: Uint32Array,
  at: number,
): void {
  begin();
  take(words, wordOffset, wordCount);
  fold(wordCount * 4, out, at);
}

function begin(): void {
  for (let i = 0; i < laneCount; i++) lanes[i] = Math.imul(hashLaneSeed, i + 1);
}

/** The lanes take whole blocks. */
function take(words: Uint32Array, wordOffset: number, wordCount: number): void {
  const end = wordOffset + wordCount;
  for (let block = wordOffset; block < end; block += laneCount)
    for (let i = 0; i < laneCount; i++) {
      const product = Math.imul(lanes[i]! ^ words[block + i]!, hashMultiplier);
      lanes[i] = product ^ (product >>> 15);
    }
}

/** Folds the lanes, which took `byteLength` bytes. */
function fold(byteLength: number, out: Uint32Array, at: number): void {
  let low = byteLength >>> 0;
  let high = ~low >>> 0;
  for (let i = 0; i < laneCount; i++) {
    low = avalanche(low ^ lanes[i]!);
    high = avalanche(high ^ lanes[laneCount - 1 - i]!);
  }
  out[at] = low;
  out[at + 1] = high;
}

/** The hash of any bytes, padded with zeros to whole blocks; the byte length is part of it. */
export function hashBytes(bytes: Uint8Array): Hash64 {
  const { length } = bytes;
  // Blocks are taken where they lie: keyframes are large, and are hashed between two ticks. A Buffer's slice is no copy.
  const { buffer, byteOffset } = bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes);
  const wholeBytes = length - (length % hashBlockBytes);
  const last = new Uint32Array((Math.ceil(length / hashBlockBytes) * hashBlockBytes + hashBlockBytes - wholeBytes) / 4);
  new Uint8Array(last.buffer).set(bytes.subarray(wholeBytes));
  last[last.length - 1] = length;
  const out = new Uint32Array(2);
  begin();
  take(new Uint32Array(buffer, byteOffset, wholeBytes / 4), 0, wholeBytes / 4);
  take(last, 0, last.length);
  fold(wholeBytes + last.length * 4, out, 0);
  return { low: out[0]!, high: out[1]! };
}

/** The hash of a text's UTF-16 code units. */
export function hashText(text: string): Hash64 {
  const bytes = new Uint8Array(text.length * 2);
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    bytes[i * 2] = unit & 255;
    bytes[i * 2 + 1] = unit >>> 8;
  }
  return hashBytes(bytes);
}

export function hashTextHex(text: string): string {
  const { low, high } = hashText(text);
  return hashHex(high, low);
}
