/**
 * CRC-32 as in IEEE 802.3 (reflected polynomial 0xEDB88320), over bytes at rest: it detects every
 * single-bit error and every burst up to 32 bits. For state use hash.ts, which is faster.
 */

const table = new Uint32Array(256).map((_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++)
    remainder = (remainder & 1) !== 0 ? (remainder >>> 1) ^ 0xedb88320 : remainder >>> 1;
  return remainder;
});

/** The checksum of `bytes`; `seed` continues an earlier one. */
export function crc32(bytes: Uint8Array, seed = 0): number {
  let remainder = ~seed;
  for (let i = 0; i < bytes.length; i++) remainder = (remainder >>> 8) ^ table[(remainder ^ bytes[i]!) & 255]!;
  return ~remainder >>> 0;
}
