/**
 * Other programs that come with this one, such as the bench: a file in a checkout, a part of the
 * executable when it was packaged with it. Each is a bundle of its own, so its modules are not this
 * program's modules: hand over data, never objects whose class matters.
 */
import { packagedProgram } from "./program.ts";

/** Runs the program in this thread and gives its exports. `source` is its file in a checkout. */
export async function importProgram(name: string, source: URL): Promise<Readonly<Record<string, unknown>>> {
  const packaged = packagedProgram();
  if (packaged === undefined) return import(source.href);
  const exported = packaged.load(name);
  if (exported === undefined) throw new Error(`this executable was packaged without the program "${name}"`);
  return exported;
}
