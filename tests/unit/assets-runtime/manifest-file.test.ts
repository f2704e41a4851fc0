/** The manifest's file: written anew from the files of its folder, keeping what an author wrote. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseManifest } from "../../../engine/asset/manifest.ts";
import { hashBytes, hashHex } from "../../../engine/base/hash.ts";
import { writeManifest } from "../../../runtime/assets/manifest-file.ts";
import { makeFolder } from "./folder.ts";

const hashOf = (bytes: Uint8Array): string => {
  const { high, low } = hashBytes(bytes);
  return hashHex(high, low);
};

test("new files are added, changed ones are measured anew, what an author wrote stays", () => {
  using folder = makeFolder({ "b.mesh": 10, "a.texture": 1_000 });
  mkdirSync(join(folder.path, "deep"));
  writeFileSync(join(folder.path, "deep", "noending"), "x");
  const path = join(folder.path, "manifest.json");
  expect(writeManifest(folder.path)).toEqual({ added: ["a", "b", "deep/noending"], changed: [] });
  const hash = (name: string) => hashOf(folder.files.get(name)!);
  expect(readFileSync(path, "utf8")).toBe(`{
  "format": 1,
  "assets": [
    {"name":"a","kind":"texture","file":"a.texture","byteLength":1000,"hash":"${hash("a.texture")}"},
    {"name":"b","kind":"mesh","file":"b.mesh","byteLength":10,"hash":"${hash("b.mesh")}"},
    {"name":"deep/noending","kind":"raw","file":"deep/noending","byteLength":1,"hash":"${hashOf(Uint8Array.of(120))}"}
  ]
}
`);
  const authored = JSON.parse(readFileSync(path, "utf8"));
  Object.assign(authored.assets[0], { name: "crate", needs: ["b"], priority: 3 });
  writeFileSync(path, JSON.stringify(authored));
  expect(writeManifest(folder.path)).toEqual({ added: [], changed: [] });
  expect(readFileSync(path, "utf8")).toBe(JSON.stringify(authored));
  writeFileSync(join(folder.path, "b.mesh"), "other");
  expect(writeManifest(folder.path)).toEqual({ added: [], changed: ["b"] });
  const { assets } = parseManifest(path, readFileSync(path, "utf8"));
  expect(assets.map(({ name, needs, priority, byteLength }) => [name, needs, priority, byteLength])).toEqual([
    ["crate", ["b"], 3, 1_000],
    ["b", [], 0, 5],
    ["deep/noending", [], 0, 1],
  ]);
});

test("an asset without its file, a bad manifest and two files of one name are told, and nothing is written", () => {
  using folder = makeFolder({ "a.texture": 5 });
  const path = join(folder.path, "manifest.json");
  const entry = { name: "x", kind: "k", file: "gone", byteLength: 1, hash: "0".repeat(16) };
  writeFileSync(path, JSON.stringify({ assets: [entry] }));
  expect(() => writeManifest(folder.path)).toThrow(`E0602 ${join(folder.path, "gone")} (asset "x")`);
  writeFileSync(path, "[]");
  expect(() => writeManifest(folder.path)).toThrow("E0801");
  writeFileSync(path, '{"assets":[]}');
  writeFileSync(join(folder.path, "a.mesh"), "");
  expect(() => writeManifest(folder.path)).toThrow('"a" is the name of $.assets[0] too');
  expect(readFileSync(path, "utf8")).toBe('{"assets":[]}');
});
