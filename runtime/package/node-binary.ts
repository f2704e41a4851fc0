/**
 * The Node binary that an executable is made from: the one that runs this code, without its symbols.
 *
 * It is stripped before the program is put into it; stripping afterwards would drop the program too.
 */
import { execFile } from "node:child_process";
import { chmod, copyFile, stat } from "node:fs/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface NodeBinary {
  readonly bytes: number;
  /** Why the symbols are still there, and what to do about it; undefined when they are gone. */
  readonly note: string | undefined;
}

/** Writes the binary to `file`. Takes about 0.4 s and 116 MB on linux-x64. */
export async function writeNodeBinary(file: string): Promise<NodeBinary> {
  const note = await strip(file);
  if (note !== undefined) await copyFile(process.execPath, file);
  await chmod(file, 0o755);
  await run(file, ["--version"], { env: {} });
  return { bytes: (await stat(file)).size, note };
}

async function strip(file: string): Promise<string | undefined> {
  if (process.platform !== "linux") return `symbols stay: a stripped Node does not start on ${process.platform}`;
  try {
    await run("strip", ["-o", file, process.execPath]);
    return undefined;
  } catch (thrown) {
    const missing = (thrown as NodeJS.ErrnoException).code === "ENOENT";
    return missing
      ? "symbols stay (33 MB more): there is no `strip`; on Debian: apt-get install binutils"
      : `symbols stay (33 MB more): strip failed: ${(thrown as Error).message.trim()}`;
  }
}
