/**
 * Code of a game as one text: its modules one behind the other, and before them in a line what they are.
 *
 *     // orrery-code 2 {"entry":"game/main.ts","modules":[{"path":"game/main.ts","length":812,...},...]}
 *     (function (exports, require, module) { "use strict";
 *     ...
 *     })
 *     (function (exports, require, module) { "use strict";
 *     ...
 *
 * The number is that of this form; another one is of another version of Orrery. Given modules, hands on text, and the other way round. The rule a reader could break: the same modules are the same
 * text, whatever was built before and wherever it lies, because code is known by the hash of its text.
 */
import { raise } from "../../engine/base/faults.ts";

export interface CodeModule {
  /** In relation to the project's folder, with "/" on every system. */
  readonly path: string;
  /** By what it asks for: the path of a module of this text, or one of engine/ or runtime/ that runs. */
  readonly links: Readonly<Record<string, string>>;
  /** Whether it is no ES module: what others import of it is what it assigned, and it is in sloppy mode. */
  readonly isScript: boolean;
  /** Whether what it exports stays what it was when it ran to its end; else who imports it looks each time. */
  readonly isFixed: boolean;
  /** A function of (exports, require, module), as an expression. */
  readonly code: string;
  /** Source map of `code` as JSON in one line; "" for none. */
  readonly map: string;
}

export interface CodeModules {
  /** Path of the module that launches the game. */
  readonly entry: string;
  /** In ascending order of their paths. */
  readonly modules: readonly CodeModule[];
}

/** The form in which this program writes code, and the only one that it reads. */
export const codeForm = "orrery-code 2";
const mark = `// ${codeForm} `;

/** The form of a text of code, for people: its name, or how it begins when it has none. */
export function formOf(text: string): string {
  const named = /^\/\/ (orrery-code \d+) /.exec(text)?.[1];
  return named ?? `one without a number, which begins with ${text.slice(0, 24).split("\n")[0]}`;
}

interface Head {
  readonly entry: string;
  readonly modules: readonly (Omit<CodeModule, "code" | "map"> & { readonly length: number })[];
}

/** Writes modules as text, and their maps, a line each. */
export function writeModules({ entry, modules }: CodeModules): { readonly text: string; readonly map: string } {
  const head: Head = {
    entry,
    modules: modules.map(({ path, links, isScript, isFixed, code }) => ({
      ...{ path, length: code.length, isScript, isFixed },
      links: Object.fromEntries(Object.entries(links).sort(([a], [b]) => (a < b ? -1 : 1))),
    })),
  };
  const text = modules.map(({ code }) => `${code}\n`).join("");
  return { text: `${mark}${JSON.stringify(head)}\n${text}`, map: modules.map(({ map }) => map).join("\n") };
}

/** Reads what `writeModules` wrote. Raises "swap-unloadable". */
export function readModules(text: string, map: string): CodeModules {
  const end = text.indexOf("\n");
  if (!text.startsWith(mark) || end < 0)
    raise("swap-unloadable", { problem: "its text is not in the form that this program writes", place: "" });
  const { entry, modules } = JSON.parse(text.slice(mark.length, end)) as Head;
  const maps = map.split("\n");
  let at = end + 1;
  return {
    entry,
    modules: modules.map(({ length, ...module }, number) => {
      const code = text.slice(at, at + length);
      at += length + 1;
      return { ...module, code, map: maps[number] ?? "" };
    }),
  };
}
