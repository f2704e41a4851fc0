/**
 * Bundles a game's main file again and again while it is edited. Modules of the engine and of the runtime stay outside:
 * a bundle finds those that run. A build after the first takes some ten milliseconds, in a process of esbuild's own.
 */
import { join, relative, resolve, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { BuildContext, BuildResult, Message, Plugin } from "esbuild";
import { assert } from "../../engine/base/assertions.ts";
import { raise } from "../../engine/base/faults.ts";
import { projectFolderOf } from "../host/project.ts";
import { type Code, codeOf, moduleFinder, withModules } from "./code.ts";

export interface GameBuild {
  readonly code: Code;
  /** Files of the game that went into it, as absolute paths. */
  readonly files: readonly string[];
}

/** The folder that engine/ and runtime/ lie in. */
const root = fileURLToPath(new URL("../../", import.meta.url));

export class GameBundler {
  readonly #folder: string;
  readonly #context: BuildContext;

  private constructor(folder: string, context: BuildContext) {
    this.#folder = folder;
    this.#context = context;
  }

  /** A bundler of the game whose main file is `entry`. */
  static async open(entry: URL): Promise<GameBundler> {
    const { context } = await import("esbuild");
    const folder = projectFolderOf(entry);
    const made = await context({
      entryPoints: [fileURLToPath(entry)],
      // Paths in text and map are relative to this folder, so that the same source gives the same hash anywhere.
      absWorkingDir: folder,
      outfile: "game.js",
      write: false,
      bundle: true,
      metafile: true,
      format: "cjs",
      platform: "neutral",
      target: "node26",
      charset: "ascii",
      legalComments: "none",
      sourcemap: "external",
      banner: { js: "(function (module) { const exports = module.exports;" },
      footer: { js: "})" },
      plugins: [runningModules],
      logLevel: "silent",
    });
    return new GameBundler(folder, made);
  }

  /** Builds what the files are now. Raises "swap-unloadable" with the place of the first mistake. */
  async build(): Promise<GameBuild> {
    let result: BuildResult<{ write: false; metafile: true }>;
    try {
      result = (await this.#context.rebuild()) as typeof result;
    } catch (thrown) {
      const message = (thrown as { errors?: readonly Message[] }).errors?.[0];
      if (message === undefined) throw thrown;
      const { location, text } = message;
      const place = location === null ? "" : `${location.file}:${location.line}:${location.column + 1}`;
      return raise("swap-unloadable", { problem: text, place }, thrown);
    }
    const text = (ending: string): string => result.outputFiles.find(({ path }) => path.endsWith(ending))!.text;
    const inputs = Object.keys(result.metafile.inputs).map((input) => resolve(this.#folder, input));
    const modules = inputs.filter(isRunning).map(insideRoot).sort();
    const files = inputs.filter((input) => !isRunning(input));
    return { code: codeOf(withModules(text("game.js"), modules), shifted(text("game.js.map"))), files };
  }

  async close(): Promise<void> {
    await this.#context.dispose();
  }
}

/** The map of a text that has got a line before its first. */
function shifted(map: string): string {
  const mark = '"mappings": "';
  assert(map.includes(mark), "a source map has its mappings as esbuild writes them");
  return map.replace(mark, `${mark};`);
}

const insideRoot = (path: string): string => relative(root, path).split(sep).join("/");
const isRunning = (path: string): boolean => /^(engine|runtime)\//.test(insideRoot(path));

/** Files of engine/ and runtime/ become the modules that run; asked for by their paths, so that no other import waits. */
const runningModules: Plugin = {
  name: "running-modules",
  setup(build) {
    const folders = ["engine", "runtime"].map((name) => join(root, name, sep).replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    build.onLoad({ filter: new RegExp(`^(${folders.join("|")})`) }, async ({ path }) => {
      const names = Object.keys((await import(pathToFileURL(path).href)) as object).sort();
      const module = `globalThis[Symbol.for(${JSON.stringify(moduleFinder)})](${JSON.stringify(insideRoot(path))})`;
      return { contents: `export const { ${names.join(", ")} } = /* @__PURE__ */ ${module};`, loader: "js" };
    });
  },
};
