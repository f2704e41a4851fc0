/**
 * The project of a program run from a checkout: the entry file, and the folder that its assets lie in.
 *
 * The entry is the file that the process was started with, unless a thread was told another one: a
 * test runner's own entry says nothing about the game. Not for an executable, which has neither.
 */
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { getEnvironmentData, setEnvironmentData } from "node:worker_threads";

/** Environment data of this name reaches every thread that is started afterwards. */
const entryName = "orrery.entry";

/** Sets the entry file for this thread and the threads it starts. */
export function setEntry(entry: URL): void {
  setEnvironmentData(entryName, entry.href);
}

/** Calls `start` with another entry file set, for the threads that it starts. */
export function withEntry<Result>(entry: URL, start: () => Result): Result {
  const before = getEnvironmentData(entryName);
  setEntry(entry);
  try {
    return start();
  } finally {
    setEnvironmentData(entryName, before);
  }
}

export function entryUrl(): URL {
  const told = getEnvironmentData(entryName);
  if (typeof told === "string") return new URL(told);
  const file = process.argv[1];
  if (file === undefined) throw new Error("this process was started without an entry file; call setEntry first");
  return pathToFileURL(resolve(file));
}

/** The folder of the project that this program's assets lie in. */
export function projectFolder(): string {
  return projectFolderOf(entryUrl());
}

/** The nearest folder at or above an entry file that holds a package.json or an assets folder. */
export function projectFolderOf(entry: URL): string {
  const start = dirname(fileURLToPath(entry));
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, "package.json")) || existsSync(join(folder, "assets"))) return folder;
    if (folder === dirname(folder)) return start;
  }
}
