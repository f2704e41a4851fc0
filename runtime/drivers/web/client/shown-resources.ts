/**
 * Joins streamed resources to what shows them: the materials that name a texture and the meshes that name a
 * mesh. A resource that nothing names, or that is of another kind than its name is used for, is not fetched.
 */
import { BufferGeometry, Texture } from "three";
import type { SceneDescription } from "../../../../engine/render/scene.ts";
import type { Pools } from "./pools.ts";
import { geometryOf, type ResourceContent, releaseContent, textureOf } from "./resource-content.ts";
import { Resources } from "./resources.ts";

/** Fetches the bytes of a version of a resource; rejects when they cannot be had. */
export type FetchResource = (number: number, version: number, signal: AbortSignal) => Promise<Uint8Array>;

export function showResources(
  { resources, materials, meshes }: SceneDescription,
  pools: Pools,
  fetch: FetchResource,
  software: boolean,
): Resources<ResourceContent> {
  const numberOf = (name: string | undefined, kind: "texture" | "mesh"): number =>
    name === undefined ? -1 : resources.findIndex((resource) => resource.name === name && resource.kind === kind);
  const textures = materials.map(({ texture }) => numberOf(texture, "texture"));
  const geometries = meshes.map((mesh) => numberOf(mesh.shape === "resource" ? mesh.resource : undefined, "mesh"));
  const used = new Set([...textures, ...geometries].filter((number) => number >= 0));
  return new Resources<ResourceContent>(used, {
    fetch,
    decode: async (number, bytes) =>
      resources[number]!.kind === "texture" ? textureOf(bytes, software) : geometryOf(bytes),
    show(number, content) {
      textures.forEach((texture, material) => {
        if (texture === number) pools.setTexture(material, content instanceof Texture ? content : undefined);
      });
      geometries.forEach((geometry, mesh) => {
        if (geometry === number) pools.setGeometry(mesh, content instanceof BufferGeometry ? content : undefined);
      });
    },
    release: releaseContent,
    after(millis, run) {
      const timer = setTimeout(run, millis);
      return () => clearTimeout(timer);
    },
  });
}
