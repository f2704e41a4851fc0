/**
 * Assets: named bytes that come with the program. Inside an executable they lie in the file itself;
 * from a checkout they are read from the folder of the project that the entry file belongs to.
 *
 * A name is a path with forward slashes, such as "assets/manifest.json". Never write into the bytes
 * and never transfer them: an executable gives a view of its own read-only pages, where a write ends
 * the process.
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, sep } from "node:path";
import { packagedProgram } from "./program.ts";
import { projectFolder } from "./project.ts";

/** The bytes of an asset. Throws an Error that names the asset and where it was looked for. */
export function readAsset(name: string): Uint8Array {
  const packaged = packagedProgram();
  if (packaged !== undefined) {
    const bytes = packaged.readAsset(name);
    if (bytes === undefined) {
      throw new Error(`there is no asset "${name}" in this executable; build it again with the asset in place`);
    }
    return bytes;
  }
  const file = fileOf(name);
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new Error(`there is no asset "${name}"; it would be the file ${file}`, { cause });
  }
}

export function hasAsset(name: string): boolean {
  const packaged = packagedProgram();
  if (packaged !== undefined) return packaged.assetNames.includes(name);
  return statSync(fileOf(name), { throwIfNoEntry: false })?.isFile() ?? false;
}

/** The names of all assets under a folder such as "assets/", in ascending code-unit order. */
export function assetNames(folder: `${string}/`): readonly string[] {
  const packaged = packagedProgram();
  if (packaged !== undefined) return packaged.assetNames.filter((name) => name.startsWith(folder)).toSorted();
  return filesUnder(fileOf(folder))
    .map((file) => folder + file)
    .toSorted();
}

/** Relative paths, with forward slashes, of all files under a folder; none when it does not exist. */
export function filesUnder(folder: string): readonly string[] {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(folder, sep).length).split(sep).join("/"))
    .toSorted();
}

function fileOf(name: string): string {
  return join(projectFolder(), ...name.split("/"));
}
