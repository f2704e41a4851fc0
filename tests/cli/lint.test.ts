/** `lint` as a command: which files it looks at, what it prints, how it ends. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { command, faultIdOf, jsonOf, messageOf, newPath } from "./command.ts";

const launcher = fileURLToPath(new URL("../../runtime/launch.ts", import.meta.url));
const engine = fileURLToPath(new URL("../../engine/index.ts", import.meta.url));

/** A folder with a small game in it, and with files that the game does not import. */
function gameFolder(): string {
  const folder = newPath("game");
  const write = (path: string, lines: readonly string[]): void => {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), `${lines.join("\n")}\n`);
  };
  write("main.ts", [
    `import { launch } from ${JSON.stringify(launcher)};`,
    'import { game } from "./game.ts";',
    "const started = Date.now();",
    "launch(game, started);",
  ]);
  write("game.ts", [
    `import { defineGame } from ${JSON.stringify(engine)};`,
    'import { drift } from "./systems/drift.ts";',
    'export const game = defineGame({ id: "small", tickRate: 60, components: [], systems: [drift], setup() {} });',
  ]);
  write("systems/drift.ts", [
    'import { gust } from "../gust.ts";',
    'export const drift = { name: "drift", phase: "gameplay", run: ({ tick }: { tick: number }) => void gust(tick) } as const;',
  ]);
  write("gust.ts", [
    "// The wind.",
    "let last = 0;",
    "export function gust(tick: number): number {",
    "  last = Math.sin(tick) + Math.random();",
    "  return last;",
    "}",
  ]);
  write("tools/stamp.ts", ["export const stamp = Date.now();"]);
  return folder;
}

describe("lint", () => {
  test("Scrapyard is clean, and its own files are what is looked at", async () => {
    const result = await command(["lint", "--json"], { main: "scrapyard" });
    expect(result.code, result.stdout).toBe(0);
    const { fileCount, findings } = jsonOf(result);
    expect([findings, Number(fileCount) > 50]).toEqual([[], true]);
  });

  test.each(["tumble", "swarm"] as const)("%s is clean", async (main) => {
    const result = await command(["lint"], { main });
    expect(result).toMatchObject({ code: 0 });
    expect(result.stdout).toMatch(new RegExp(`^\\d files? of ${main}: nothing that must not be in world code\n$`));
  });

  test("what the main file imports is looked at, over any number of steps; the main file and the rest are not", async () => {
    const folder = gameFolder();
    const result = await command(["lint"], { file: join(folder, "main.ts"), cwd: folder });
    expect(result.code, result.stderr).toBe(1);
    expect(result.stdout.split("\n")).toEqual([
      "gust.ts:2:1   module-state  module-level `let`: It is neither hashed nor saved, and every thread has its own. Keep it in a component, or in a variable of the function; a reasoned `lint-allow` is for what never shows.",
      "gust.ts:4:15  math          `Math.sin`: Engines round it differently. Use exact.sin of engine/index (engine/base/math.ts), which gives the same bits everywhere.",
      "gust.ts:4:32  random        `Math.random`: It draws other numbers in every run. Draw from the system's own stream: context.random.",
      "3 findings in 1 of 3 files of small",
      "",
    ]);
    expect(messageOf(result)).toBe("");
  });

  test("files and folders may be named, from the current folder", async () => {
    const folder = gameFolder();
    const result = await command(["lint", "tools", "gust.ts", "--json"], { cwd: folder });
    expect(result.code).toBe(1);
    const { fileCount, findings } = jsonOf(result) as {
      readonly fileCount: number;
      readonly findings: readonly Record<string, unknown>[];
    };
    expect(fileCount).toBe(2);
    expect(findings.map(({ file, line, column, rule }) => [file, line, column, rule])).toEqual([
      ["gust.ts", 2, 1, "module-state"],
      ["gust.ts", 4, 15, "math"],
      ["gust.ts", 4, 32, "random"],
      [join("tools", "stamp.ts"), 1, 22, "clock"],
    ]);
    expect(Object.keys(findings[0]!).sort()).toEqual(["column", "file", "instead", "line", "rule", "what", "why"]);
  });

  test("a main file that is named stands for what it imports", async () => {
    const folder = gameFolder();
    const result = await command(["lint", "main.ts"], { cwd: folder });
    expect([result.code, result.stdout.split("\n").at(-2)]).toEqual([1, "3 findings in 1 of 3 files"]);
  });

  test("what does not parse is a finding with its place, and prose is no source", async () => {
    const folder = gameFolder();
    writeFileSync(join(folder, "open.ts"), "export const ok = 1;\nconst text = `never closed;\n");
    const result = await command(["lint", "open.ts"], { cwd: folder });
    expect(result.code).toBe(1);
    expect(result.stdout).toMatch(/^open\.ts:3:1 +syntax +it does not parse: Unterminated string literal\. Mend it/);
    writeFileSync(join(folder, "README.md"), "Math.random() is banned.\n");
    const prose = await command(["lint", "README.md"], { cwd: folder });
    expect([prose.code, messageOf(prose).split("\n")[0]]).toEqual([
      2,
      "E0601 README.md is no source that can be linted.",
    ]);
  });

  test("a path that is not there is told", async () => {
    const result = await command(["lint", "nowhere.ts", "--json"]);
    expect([result.code, faultIdOf(result)]).toEqual([1, "E0602"]);
  });

  test("a folder without sources is a mistake of usage", async () => {
    const folder = newPath("empty");
    mkdirSync(folder);
    const result = await command(["lint", folder, "--json"]);
    expect([result.code, faultIdOf(result)]).toEqual([2, "E0601"]);
  });
});
