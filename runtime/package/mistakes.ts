/**
 * Mistakes in sources that keep them from running at all, with the author's place. Node tells of a file that does not parse
 * without its column, and of an import that does not fit without its place; esbuild tells both.
 */
import { relative } from "node:path";
import type { BuildFailure, BuildOptions, Loader } from "esbuild";

export interface Mistake {
  readonly problem: string;
  /** "file:line:column", the file as from the current folder; "" when unknown. */
  readonly place: string;
  readonly line: number;
  readonly column: number;
}

const quiet = { logLevel: "silent", target: "node26" } as const satisfies BuildOptions;

/** The first mistake in a main file and all that it imports. */
export async function mistakeInProgram(main: string): Promise<Mistake | undefined> {
  const { build } = await import("esbuild");
  const form = {
    write: false,
    bundle: true,
    format: "esm",
    platform: "node",
    external: ["esbuild"],
  } satisfies BuildOptions;
  return mistakeOf(build({ ...quiet, ...form, absWorkingDir: process.cwd(), entryPoints: [main] }));
}

/** Why the text of one file does not parse. */
export async function mistakeInText(path: string, text: string): Promise<Mistake | undefined> {
  const { transform } = await import("esbuild");
  const loader: Loader = /\.[cm]?js$/.test(path) ? "js" : "ts";
  return mistakeOf(transform(text, { ...quiet, loader, sourcefile: relative(process.cwd(), path) }));
}

async function mistakeOf(building: Promise<unknown>): Promise<Mistake | undefined> {
  try {
    await building;
    return undefined;
  } catch (thrown) {
    const message = (thrown as Partial<BuildFailure>).errors?.[0];
    if (message === undefined) throw thrown;
    const { location, text } = message;
    if (location === null) return { problem: text, place: "", line: 1, column: 1 };
    const { file, line, column } = location;
    return { problem: text, place: `${file}:${line}:${column + 1}`, line, column: column + 1 };
  }
}
