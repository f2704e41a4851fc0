/**
 * Bundles a game's main file again and again while it is edited. Modules of the engine and of the runtime stay outside:
 * a bundle finds those that run.
 *
 * Which files a game is made of is found out by a scan, in which esbuild follows imports and refuses what does not fit
 * together. Most saves change neither imports nor exports of a file: then what the last scan found holds, and only the
 * files that changed are read. The rule a reader could break: both ways give the same text.
 */
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { BuildContext, Message, Metafile, Plugin } from "esbuild";
import { assert } from "../../engine/base/assertions.ts";
import { raise } from "../../engine/base/faults.ts";
import { projectFolderOf } from "../host/project.ts";
import { type Code, codeOf } from "./code.ts";
import { type CodeModule, writeModules } from "./code-text.ts";
import { pathInside, readingOptions, type SourceModule, sourceModules } from "./source-modules.ts";

export interface GameBuild {
  readonly code: Code;
  /** Files of the game that went into it, as absolute paths. */
  readonly files: readonly string[];
}

/** The folder that engine/ and runtime/ lie in. */
const root = fileURLToPath(new URL("../../", import.meta.url));
const runningPath = (path: string): string => pathInside(root, path);
const isRunning = (path: string): boolean => /^(engine|runtime)\//.test(runningPath(path));
/** What may be turned without a scan: the names that other files export do not follow from their imports and exports. */
const sourcePattern = /\.[cm]?[jt]sx?$/;

type Inputs = Metafile["inputs"];

export class GameBundler {
  readonly #folder: string;
  readonly #entry: string;
  readonly #context: BuildContext;
  /** What the last scan read, by path in relation to the folder. */
  readonly #scanned: Map<string, string>;
  /** What the last scan found; undefined when it failed. */
  #inputs: Inputs | undefined;
  #modules: ReadonlyMap<string, SourceModule> = new Map();

  private constructor(folder: string, entry: string, context: BuildContext, scanned: Map<string, string>) {
    this.#folder = folder;
    this.#entry = entry;
    this.#context = context;
    this.#scanned = scanned;
  }

  /** A bundler of the game whose main file is `entry`. */
  static async open(entry: URL): Promise<GameBundler> {
    const { context } = await import("esbuild");
    const folder = projectFolderOf(entry);
    const path = fileURLToPath(entry);
    const scanned = new Map<string, string>();
    const made = await context({
      ...readingOptions,
      absWorkingDir: folder,
      entryPoints: [path],
      outfile: "game.js",
      bundle: true,
      metafile: true,
      // What is not used of a file is read all the same, and its mistakes count.
      treeShaking: false,
      plugins: [scan(folder, scanned)],
    });
    return new GameBundler(folder, pathInside(folder, path), made, scanned);
  }

  /** Builds what the files are now. Raises "swap-unloadable" with the place of the first mistake. */
  async build(): Promise<GameBuild> {
    try {
      if (!(await this.#takeEdits())) await this.#scan();
    } catch (thrown) {
      this.#inputs = undefined;
      const message = (thrown as { errors?: readonly Message[] }).errors?.[0];
      if (message === undefined) throw thrown;
      const { location, text } = message;
      const place = location === null ? "" : `${location.file}:${location.line}:${location.column + 1}`;
      return raise("swap-unloadable", { problem: text, place }, thrown);
    }
    const { text, map } = writeModules({ entry: this.#entry, modules: this.#linked() });
    return { code: codeOf(text, map), files: [...this.#modules.keys()].map((path) => resolve(this.#folder, path)) };
  }

  async close(): Promise<void> {
    await this.#context.dispose();
  }

  /** Takes up files that changed in nothing that others notice; false when a scan is needed. */
  async #takeEdits(): Promise<boolean> {
    if (this.#inputs === undefined) return false;
    const edited = new Map<string, string>();
    for (const [path, { text }] of this.#modules) {
      const now = textNow(resolve(this.#folder, path));
      if (now === text) continue;
      if (now === undefined || !sourcePattern.test(path)) return false;
      edited.set(path, now);
    }
    const made = await sourceModules(this.#folder, edited);
    for (const [path, { face }] of made) if (face !== this.#modules.get(path)!.face) return false;
    this.#modules = new Map([...this.#modules, ...made]);
    return true;
  }

  async #scan(): Promise<void> {
    this.#scanned.clear();
    const { metafile } = await this.#context.rebuild();
    const inputs = metafile!.inputs;
    const texts = new Map(this.#scanned);
    const known = [...this.#modules].filter(([path, { text }]) => texts.get(path) === text);
    const others = new Map([...texts].filter(([path, text]) => this.#modules.get(path)?.text !== text));
    const made = new Map([...known, ...(await sourceModules(this.#folder, others))]);
    // In the order of their paths, however they were found.
    const paths = Object.keys(inputs).filter((path) => !isRunning(resolve(this.#folder, path)));
    this.#modules = new Map(
      paths.sort().map((path) => {
        const module = made.get(path);
        assert(module !== undefined, "a scan reads each file that it finds", { path });
        return [path, module];
      }),
    );
    this.#inputs = inputs;
  }

  #linked(): CodeModule[] {
    return [...this.#modules].map(([path, { code, map }]) => {
      const { format, imports } = this.#inputs![path]!;
      const links = imports.map((found) => [found.original ?? found.path, this.#nameOf(found.path)]);
      const isScript = format !== "esm";
      return {
        ...{ path, links: Object.fromEntries(links) as CodeModule["links"], isScript },
        isFixed: this.#isFixed(path, new Set()),
        // On the same line, so that the map holds.
        code: isScript ? code : code.replace("{", '{ "use strict";'),
        map,
      };
    });
  }

  /** Whether what a module exports stays what it was when it ran; `asking` are those that pass its exports on: no circle is. */
  #isFixed(path: string, asking: Set<string>): boolean {
    const { code } = this.#modules.get(path)!;
    const { format, imports } = this.#inputs![path]!;
    if (format !== "esm" || !/\.[cm]?tsx?$/.test(path) || variablePattern.test(code) || asking.has(path)) return false;
    if (!passingPattern.test(code)) return true;
    asking.add(path);
    const isFixed = imports.every((found) => !this.#modules.has(found.path) || this.#isFixed(found.path, asking));
    asking.delete(path);
    return isFixed;
  }

  #nameOf(path: string): string {
    const absolute = resolve(this.#folder, path);
    return isRunning(absolute) ? runningPath(absolute) : path;
  }
}

/** Variables of a module that may be assigned again; esbuild's own are assigned once. */
const variablePattern = /^(?:let |var (?!__|import_|\w+_exports = |\w+_default = |\w+ = require\())/m;

/** Exports that are another module's: passed on by name, or all of them. */
const passingPattern = /^__reExport\(|^ {2}\S+: \(\) => import_/m;

function textNow(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

/**
 * Reads the files of a game and keeps their texts. Files of engine/ and runtime/ are the modules that run: what they
 * export is told, so that an import of what is not there is a mistake.
 */
function scan(folder: string, scanned: Map<string, string>): Plugin {
  return {
    name: "scan",
    setup({ onLoad }) {
      onLoad({ filter: /./, namespace: "file" }, async ({ path }) => {
        if (isRunning(path)) {
          const names = Object.keys((await import(pathToFileURL(path).href)) as object).sort();
          return { contents: names.map((name) => `export const ${name} = 0;`).join("\n"), loader: "js" };
        }
        const contents = await readFile(path, "utf8");
        scanned.set(pathInside(folder, path), contents);
        return { contents, loader: "default" };
      });
    },
  };
}
