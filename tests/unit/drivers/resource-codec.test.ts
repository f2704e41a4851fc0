/** Formats of streamed resources: what is written is read again, and bad bytes are refused with a reason. */
import { expect, test } from "vitest";
import {
  decodeMesh,
  decodeTexture,
  encodeMesh,
  encodeTexture,
  isRawTexture,
} from "../../../runtime/drivers/web/resource-codec.ts";

const texture = { width: 2, height: 3, texels: Uint8Array.from({ length: 24 }, (_, i) => i * 10) };
const mesh = {
  positions: Float32Array.of(0, 0, 0, 1, 0, 0, 0, 1, 0),
  normals: Float32Array.of(0, 0, 1, 0, 0, 1, 0, 0, 1),
  colors: Uint8Array.of(255, 0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255),
  indices: Uint32Array.of(0, 1, 2),
};

/** The bytes at an address that is no multiple of four. */
function misaligned(bytes: Uint8Array): Uint8Array {
  const moved = new Uint8Array(bytes.byteLength + 1).subarray(1);
  moved.set(bytes);
  return moved;
}

/** The bytes with one word set. */
function changed(bytes: Uint8Array, word: number, value: number): Uint8Array {
  const copy = bytes.slice();
  new Uint32Array(copy.buffer)[word] = value;
  return copy;
}

test("textures and meshes are read as they were written, wherever their bytes lie", () => {
  expect(isRawTexture(encodeTexture(texture))).toBe(true);
  expect(isRawTexture(encodeMesh(mesh))).toBe(false);
  expect(decodeTexture(encodeTexture(texture))).toEqual(texture);
  expect(decodeTexture(misaligned(encodeTexture(texture)))).toEqual(texture);
  expect(decodeMesh(encodeMesh(mesh))).toEqual(mesh);
  expect(decodeMesh(misaligned(encodeMesh(mesh)))).toEqual(mesh);
});

test("a texture that does not fit is refused with a reason", () => {
  const bytes = encodeTexture(texture);
  const problems = [
    bytes.subarray(0, 15),
    changed(bytes, 0, 0x474e5089),
    changed(bytes, 1, 0),
    changed(bytes, 2, 8_193),
    changed(bytes, 3, 1),
    bytes.subarray(0, 39),
    changed(bytes, 1, 3),
  ].map(decodeTexture);
  expect(problems).toEqual([
    { problem: "a texture of 15 bytes has no header" },
    { problem: "the bytes do not begin with ORTX" },
    { problem: "a texture of 0 by 3 is not of 1 to 8192 texels a side" },
    { problem: "a texture of 2 by 8193 is not of 1 to 8192 texels a side" },
    { problem: "the texture has unknown flags 1" },
    { problem: "a texture of 2 by 3 takes 40 bytes, not 39" },
    { problem: "a texture of 3 by 3 takes 52 bytes, not 40" },
  ]);
});

test("a mesh that does not fit is refused with a reason", () => {
  const bytes = encodeMesh(mesh);
  const problems = [
    bytes.subarray(0, 3),
    changed(bytes, 0, 1),
    changed(bytes, 1, 2),
    changed(bytes, 1, 4_000_000_000),
    changed(bytes, 2, 4),
    changed(bytes, 3, 8),
    bytes.subarray(0, bytes.byteLength - 1),
    changed(bytes, 5, 0x7fc00000),
    changed(bytes, 27, 3),
  ].map(decodeMesh);
  expect(problems).toEqual([
    { problem: "a mesh of 3 bytes has no header" },
    { problem: "the bytes do not begin with ORMS" },
    { problem: "a mesh of 2 vertices does not have 3 to 1000000" },
    { problem: "a mesh of 4000000000 vertices does not have 3 to 1000000" },
    { problem: "4 indices are not whole triangles, 3 to 6000000" },
    { problem: "the mesh has unknown flags 8" },
    { problem: "a mesh of these counts takes 112 bytes, not 111" },
    { problem: "vertex 0 has a number that is not finite" },
    { problem: "index 2 names vertex 3 of 3" },
  ]);
});
