/**
 * The files that the project's laws are about: every source file in the tree, with its text and tokens,
 * in the order of their paths. Paths are relative to the project with forward slashes.
 */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Token, tokenize } from "../../runtime/lint/tokens.ts";

export interface Source {
  readonly path: string;
  readonly text: string;
  readonly tokens: readonly Token[];
}

/** One breach of a law, as the failing test prints it. */
export interface Breach {
  readonly path: string;
  readonly line: number;
  readonly rule: string;
  /** What to do instead. */
  readonly fix: string;
}

const root = new URL("../../", import.meta.url);
const folders = ["engine", "runtime", "game", "tests"];
const extensions = [".ts", ".mjs", ".js"];

/** Every path below `folders` and the scripts at the top, folders included as "folder/". */
export function listPaths(): string[] {
  const found = ["build.mjs"];
  const visit = (folder: string): void => {
    for (const entry of readdirSync(new URL(`${folder}/`, root), { withFileTypes: true })) {
      // What tests write there comes and goes while the laws are checked.
      if (entry.name === ".tmp") continue;
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        found.push(`${path}/`);
        visit(path);
      } else found.push(path);
    }
  };
  for (const folder of folders) visit(folder);
  return found.sort();
}

export function readSources(): Source[] {
  return listPaths()
    .filter((path) => extensions.some((extension) => path.endsWith(extension)))
    .map((path) => sourceOf(path, readFileSync(fileURLToPath(new URL(path, root)), "utf8")));
}

/** A source from a text, so that the laws themselves can be tried on planted breaches. */
export function sourceOf(path: string, text: string): Source {
  return { path, text, tokens: tokenize(text) };
}

/** "path:line  rule; fix" a breach, in order. */
export function breachText(breaches: readonly Breach[]): string {
  return breaches.map(({ path, line, rule, fix }) => `${path}:${line}  ${rule}. ${fix}`).join("\n");
}
