/**
 * The executable: from its start to the end of its first tick, and its size. The time is taken twice:
 * by the executable itself, and from outside from the spawn until the process has ended.
 *
 * The peer of the start is the same engine and game without command line and threads, compiled to one
 * file by Bun; it says on its standard output when its first tick is made.
 */
import { execFile, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { packagedProgram } from "../../runtime/host/program.ts";
import { type BenchSize, benchSeed, median } from "./measure.ts";
import { type BenchGroup, type BenchRow, bytesText, skippedRow, timeText } from "./row.ts";

const startRow = "executable, start to first tick";
const sizeRow = "executable, size";
const startMillisMax = 180;
const bytesMax = 125e6;
const startGoal = `<= ${startMillisMax} ms`;
const sizeGoal = `<= ${bytesText(bytesMax)}`;

export const executable: BenchGroup = { rowNames: [startRow, sizeRow], run };

const execute = promisify(execFile);

async function run(size: BenchSize): Promise<readonly BenchRow[]> {
  const file = executableFile();
  if (file === undefined) {
    const reason = "dist/scrapyard is not built; type: node build.mjs";
    return [skippedRow(startRow, reason, startGoal), skippedRow(sizeRow, reason, sizeGoal)];
  }
  const folder =
    packagedProgram() === undefined ? mkdtempSync(join(projectFolder(), "node_modules/.orrery-bench-")) : "";
  try {
    const peer = folder === "" ? undefined : await compileByBun(folder);
    const rounds = size === "whole" ? 11 : 1;
    const inside: number[] = [];
    const outside: number[] = [];
    const peers: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const ours = await startOf(file);
      inside.push(ours.insideMillis);
      outside.push(ours.outsideMillis);
      if (peer !== undefined) peers.push(await firstOutputMillis(peer));
    }
    return [startRowOf(median(inside), median(outside), peers), sizeRowOf(file, peer)];
  } finally {
    if (folder !== "") rmSync(folder, { recursive: true, force: true });
  }
}

function startRowOf(insideMillis: number, outsideMillis: number, peers: readonly number[]): BenchRow {
  return {
    name: startRow,
    ours: `${timeText(insideMillis)} (whole run from outside ${timeText(outsideMillis)})`,
    peer: peers.length === 0 ? "" : `${timeText(median(peers))} bare bundle by Bun, from outside`,
    ratio: peers.length === 0 ? "" : `${(insideMillis / median(peers)).toFixed(2)}x`,
    goal: startGoal,
    met: insideMillis <= startMillisMax,
  };
}

function sizeRowOf(file: string, peer: string | undefined): BenchRow {
  const bytes = statSync(file).size;
  const peerBytes = peer === undefined ? undefined : statSync(peer).size;
  return {
    name: sizeRow,
    ours: bytesText(bytes),
    peer: peerBytes === undefined ? "" : `${bytesText(peerBytes)} bare bundle by Bun`,
    ratio: peerBytes === undefined ? "" : `${(bytes / peerBytes).toFixed(2)}x`,
    goal: sizeGoal,
    met: bytes <= bytesMax,
  };
}

/** The packaged file: this process's own, or what the checkout has built. */
function executableFile(): string | undefined {
  if (packagedProgram() !== undefined) return process.execPath;
  const file = join(projectFolder(), `dist/scrapyard${process.platform === "win32" ? ".exe" : ""}`);
  return existsSync(file) ? file : undefined;
}

function projectFolder(): string {
  return fileURLToPath(new URL("../../", import.meta.url));
}

/** One start of the executable that makes one tick and ends. */
async function startOf(file: string): Promise<{ readonly insideMillis: number; readonly outsideMillis: number }> {
  const started = performance.now();
  const { stdout } = await execute(file, ["run", "--ticks", "1", "--seed", String(benchSeed), "--json"]);
  const outsideMillis = performance.now() - started;
  const { startToFirstTickMillis } = JSON.parse(stdout) as { readonly startToFirstTickMillis: number };
  return { insideMillis: startToFirstTickMillis, outsideMillis };
}

/** Milliseconds from the spawn of `file` to its first output. */
function firstOutputMillis(file: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const child = spawn(file, { stdio: ["ignore", "pipe", "inherit"] });
    let took: number | undefined;
    child.stdout.on("data", () => {
      took ??= performance.now() - started;
    });
    child.on("error", reject);
    child.on("close", () => (took === undefined ? reject(new Error(`${file} said nothing`)) : resolve(took)));
  });
}

/** The peer's file; undefined when Bun is not there or does not compile the bundle. */
async function compileByBun(folder: string): Promise<string | undefined> {
  const root = projectFolder();
  const module = (path: string): string => JSON.stringify(join(root, path));
  const entry = join(folder, "bare-start.ts");
  const output = join(folder, "bare-start");
  writeFileSync(
    entry,
    `import { Engine, ManualClock } from ${module("engine/index.ts")};
import { scrapyard } from ${module("game/game.ts")};
const engine = new Engine(scrapyard, { clock: new ManualClock() }, { seed: ${benchSeed} });
await engine.start();
engine.step();
console.log(engine.world.tickCount);
engine.dispose();
`,
  );
  try {
    await execute(join(root, "node_modules/.bin/bun"), ["build", "--compile", "--minify", entry, "--outfile", output]);
    return output;
  } catch {
    return undefined;
  }
}
