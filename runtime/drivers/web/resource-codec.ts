/**
 * The two formats of streamed resources that are not a browser's own, reading and writing together. Words
 * are little-endian. Reading believes nothing: whatever does not fit is refused with a reason.
 *
 *   texture  "ORTX"  width  height  0            RGBA8 in sRGB, rows from the top
 *   mesh     "ORMS"  vertexCount  indexCount  0  f32[3] positions, f32[3] normals, u8[4] colours in sRGB, u32 indices
 *
 * Metres, around the origin. Triangles are wound so that they run against the clock seen from outside.
 */

export interface TextureBytes {
  readonly width: number;
  readonly height: number;
  /** Four bytes a texel: a view over the bytes that were read. */
  readonly texels: Uint8Array;
}

export interface MeshBytes {
  readonly positions: Float32Array;
  readonly normals: Float32Array;
  /** Four bytes a vertex. */
  readonly colors: Uint8Array;
  readonly indices: Uint32Array;
}

export interface Refused {
  readonly problem: string;
}

export const textureMagic = 0x5854524f; // "ORTX" in memory order
export const meshMagic = 0x534d524f; // "ORMS" in memory order
const headerBytes = 16;
/** What graphics processors take at least. */
export const textureSideMax = 8_192;
export const vertexCountMax = 1_000_000;
export const indexCountMax = 6_000_000;
const vertexBytes = 28;

/** Whether bytes say that they are a texture in this file's format. */
export function isRawTexture(bytes: Uint8Array): boolean {
  return bytes.byteLength >= 4 && wordsOf(bytes, 0, 1)[0] === textureMagic;
}

export function decodeTexture(bytes: Uint8Array): TextureBytes | Refused {
  if (bytes.byteLength < headerBytes) return { problem: `a texture of ${bytes.byteLength} bytes has no header` };
  const [magic, width, height, flags] = wordsOf(bytes, 0, 4) as unknown as [number, number, number, number];
  if (magic !== textureMagic) return { problem: "the bytes do not begin with ORTX" };
  if (flags !== 0) return { problem: `the texture has unknown flags ${flags}` };
  if (width < 1 || height < 1 || width > textureSideMax || height > textureSideMax)
    return { problem: `a texture of ${width} by ${height} is not of 1 to ${textureSideMax} texels a side` };
  const byteLength = headerBytes + width * height * 4;
  if (bytes.byteLength !== byteLength)
    return { problem: `a texture of ${width} by ${height} takes ${byteLength} bytes, not ${bytes.byteLength}` };
  return { width, height, texels: bytes.subarray(headerBytes) };
}

export function encodeTexture({ width, height, texels }: TextureBytes): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(headerBytes + texels.byteLength);
  new Uint32Array(bytes.buffer, 0, 4).set([textureMagic, width, height, 0]);
  bytes.set(texels, headerBytes);
  return bytes;
}

export function decodeMesh(bytes: Uint8Array): MeshBytes | Refused {
  if (bytes.byteLength < headerBytes) return { problem: `a mesh of ${bytes.byteLength} bytes has no header` };
  const [magic, vertexCount, indexCount, flags] = wordsOf(bytes, 0, 4) as unknown as [number, number, number, number];
  if (magic !== meshMagic) return { problem: "the bytes do not begin with ORMS" };
  if (flags !== 0) return { problem: `the mesh has unknown flags ${flags}` };
  if (vertexCount < 3 || vertexCount > vertexCountMax)
    return { problem: `a mesh of ${vertexCount} vertices does not have 3 to ${vertexCountMax}` };
  if (indexCount < 3 || indexCount > indexCountMax || indexCount % 3 !== 0)
    return { problem: `${indexCount} indices are not whole triangles, 3 to ${indexCountMax}` };
  const byteLength = headerBytes + vertexCount * vertexBytes + indexCount * 4;
  if (bytes.byteLength !== byteLength)
    return { problem: `a mesh of these counts takes ${byteLength} bytes, not ${bytes.byteLength}` };
  const floats = (at: number): Float32Array => new Float32Array(wordsOf(bytes, at, vertexCount * 3).buffer);
  let at = headerBytes;
  const positions = floats(at);
  at += vertexCount * 12;
  const normals = floats(at);
  at += vertexCount * 12;
  const colors = bytes.slice(at, at + vertexCount * 4);
  at += vertexCount * 4;
  const indices = wordsOf(bytes, at, indexCount);
  for (let i = 0; i < positions.length; i++)
    if (!Number.isFinite(positions[i]!) || !Number.isFinite(normals[i]!))
      return { problem: `vertex ${Math.floor(i / 3)} has a number that is not finite` };
  for (let i = 0; i < indices.length; i++)
    if (indices[i]! >= vertexCount) return { problem: `index ${i} names vertex ${indices[i]} of ${vertexCount}` };
  return { positions, normals, colors, indices };
}

export function encodeMesh({ positions, normals, colors, indices }: MeshBytes): Uint8Array<ArrayBuffer> {
  const vertexCount = positions.length / 3;
  const bytes = new Uint8Array(headerBytes + vertexCount * vertexBytes + indices.length * 4);
  new Uint32Array(bytes.buffer, 0, 4).set([meshMagic, vertexCount, indices.length, 0]);
  let at = headerBytes;
  for (const part of [positions, normals, colors, indices]) {
    bytes.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), at);
    at += part.byteLength;
  }
  return bytes;
}

/** A copy of `count` words from byte `at` on, wherever the bytes begin in their buffer. */
function wordsOf(bytes: Uint8Array, at: number, count: number): Uint32Array<ArrayBuffer> {
  return new Uint32Array(bytes.slice(at, at + count * 4).buffer);
}
