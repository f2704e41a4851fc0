/**
 * The manifest: which assets a game has, as a JSON text that is checked by hand, whole, before anything is loaded.
 *
 *     { "format": 1, "assets": [
 *       { "name": "crate", "kind": "texture", "file": "textures/crate.bin", "byteLength": 4096,
 *         "hash": "0123456789abcdef", "needs": ["palette"], "priority": 2, "fallback": "plain" } ] }
 *
 * `file` is relative to the manifest's folder. `hash` is `hashBytes` (engine/base/hash.ts) of the file, high half first:
 * the hash of the engine's own state, because it takes less than half the time of the table-driven CRC here (55 against
 * 135 ms for 60 MB, measured), a thread that runs stages computes it in place, and its 64 bits make an unnoticed change as unlikely as one in 2^64. What a CRC is
 * better at, short bursts of errors, is not what goes wrong here: files are cut short, mixed up or of another build, and
 * the first of these the byte length tells already. It is no protection against an attacker, nor is a CRC.
 */
import { raise } from "../base/faults.ts";
import type { ResourceHandle } from "./handle.ts";
import type { Pipelines } from "./pipelines.ts";

export interface ManifestAsset {
  readonly name: string;
  /** Name of the pipeline that loads it. */
  readonly kind: string;
  readonly file: string;
  readonly byteLength: number;
  readonly hashHigh: number;
  readonly hashLow: number;
  /** Names of assets that are published before this one. */
  readonly needs: readonly string[];
  readonly priority: number;
  /** Name of the asset of the same kind that stands in; empty for the kind's own fallback. */
  readonly fallback: string;
}

/** Assets in the order of their text, and the order in which each comes after those it needs. */
export interface Manifest {
  readonly assets: readonly ManifestAsset[];
  readonly ordered: readonly ManifestAsset[];
}

const nameCharactersMax = 128;
const fileCharactersMax = 512;
export const manifestBytesMax = 2_147_483_647 - 1_000_000;
const priorityMax = 1_000;

/** Reads the text of the manifest `file`. Raises "manifest-invalid" with the JSON path, and "asset-cycle". */
export function parseManifest(file: string, text: string): Manifest {
  const check = new ManifestCheck(file);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (thrown) {
    check.refuse("$", `it is not JSON (${(thrown as Error).message})`, "Correct the text; JSON has no comments.");
  }
  const root = check.object("$", value, ["assets"], ["format"]);
  if (root.has("format") && root.get("format") !== 1)
    check.refuse("$.format", `it is ${JSON.stringify(root.get("format"))}`, "This program reads format 1.");
  const list = root.get("assets");
  if (!Array.isArray(list)) check.refuse("$.assets", `it is ${typeName(list)}`, "Give a list of assets.");
  const assets = (list as unknown[]).map((entry, i) => readAsset(check, `$.assets[${i}]`, entry));
  checkNames(check, assets);
  return { assets, ordered: orderOf(assets) };
}

/** Registers all assets, each after those it needs. Gives handles by name. Raises what `register` raises. */
export function registerAssets(pipelines: Pipelines, manifest: Manifest): ReadonlyMap<string, ResourceHandle> {
  const handles = new Map<string, ResourceHandle>();
  for (const asset of manifest.ordered) {
    const { name, kind, file, byteLength, hashHigh, hashLow } = asset;
    const content = { file, byteLength, hashHigh, hashLow };
    const needs = asset.needs.map((need) => handles.get(need)!);
    const fallback = handles.get(asset.fallback) ?? 0;
    handles.set(name, pipelines.register({ name, kind, content, needs, fallback }));
  }
  return handles;
}

function readAsset(check: ManifestCheck, path: string, value: unknown): ManifestAsset {
  const entry = check.object(
    path,
    value,
    ["name", "kind", "file", "byteLength", "hash"],
    ["needs", "priority", "fallback"],
  );
  const name = check.text(`${path}.name`, entry.get("name"), nameCharactersMax);
  const kind = check.text(`${path}.kind`, entry.get("kind"), nameCharactersMax);
  const file = check.text(`${path}.file`, entry.get("file"), fileCharactersMax);
  if (file.split("/").some((part) => part === "" || part === "." || part === "..") || /[\\:\0]/.test(file))
    check.refuse(
      `${path}.file`,
      `"${file}" is no path within the folder of the manifest`,
      'Give a relative path with forward slashes, such as "textures/crate.bin".',
    );
  const byteLength = check.whole(`${path}.byteLength`, entry.get("byteLength"), 0, manifestBytesMax);
  const hash = check.text(`${path}.hash`, entry.get("hash"), 64);
  if (!/^[0-9a-f]{16}$/.test(hash))
    check.refuse(
      `${path}.hash`,
      `"${hash}" is not 16 lower-case hexadecimal digits`,
      "Have the manifest written anew.",
    );
  const needs = check
    .list(`${path}.needs`, entry.get("needs"))
    .map((need, i) => check.text(`${path}.needs[${i}]`, need, nameCharactersMax));
  const priority = entry.has("priority")
    ? check.whole(`${path}.priority`, entry.get("priority"), -priorityMax, priorityMax)
    : 0;
  const fallback = entry.has("fallback")
    ? check.text(`${path}.fallback`, entry.get("fallback"), nameCharactersMax)
    : "";
  return {
    name,
    kind,
    file,
    byteLength,
    hashHigh: Number.parseInt(hash.slice(0, 8), 16),
    hashLow: Number.parseInt(hash.slice(8), 16),
    needs,
    priority,
    fallback,
  };
}

/** Names are unique and those that are referred to exist. */
function checkNames(check: ManifestCheck, assets: readonly ManifestAsset[]): void {
  const places = new Map<string, number>();
  assets.forEach(({ name }, i) => {
    const first = places.get(name);
    if (first !== undefined)
      check.refuse(`$.assets[${i}].name`, `"${name}" is the name of $.assets[${first}] too`, "Rename one of them.");
    places.set(name, i);
  });
  assets.forEach(({ kind, needs, fallback }, i) => {
    const path = `$.assets[${i}]`;
    needs.forEach((need, k) => {
      const at = `${path}.needs[${k}]`;
      if (!places.has(need)) check.refuse(at, `there is no asset "${need}"`, "Name an asset of this manifest.");
      if (needs.indexOf(need) !== k) check.refuse(at, `"${need}" is named twice`, "Name each asset once.");
    });
    if (fallback === "") return;
    const other = assets[places.get(fallback) ?? -1];
    if (other === undefined)
      check.refuse(`${path}.fallback`, `there is no asset "${fallback}"`, "Name an asset of this manifest.");
    if (other?.kind !== kind)
      check.refuse(
        `${path}.fallback`,
        `"${fallback}" is of kind "${other?.kind}", not "${kind}"`,
        "Name an asset of the same kind.",
      );
  });
}

/** Needs and fallbacks before those that refer to them, otherwise in the order given. */
function orderOf(assets: readonly ManifestAsset[]): ManifestAsset[] {
  const byName = new Map(assets.map((asset) => [asset.name, asset]));
  const ordered: ManifestAsset[] = [];
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (asset: ManifestAsset): void => {
    if (done.has(asset.name)) return;
    const at = path.indexOf(asset.name);
    if (at >= 0) raise("asset-cycle", { cycle: [...path.slice(at), asset.name].join(" -> ") });
    path.push(asset.name);
    for (const name of asset.fallback === "" ? asset.needs : [asset.fallback, ...asset.needs]) visit(byName.get(name)!);
    path.pop();
    done.add(asset.name);
    ordered.push(asset);
  };
  for (const asset of assets) visit(asset);
  return ordered;
}

/** Checks of single values; each refusal names file and JSON path. */
class ManifestCheck {
  readonly #file: string;
  constructor(file: string) {
    this.#file = file;
  }

  refuse(path: string, problem: string, remedy: string): never {
    raise("manifest-invalid", { file: this.#file, path, problem, remedy });
  }

  object(path: string, value: unknown, required: string[], optional: string[]): ReadonlyMap<string, unknown> {
    if (typeof value !== "object" || value === null || Array.isArray(value))
      this.refuse(path, `it is ${typeName(value)}`, `Give an object with ${required.join(", ")}.`);
    const entries = new Map(Object.entries(value));
    for (const key of required)
      if (!entries.has(key)) this.refuse(path, `"${key}" is missing`, `Give it: ${required.join(", ")} are required.`);
    const known = [...required, ...optional];
    for (const key of entries.keys())
      if (!known.includes(key))
        this.refuse(`${path}.${key}`, "there is no such key", `Use one of: ${known.join(", ")}.`);
    return entries;
  }

  text(path: string, value: unknown, charactersMax: number): string {
    if (typeof value !== "string") this.refuse(path, `it is ${typeName(value)}`, "Give a text.");
    if (value === "") this.refuse(path, "it is empty", "Give at least one character.");
    if (value.length > charactersMax)
      this.refuse(path, `it has ${value.length} characters`, `Give at most ${charactersMax}.`);
    return value;
  }

  whole(path: string, value: unknown, least: number, most: number): number {
    if (typeof value !== "number") this.refuse(path, `it is ${typeName(value)}`, "Give a whole number.");
    if (!Number.isInteger(value) || value < least || value > most)
      this.refuse(path, `it is ${value}`, `Give a whole number from ${least} to ${most}.`);
    return value;
  }

  list(path: string, value: unknown): readonly unknown[] {
    if (value === undefined) return [];
    if (!Array.isArray(value)) this.refuse(path, `it is ${typeName(value)}`, "Give a list of names.");
    return value as unknown[];
  }
}

function typeName(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
