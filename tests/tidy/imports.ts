/**
 * The imports of a source, from its tokens: `import ... from`, `import "x"`, `export ... from` and
 * `import("x")`, types or not. A relative one is given as a path from the project's top.
 */
import { posix } from "node:path";
import { codeOf } from "../../runtime/lint/tokens.ts";
import type { Source } from "./sources.ts";

export interface Import {
  readonly line: number;
  readonly specifier: string;
  /** The imported file from the project's top, or undefined for a package. */
  readonly path: string | undefined;
}

export function importsOf(source: Source): Import[] {
  const tokens = codeOf(source.tokens);
  const found: Import[] = [];
  tokens.forEach((token, i) => {
    if (token.kind !== "string") return;
    const before = tokens[i - 1];
    const isFrom = before?.kind === "word" && before.text === "from" && tokens[i - 2]?.text !== ".";
    const isBare = before?.kind === "word" && before.text === "import";
    const isCall = before?.text === "(" && tokens[i - 2]?.kind === "word" && tokens[i - 2]?.text === "import";
    if (!isFrom && !isBare && !isCall) return;
    const specifier = token.text;
    const path = specifier.startsWith(".") ? posix.join(posix.dirname(source.path), specifier) : undefined;
    found.push({ line: token.line, specifier, path });
  });
  return found;
}

/** The package of a specifier: "@scope/name" or "name". */
export function packageOf(specifier: string): string {
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}
