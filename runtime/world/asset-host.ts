/**
 * The main thread's side of assets: the memory and rings that it shares with the engine, the reader that
 * serves the engine's requests from files, and the look-up by which drivers get published bytes.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Manifest, parseManifest } from "../../engine/asset/manifest.ts";
import { type AssetMemory, allocateAssetMemory } from "../../engine/asset/memory.ts";
import { allocateSourceRings } from "../../engine/asset/source-protocol.ts";
import { raise } from "../../engine/base/faults.ts";
import type { Game } from "../../engine/game.ts";
import type { ResourceDescription } from "../../engine/render/scene.ts";
import { kindOfAsset, resourceNumbers } from "../../engine/streaming/definition.ts";
import { ResourceReader } from "../../engine/streaming/resource-reader.ts";
import { type Disturbance, disturbedFiles } from "../assets/disturbed-source.ts";
import { type FileSource, folderFiles, programFiles } from "../assets/file-source.ts";
import { SourceReader } from "../assets/source-reader.ts";
import { hasAsset, readAsset } from "../host/assets.ts";

/** Where assets come from. */
export interface AssetHostOptions {
  /** A folder with a manifest.json, in place of the game's own. */
  readonly folder?: string | undefined;
  /** Makes the source slow, or fail now and then. */
  readonly disturbance?: Disturbance | undefined;
}

/** What the engine thread is told. Plain data. */
export interface AssetHostData {
  readonly memory: AssetMemory;
  readonly rings: SharedArrayBuffer;
  readonly manifest: Manifest;
}

const heapBytesMax = 512 * 1024 * 1024;
const manifestFile = "manifest.json";

export class AssetHost {
  readonly data: AssetHostData;
  /** Names and kinds in the order of resource numbers. */
  readonly resources: readonly ResourceDescription[];
  readonly #reader: SourceReader;
  readonly #published: ResourceReader;
  #handles: readonly number[] = [];
  #reading: Promise<void> | undefined;

  /** Reads the manifest. Raises "file-missing" or "manifest-invalid". */
  constructor(game: Game, { folder, disturbance }: AssetHostOptions) {
    const memory = allocateAssetMemory({ heapBytesMax });
    const rings = allocateSourceRings();
    const { manifest, files } = open(game, folder);
    this.data = { memory, rings, manifest };
    this.resources = resourceNumbers(game.resources ?? [], manifest.assets).map((resource) => ({
      name: resource.name,
      kind: "file" in resource ? kindOfAsset(resource.kind) : resource.kind,
    }));
    this.#reader = new SourceReader(
      rings,
      memory.buffer,
      disturbance === undefined ? files : disturbedFiles(files, disturbance),
    );
    this.#published = new ResourceReader(memory, memory.limits.threads - 1);
  }

  /** Begins to serve; `handles` are those of the engine, in the order of resource numbers. */
  serve(handles: readonly number[]): void {
    this.#handles = handles;
    this.#reading ??= this.#reader.run();
  }

  /** A copy of the bytes of a resource in the version that is published now. */
  resource(number: number, version: number): Uint8Array | undefined {
    const handle = this.#handles[number];
    return handle === undefined ? undefined : this.#published.read(handle, version);
  }

  async close(): Promise<void> {
    this.#reader.stop();
    await this.#reading;
  }
}

/** The manifest of `folder`, or else the game's own. Raises "file-missing" or "manifest-invalid". */
export function readManifest(game: Game, folder: string | undefined): Manifest {
  return open(game, folder).manifest;
}

function open(game: Game, folder: string | undefined): { readonly manifest: Manifest; readonly files: FileSource } {
  if (folder !== undefined) {
    const path = join(folder, manifestFile);
    return { manifest: parseManifest(path, readText(path)), files: folderFiles(folder) };
  }
  const path = game.assets;
  if (path === undefined) return { manifest: { assets: [], ordered: [] }, files: programFiles() };
  if (!hasAsset(path)) raise("file-missing", { path, purpose: "the manifest of the game's assets" });
  return { manifest: parseManifest(path, new TextDecoder().decode(readAsset(path))), files: programFiles() };
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (thrown) {
    return raise("file-missing", { path, purpose: "the manifest of an assets folder" }, thrown);
  }
}
