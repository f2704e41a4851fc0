/**
 * What the bytes of a resource become on screen: a texture from a picture of the browser's own formats or
 * from raw texels, a geometry from a mesh. Everything is decoded before it is handed on.
 */
import {
  BufferAttribute,
  BufferGeometry,
  DataTexture,
  LinearFilter,
  LinearMipmapLinearFilter,
  LinearMipmapNearestFilter,
  RepeatWrapping,
  SRGBColorSpace,
  Texture,
} from "three";
import { decodeMesh, decodeTexture, isRawTexture, type MeshBytes, type TextureBytes } from "../resource-codec.ts";

export type ResourceContent = Texture | BufferGeometry;

/** Samples of a texture seen at a flat angle, where a graphics processor takes them. */
const anisotropy = 4;

/**
 * Rejects with a reason when the bytes are no picture. `software`: sampled as cheaply as it can be without
 * sparkling, for machines that draw without a graphics processor.
 */
export async function textureOf(bytes: Uint8Array, software: boolean): Promise<Texture> {
  const texture = isRawTexture(bytes) ? rawTexture(bytes) : await pictureTexture(bytes);
  texture.colorSpace = SRGBColorSpace;
  texture.wrapS = texture.wrapT = RepeatWrapping;
  texture.magFilter = LinearFilter;
  texture.minFilter = software ? LinearMipmapNearestFilter : LinearMipmapLinearFilter;
  texture.generateMipmaps = true;
  texture.anisotropy = software ? 1 : anisotropy;
  texture.needsUpdate = true;
  return texture;
}

/** Throws with a reason when the bytes are no mesh. */
export function geometryOf(bytes: Uint8Array): BufferGeometry {
  const mesh = accept<MeshBytes>(decodeMesh(bytes));
  return new BufferGeometry()
    .setAttribute("position", new BufferAttribute(mesh.positions, 3))
    .setAttribute("normal", new BufferAttribute(mesh.normals, 3))
    .setAttribute("color", new BufferAttribute(linearColors(mesh.colors), 4, true))
    .setIndex(new BufferAttribute(mesh.indices, 1));
}

/** Lets go of the memory that a content holds, also of a decoded picture. */
export function releaseContent(content: ResourceContent): void {
  content.dispose();
  if (content instanceof Texture && content.image instanceof ImageBitmap) content.image.close();
}

function rawTexture(bytes: Uint8Array): Texture {
  const { width, height, texels } = accept<TextureBytes>(decodeTexture(bytes));
  const texture = new DataTexture(texels as Uint8Array<ArrayBuffer>, width, height);
  texture.flipY = true;
  return texture;
}

async function pictureTexture(bytes: Uint8Array): Promise<Texture> {
  const bitmap = await createImageBitmap(new Blob([bytes as Uint8Array<ArrayBuffer>]), {
    imageOrientation: "flipY",
    premultiplyAlpha: "none",
    colorSpaceConversion: "none",
  });
  const texture = new Texture(bitmap);
  // A bitmap is flipped when it is decoded; the renderer cannot flip it.
  texture.flipY = false;
  return texture;
}

/** Sixteen bits of linear light a channel: eight would leave too few for dark colours. */
function linearColors(colors: Uint8Array): Uint16Array {
  const linear = Uint16Array.from({ length: 256 }, (_, byte) => {
    const share = byte / 255;
    return Math.round((share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4) * 65_535);
  });
  return Uint16Array.from(colors, (byte, i) => (i % 4 === 3 ? byte * 257 : linear[byte]!));
}

function accept<Content extends object>(read: Content | { readonly problem: string }): Content {
  if ("problem" in read) throw new Error(read.problem);
  return read;
}
