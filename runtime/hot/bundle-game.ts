/**
 * Bundles a game's main file again and again while it is edited. Modules of the engine and of the runtime stay outside:
 * a bundle finds those that run. A build after the first takes some ten milliseconds, in a process of esbuild's own.
 */
import { relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { BuildContext, BuildResult, Message, Plugin } from "esbuild";
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
    const inputs = Object.keys(result.metafile.inputs).sort();
    const modules = inputs.filter((input) => input.startsWith(namespace)).map((input) => input.slice(namespace.length));
    const files = inputs.filter((input) => !input.startsWith(namespace)).map((input) => resolve(this.#folder, input));
    return { code: codeOf(withModules(text("game.js"), modules), shifted(text("game.js.map"))), files };
  }

  async close(): Promise<void> {
    await this.#context.dispose();
  }
}

/** The map of a text that has got a line before its first. */
function shifted(map: string): string {
  const parsed = JSON.parse(map) as { mappings: string };
  return JSON.stringify({ ...parsed, mappings: `;${parsed.mappings}` });
}

const namespace = "running:";

/** Imports that lead to engine/ or runtime/ become the modules that run. */
const runningModules: Plugin = {
  name: "running-modules",
  setup(build) {
    build.onResolve({ filter: /.*/ }, async ({ path, kind, importer, resolveDir, pluginData }) => {
      if (pluginData === "asked" || kind === "entry-point") return undefined;
      const found = await build.resolve(path, { kind, importer, resolveDir, pluginData: "asked" });
      if (found.errors.length > 0 || found.namespace !== "file") return found;
      const place = relative(root, found.path).split(sep).join("/");
      if (!/^(engine|runtime)\//.test(place)) return found;
      return { path: place, namespace: namespace.slice(0, -1), sideEffects: false };
    });
    build.onLoad({ filter: /.*/, namespace: namespace.slice(0, -1) }, ({ path }) => ({
      contents: `module.exports = globalThis[Symbol.for(${JSON.stringify(moduleFinder)})](${JSON.stringify(path)});`,
      loader: "js",
    }));
  },
};
