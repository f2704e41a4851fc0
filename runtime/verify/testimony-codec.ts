/**
 * Testimonies as bytes: how a run in another process or in a page says what it saw. One file for both ends, which are the
 * same program; so nothing is checked but that the bytes are whole.
 *
 *     head length u32 │ head JSON │ words of all rows, then the examined bytes
 */
import { ByteReader, ByteWriter, decodeUtf8, encodeUtf8 } from "../../engine/base/bytes.ts";
import type { Testimony } from "./witness.ts";

export function encodeTestimony(testimony: Testimony): Uint8Array {
  const { words, examination, ...head } = testimony;
  const text = encodeUtf8(
    JSON.stringify({
      ...{ head, wordCount: words.length },
      ...(examination === undefined ? {} : { examination: { ...examination, bytes: examination.bytes.length } }),
    }),
  );
  const writer = new ByteWriter(text.length + words.byteLength + 64);
  writer.u32(text.length).bytes(text);
  writer.bytes(new Uint8Array(words.buffer, words.byteOffset, words.byteLength));
  if (examination !== undefined) writer.bytes(examination.bytes);
  return writer.take();
}

/** Raises ShortRead or SyntaxError for bytes that `encodeTestimony` does not make. */
export function decodeTestimony(bytes: Uint8Array): Testimony {
  // A Buffer's own slice would be a view and no copy.
  const reader = new ByteReader(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length));
  const { head, wordCount, examination } = JSON.parse(decodeUtf8(reader.bytes(reader.u32())));
  const words = new Uint32Array(reader.bytes(wordCount * 4).slice().buffer);
  if (examination === undefined) return { ...head, words };
  return { ...head, words, examination: { ...examination, bytes: reader.bytes(examination.bytes).slice() } };
}
