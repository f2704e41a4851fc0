/** The same program under other flags, under another engine, packaged: how each is started here, or why it cannot be. */
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { faultOf, faultText } from "../../engine/base/faults.ts";
import { packagedProgram } from "../host/program.ts";
import { entryUrl, projectFolder } from "../host/project.ts";
import type { ChildProgram } from "./child-run.ts";

export type FoundProgram =
  | { readonly kind: "found"; readonly program: ChildProgram; close?(): Promise<void> }
  | { readonly kind: "missing" | "itself"; readonly why: string };

/** V8 without any of its compilers; WebAssembly has no interpreter and is compiled as ever. */
const interpreterFlags: readonly string[] = ["--no-opt", "--no-maglev", "--no-sparkplug"];

export function interpretedProgram(): FoundProgram {
  const args =
    packagedProgram() === undefined
      ? [...interpreterFlags, fileURLToPath(entryUrl())]
      : [`--node-options=${interpreterFlags.join(" ")}`];
  return { kind: "found", program: { command: process.execPath, args, detail: "" } };
}

export function javaScriptCoreProgram(): FoundProgram {
  if (packagedProgram() !== undefined)
    return { kind: "missing", why: "an executable has no sources that Bun could run" };
  const name = process.platform === "win32" ? "bun.exe" : "bun";
  // Beside the engine's own packages, then beside the game's.
  const places = [join(import.meta.dirname, "..", ".."), projectFolder()];
  const command = places.map((place) => join(place, "node_modules", ".bin", name)).find((file) => existsSync(file));
  if (command === undefined) return { kind: "missing", why: "Bun is not installed (npm install --save-dev bun)" };
  return { kind: "found", program: { command, args: [fileURLToPath(entryUrl())], detail: "" } };
}

/** The executable that was named, or one that is built for this and removed by `close`: an older one may be of other code. */
export async function executableProgram(file: string | undefined): Promise<FoundProgram> {
  if (file !== undefined) {
    if (!existsSync(file)) return { kind: "missing", why: `there is no ${file}` };
    return { kind: "found", program: { command: file, args: [], detail: "" } };
  }
  if (packagedProgram() !== undefined) return { kind: "itself", why: "this program is the executable" };
  const folder = await mkdtemp(join(tmpdir(), "orrery-verify-"));
  const close = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const { packageExecutable } = await import("../package/executable.ts");
    const output = join(folder, "game");
    const { file: command } = await packageExecutable({ entry: fileURLToPath(entryUrl()), output });
    return { kind: "found", program: { command, args: [], detail: "built for this" }, close };
  } catch (thrown) {
    await close();
    return { kind: "missing", why: `it cannot be packaged: ${faultText(faultOf(thrown)).split("\n")[0]}` };
  }
}
