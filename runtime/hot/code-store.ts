/**
 * The store of code beside a journal: a folder with a file for each program that took over, named by the hash of its
 * text, and its source map. A journal names code by that hash, so what is read is checked against it.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { raise } from "../../engine/base/faults.ts";
import { type Code, codeOf } from "./code.ts";

/** The folder that belongs to a journal. */
export function codeFolderOf(journalPath: string): string {
  return `${journalPath}.code`;
}

/** The file of the code of a hash. */
export function codeFileOf(folder: string, hash: string): string {
  return join(folder, `${hash}.js`);
}

/** Keeps code. Raises "file-write". */
export function storeCode(folder: string, { hash, text, map }: Code): void {
  const path = codeFileOf(folder, hash);
  try {
    mkdirSync(folder, { recursive: true });
    if (map !== "") writeWhole(`${path}.map`, map);
    writeWhole(path, text);
  } catch (thrown) {
    raise("file-write", { path, purpose: "code", problem: (thrown as Error).message }, thrown);
  }
}

/** Makes the file have this text, if it has not: whoever reads it meanwhile finds all of it or none. */
function writeWhole(path: string, text: string): void {
  if (existsSync(path) && readFileSync(path, "utf8") === text) return;
  const unfinished = `${path}.${process.pid}.unfinished`;
  try {
    writeFileSync(unfinished, text);
    renameSync(unfinished, path);
  } finally {
    rmSync(unfinished, { force: true });
  }
}

/** The code of a hash; undefined when it is not there. Raises "swap-code-changed" when it is another. */
export function readCode(folder: string, hash: string): Code | undefined {
  const path = codeFileOf(folder, hash);
  if (!/^[0-9a-f]{32}$/.test(hash) || !existsSync(path)) return undefined;
  const map = existsSync(`${path}.map`) ? readFileSync(`${path}.map`, "utf8") : "";
  const code = codeOf(readFileSync(path, "utf8"), map);
  return code.hash === hash ? code : raise("swap-code-changed", { path, hash, found: code.hash });
}
