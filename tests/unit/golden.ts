/** Goldens: texts in tests/goldens that a test compares with; UPDATE_GOLDENS=1 writes them anew. */
import { readFileSync, writeFileSync } from "node:fs";
import { expect } from "vitest";

export function expectGolden(name: string, text: string): void {
  const file = new URL(`../goldens/${name}`, import.meta.url);
  if (process.env["UPDATE_GOLDENS"] === "1") writeFileSync(file, text);
  expect(text, `tests/goldens/${name} (UPDATE_GOLDENS=1 rewrites it)`).toBe(readFileSync(file, "utf8"));
}
