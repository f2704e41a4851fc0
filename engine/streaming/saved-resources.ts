/**
 * Saved world resources: for each its version, the input that version was made of, and the input of the one on its way
 * with the tick at which it is due. A stage is a pure function, so the bytes of a resource follow from its input.
 */
import { ByteReader, ByteWriter } from "../base/bytes.ts";

export interface SavedResource {
  readonly name: string;
  /** 0 before the first publication; `input` is undefined then. */
  readonly version: number;
  readonly input: Uint8Array | undefined;
  /** -1 when none is on its way; `nextInput` is undefined then. */
  readonly dueTick: number;
  readonly nextInput: Uint8Array | undefined;
}

/** A resource of which no version is there or on its way. */
export function emptyResource(name: string): SavedResource {
  return { name, version: 0, input: undefined, dueTick: -1, nextInput: undefined };
}

export function encodeResources(resources: readonly SavedResource[]): Uint8Array {
  const writer = new ByteWriter().u32(resources.length);
  for (const { name, version, input, dueTick, nextInput } of resources) {
    writer
      .text(name)
      .u32(version)
      .u32(dueTick >>> 0);
    for (const bytes of [input, nextInput]) {
      writer.u8(bytes === undefined ? 0 : 1);
      if (bytes !== undefined) writer.u32(bytes.length).bytes(bytes);
    }
  }
  return writer.take();
}

/** Raises ShortRead or RangeError for bytes that `encodeResources` does not make. */
export function decodeResources(bytes: Uint8Array): readonly SavedResource[] {
  const reader = new ByteReader(bytes);
  const optional = (): Uint8Array | undefined => (reader.u8() === 0 ? undefined : reader.bytes(reader.u32()).slice());
  const resources: SavedResource[] = [];
  for (let left = reader.u32(); left > 0; left--) {
    const [name, version, dueTick] = [reader.text(), reader.u32(), reader.u32() | 0];
    const [input, nextInput] = [optional(), optional()];
    if (version > 0 !== (input !== undefined) || dueTick >= 0 !== (nextInput !== undefined))
      throw new RangeError(`resource "${name}" has version ${version} and no input, or the other way round`);
    resources.push({ name, version, input, dueTick, nextInput });
  }
  if (reader.remaining > 0) throw new RangeError(`${reader.remaining} bytes too many`);
  return resources;
}

export function isSame(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  if (a === undefined || b === undefined || a.length !== b.length) return a === b;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
