/**
 * Real files that are edited while they are watched: what no system tells is found all the same, a program that lacks a file
 * is whole as soon as it is there, and code that did not enter is told again when it is saved again, and only then.
 */
import type * as FileSystem from "node:fs";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { faultId, faultText } from "../../../engine/base/faults.ts";
import { HotWatch } from "../../../runtime/hot/hot-watch.ts";
import { lookMillis } from "../../../runtime/hot/source-watch.ts";

/** Folders of this name are those beyond the limit that a system has. */
const deaf = "deaf";
vi.mock("node:fs", async (original) => {
  const real = await original<typeof FileSystem>();
  const watch = (path: string, ...others: never[]): FileSystem.FSWatcher => {
    if (path.includes(deaf)) throw new Error("ENOSPC: no watch is left");
    return (real.watch as (path: string, ...others: never[]) => FileSystem.FSWatcher)(path, ...others);
  };
  return { ...real, watch };
});

let folder = "";
let watched: HotWatch | undefined;
let said: string[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "orrery-hot-watch-"));
  said = [];
  write("package.json", '{"type":"module"}');
});
afterEach(async () => {
  await watched?.close();
  rmSync(folder, { recursive: true, force: true });
});

function write(path: string, text: string): void {
  writeFileSync(join(folder, path), text);
}

/** Watches main.ts. What is said of code is the limit in it. */
async function open(): Promise<HotWatch> {
  watched = await HotWatch.open({
    entry: pathToFileURL(join(folder, "main.ts")),
    changed: ({ text }) => said.push(/limit = (\d+)/.exec(text)?.[1] ?? "no limit"),
    refused: (fault) => said.push(faultText(fault).replace(/^The new code could not be loaded: /, "")),
    unwatched: (fault) => said.push(faultId(fault)),
  });
  return watched;
}

async function saidIs(...expected: string[]): Promise<void> {
  await vi.waitFor(() => expect(said).toEqual(expected), { timeout: 100_000, interval: 20 });
}

/** Long enough for looks, and for all that the system tells of what was written before. */
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 3 * lookMillis));

const importOf = (path: string): string => `import { limit } from "${path}";\nconsole.log(limit);\n`;
const limitOf = (limit: number): string => `export const limit = ${limit};\n`;

test("a file that a program lacks is found in a folder that comes later, and nothing is said of it twice", async () => {
  write("main.ts", "console.log(0);\n");
  await open();
  write("main.ts", importOf("./fresh/far.ts"));
  const lacks = 'Could not resolve "./fresh/far.ts" (main.ts:1:23).';
  await saidIs(lacks);
  mkdirSync(join(folder, "fresh"));
  write("journal.orj", "what is written there besides");
  await pause();
  expect(said).toEqual([lacks]);
  write("fresh/far.ts", limitOf(3));
  await saidIs(lacks, "3");
  write("fresh/far.ts", limitOf(4));
  await saidIs(lacks, "3", "4");
});

test("a program that lacks another file than before says so, though nothing of it was saved", async () => {
  write("main.ts", "console.log(0);\n");
  await open();
  write("main.ts", importOf("./fresh/far.ts"));
  const lacks = 'Could not resolve "./fresh/far.ts" (main.ts:1:23).';
  await saidIs(lacks);
  mkdirSync(join(folder, "fresh"));
  await pause();
  write("fresh/far.ts", 'export { limit } from "./farther.ts";');
  const lacksOther = 'Could not resolve "./farther.ts" (fresh/far.ts:1:23).';
  await saidIs(lacks, lacksOther);
  write("fresh/farther.ts", limitOf(5));
  await saidIs(lacks, lacksOther, "5");
});

test("edits in a folder that was removed and made anew are told, each of them", async () => {
  mkdirSync(join(folder, "sub"));
  write("main.ts", importOf("./sub/limit.ts"));
  write("sub/limit.ts", limitOf(1));
  await open();
  for (let limit = 2; limit <= 7; limit += 3) {
    rmSync(join(folder, "sub"), { recursive: true });
    mkdirSync(join(folder, "sub"));
    for (let at = limit; at < limit + 3; at++) {
      write("sub/limit.ts", limitOf(at));
      await vi.waitFor(() => expect(said.at(-1)).toBe(String(at)), { timeout: 100_000, interval: 20 });
    }
  }
  // Held up while the folder was gone, the watch may have said so.
  expect(said.filter((word) => !word.startsWith("Could not resolve"))).toEqual(["2", "3", "4", "5", "6", "7"]);
});

test("edits where no watch is left are found, and it is said once", async () => {
  for (const name of [deaf, `${deaf}-too`]) mkdirSync(join(folder, name));
  write("main.ts", importOf(`./${deaf}/limit.ts`));
  write(`${deaf}/limit.ts`, limitOf(1));
  await open();
  await saidIs("E0614");
  for (const [at, limit] of [2, 3, 4].entries()) {
    write(`${deaf}/limit.ts`, limitOf(limit));
    await saidIs(...["E0614", "2", "3", "4"].slice(0, at + 2));
  }
  write(`${deaf}-too/limit.ts`, limitOf(5));
  write("main.ts", importOf(`./${deaf}-too/limit.ts`));
  await saidIs("E0614", "2", "3", "4", "5");
});

test("code that did not enter is told again when it is saved again; code that runs, or is not saved, is not", async () => {
  write("main.ts", importOf("./limit.ts"));
  write("limit.ts", limitOf(1));
  const watch = await open();
  write("limit.ts", limitOf(2));
  await saidIs("2");
  write("limit.ts", `${limitOf(2)}// Nothing but words.\n`);
  await pause();
  expect(said).toEqual(["2"]);
  watch.mayRepeat = true;
  await pause();
  expect(said).toEqual(["2"]);
  write("limit.ts", `${limitOf(2)}// Other words.\n`);
  await saidIs("2", "2");
  await pause();
  expect([said, watch.mayRepeat]).toEqual([["2", "2"], false]);
  // The very same text counts as well: saving it is asking once more.
  watch.mayRepeat = true;
  write("limit.ts", `${limitOf(2)}// Other words.\n`);
  await saidIs("2", "2", "2");
});
