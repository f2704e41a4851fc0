/**
 * Bundling: what becomes of a program's source on its way into an executable. Nothing is run here;
 * that the result runs is shown by executable.test.ts.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { bundleProgram } from "../../runtime/package/bundle.ts";
import { rapierAsset } from "../../runtime/package/wasm-text.ts";

/** Inside the checkout, so that the sources find the same packages. */
const folder = mkdtempSync(join(import.meta.dirname, "../../node_modules/.orrery-bundle-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function source(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

describe("a program's bundle", () => {
  test("holds Rapier's WebAssembly as the bytes of the package's own file, and its base64 text nowhere", async () => {
    const entry = source(
      "physics.ts",
      `import RAPIER from "@dimforge/rapier3d-compat"; await_(RAPIER.init); function await_(_: unknown) {}`,
    );
    const { script, assets } = await bundleProgram(entry, "physics");
    const packageFolder = dirname(createRequire(import.meta.url).resolve("@dimforge/rapier3d-compat"));
    const wasm = readFileSync(join(packageFolder, "rapier_wasm3d_bg.wasm"));
    expect(Buffer.compare(wasm, assets.get(rapierAsset)!)).toBe(0);
    expect(script).not.toContain("AGFzbQ");
    expect(script).toContain(`wasmModule("${rapierAsset}")`);
    expect(script).not.toMatch(/typeof (Response|Request)/);
  });

  test("is ASCII, is one function, and names no folder of the machine that made it", async () => {
    const entry = source("text.ts", `console.log("tug: \u{1f6f8} \u00e9", import.meta.url);`);
    const { script, map } = await bundleProgram(entry, "text");
    expect(script).toMatch(/^\(function \(exports, require, module\) \{[\s\S]*\}\)\s*$/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the test is about the range of the characters.
    expect(script).toMatch(/^[\x00-\x7f]*$/);
    expect(script).toContain("file:///");
    for (const text of [script, map]) expect(text).not.toContain(folder);
  });

  test("refuses `await` at the top level with its place", async () => {
    const entry = source("wait.ts", `const now = 1;\nexport const later = await Promise.resolve(now);\n`);
    const failure = await bundleProgram(entry, "wait").catch((thrown: unknown) => thrown);
    expect(failure).toMatchObject({ fault: { kind: "bundle-failed" } });
    expect((failure as Error).message).toMatch(/wait\.ts:2:22: Top-level await/);
  });

  test("refuses an import that does not exist with its place", async () => {
    const entry = source("lost.ts", `import { tug } from "./tug.ts";\ntug();\n`);
    await expect(bundleProgram(entry, "lost")).rejects.toThrow(/lost\.ts:1:21: Could not resolve ".\/tug.ts"/);
  });
});
