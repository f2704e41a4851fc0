/** The laws themselves: planted breaches are found at their line, and what only looks like one is not. */
import { describe, expect, test } from "vitest";
import { tokenize } from "../../runtime/lint/tokens.ts";
import { banBreaches } from "./bans.ts";
import { fileBreaches, lineCountMax, nameBreaches } from "./files.ts";
import { importsOf } from "./imports.ts";
import { layerBreaches } from "./layers.ts";
import { type Breach, sourceOf } from "./sources.ts";

const places = (breaches: readonly Breach[]): string[] => breaches.map(({ line, rule }) => `${line}: ${rule}`);
const bansIn = (text: string): string[] => places(banBreaches(sourceOf("engine/sim/planted.ts", text)));
const layersIn = (path: string, text: string): string[] => places(layerBreaches(sourceOf(path, text)));
const filesIn = (text: string, path = "engine/planted.ts"): string[] => places(fileBreaches(sourceOf(path, text)));

describe("the tokenizer", () => {
  test("tells code from comments, strings, templates and regular expressions", () => {
    const source = [
      "const a = b / c / d; // not / code",
      "/* nor",
      "   this */ const r = /[/\"']\\/x/gi.test(s);",
      // biome-ignore lint/suspicious/noTemplateCurlyInString: source text.
      "const t = `Date ${f({ a: `inner ${Date.now()}` })} Math.sin`;",
      "return /x/;",
    ].join("\n");
    expect(tokenize(source).map(({ kind, text, line }) => `${line} ${kind} ${text}`)).toEqual([
      ...["1 word const", "1 word a", "1 punctuation =", "1 word b", "1 punctuation /", "1 word c", "1 punctuation /"],
      ...["1 word d", "1 punctuation ;", "1 comment // not / code", "2 comment /* nor\n   this */", "3 word const"],
      ...["3 word r", "3 punctuation =", "3 regex /[/\"']\\/x/gi", "3 punctuation .", "3 word test", "3 punctuation ("],
      ...["3 word s", "3 punctuation )", "3 punctuation ;", "4 word const", "4 word t", "4 punctuation ="],
      ...["4 template Date ", "4 word f", "4 punctuation (", "4 punctuation {", "4 word a", "4 punctuation :"],
      ...["4 template inner ", "4 word Date", "4 punctuation .", "4 word now", "4 punctuation (", "4 punctuation )"],
      ...["4 template ", "4 punctuation }", "4 punctuation )", "4 template  Math.sin", "4 punctuation ;"],
      ...["5 word return", "5 regex /x/", "5 punctuation ;"],
    ]);
  });
});

describe("bans in world code", () => {
  test.each([
    ["const now = Date.now();", "1: `Date` is banned in world code"],
    ["\nconst t = performance.now();", "2: `performance` is banned in world code"],
    ["const x = Math.random();", "1: `Math.random` is banned in world code"],
    ["const x = Math.sin(1);", "1: `Math.sin` is banned in world code"],
    ["const x = Math . atan2(1, 2);", "1: `Math.atan2` is banned in world code"],
    ["const x = Math.pow(1, 2);", "1: `Math.pow` is banned in world code"],
    ["const { sin } = Math;", "1: `Math` as a value is banned in world code"],
    ['const x = Math["sin"](1);', "1: `Math` as a value is banned in world code"],
    ["const x = a ** b;", "1: `**` is banned in world code"],
    ["x **= 2;", "1: `**=` is banned in world code"],
    ["setTimeout(f, 1);", "1: `setTimeout` is banned in world code"],
    ["setInterval(f, 1);", "1: `setInterval` is banned in world code"],
    ["queueMicrotask(f);", "1: `queueMicrotask` is banned in world code"],
    ["names.sort((a, b) => a.localeCompare(b));", "1: `.localeCompare` is banned in world code"],
    ["const s = n.toLocaleString();", "1: `.toLocaleString` is banned in world code"],
    ["const s = name?.toLocaleUpperCase();", "1: `.toLocaleUpperCase` is banned in world code"],
    ["const f = new Intl.NumberFormat();", "1: `Intl` is banned in world code"],
    ["for (const key in table) use(key);", "1: `for...in` is banned in world code"],
    ["for (key in table) use(key);", "1: `for...in` is banned in world code"],
    ["const r = new WeakRef(o);", "1: `WeakRef` is banned in world code"],
    ["const r = new FinalizationRegistry(f);", "1: `FinalizationRegistry` is banned in world code"],
    ["const t = a ? Date : b;", "1: `Date` is banned in world code"],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: source text.
    ["const s = `at ${Date.now()}`;", "1: `Date` is banned in world code"],
    ['defineSystem({ name: "x",\n async run() {} });', "2: `async` in a system is banned in world code"],
    [
      "defineSystem<A, B>({ run() {\n void Promise.resolve(); } });",
      "2: `Promise` in a system is banned in world code",
    ],
  ])("finds %j", (text, place) => {
    expect(bansIn(text)).toEqual([place]);
  });

  test.each([
    "// Date.now() and Math.random() differ",
    "/** a ** b, setTimeout */ const x = 1;",
    'const x = "Date.now() ** Math.sin";',
    "const x = `Intl for (const a in b)`;",
    "const x = Math.floor(a) + Math.fround(b) + Math.imul(c, d) + Math.sqrt(e) + Math.PI;",
    "interface Row { readonly performance: number; Date: string }",
    "const x = event.Date + row.performance;",
    "for (const a of 'x' in b ? c : d) use(a);",
    "for (let i = 0; i < ('x' in b ? 1 : 2); i++) use(i);",
    "async function start() { await init(); }\ndefineSystem({ run() {} });\nconst later = async () => {};",
    "const x = /Date|Math\\.sin/.test(s);",
  ])("lets %j be", (text) => {
    expect(bansIn(text)).toEqual([]);
  });
});

describe("layers", () => {
  test.each([
    ["engine/base/x.ts", 'import type { Store } from "../ecs/store.ts";', "up"],
    ["engine/base/x.ts", 'export { Store } from "../ecs/store.ts";', "up"],
    ["engine/base/x.ts", 'export * from "../ecs/store.ts";', "up"],
    ["engine/base/x.ts", 'const store = await import("../ecs/store.ts");', "up"],
    ["engine/base/x.ts", 'import "../ecs/store.ts";', "up"],
    ["engine/base/x.ts", 'let s: import("../ecs/store.ts").Store;', "up"],
    ["engine/events/x.ts", 'import { Door } from "../input/door.ts";', "sideways out of its folder"],
    ["engine/physics/x.ts", 'import { Snapshot } from "../snapshot/snapshot.ts";', "sideways out of its folder"],
    ["engine/ports/x.ts", 'import type { WorldRecord } from "../input/record.ts";', "up"],
    ["engine/render/x.ts", 'import { Engine } from "../engine.ts";', "up"],
    ["engine/engine.ts", 'import { launch } from "../runtime/launch.ts";', "up"],
    ["runtime/x.ts", 'import { scrapyard } from "../game/game.ts";', "up"],
    ["runtime/x.ts", 'import { check } from "../tests/x.ts";', "up"],
  ])("%s may not say %s", (path, text, direction) => {
    expect(layersIn(path, text)).toEqual([expect.stringContaining(`imports ${direction} from `)]);
  });

  test.each([
    ["engine/sim/x.ts", 'import { readFileSync } from "node:fs";', "run in browsers too"],
    ["engine/sim/x.ts", 'import { query } from "bitecs";', "only engine/ecs/ imports it"],
    ["engine/ecs/x.ts", 'import { World } from "@dimforge/rapier3d-compat";', "only engine/physics/ imports it"],
    ["runtime/x.ts", 'import { World } from "@dimforge/rapier3d-compat";', "only engine/physics/ imports it"],
    ["game/x.ts", 'import { quat } from "gl-matrix";', "only engine/physics/ imports it"],
    ["engine/render/x.ts", 'import * as three from "three";', "bring no package of their own"],
    ["game/x.ts", 'import { World } from "../engine/sim/world.ts";', "a game sees engine/index.ts only"],
    ["game/x.ts", 'import { launch } from "../runtime/launch.ts";', "a game sees engine/index.ts only"],
    ["game/main.ts", 'import { World } from "../engine/sim/world.ts";', "a game sees engine/index.ts only"],
    ["engine/sim/x.ts", 'import x from "../../assets/manifest.json";', "it is in no layer"],
    ["elsewhere/x.ts", "", "no layer for this file"],
  ])("%s may not say %s", (path, text, rule) => {
    expect(layersIn(path, text)).toEqual([expect.stringContaining(rule)]);
  });

  test.each([
    ["engine/sim/x.ts", 'import { Store } from "../ecs/store.ts"; import { y } from "./y.ts";'],
    ["engine/physics/x.ts", 'import { quat } from "gl-matrix"; import { y } from "../base/hash.ts";'],
    ["engine/ecs/x.ts", 'import { query } from "bitecs";'],
    ["engine/index.ts", 'export { World } from "./sim/world.ts";'],
    ["runtime/x.ts", 'import { readFileSync } from "node:fs"; import { World } from "../engine/sim/world.ts";'],
    ["game/main.ts", 'import { launch } from "../runtime/launch.ts"; import { scrapyard } from "./game.ts";'],
    ["game/systems/x.ts", 'import { defineSystem } from "../../engine/index.ts";'],
    ["tests/x.ts", 'import { query } from "bitecs"; import { scrapyard } from "../game/game.ts";'],
    ["engine/base/x.ts", '// import { Store } from "../ecs/store.ts"\nconst s = "from"; f("../ecs/store.ts");'],
    ["engine/base/x.ts", 'Array.from("../ecs/store.ts");'],
  ])("%s may say %s", (path, text) => {
    expect(layersIn(path, text)).toEqual([]);
  });

  test("imports are found with their lines", () => {
    const text = 'import {\n  a,\n  type B,\n} from "./a.ts";\nexport type * from "../b.ts";\nvoid import("pkg/x");';
    expect(importsOf(sourceOf("engine/sim/x.ts", text))).toEqual([
      { line: 4, specifier: "./a.ts", path: "engine/sim/a.ts" },
      { line: 5, specifier: "../b.ts", path: "engine/b.ts" },
      { line: 6, specifier: "pkg/x", path: undefined },
    ]);
  });
});

describe("files", () => {
  // Taken apart, so that this file does not breach the law that it tests.
  const undone = ["TO", "DO"].join("");

  test.each([
    ["const x = 1;\n", "1: the file does not open with a /** comment"],
    ["// short\nconst x = 1;\n", "1: the file does not open with a /** comment"],
    [
      `/** x */${"\n".repeat(lineCountMax + 1)}`,
      `${lineCountMax + 1}: ${lineCountMax + 1} lines, more than ${lineCountMax}`,
    ],
    [`/**\n * ${undone}: later\n */\n`, "2: work left undone in a comment"],
    ["/** x */\nexport default 1;\n", "2: a default export"],
  ])("finds %j", (text, place) => {
    expect(filesIn(text)).toEqual([place]);
  });

  test.each([
    "/** x */\nconst x = 1;\n",
    "#!/usr/bin/env node\n/** x */\n",
    `/** x */${"\n".repeat(lineCountMax)}`,
    `/** Generated from x by y. */${"\n".repeat(900)}`,
    `/** x */\nconst s = "${undone}";\n`,
  ])("lets %j be", (text) => {
    expect(filesIn(text)).toEqual([]);
  });

  test("a default export is the engine's ban only", () => {
    expect(filesIn("/** x */\nexport default 1;\n", "tests/planted.config.ts")).toEqual([]);
  });

  test.each([
    "engine/utils/",
    "engine/ecs/helpers.ts",
    "runtime/common/",
    "game/misc.ts",
    "engine/MyFile.ts",
    "a/my_file.ts",
  ])("%s is no name", (path) => {
    expect(nameBreaches(path)).toHaveLength(1);
  });

  test.each([
    "engine/ecs/",
    "engine/ecs/prepared-query.ts",
    "tests/unit/x.test.ts",
    "tests/goldens/plan-two.json",
    ".biome.json",
  ])("%s is a name", (path) => {
    expect(nameBreaches(path)).toEqual([]);
  });
});
