/**
 * Packages a game as one executable file: Node without symbols, the bundled program with its code
 * cache, the client page and the game's assets. `node build.mjs` and the command `compile` both end here.
 *
 * The result needs nothing beside it: no Node, no folder, no environment variable. NODE_OPTIONS does
 * not reach it; a parent process passes Node's options with `--node-options=...` instead.
 * It must be built by the pinned Node itself, for the file is made from the binary that runs this.
 */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { constants, zstdCompressSync } from "node:zlib";
import { filesUnder } from "../host/assets.ts";
import { packagedProgram } from "../host/program.ts";
import { projectFolderOf } from "../host/project.ts";
import { bundleViewer, viewerAssets } from "../trace/viewer-page.ts";
import { bundled, bundleProgram } from "./bundle.ts";
import { bundleClient, clientAssets } from "./client.ts";
import { recordCodeCache } from "./code-cache.ts";
import { writeNodeBinary } from "./node-binary.ts";

const run = promisify(execFile);

export interface ExecutableOptions {
  /** The composition root: the file that calls `launch(game)`. */
  readonly entry: string;
  /** The file to write; its folder is made. On Windows ".exe" is appended. */
  readonly output: string;
  /** Other programs to put inside, by name, such as the bench; run with `importProgram(name)`. */
  readonly programs?: Readonly<Record<string, string>>;
  /** Arguments of the run whose compiled code is kept. It must start the engine and end by itself. */
  readonly warmUp?: readonly string[];
  readonly onProgress?: (progress: PackagingProgress) => void;
}

export interface PackagingProgress {
  readonly step: number;
  readonly stepCount: number;
  readonly text: string;
  /** Something that went less well than it could, and how to mend it. */
  readonly note?: string;
}

export interface Executable {
  readonly file: string;
  readonly bytes: number;
  readonly millis: number;
}

const defaultWarmUp = ["run", "--headless", "--ticks", "120", "--seed", "1"] as const;
const steps = ["program", "client", "assets", "node", "code cache", "executable"] as const;

/** Takes about 5 s. Leaves nothing behind when it fails, and the former output file as it was. */
export async function packageExecutable(options: ExecutableOptions): Promise<Executable> {
  if (packagedProgram() !== undefined) {
    throw new Error("an executable cannot package another one; run this command from a checkout");
  }
  const started = performance.now();
  const output = process.platform === "win32" ? `${resolve(options.output)}.exe` : resolve(options.output);
  const progress = (name: (typeof steps)[number], text: string, note?: string): void =>
    options.onProgress?.({
      step: steps.indexOf(name) + 1,
      stepCount: steps.length,
      text: `${name}: ${text}`,
      ...(note === undefined ? {} : { note }),
    });

  await mkdir(dirname(output), { recursive: true });
  const folder = await mkdtemp(join(tmpdir(), "orrery-package-"));
  try {
    const parts = new PartFolder(join(folder, "parts"));
    await parts.add("programs/loader.js", await bundleLoader());
    const programs = Object.entries({ main: options.entry, ...options.programs });
    for (const [name, entry] of programs) {
      const bundle = await bundleProgram(entry, name);
      // The script of every start lies ready, because V8 reads it in place; all else is compressed.
      const isMain = name === "main";
      await parts.add(`programs/${name}.js`, bundle.script, !isMain);
      await parts.add(`programs/${name}.js.map`, bundle.map, true);
      for (const [asset, bytes] of bundle.assets) if (!parts.has(asset)) await parts.add(asset, bytes, true);
    }
    progress("program", `${programs.map(([name]) => name).join(", ")}, ${megabytes(parts.bytes)}`);

    await parts.addAll(await bundleClient(), clientAssets, true);
    await parts.addAll(await bundleViewer(), viewerAssets, true);
    progress("client", megabytes(parts.bytesUnder(clientAssets)));

    const project = projectFolderOf(pathToFileURL(resolve(options.entry)));
    for (const name of filesUnder(join(project, "assets"))) {
      await parts.add(`assets/${name}`, await readFile(join(project, "assets", name)));
    }
    progress("assets", megabytes(parts.bytesUnder("assets/")));

    const node = join(folder, process.platform === "win32" ? "node.exe" : "node");
    const binary = await writeNodeBinary(node);
    progress("node", `${process.version}, ${megabytes(binary.bytes)}`, binary.note);

    const cache = await recordCodeCache(node, parts.folder, "main", options.warmUp ?? defaultWarmUp);
    await parts.addAll(cache.assets, "");
    progress(
      "code cache",
      megabytes([...cache.assets.values()].reduce((sum, { length }) => sum + length, 0)),
      cache.note,
    );

    const bytes = await buildSea(node, parts, join(folder, "sea.json"), output);
    progress("executable", `${output}, ${megabytes(bytes)}`);
    return { file: output, bytes, millis: performance.now() - started };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Writes beside the output first, so that a broken build never replaces a good file. */
async function buildSea(node: string, parts: PartFolder, configFile: string, output: string): Promise<number> {
  const unfinished = `${output}.unfinished`;
  const config = {
    // Relative, for the path goes into the file and is what stack traces show.
    main: "programs/loader.js",
    mainFormat: "commonjs",
    executable: node,
    output: unfinished,
    disableExperimentalSEAWarning: true,
    useCodeCache: false,
    execArgvExtension: "cli",
    assets: Object.fromEntries(parts.names.map((name) => [name, join(parts.folder, name)])),
  };
  await writeFile(configFile, JSON.stringify(config));
  try {
    await run(node, ["--build-sea", configFile], { cwd: parts.folder, env: {} });
    await rename(unfinished, output);
  } catch (thrown) {
    const text = (thrown as { stderr?: string }).stderr?.trim() || (thrown as Error).message;
    throw new Error(`the executable ${output} could not be built: ${text}`, { cause: thrown });
  } finally {
    await rm(unfinished, { force: true });
  }
  return (await stat(output)).size;
}

async function bundleLoader(): Promise<string> {
  const { build } = await import("esbuild");
  const entry = join(import.meta.dirname, "loader.ts");
  const result = await bundled(entry, () =>
    build({
      entryPoints: [entry],
      write: false,
      bundle: true,
      format: "cjs",
      platform: "node",
      target: "node26",
      charset: "ascii",
      minify: true,
      logLevel: "silent",
    }),
  );
  return result.outputFiles[0]!.text;
}

/** The parts of the executable as files in a folder: what the recorded run reads and what is then put inside. */
class PartFolder {
  readonly folder: string;
  readonly #bytesByName = new Map<string, number>();

  constructor(folder: string) {
    this.folder = folder;
  }

  get names(): readonly string[] {
    return [...this.#bytesByName.keys()];
  }

  get bytes(): number {
    return this.bytesUnder("");
  }

  bytesUnder(prefix: string): number {
    let sum = 0;
    for (const [name, bytes] of this.#bytesByName) if (name.startsWith(prefix)) sum += bytes;
    return sum;
  }

  has(name: string): boolean {
    return this.#bytesByName.has(name) || this.#bytesByName.has(`${name}.zst`);
  }

  /** Adds a part; a compressed one is unpacked by the loader when it is asked for. */
  async add(name: string, content: string | Uint8Array, compress = false): Promise<void> {
    const bytes = compress
      ? zstdCompressSync(content, { params: { [constants.ZSTD_c_compressionLevel]: 19 } })
      : content;
    const partName = compress ? `${name}.zst` : name;
    const file = join(this.folder, partName);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, bytes);
    this.#bytesByName.set(partName, Buffer.byteLength(bytes));
  }

  async addAll(files: ReadonlyMap<string, Uint8Array>, prefix: string, compress = false): Promise<void> {
    for (const [name, bytes] of files) await this.add(prefix + name, bytes, compress);
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
