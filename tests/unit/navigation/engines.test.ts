/** The same bytes from every engine: compiled code in this process, an interpreter alone, another engine. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { testSeed } from "../seeds.ts";
import { answersHash } from "./engines-hash.ts";

const seed = testSeed("navigation engines");
const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

test.each([
  ["Node, interpreter only", "node", ["--no-opt", "--no-maglev", "--no-sparkplug"]],
  ["Bun (JavaScriptCore)", "bun", []],
] as const)("%s answers as this process does", async (_, program, flags) => {
  const here = answersHash(seed);
  const bin = path(`../../../node_modules/.bin/${program}`);
  const { stdout } = await promisify(execFile)(bin, [...flags, path("engines-hash.ts"), String(seed)]);
  expect(stdout.trim()).toBe(here);
  expect(answersHash(seed + 1)).not.toBe(here);
});
