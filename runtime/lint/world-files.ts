/**
 * Which files are world code: all that a game's main file imports, over any number of steps, but for the main file
 * itself, which puts things together, and for Orrery's own engine and runtime, whose tests hold them to the rules.
 * Given the main file, or the paths that a user names; hands on absolute paths in their order.
 *
 * Only relative imports are followed: packages are not the game's to mend.
 */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, extname, join, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { raise } from "../../engine/base/faults.ts";
import { codeOf, tokenize } from "./tokens.ts";

const sourceExtensions = [".ts", ".mts", ".js", ".mjs"];
const orrery = fileURLToPath(new URL("../../", import.meta.url));
const ownFolders = [`${join(orrery, "engine")}${sep}`, `${join(orrery, "runtime")}${sep}`];

/** The world code of the game whose main file is `main`. Raises "file-missing" when a file that is imported is not there. */
export function worldFilesOf(main: string): string[] {
  const found = new Set<string>();
  const open = [main];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    const folder = dirname(path);
    for (const specifier of relativeImports(readSource(path, "source"))) {
      const target = resolve(folder, specifier);
      if (found.has(target) || target === main || !sourceExtensions.includes(extname(target))) continue;
      if (ownFolders.some((own) => target.startsWith(own))) continue;
      found.add(target);
      open.push(target);
    }
  }
  return [...found].sort();
}

/** The sources that `paths` name: files as they are, folders with all that is below. Raises "file-missing" and "usage". */
export function namedFiles(paths: readonly string[]): string[] {
  const found = new Set<string>();
  const visit = (path: string): void => {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      if (entry.name === "node_modules" || entry.name.startsWith(".")) continue;
      const inner = join(path, entry.name);
      if (entry.isDirectory()) visit(inner);
      else if (sourceExtensions.includes(extname(entry.name)) && !entry.name.endsWith(".d.ts")) found.add(inner);
    }
  };
  for (const path of paths) {
    const full = resolve(path);
    if (!existsSync(full)) raise("file-missing", { path, purpose: "to be linted" });
    if (statSync(full).isDirectory()) visit(full);
    else if (sourceExtensions.includes(extname(full))) found.add(full);
    else
      raise("usage", {
        problem: `${path} is no source that can be linted.`,
        suggestion: `Name folders, or files that end in ${sourceExtensions.join(", ")}.`,
      });
  }
  return [...found].sort();
}

/** Whether a source launches a game. */
export function isMainFile(path: string): boolean {
  const tokens = codeOf(tokenize(readSource(path, "source")));
  return tokens.some(({ kind, text }, i) => kind === "word" && text === "launch" && tokens[i + 1]?.text === "(");
}

export function readSource(path: string, purpose: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (thrown) {
    return raise("file-missing", { path, purpose }, thrown);
  }
}

/** Specifiers of a source that begin with a dot, types included. */
function relativeImports(text: string): string[] {
  const tokens = codeOf(tokenize(text));
  return tokens.flatMap((token, i) => {
    if (token.kind !== "string" || !token.text.startsWith(".")) return [];
    const before = tokens[i - 1];
    const isFrom = before?.kind === "word" && (before.text === "from" || before.text === "import");
    const isCall = before?.text === "(" && tokens[i - 2]?.kind === "word" && tokens[i - 2]?.text === "import";
    return isFrom || isCall ? [token.text] : [];
  });
}
