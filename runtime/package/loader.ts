/**
 * The loader: the first code of an executable, on the main thread and again in every worker thread.
 * It finds the program among the assets, compiles it with its code cache and runs it.
 *
 * It is bundled alone and knows the program only through runtime/host/program.ts. It also runs once
 * at packaging time, on plain Node with the assets in a folder: that run records the code cache.
 * Everything here is paid at each start of each thread: no import but Node's own, no promise.
 */
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, sep } from "node:path";
import { getAssetKeys, getRawAsset, isSea } from "node:sea";
import { Script } from "node:vm";
import { isMainThread } from "node:worker_threads";
import { providePackagedProgram } from "../host/program.ts";

/** Where the recording run finds the assets and leaves the caches. An executable never reads it. */
const recordFolder = isSea() ? undefined : process.env["ORRERY_RECORD_FOLDER"];
const threadKind = isMainThread ? "main" : "thread";
const programName = (globalThis as { orreryProgram?: string }).orreryProgram ?? "main";

/** A part whose name ends so is compressed; readers name it without. */
const compressed = ".zst";
const partNames: readonly string[] =
  recordFolder === undefined
    ? getAssetKeys()
    : readdirSync(recordFolder, { recursive: true, encoding: "utf8" }).map((name) => name.split(sep).join("/"));
const partNameSet = new Set(partNames);
const assetNames = partNames.map((name) => (name.endsWith(compressed) ? name.slice(0, -compressed.length) : name));

function readAsset(name: string): Uint8Array | undefined {
  const packed = readPart(name + compressed);
  if (packed === undefined) return readPart(name);
  return (requireBuiltin("node:zlib") as typeof import("node:zlib")).zstdDecompressSync(packed);
}

function readPart(name: string): Uint8Array | undefined {
  if (!partNameSet.has(name)) return undefined;
  return recordFolder === undefined ? new Uint8Array(getRawAsset(name)) : readFileSync(join(recordFolder, name));
}

/** Text of an asset that is known to be ASCII. */
function readText(name: string): string {
  const bytes = readAsset(name);
  if (bytes === undefined) throw new Error(`this executable lacks its own part "${name}"; build it again`);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

/** Programs see Node's own modules and nothing on the disk of whoever runs them. */
function requireBuiltin(id: string): unknown {
  const builtin = process.getBuiltinModule(id);
  if (builtin === undefined) throw new Error(`the module "${id}" is not part of this executable`);
  return builtin;
}

type ProgramFunction = (exports: object, require: (id: string) => unknown, module: { exports: object }) => void;

/** The exports of each program that this thread has run; a program that is still loading gives what it has so far. */
const loaded = new Map<string, { exports: object }>();

function load(program: string): Readonly<Record<string, unknown>> | undefined {
  const before = loaded.get(program);
  if (before !== undefined) return before.exports as Readonly<Record<string, unknown>>;
  if (!assetNames.includes(`programs/${program}.js`)) return undefined;
  const cachedData = readAsset(`programs/${program}.${threadKind}.cache`);
  const script = new Script(readText(`programs/${program}.js`), {
    filename: `${program}.js`,
    ...(cachedData === undefined ? {} : { cachedData }),
  });
  if (program === programName) scriptOfThread = script;
  const module = { exports: {} };
  loaded.set(program, module);
  (script.runInThisContext() as ProgramFunction)(module.exports, requireBuiltin, module);
  return module.exports as Readonly<Record<string, unknown>>;
}

let scriptOfThread: Script | undefined;

/**
 * Keeps the thread's compiled code, the functions compiled on first call included. Of several
 * threads the one that compiled most is kept: that is the engine's, which all starts wait for.
 */
function recordCache(): void {
  if (recordFolder === undefined || scriptOfThread === undefined) return;
  const file = join(recordFolder, `programs/${programName}.${threadKind}.cache`);
  const cache = scriptOfThread.createCachedData();
  const bytesBefore = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (cache.length > bytesBefore) writeFileSync(file, cache);
}
if (recordFolder !== undefined) process.once("exit", recordCache);

providePackagedProgram({
  name: programName,
  assetNames,
  readAsset,
  threadSource(program) {
    return `globalThis.orreryProgram=${JSON.stringify(program)};${readText("programs/loader.js")}`;
  },
  load,
  markWarm: recordCache,
});

load(programName);
