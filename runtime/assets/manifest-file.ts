/**
 * The manifest's file: writes byte lengths and content hashes anew from the files of its folder. What an author wrote
 * there (names, kinds, needs, priorities, fallbacks) stays; files that the manifest does not know are added, with their
 * path without ending as name and their ending as kind, for the author to correct.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ManifestAsset, parseManifest } from "../../engine/asset/manifest.ts";
import { raise } from "../../engine/base/faults.ts";
import { hashBytes, hashHex } from "../../engine/base/hash.ts";
import { filesUnder } from "../host/assets.ts";

export const manifestName = "manifest.json";

/** What was different from what the manifest said, each in ascending order. */
export interface ManifestChanges {
  readonly added: readonly string[];
  /** Names of assets whose file has another length or hash. */
  readonly changed: readonly string[];
}

type Entry = Record<string, unknown> & { name: string; kind: string; file: string };

/**
 * Writes `folder`/manifest.json anew and gives what changed; writes nothing when nothing did. Raises "manifest-invalid"
 * for one that cannot be read, and "file-missing" for an asset whose file is gone.
 */
export function writeManifest(folder: string): ManifestChanges {
  const path = join(folder, manifestName);
  const files = filesUnder(folder).filter((file) => file !== manifestName);
  const known: readonly ManifestAsset[] = existsSync(path)
    ? parseManifest(path, readFileSync(path, "utf8")).assets
    : [];
  const entries: Entry[] = [];
  const changed: string[] = [];
  for (const asset of known) {
    if (!files.includes(asset.file))
      raise("file-missing", { path: join(folder, asset.file), purpose: `asset "${asset.name}"` });
    const { byteLength, hash } = contentOf(join(folder, asset.file));
    if (byteLength !== asset.byteLength || hash !== hashHex(asset.hashHigh, asset.hashLow)) changed.push(asset.name);
    entries.push({
      name: asset.name,
      kind: asset.kind,
      file: asset.file,
      byteLength,
      hash,
      ...(asset.needs.length > 0 && { needs: asset.needs }),
      ...(asset.priority !== 0 && { priority: asset.priority }),
      ...(asset.fallback !== "" && { fallback: asset.fallback }),
    });
  }
  const added: string[] = [];
  const knownFiles = new Set(known.map(({ file }) => file));
  for (const file of files) {
    if (knownFiles.has(file)) continue;
    const dot = file.lastIndexOf(".");
    const hasEnding = dot > file.lastIndexOf("/") + 1;
    const name = hasEnding ? file.slice(0, dot) : file;
    entries.push({ name, kind: hasEnding ? file.slice(dot + 1) : "raw", file, ...contentOf(join(folder, file)) });
    added.push(name);
  }
  const text = manifestText(entries);
  // Two files that differ in their ending alone would have one name; that is told before anything is written.
  parseManifest(path, text);
  if (added.length + changed.length > 0) writeFileSync(path, text);
  return { added, changed };
}

/** One asset a line, so that a change of one is a change of one line. */
function manifestText(entries: readonly Entry[]): string {
  if (entries.length === 0) return '{ "format": 1, "assets": [] }\n';
  const lines = entries.map((entry) => `    ${JSON.stringify(entry)}`);
  return `{\n  "format": 1,\n  "assets": [\n${lines.join(",\n")}\n  ]\n}\n`;
}

function contentOf(path: string): { readonly byteLength: number; readonly hash: string } {
  const bytes = readFileSync(path);
  const { high, low } = hashBytes(bytes);
  return { byteLength: bytes.length, hash: hashHex(high, low) };
}
