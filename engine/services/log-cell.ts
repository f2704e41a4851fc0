/**
 * One log message in a cell of the ring: its layout, and the text that is put into it. Offsets are from the
 * payload's first byte, which lies at a multiple of 8.
 *
 *     0  level u8 │ kind u8 (0 text, 1 note) │ numberCount u8 │ isCut u8
 *     4  source u32      number of the thread, or whatever the host numbers
 *     8  tick u32        0 before the first tick and outside of a world
 *    12  text bytes u32, or the number of the note
 *    16  micros f64      of the log's clock
 *    24  numbers 4 x f64
 *    56  text, UTF-8
 */
export const logCell = {
  level: 0,
  kind: 1,
  numberCount: 2,
  isCut: 3,
  source: 4,
  tick: 8,
  text: 12,
  micros: 16,
} as const;
export const numbersAt = 24;
export const numberCountMax = 4;
export const textAt = 56;

export const textKind = 0;
export const noteKind = 1;

/** Bytes of U+2026, which ends a text that was cut. */
const cutMarkBytes = 3;

/** The length that `writeText` gives to a text that did not fit: negative, so that the caller sees the cut. */
export function textLength(written: number): number {
  return written < 0 ? -written : written;
}

/**
 * Writes `text` as UTF-8 at `at`, at most `capacity` bytes, without allocating. Returns the bytes written; of a
 * text that does not fit, minus the bytes written: it is cut between two characters and ends with the mark.
 * Lone surrogates become U+FFFD.
 */
export function writeText(bytes: Uint8Array, at: number, capacity: number, text: string): number {
  let length = 0;
  // The last place at which a cut leaves room for the mark.
  let cutLength = 0;
  for (let i = 0; i < text.length; i++) {
    let code = text.charCodeAt(i);
    if (code >= 0xd800 && code <= 0xdfff) {
      const low = code <= 0xdbff && i + 1 < text.length ? text.charCodeAt(i + 1) : 0;
      if (low >= 0xdc00 && low <= 0xdfff) {
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        i++;
      } else code = 0xfffd;
    }
    const width = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    if (length + width > capacity) {
      bytes[at + cutLength] = 0xe2;
      bytes[at + cutLength + 1] = 0x80;
      bytes[at + cutLength + 2] = 0xa6;
      return -(cutLength + cutMarkBytes);
    }
    writeCode(bytes, at + length, code, width);
    length += width;
    if (length + cutMarkBytes <= capacity) cutLength = length;
  }
  return length;
}

function writeCode(bytes: Uint8Array, at: number, code: number, width: number): void {
  if (width === 1) {
    bytes[at] = code;
    return;
  }
  for (let k = width - 1; k > 0; k--) {
    bytes[at + k] = 0x80 | (code & 63);
    code >>>= 6;
  }
  bytes[at] = (width === 2 ? 0xc0 : width === 3 ? 0xe0 : 0xf0) | code;
}
