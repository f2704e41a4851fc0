/** Manifests over files in memory. */
import { type Manifest, parseManifest } from "../../../engine/asset/manifest.ts";
import { hashBytes, hashHex } from "../../../engine/base/hash.ts";

/** A manifest that names each file by its name without ending, of the kind "bytes". */
export function fileManifest(files: ReadonlyMap<string, Uint8Array>): Manifest {
  const assets = [...files].map(([file, bytes]) => {
    const { high, low } = hashBytes(bytes);
    const name = file.replace(/\.[^.]+$/, "");
    return { name, kind: "bytes", file, byteLength: bytes.length, hash: hashHex(high, low) };
  });
  return parseManifest("manifest.json", JSON.stringify({ format: 1, assets }));
}
