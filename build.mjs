/**
 * The one entry for people and machines: `node build.mjs [task] [arguments]`; `npm start` and
 * `npm test` end here. Every task first brings the checkout to a state in which it can run.
 *
 * This file is plain JavaScript for Node >= 20 and imports nothing that setup installs: on a fresh
 * machine it is all that runs. Whatever follows setup runs on the pinned Node in node_modules.
 */
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL(".", import.meta.url));
const windows = process.platform === "win32";
const modules = join(root, "node_modules");
const pinnedNode = join(modules, "node", "bin", windows ? "node.exe" : "node");
const stampFile = join(modules, ".orrery-setup");
const testReport = join(modules, ".orrery-tests.json");

/** No relaxed SIMD: its results differ between machines. The memory is the arena's, so it is imported. */
const kernelOptions = [
  ...[
    "--enable",
    "simd,threads",
    "--importMemory",
    "--sharedMemory",
    "--initialMemory",
    "1",
    "--maximumMemory",
    "65536",
  ],
  ...["--runtime", "stub", "-O3", "--noAssert"],
];

const kernelModules = [
  { source: "kernels.ts", target: "bytes.ts", name: "kernelBytes", options: [] },
  { source: "reader.ts", target: "reader-bytes.ts", name: "readerBytes", options: ["--exportTable"] },
];

/** What each task does, and which system packages it wants beside the npm ones. */
const tasks = {
  setup: { wants: ["chromium", "strip"], run: async () => 0, text: "install what is missing, then stop" },
  start: { wants: ["browser"], run: (args) => node("game/main.ts", "play", ...args), text: "play the game" },
  test: { wants: ["chromium", "strip"], run: test, text: "type check, lint, all tests; arguments go to vitest" },
  typecheck: { wants: [], run: typecheck, text: "check the types of every part" },
  lint: { wants: [], run: (args) => tool("@biomejs/biome/bin/biome", "check", ...args), text: "check form and lint" },
  bench: { wants: [], run: (args) => node("game/main.ts", "bench", ...args), text: "run the benchmarks" },
  kernels: { wants: [], run: buildKernels, text: "compile engine/kernels/assembly into engine/kernels/bytes.ts" },
  assets: { wants: [], run: writeAssets, text: "write lengths and hashes of assets/ into its manifest" },
  package: { wants: ["strip"], run: packageGame, text: "build dist/scrapyard (the default)" },
};

// ---------------------------------------------------------------------------------------------
// Tasks

async function test(args) {
  const failed = (await typecheck()) || (await tool("@biomejs/biome/bin/biome", "check"));
  if (failed !== 0) return failed;
  const report = process.env.CI ? ["--reporter=default", "--reporter=json", `--outputFile.json=${testReport}`] : [];
  return tool("vitest/vitest.mjs", "run", "--config", "tests/vitest.config.ts", ...report, ...args);
}

/** Each part compiles with its own host types: that is what keeps Node and the DOM out of the engine. */
async function typecheck() {
  const parts = ["engine", "game", "runtime", "runtime/drivers/web/client", "tests"];
  const started = performance.now();
  const codes = await Promise.all(
    parts
      .filter((part) => existsSync(join(root, part, "tsconfig.json")))
      .map((part) => tool("typescript/bin/tsc", "-p", part)),
  );
  const failed = codes.find((code) => code !== 0) ?? 0;
  console.log(`types of ${parts.join(", ")} ${failed === 0 ? "are right" : "have errors"} (${seconds(started)})`);
  return failed;
}

async function packageGame(args) {
  // The executable is made from the binary that runs the packager, so that must be the pinned one.
  if (realVersion(process.execPath) !== pinnedVersion()) return node("build.mjs", "package", ...args);
  const { packageExecutable } = await import("./runtime/package/executable.ts");
  const bench = join(root, "tests/bench/main.ts");
  const { file, bytes, millis } = await packageExecutable({
    entry: join(root, "game/main.ts"),
    output: args[0] ?? join(root, "dist/scrapyard"),
    programs: existsSync(bench) ? { bench } : {},
    onProgress: ({ step, stepCount, text, note }) => {
      console.log(`[${step}/${stepCount}] ${text}`);
      if (note !== undefined) console.log(`      ${note}`);
    },
  });
  console.log(`${file}: ${(bytes / 1e6).toFixed(1)} MB in ${(millis / 1000).toFixed(1)} s`);
  return 0;
}

async function writeAssets(args) {
  if (realVersion(process.execPath) !== pinnedVersion()) return node("build.mjs", "assets", ...args);
  const { writeManifest } = await import("./runtime/assets/manifest-file.ts");
  const { added, changed } = writeManifest(args[0] ?? join(root, "assets"));
  console.log(
    `manifest: ${added.length} added (${added.join(", ")}), ${changed.length} changed (${changed.join(", ")})`,
  );
  return 0;
}

/** The compiled kernels are kept in the tree, so that the engine needs no build step; a test holds both together. */
async function buildKernels() {
  for (const { source, target, name, options } of kernelModules) {
    const folder = join(root, "engine/kernels");
    const output = join(modules, ".orrery-kernels.wasm");
    const failed = await tool(
      "assemblyscript/bin/asc.js",
      join(folder, "assembly", source),
      ...kernelOptions,
      ...options,
      "-o",
      output,
    );
    if (failed !== 0) return failed;
    const bytes = readFileSync(output);
    const rows = Array.from({ length: Math.ceil(bytes.length / 24) }, (_, row) =>
      bytes.subarray(row * 24, row * 24 + 24),
    );
    const text = rows.map((row) => `  ${[...row].join(", ")},\n`).join("");
    const head = `/** Generated from assembly/${source} by \`node build.mjs kernels\`. Do not edit. */\n`;
    writeFileSync(join(folder, target), `${head}export const ${name}: Uint8Array = Uint8Array.of(\n${text});\n`);
    console.log(`engine/kernels/${target}: ${bytes.length} bytes of WebAssembly`);
  }
  return 0;
}

/** Runs a file on the pinned Node and gives its exit code. */
function node(file, ...args) {
  const path = [join(modules, ".bin"), process.env.PATH ?? ""].join(delimiter);
  return new Promise((resolve, reject) => {
    const child = spawn(pinnedNode, [file, ...args], {
      cwd: root,
      stdio: "inherit",
      env: { ...process.env, PATH: path },
    });
    // A terminal sends its interrupt to both; the child decides what to do, and this process waits for it.
    const pass = { SIGINT: () => {}, SIGTERM: () => child.kill("SIGTERM"), SIGHUP: () => child.kill("SIGHUP") };
    for (const [signal, handler] of Object.entries(pass)) process.on(signal, handler);
    child.on("error", reject);
    child.on("close", (code, signal) => {
      for (const [name, handler] of Object.entries(pass)) process.off(name, handler);
      resolve(code ?? (signal === "SIGINT" ? 130 : 1));
    });
  });
}

function tool(file, ...args) {
  return node(join(modules, file), ...args);
}

// ---------------------------------------------------------------------------------------------
// Setup: npm packages

async function setUpModules() {
  if (isStamped()) return;
  if (!isInstalled()) await installModules();
  if (!runs(pinnedNode, pinnedVersion())) await repairModules();
  if (!runs(pinnedNode, pinnedVersion())) {
    throw new SetupError(
      `Node ${pinnedVersion()} from the npm package "node" does not run on ${process.platform}-${process.arch}`,
      "type: npm rebuild node --ignore-scripts=false --foreground-scripts",
    );
  }
  writeFileSync(stampFile, stampText());
}

/** The stamp lies inside node_modules, so it goes when they go, and it is written last. */
function isStamped() {
  return existsSync(pinnedNode) && existsSync(stampFile) && readFileSync(stampFile, "utf8") === stampText();
}

function stampText() {
  const hash = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
  return `${hash} ${process.platform}-${process.arch}\n`;
}

/**
 * Whether npm's own record of what it installed, written when it ends, agrees with the lockfile. So
 * an `npm install` by hand is not undone, and a half-finished one is.
 */
function isInstalled() {
  const recordFile = join(modules, ".package-lock.json");
  if (!existsSync(recordFile)) return false;
  const installed = readJson(recordFile).packages;
  return Object.entries(readJson(join(root, "package-lock.json")).packages).every(([place, wanted]) => {
    const found = installed[place];
    if (place === "" || wanted.link === true) return true;
    if (found === undefined) return wanted.optional === true;
    return found.version === wanted.version && found.integrity === wanted.integrity && existsSync(join(root, place));
  });
}

async function installModules() {
  const reason = existsSync(modules) ? "npm packages differ from package-lock.json" : "npm packages are missing";
  // Node 20 is allowed to begin, so npm's warnings about packages that want the pinned Node say nothing.
  const args = ["ci", "--no-audit", "--no-fund", "--loglevel=error"];
  const { code, output } = await quietly(`${reason}: npm ci`, "npm", args);
  if (code !== 0)
    throw new SetupError(`npm ci failed (exit code ${code}):\n${lastLines(output)}`, "mend that, then type: npm ci");
}

/** For an npm that does not run the install scripts of packages: the pinned Node is fetched by one. */
async function repairModules() {
  const names = Object.keys(readJson(join(root, "package.json")).allowScripts);
  const args = ["rebuild", ...names, "--ignore-scripts=false", "--loglevel=error"];
  await quietly("the pinned Node is missing: npm rebuild", "npm", args);
}

/** Starting the pinned Node takes 20 ms, so it is only asked after something was installed. */
function runs(binary, version) {
  return realVersion(binary) === version;
}

function realVersion(binary) {
  if (binary === process.execPath) return process.version;
  return spawnSync(binary, ["--version"], { encoding: "utf8" }).stdout?.trim();
}

function pinnedVersion() {
  return `v${readJson(join(root, "package.json")).dependencies.node}`;
}

// ---------------------------------------------------------------------------------------------
// Setup: system packages

/** A want is met when one of its commands is found. Only tests and packaging need them. */
const systemWants = {
  chromium: {
    commands: ["chromium", "chromium-browser"],
    packages: ["chromium", "fonts-dejavu-core"],
    why: "the browser tests",
  },
  browser: {
    commands: ["chromium", "chromium-browser", "google-chrome", "microsoft-edge", "brave-browser", "firefox"],
    packages: ["chromium", "fonts-dejavu-core"],
    why: "a window of its own",
    optional: true,
  },
  strip: { commands: ["strip"], packages: ["binutils"], why: "an executable that is 33 MB smaller" },
};

async function setUpSystem(wants) {
  if (process.platform !== "linux") return;
  const missing = wants.map((want) => systemWants[want]).filter(({ commands }) => !commands.some(isCommand));
  if (missing.length === 0) return;
  const packages = [...new Set(missing.flatMap((want) => want.packages))];
  const line = `apt-get update && apt-get install -y --no-install-recommends ${packages.join(" ")}`;
  const reasons = missing.map(({ why }) => why).join(" and ");
  if (process.getuid() !== 0 || !isCommand("apt-get")) {
    if (missing.some(({ optional }) => optional !== true))
      say(`${packages.join(", ")} missing, for ${reasons}; as root type: ${line}`);
    return;
  }
  const { code, output } = await quietly(`installing ${packages.join(", ")} for ${reasons}`, "sh", ["-c", line]);
  if (code !== 0) say(`that failed, and what needs it will too:\n${lastLines(output)}\nto try again type: ${line}`);
}

function isCommand(name) {
  return (process.env.PATH ?? "").split(delimiter).some((folder) => {
    const found = statSync(join(folder, name), { throwIfNoEntry: false });
    return found?.isFile() === true && (found.mode & 0o111) !== 0;
  });
}

// ---------------------------------------------------------------------------------------------
// Long work, and how it is told

/** Runs a command without its chatter: one line when it begins, one each 10 s, one when it ends. */
async function quietly(what, command, args) {
  const started = performance.now();
  say(`${what} ...`);
  const ticker = setInterval(() => say(`${what} ... goes on`, started), 10_000);
  const output = [];
  // The pinned Node may be replaced meanwhile, so what runs now must not be found in node_modules.
  const path = (process.env.PATH ?? "")
    .split(delimiter)
    .filter((folder) => !folder.startsWith(modules))
    .join(delimiter);
  const env = { ...process.env, PATH: path, DEBIAN_FRONTEND: "noninteractive" };
  const code = await new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, env, shell: windows, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => output.push(chunk));
    child.on("error", (error) => {
      output.push(Buffer.from(error.code === "ENOENT" ? `${command} is not installed or not in PATH` : error.message));
      resolve(127);
    });
    child.on("close", resolve);
  });
  clearInterval(ticker);
  say(`${what}: ${code === 0 ? "done" : "failed"}`, started);
  return { code, output: Buffer.concat(output).toString() };
}

function say(text, started) {
  const time = started === undefined ? "" : ` (${seconds(started)})`;
  console.error(`setup: ${text}${time}`);
}

function seconds(started) {
  return `${((performance.now() - started) / 1000).toFixed(1)} s`;
}

function lastLines(text) {
  return text
    .trim()
    .split("\n")
    .slice(-12)
    .map((line) => `  ${line}`)
    .join("\n");
}

function readJson(file) {
  return JSON.parse(readFileSync(file, "utf8"));
}

class SetupError extends Error {
  constructor(text, mend) {
    super(`${text}\n${mend}`);
  }
}

// ---------------------------------------------------------------------------------------------

async function main([name = "package", ...args]) {
  const task = Object.hasOwn(tasks, name) ? tasks[name] : undefined;
  if (task === undefined) {
    const help = name === "--help" || name === "-h";
    const list = Object.entries(tasks).map(([task, { text }]) => `  ${task.padEnd(10)}${text}`);
    console[help ? "log" : "error"](
      [...(help ? [] : [`unknown task "${name}"`]), "node build.mjs [task] [arguments]", ...list].join("\n"),
    );
    return help ? 0 : 2;
  }
  if (Number(process.versions.node.split(".")[0]) < 20) {
    throw new SetupError(
      `Node ${process.version} is too old to begin with`,
      "install Node 20 or newer; it fetches the pinned one itself",
    );
  }
  await setUpModules();
  await setUpSystem(task.wants);
  return task.run(args);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof SetupError || error?.name === "FaultError" ? `error: ${error.message}` : error);
  process.exitCode = 1;
}
