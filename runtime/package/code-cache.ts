/**
 * The code cache: what V8 compiled in a first run of the program, so that an executable need not.
 *
 * The run is a real one, on the very binary that is packaged, with the assets in a folder instead of
 * in the file: functions compiled on first call are kept only when they were called. A cache is
 * bound to V8's version and flags; where it does not fit, V8 compiles anew and nothing else differs.
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const millisMax = 60_000;

export interface CodeCache {
  /** Asset name and bytes; one cache for main threads, one for worker threads. */
  readonly assets: ReadonlyMap<string, Uint8Array>;
  /** Why a cache is missing; undefined when none is. */
  readonly note: string | undefined;
}

/** `folder` holds all assets as files; `args` are the arguments of the recorded run. */
export async function recordCodeCache(
  node: string,
  folder: string,
  program: string,
  args: readonly string[],
): Promise<CodeCache> {
  const env = { ORRERY_RECORD_FOLDER: folder };
  const failure = await run(node, [join(folder, "programs/loader.js"), ...args], {
    cwd: folder,
    env,
    timeout: millisMax,
  })
    .then(() => undefined)
    .catch((thrown: Error & { stderr?: string }) => lastLine(thrown.stderr ?? "") || thrown.message);
  const assets = new Map<string, Uint8Array>();
  for (const kind of ["main", "thread"]) {
    const name = `programs/${program}.${kind}.cache`;
    if (existsSync(join(folder, name))) assets.set(name, await readFile(join(folder, name)));
  }
  const note =
    failure !== undefined
      ? `the recorded run \`${args.join(" ")}\` failed, so starts are slower: ${failure}`
      : assets.size < 2
        ? `the recorded run \`${args.join(" ")}\` left ${assets.size} of 2 caches, so starts are slower`
        : undefined;
  return { assets, note };
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}
