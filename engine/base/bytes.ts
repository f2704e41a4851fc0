/**
 * Little-endian byte writing and reading for the engine's own wire formats.
 *
 * A writer owns one growing buffer that is reused: `take` copies, `view` does not and is valid only
 * until the next write. A reader never reads past its end: it throws ShortRead, which each codec
 * turns into a fault of its own. All formats of Orrery are little-endian whatever the machine.
 */

import { assert } from "./assertions.ts";

/** Thrown by ByteReader when fewer bytes remain than are asked for. */
export class ShortRead extends Error {
  override readonly name = "ShortRead";
  readonly offset: number;
  readonly wanted: number;
  readonly remaining: number;
  constructor(offset: number, wanted: number, remaining: number) {
    super(`wanted ${wanted} bytes at offset ${offset}, ${remaining} remain`);
    this.offset = offset;
    this.wanted = wanted;
    this.remaining = remaining;
  }
}

/** Appends little-endian values to one growing buffer. */
export class ByteWriter {
  #bytes: Uint8Array;
  #view: DataView;
  #length = 0;

  constructor(initialBytes = 256) {
    this.#bytes = new Uint8Array(initialBytes);
    this.#view = new DataView(this.#bytes.buffer);
  }

  get length(): number {
    return this.#length;
  }

  clear(): void {
    this.#length = 0;
  }

  u8(value: number): this {
    const at = this.#reserve(1);
    this.#view.setUint8(at, value);
    return this;
  }

  u16(value: number): this {
    const at = this.#reserve(2);
    this.#view.setUint16(at, value, true);
    return this;
  }

  u32(value: number): this {
    const at = this.#reserve(4);
    this.#view.setUint32(at, value, true);
    return this;
  }

  f32(value: number): this {
    const at = this.#reserve(4);
    this.#view.setFloat32(at, value, true);
    return this;
  }

  f64(value: number): this {
    const at = this.#reserve(8);
    this.#view.setFloat64(at, value, true);
    return this;
  }

  bytes(source: Uint8Array): this {
    const at = this.#reserve(source.length);
    this.#bytes.set(source, at);
    return this;
  }

  /** UTF-8 text behind its byte length as u16; longer than 65,535 bytes is a bug of the caller. */
  text(value: string): this {
    const encoded = encodeUtf8(value);
    assert(encoded.length <= 65_535, "a text fits its length", { bytes: encoded.length });
    this.u16(encoded.length);
    return this.bytes(encoded);
  }

  /** Overwrites a u16 written earlier, for counts known only afterwards. */
  patchU16(offset: number, value: number): void {
    this.#view.setUint16(offset, value, true);
  }

  /** Overwrites a u32 written earlier, for lengths known only afterwards. */
  patchU32(offset: number, value: number): void {
    this.#view.setUint32(offset, value, true);
  }

  /** The bytes written so far, without a copy; valid until the next write. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** A copy of the bytes written so far. */
  take(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  /** Makes room and returns its offset. Growing replaces #view: take the offset first, then the view. */
  #reserve(byteCount: number): number {
    const at = this.#length;
    const end = at + byteCount;
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(end, this.#bytes.length * 2));
      grown.set(this.#bytes);
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    this.#length = end;
    return at;
  }
}

/** Reads little-endian values from a span of bytes. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get offset(): number {
    return this.#offset;
  }

  get remaining(): number {
    return this.#bytes.length - this.#offset;
  }

  u8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#advance(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }

  f32(): number {
    return this.#view.getFloat32(this.#advance(4), true);
  }

  f64(): number {
    return this.#view.getFloat64(this.#advance(8), true);
  }

  /** A view of the next bytes, without a copy. */
  bytes(byteCount: number): Uint8Array {
    const at = this.#advance(byteCount);
    return this.#bytes.subarray(at, at + byteCount);
  }

  text(): string {
    return decodeUtf8(this.bytes(this.u16()));
  }

  #advance(byteCount: number): number {
    const at = this.#offset;
    if (byteCount > this.remaining) throw new ShortRead(at, byteCount, this.remaining);
    this.#offset = at + byteCount;
    return at;
  }
}

/** UTF-8 bytes of `text`; lone surrogates become U+FFFD (Unicode 15, section 3.9). */
export function encodeUtf8(text: string): Uint8Array {
  const out: number[] = [];
  for (let i = 0; i < text.length; i++) {
    let code = text.codePointAt(i) as number;
    if (code > 0xffff) i++;
    if (code >= 0xd800 && code <= 0xdfff) code = 0xfffd;
    if (code < 0x80) out.push(code);
    else if (code < 0x800) out.push(0xc0 | (code >> 6), 0x80 | (code & 63));
    else if (code < 0x10000) out.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
    else out.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
  }
  return Uint8Array.from(out);
}

/** The text of UTF-8 `bytes`; an ill-formed sequence becomes U+FFFD, byte by byte. */
export function decodeUtf8(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; ) {
    const lead = bytes[i] as number;
    const width =
      lead < 0x80
        ? 1
        : lead >= 0xc2 && lead < 0xe0
          ? 2
          : lead >= 0xe0 && lead < 0xf0
            ? 3
            : lead >= 0xf0 && lead < 0xf5
              ? 4
              : 0;
    let code = width === 1 ? lead : width === 2 ? lead & 31 : width === 3 ? lead & 15 : lead & 7;
    let whole = width > 0 && i + width <= bytes.length;
    for (let k = 1; whole && k < width; k++) {
      const next = bytes[i + k] as number;
      whole = (next & 0xc0) === 0x80;
      code = (code << 6) | (next & 63);
    }
    const shortest = width === 3 ? 0x800 : width === 4 ? 0x10000 : 0;
    if (!whole || code < shortest || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
      text += "\ufffd";
      i++;
      continue;
    }
    text += String.fromCodePoint(code);
    i += width;
  }
  return text;
}
