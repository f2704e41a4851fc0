/**
 * Source modules: a game's files one by one, each turned from what its author wrote into a function that a program calls.
 * A file that did not change is not turned again, which is what makes the build of a save take milliseconds.
 *
 *     text    what stands in the file
 *     code    (function (exports, require, module) { ... }), a module of the form that Node calls CommonJS
 *     face    what other files could notice of it: its imports, and the names that it exports
 *
 * The rule a reader could break: `code` follows from path and text alone, so a build does not depend on those before it.
 */
import { relative, resolve, sep } from "node:path";
import type { BuildOptions, Plugin } from "esbuild";

export interface SourceModule {
  readonly text: string;
  /** A function as an expression, of which the first line ends with the brace that opens its body. */
  readonly code: string;
  /** Source map of `code`, as JSON in one line. */
  readonly map: string;
  readonly face: string;
}

/** How every file of a game is read, whether alone or with the files that it imports. */
export const readingOptions = {
  write: false,
  format: "cjs",
  platform: "neutral",
  target: "node26",
  charset: "ascii",
  legalComments: "none",
  // A program is whole when it runs: nothing is imported later, so a module that is asked for is there.
  supported: { "dynamic-import": false },
  logLevel: "silent",
} as const satisfies BuildOptions;

/** Turns files of these paths, relative to `folder`, into modules. Throws what esbuild throws for the first mistake. */
export async function sourceModules(
  folder: string,
  texts: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, SourceModule>> {
  const paths = [...texts.keys()];
  if (paths.length === 0) return new Map();
  const { build } = await import("esbuild");
  const { outputFiles } = await build({
    ...readingOptions,
    absWorkingDir: folder,
    // Each by a number of its own: two files may differ in nothing but their endings.
    entryPoints: paths.map((path, number) => ({ in: resolve(folder, path), out: `${number}` })),
    outdir: folder,
    bundle: false,
    sourcemap: "external",
    banner: { js: "(function (exports, require, module) {" },
    footer: { js: "})" },
    plugins: [textsInstead(folder, texts)],
  });
  const outputs = new Map(outputFiles!.map(({ path, text }) => [relative(folder, path), text]));
  return new Map(
    paths.map((path, number) => {
      const text = texts.get(path)!;
      const code = outputs.get(`${number}.js`)!.replaceAll(wrappedImport, "$1");
      const map = JSON.stringify(JSON.parse(outputs.get(`${number}.js.map`)!));
      return [path, { text, code, map, face: faceOf(text, code) }];
    }),
  );
}

/** Files have the texts that were read already: what is kept of a file and what was made of it belong together. */
function textsInstead(folder: string, texts: ReadonlyMap<string, string>): Plugin {
  return {
    name: "texts-instead",
    setup({ onLoad }) {
      onLoad({ filter: /./ }, ({ path }) => {
        const contents = texts.get(pathInside(folder, path));
        return contents === undefined ? undefined : { contents, loader: "default" };
      });
    },
  };
}

/** What esbuild puts around an import that has a default or is a namespace; what modules are given here has both. */
const wrappedImport = /__toESM\((require\("[^"\n]*"\))(?:, 1)?\)/g;

/** Imports as they are written; what matches in a comment besides only makes a face differ that need not. */
const importPattern = /\b(?:import|export)\b(?:\s*\(?\s*["'][^"'\n]*["']|[\s\S]*?\bfrom\s*["'][^"'\n]*["'])/g;
/** How esbuild writes down what a module exports. */
const exportPattern = /^__export\(\w+, \{\n[^}]*\}\);$/m;

function faceOf(text: string, code: string): string {
  return JSON.stringify([text.match(importPattern) ?? [], exportPattern.exec(code)?.[0] ?? ""]);
}

/** The path of a file in relation to `folder`, with "/" on every system. */
export function pathInside(folder: string, path: string): string {
  return relative(folder, path).split(sep).join("/");
}
