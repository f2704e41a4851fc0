/**
 * The rules of world code: planted sources, each with a mark before every place that must be found, and near misses
 * in which nothing must be.
 */
import { describe, expect, test } from "vitest";
import { lintSource } from "../../../runtime/lint/lint-source.ts";
import type { RuleName } from "../../../runtime/lint/rules.ts";

/** Stands before each place that must be found, and is no part of the source. */
const mark = "§";

const foundIn = (text: string): string[] =>
  lintSource(text).map(({ rule, line, column }) => `${rule} ${line}:${column}`);

/** "rule line:column" of each mark. */
function marked(rule: RuleName, text: string): string[] {
  return text.split("\n").flatMap((line, at) => {
    const pieces = line.split(mark);
    let column = 1;
    return pieces.slice(0, -1).map((piece) => {
      column += piece.length;
      return `${rule} ${at + 1}:${column}`;
    });
  });
}

const planted: readonly (readonly [RuleName, string])[] = [
  ["clock", "const now = §Date.now();"],
  ["clock", "const d = new §Date(),\n  t = §performance.now();"],
  ["clock", "const t = a ? §Date : b;"],
  ["clock", "const t = a ? f(§Date) : { a: 1 };"],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: source text.
  ["clock", "const s = `at ${§Date.now()} or ${`in ${§performance.now()}`}`;"],
  ["clock", "const o = { §Date };"],
  ["clock", "const o = { when: §Date };"],
  ["clock", "switch (x) {\n  case §Date: f();\n}"],
  ["clock", 'if (x) /["\'`/]/.test(y);\nconst r = /"/;\nconst now = §Date.now();'],
  ["clock", "function f(Date: number) { return Date; }\nconst now = §Date.now();"],
  ["clock", "const f = (performance: number) => performance + 1, t = §performance.now();"],
  ["clock", "{ const Date = 1; f(Date); }\nconst now = §Date.now();"],
  ["clock", "const n = §Temporal.Now.instant();"],
  ["timer", "§setTimeout(f, 1);\n§setInterval(f, 1); §setImmediate(f);"],
  ["timer", "§queueMicrotask(f);\n\t§requestAnimationFrame(f);"],
  ["random", "const x = Math.§random();"],
  ["random", "const x = Math\n  .§random();"],
  ["random", "list.sort(() => Math.§random() - 0.5);"],
  ["math", "const x = Math.§sin(1) + Math.§cos(1) + Math.§hypot(1, 2);"],
  ["math", "const x = Math . §atan2(1, 2);"],
  ["math", "const x = Math.§pow(1, 2);"],
  ["math", "const { sin } = §Math;"],
  ["math", 'const x = §Math["sin"](1);'],
  ["power", "const x = a §** b;"],
  ["power", "function f(x: number) {\n  x §**= 2;\n}"],
  ["locale", "names.sort((a, b) => a.§localeCompare(b));"],
  ["locale", "const s = n.§toLocaleString() + name?.§toLocaleUpperCase();"],
  ["locale", "const f = new §Intl.NumberFormat();"],
  ["collector", "const r = new §WeakRef(o);"],
  ["collector", "const r = new §FinalizationRegistry(f);"],
  ["for-in", "§for (const key in table) use(key);"],
  ["for-in", "function f() {\n  §for (key in table) use(key);\n}"],
  ["for-in", "§for (const key in f(a, (b) => b)) use(key);"],
  ["key-order", "function f(t: Table) { for (const key of §Object.keys(t)) use(key); }"],
  ["key-order", "const f = (t: Table) => §Object.entries(t).map(([k]) => k);"],
  ["key-order", "const f = (t: Table) => [...§Object.values(t)];"],
  ["key-order", "const f = (t: Table) => §Reflect.ownKeys(t);"],
  ["key-order", "const f = (t: Table) => §JSON.stringify(t);"],
  ["key-order", "const f = (t: Table) => §JSON.stringify(t, undefined, 2);"],
  ["collection-order", "class A {\n  readonly #seen = new Set<number>();\n  all() { return [...this.§#seen]; }\n}"],
  ["collection-order", "class A {\n  table: Map<string, number>;\n  f() { for (const [k] of this.§table) use(k); }\n}"],
  ["collection-order", "function f(seen: ReadonlySet<number>) { for (const e of §seen) use(e); }"],
  ["collection-order", "function f(a: number, m: Map<number, A>) { §m.forEach(use); }"],
  ["collection-order", "const f = (m: Map<number, A>) => Array.from(§m.values()).map(use);"],
  ["collection-order", "const f = (m: ReadonlyMap<number, A>) => first(§m.keys());"],
  [
    "collection-order",
    "class A {\n  table: Map<string, number>;\n}\nfunction f() { for (const [k] of own(1)[0].§table) use(k); }",
  ],
  ["sort-order", "const f = (list: number[]) => list.§sort();"],
  ["sort-order", "const f = () => [10, 9, -1].§toSorted();"],
  ["sort-order", "const f = (list: readonly number[]) => [...list, 1].map(Number).§sort();"],
  ["async", "§async function start() { §await init(); }"],
  ["async", "defineSystem({ §async run() {} });"],
  ["async", "function f() { void §Promise.resolve().§then(g); }"],
  ["async", 'const late = §async () => {}, more = §import("./more.ts");'],
  ["host", 'const x = §process.env;\nconst y = §require("y");'],
  ["host", 'import { readFileSync } from §"node:fs";'],
  ["host", 'import fs, { type Stats } from §"fs";'],
  ["host", 'export * from §"node:path";'],
  ["host", "const b = §crypto.getRandomValues(new Uint8Array(1));"],
  ["host", '§fetch(url);\n§document.title = "";\nconst g = §globalThis;'],
  ["host", "const here = §import.meta.url;"],
  ["host", "function f(process: number) { return process; }\nconst x = §process.pid;"],
  ["code", 'const x = §eval(text), f = new §Function("a", "return a");'],
  ["module-state", "§let count = 0;"],
  ["module-state", "export §let count = 0;\n§var other;"],
  ["module-state", "const §seen = new Map<number, A>();\nexport function f(e: number) { seen.set(e, a); }"],
  ["module-state", "const §list: number[] = [];\nconst f = (x: number) => list.push(x);"],
  ["module-state", "const §scratch = new Float32Array(3);\nfunction f() { scratch[0] = 1; }"],
  ["module-state", "const §state = { best: { x: 0 } };\nfunction f() { state.best.x += 1; }"],
  ["module-state", "const §table = { a: 1 };\nfunction f() { table.a++; }"],
];

describe("what must not be in world code is found at its place", () => {
  test.each(planted)("%s: %j", (rule, text) => {
    expect(marked(rule, text).length).toBeGreaterThan(0);
    expect(foundIn(text.replaceAll(mark, ""))).toEqual(marked(rule, text));
  });

  test("every rule has a planted source", () => {
    const rules = [...new Set(planted.map(([rule]) => rule))].sort();
    expect(rules).toEqual([
      ...["async", "clock", "code", "collection-order", "collector", "for-in", "host", "key-order", "locale", "math"],
      ...["module-state", "power", "random", "sort-order", "timer"],
    ]);
  });

  test("a finding says what it is, why, and what to write instead", () => {
    expect(lintSource("const f = (x: number) => Math.sin(x);")).toEqual([
      {
        rule: "math",
        line: 1,
        column: 31,
        what: "`Math.sin`",
        why: "Engines round it differently.",
        instead: "Use exact.sin of engine/index (engine/base/math.ts), which gives the same bits everywhere",
      },
    ]);
  });
});

describe("what only looks like it is left alone", () => {
  test.each([
    "// Date.now() and Math.random() differ",
    "/** a ** b, setTimeout */ const x = 1;",
    "const x = \"Date.now() ** Math.sin\", y = 'it\\'s process.env';",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: source text.
    "const x = `Intl for (const a in b) \\${Date}`;",
    "const x = /Date|Math\\.sin/.test(s);",
    "const x = a / Date_ / b;",
    "const x = Math.floor(a) + Math.fround(b) + Math.imul(c, d) + Math.sqrt(e) + Math.PI;",
    "const x = exact.sin(a) + this.Math.sin(b);",
    "interface Row { readonly performance: number; Date?: string; fetch(url: string): void }",
    "interface Row {\n  location: number\n  history?: string\n}",
    "const x = event.Date + row.performance + a?.process;",
    "class Tug {\n  process = 1;\n  private location: number = 2;\n  fetch() { return this.process; }\n  get document(): number { return 1; }\n}",
    "const o = { process: 1, fetch() { return 1; }, async: 2, await: 3 };",
    "function f(process: number, { location, self: me }: Row) { return process + location + me; }",
    "const f = (document: Page): Page => document;",
    "const f = process => process + 1;",
    "for (const location of places) use(location);",
    "const { window, self } = row; use(window, self);",
    "const [history = 1] = row; use(history);",
    'import { process } from "./process.ts";\nprocess(1);',
    'import type { Stats } from "node:fs";',
    "for (const a of 'x' in b ? c : d) use(a);",
    "for (let i = 0; i < ('x' in b ? 1 : 2); i++) use(i);",
    "const f = (t: Table) => Object.keys(t).sort();",
    "const f = (t: Table) => Object.keys(t).filter((k) => k !== a).map(name).toSorted();",
    "const f = (t: Table) => [...Object.keys(t)].sort();",
    "const f = (t: Table) => Object.keys(t).length + Math.max(...Object.values(t));",
    "const f = (t: Table) => new Set(Object.keys(t)).has(a);",
    "const kinds = { a: 1, b: 2 } as const;\nconst f = () => Object.keys(kinds);",
    "export const names = Object.keys(table);",
    'const f = (t: Table) => JSON.stringify(t, ["a", "b"]) + JSON.parse(s);',
    "function f(list: number[]) {\n  const seen = new Set<number>(list);\n  for (const e of seen) use(e);\n}",
    "const allowed = new Set([1, 2]);\nconst f = () => [...allowed];",
    "const f = (seen: Set<number>) => [...seen].sort((a, b) => a - b);",
    "const f = (m: Map<number, A>) => Array.from(m.keys()).sort(byNumber);",
    "const f = (m: Map<number, A>) => m.get(1) ?? m.size + Number(m.has(2));",
    "const f = (seen: Set<number>) => Math.max(...seen);",
    "function f(m: Map<number, A>) { return m; }\nfunction g(m: number[]) { return m; }",
    "const f = (list: string[]) => list.sort();",
    "const f = (list: Float32Array) => list.sort();",
    "const f = (list: number[]) => list.sort((a, b) => a - b);",
    "const f = (x: number) => x.toFixed(2) + x.toString(16);",
    "const type: Function = f;",
    "const scratch = new Float32Array(3);\nscratch[0] = 1;",
    "const table = [1, 2];\nfunction f(i: number) { return table[i] === 1 || table[i] == 2 || table[i]! >= 3; }",
    "const list: number[] = [];\nfunction f() { const list = [1]; list.push(2); }",
    "function f() { let count = 0; count++; return count; }",
    "for (let i = 0; i < 3; i++) use(i);",
    "declare let count: number;",
    "=> /",
    "const unfinished = /",
    "const unfinished = `${",
    "((((",
    "}}}}",
  ])("%j", (text) => {
    expect(foundIn(text)).toEqual([]);
  });
});

describe("annotations", () => {
  test.each([
    ["const t = Date.now(); // lint-allow clock: shown, never stored"],
    ["// lint-allow clock: shown, never stored\nconst t = Date.now();"],
    ["// lint-allow clock: shown,\n// never stored\nconst t = Date.now();"],
    ["/* lint-allow clock: shown */ const t = Date.now();"],
    ["f();\n// lint-allow-file clock: a view\nconst t = Date.now();\n\nconst u = performance.now();"],
    ["// lint-allow clock: shown\n// lint-allow math: shown\nconst t = Math.sin(Date.now());"],
  ])("%j allows what it names", (text) => {
    expect(foundIn(text)).toEqual([]);
  });

  test.each([
    ["const t = Date.now(); // lint-allow clock", ["clock 1:11", "annotation 1:23"]],
    ["const t = Date.now(); // lint-allow clock:", ["clock 1:11", "annotation 1:23"]],
    ["const t = Date.now(); // lint-allow math: shown", ["clock 1:11", "annotation 1:23"]],
    ["// lint-allow clock: shown\nf();\nconst t = Date.now();", ["annotation 1:1", "clock 3:11"]],
    ["f(); // lint-allow clock: shown\nconst t = Date.now();", ["annotation 1:6", "clock 2:11"]],
    ["// lint-allow clocks: shown\nf();", ["annotation 1:1"]],
    ["// lint-allow\nf();", ["annotation 1:1"]],
    ["// lint-allow-file clock: shown\nf();", ["annotation 1:1"]],
    ["// lint-allow annotation: no\nf();", ["annotation 1:1"]],
  ])("%j allows nothing else", (text, found) => {
    expect(foundIn(text)).toEqual(found);
  });
});
