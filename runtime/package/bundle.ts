/**
 * Bundles a program: an entry file and all that it imports become one script that the loader runs,
 * together with the assets that the bundling itself brings forth.
 *
 * The script is the body of a function, because only a classic script can carry V8's code cache:
 * `await` at the top level of a module is an error here. `import.meta.url` becomes a constant that
 * leads to no file; code that wants a file that comes with the program asks runtime/host/assets.ts.
 */

import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Message } from "esbuild";
import { raise } from "../../engine/base/faults.ts";
import { projectFolderOf } from "../host/project.ts";
import { takeWasmText } from "./wasm-text.ts";

export interface ProgramBundle {
  /** ASCII text: `(function (exports, require, module) { ... })`. */
  readonly script: string;
  /** Source map of the script, with the sources' text. */
  readonly map: string;
  readonly assets: ReadonlyMap<string, Uint8Array>;
}

const nowhere = process.platform === "win32" ? "C:\\packaged\\" : "/packaged/";
const nowhereUrl = process.platform === "win32" ? "file:///C:/packaged/" : "file:///packaged/";

/** Raises "bundle-failed", which names file, line and column. */
export async function bundleProgram(entryFile: string, name: string): Promise<ProgramBundle> {
  const entry = resolve(entryFile);
  const { build } = await import("esbuild");
  const assets = new Map<string, Uint8Array>();
  const result = await bundled(entry, () =>
    build({
      entryPoints: [entry],
      // Paths in the script and its map are relative to this folder, so that the same source gives the same bytes anywhere.
      absWorkingDir: projectFolderOf(pathToFileURL(entry)),
      outfile: `${name}.js`,
      write: false,
      bundle: true,
      format: "cjs",
      platform: "node",
      target: "node26",
      charset: "ascii",
      legalComments: "none",
      sourcemap: "external",
      // Package code that is only ever reached from a checkout: it stays outside, and asking for it fails by name.
      external: ["esbuild", "bufferutil", "utf-8-validate"],
      // An `import()` in a script would ask the main context's loader, which an executable does not have.
      supported: { "dynamic-import": false },
      define: {
        "import.meta.url": JSON.stringify(nowhereUrl),
        "import.meta.dirname": JSON.stringify(nowhere),
        "import.meta.filename": JSON.stringify(`${nowhere}${name}.js`),
        "import.meta.main": "false",
      },
      banner: { js: "(function (exports, require, module) {" },
      footer: { js: "})" },
      plugins: [takeWasmText(assets)],
      logLevel: "silent",
    }),
  );
  const text = (ending: string): string => result.outputFiles.find((file) => file.path.endsWith(ending))!.text;
  return { script: text(".js"), map: text(".map"), assets };
}

/** Runs one esbuild build and turns its failure into the fault "bundle-failed", with every error's place. */
export async function bundled<Result>(entry: string, run: () => Promise<Result>): Promise<Result> {
  try {
    return await run();
  } catch (thrown) {
    const messages = (thrown as { errors?: readonly Message[] }).errors;
    if (messages === undefined) throw thrown;
    raise("bundle-failed", { problem: `${entry} does not bundle:\n${messages.map(lineOf).join("\n")}` }, thrown);
  }
}

function lineOf(message: Message): string {
  const { location, text, notes } = message;
  const place = location === null ? "" : `${location.file}:${location.line}:${location.column + 1}: `;
  return [`  ${place}${text}`, ...notes.map((note) => `    ${note.text}`)].join("\n");
}
