/**
 * The store of code beside a journal: a folder with a file for each program that took over, named by the hash of its
 * text, and its source map. A journal names code by that hash, so what is read is checked against it.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { raise } from "../../engine/base/faults.ts";
import { type Code, codeOf } from "./code.ts";

/** The folder that belongs to a journal. */
export function codeFolderOf(journalPath: string): string {
  return `${journalPath}.code`;
}

/** Keeps code. Raises "file-write". */
export function storeCode(folder: string, { hash, text, map }: Code): void {
  const path = join(folder, `${hash}.js`);
  try {
    mkdirSync(folder, { recursive: true });
    if (!existsSync(path)) writeFileSync(path, text);
    if (map !== "") writeFileSync(`${path}.map`, map);
  } catch (thrown) {
    raise("file-write", { path, purpose: "code", problem: (thrown as Error).message }, thrown);
  }
}

/** The code of a hash. Raises "swap-code-missing" when it is not there or is another. */
export function readCode(folder: string, hash: string): Code {
  const path = join(folder, `${hash}.js`);
  const refuse = (problem: string, thrown?: unknown): never =>
    raise("swap-code-missing", { path: folder, hash, problem }, thrown);
  if (!/^[0-9a-f]{32}$/.test(hash)) return refuse("that is no hash of code");
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (thrown) {
    return refuse("there is no such file", thrown);
  }
  const map = existsSync(`${path}.map`) ? readFileSync(`${path}.map`, "utf8") : "";
  const code = codeOf(text, map);
  return code.hash === hash ? code : refuse("its text has been changed");
}
