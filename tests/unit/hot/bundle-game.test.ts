/**
 * Bundles of real files: what a build after edits gives is what a build from nothing gives, mistakes are found whichever
 * way was taken, and what modules import of each other is what it is in Node.
 */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { faultOf, faultText } from "../../../engine/base/faults.ts";
import { GameBundler } from "../../../runtime/hot/bundle-game.ts";
import { loadGame } from "../../../runtime/hot/code.ts";
import { Draws, testSeed } from "../seeds.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
let folder = "";
let bundlers: GameBundler[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "orrery-bundle-"));
  write("package.json", '{"type":"module"}');
  for (const name of ["engine", "runtime"]) symlinkSync(join(root, name), join(folder, name));
});

afterEach(async () => {
  for (const bundler of bundlers) await bundler.close();
  bundlers = [];
  rmSync(folder, { recursive: true, force: true });
});

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

async function bundler(): Promise<GameBundler> {
  const made = await GameBundler.open(pathToFileURL(join(folder, "game/main.ts")));
  bundlers.push(made);
  return made;
}

/** What a game of these files has as its id: files say what they see of each other in it. */
async function idOf(made: GameBundler): Promise<string> {
  return (await loadGame((await made.build()).code)).id;
}

const main = 'import { launch } from "../runtime/launch.ts";\nimport { game } from "./game.ts";\nlaunch(game);\n';
const gameOf = (head: string, id: string): string =>
  `import { defineGame } from "../engine/index.ts";\n${head}\n` +
  `export const game = defineGame({ id: ${id}, tickRate: 60, components: [], systems: [], setup() {} });\n`;

describe("what modules import", () => {
  test("names, defaults, namespaces, passed on names, JSON and scripts are what they are in Node", async () => {
    write("game/main.ts", main);
    write("game/data.json", '{ "list": [1, 2], "word": "ja" }');
    write("game/old.cjs", 'module.exports = { half: 0.5, self: require("./older.cjs")() };');
    write(
      "game/older.cjs",
      'module.exports = function () { return typeof this + Object.keys(require("./old.cjs")); };',
    );
    write("game/names.ts", "export const one = 1;\nexport default class Two { two = 2 }\nexport type Three = 3;\n");
    write(
      "game/passed.ts",
      'export * from "./names.ts";\nexport { one as uno } from "./names.ts";\nexport * as all from "./names.ts";\n',
    );
    write("game/later.ts", "export default 7;\n");
    const head = [
      'import Two, { one, type Three } from "./names.ts";',
      'import * as passed from "./passed.ts";',
      'import data, { word } from "./data.json";',
      'import old from "./old.cjs";',
      "const three: Three = 3;",
      'export const later = import("./later.ts");',
      "const seen = [new Two().two, one, three, Object.keys(passed).sort(), passed.uno, passed.all.one, data.list, word, old];",
    ].join("\n");
    write("game/game.ts", gameOf(head, "JSON.stringify(seen)"));
    expect(JSON.parse(await idOf(await bundler()))).toEqual([
      ...[2, 1, 3, ["all", "one", "uno"], 1, 1, [1, 2], "ja"],
      { half: 0.5, self: "object" },
    ]);
  });

  test("a circle of imports runs, and a variable that is assigned later is seen with its new value", async () => {
    write("game/main.ts", main);
    write("game/a.ts", 'import { b } from "./b.ts";\nexport const a = 1;\nexport const both = (): number => a + b;\n');
    write(
      "game/b.ts",
      'import { both } from "./a.ts";\nexport const b = 2;\nexport const late = (): number => both();\n',
    );
    write(
      "game/count.ts",
      "export let count_default = 0;\nexport const more = (): void => {\n  count_default++;\n};\n",
    );
    write("game/named.ts", 'export { count_default as named } from "./count.ts";\n');
    write("game/all.ts", 'export * from "./named.ts";\nexport * from "./count.ts";\n');
    const head = [
      'import { late } from "./b.ts";',
      'import { count_default as count, more } from "./count.ts";',
      'import { named } from "./named.ts";',
      'import * as all from "./all.ts";',
      "more();",
      "more();",
    ].join("\n");
    write("game/game.ts", gameOf(head, "JSON.stringify([late(), count, named, all.named, all.count_default])"));
    expect(await idOf(await bundler())).toBe("[3,2,2,2,2]");
  });

  test("modules are strict, and each program has variables of its own", async () => {
    write("game/main.ts", main);
    write(
      "game/game.ts",
      gameOf(
        "function self(this: unknown): string { return typeof this; }\nlet n = 0;",
        "JSON.stringify([self(), ++n])",
      ),
    );
    const made = await bundler();
    expect(await idOf(made)).toBe('["undefined",1]');
    write("game/main.ts", `// Another program of the same game.ts.\n${main}export {};\nconsole.assert(true);\n`);
    expect(await idOf(made)).toBe('["undefined",1]');
  });
});

describe("code whose main file launches no whole game", () => {
  test.each([
    [
      "one that lacks an entry",
      'launch(defineGame({ id: "x", tickRate: 60, components: [] }));',
      "it has no `systems`",
    ],
    ["one that nothing defined", 'launch({ id: "x", tickRate: 60, components: [] });', "it has no `systems`"],
    ["two", "for (const id of ['a', 'b']) launch(gameOf(id));", "its main file launches 2 games"],
  ])("%s: it is not taken up, and the author's place is told", async (_, line, problem) => {
    write(
      "game/main.ts",
      `import { defineGame } from "../engine/index.ts"; import { launch } from "../runtime/launch.ts";
      const gameOf = (id) => defineGame({ id, tickRate: 60, components: [], systems: [], setup() {} });\n${line}\n`,
    );
    const { code } = await (await bundler()).build();
    const fault = await loadGame(code).then(() => undefined, faultOf);
    expect(fault).toMatchObject({ kind: "swap-unloadable" });
    const text = faultText(fault!);
    expect(text).toContain(problem);
    if (line.startsWith("launch")) expect(text).toMatch(/ \(game\/main\.ts:3:\d+\)\.$/);
  });
});

describe("edits", () => {
  test("a mistake is told with its place, and is one only until it is mended", async () => {
    write("game/main.ts", main);
    write("game/parts.ts", "export const size = 1;\n");
    write("game/game.ts", gameOf('import { size } from "./parts.ts";', "String(size)"));
    const made = await bundler();
    const refusal = async (): Promise<unknown> => {
      try {
        await made.build();
      } catch (thrown) {
        const fault = faultOf(thrown);
        return [fault.kind, faultText(fault).replaceAll(folder, "")];
      }
      return "built";
    };
    const seen: unknown[] = [await refusal()];
    for (const text of ["export const width = 1;\n", "export const size = ;\n", "export const size = 2;\n"]) {
      write("game/parts.ts", text);
      seen.push(await refusal());
    }
    write("game/game.ts", gameOf('import { size, depth } from "./parts.ts";', "String(size + depth)"));
    seen.push(await refusal());
    write("game/parts.ts", "export const size = 3, depth = 4;\n");
    seen.push(await refusal());
    rmSync(join(folder, "game/parts.ts"));
    seen.push(await refusal());
    expect(seen).toMatchInlineSnapshot(`
      [
        "built",
        [
          "swap-unloadable",
          "The new code could not be loaded: No matching export in "game/parts.ts" for import "size" (game/game.ts:2:10).",
        ],
        [
          "swap-unloadable",
          "The new code could not be loaded: Unexpected ";" (game/parts.ts:1:21).",
        ],
        "built",
        [
          "swap-unloadable",
          "The new code could not be loaded: No matching export in "game/parts.ts" for import "depth" (game/game.ts:2:16).",
        ],
        "built",
        [
          "swap-unloadable",
          "The new code could not be loaded: Could not resolve "./parts.ts" (game/game.ts:2:29).",
        ],
      ]
    `);
  });

  test("random edits: what is built after them is what is built from nothing", async () => {
    const seed = testSeed("bundle edits");
    const draws = new Draws(seed);
    write("game/main.ts", main);
    const names = ["a", "b", "c", "d"];
    const numberOf = new Map(names.map((name) => [name, 0]));
    const importsOf = new Map<string, string[]>(names.map((name) => [name, []]));
    const writeAll = (): void => {
      for (const name of names) {
        const imports = importsOf.get(name)!.map((other) => `import { ${other} } from "./${other}.ts";\n`);
        const sum = [numberOf.get(name)!, ...importsOf.get(name)!].join(" + ");
        write(`game/${name}.ts`, `${imports.join("")}export const ${name} = ${sum};\n`);
      }
      write("game/data.json", `{ "extra": ${numberOf.get("a")! % 3} }`);
      const head = `import { d } from "./d.ts";\nimport { extra } from "./data.json";`;
      write("game/game.ts", gameOf(head, "String(d + extra)"));
    };
    writeAll();
    const made = await bundler();
    await made.build();
    for (let edit = 0; edit < 24; edit++) {
      const at = draws.below(4);
      if (draws.below(4) === 0)
        importsOf.set(
          names[at]!,
          names.slice(0, at).filter(() => draws.below(2) === 0),
        );
      else numberOf.set(names[at]!, draws.below(1_000));
      writeAll();
      const [built, anew] = [await made.build(), await (await bundler()).build()];
      expect([edit, built.code, built.files]).toEqual([edit, anew.code, anew.files]);
    }
  });
});
