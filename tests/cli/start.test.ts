/**
 * The command `orrery` and the start of a program: which word is the main file, and what is told when no game comes of it. A
 * process of its own each, as a user starts it.
 */
import { writeFileSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { trappedTick } from "../games/trapped.ts";
import { command, faultIdOf, messageOf, newPath } from "./command.ts";

const path = (from: string): string => fileURLToPath(new URL(from, import.meta.url));
const orrery = path("../../runtime/package/orrery.mjs");
const launcher = new URL("../../runtime/launch.ts", import.meta.url).href;
const trapped = new URL("../games/trapped.ts", import.meta.url).href;
const tumble = path("../games/main.ts");
const face = new URL("../../engine/index.ts", import.meta.url).href;
const imports = [
  `import { defineGame } from ${JSON.stringify(face)};`,
  `import { launch } from ${JSON.stringify(launcher)};`,
];

function written(name: string, lines: readonly string[]): string {
  const file = newPath(name);
  writeFileSync(file, `${lines.join("\n")}\n`);
  return file;
}

describe("a main file that starts no game", () => {
  test.each([
    ["launches none", ["export const game = 1;"], "it launches no game."],
    ["does not parse", ["const first = 1;", "const = 2;"], 'Expected identifier but found "=" at FILE:2:7.'],
    ["imports what is not there", ["", 'import "./none.ts";'], 'Could not resolve "./none.ts" at FILE:2:8.'],
    [
      "imports a name that is not there",
      [`import { launched } from ${JSON.stringify(fileURLToPath(launcher))};`, "launched();"],
      'No matching export in "LAUNCHER" for import "launched" at FILE:1:10.',
    ],
    [
      "launches two",
      [
        ...imports,
        'const game = defineGame({ id: "twice", tickRate: 60, components: [], systems: [], setup() {} });',
        "launch(game);",
        "launch(game);",
      ],
      "it launches a second game at FILE:5:1.",
    ],
  ])("%s", async (_, lines, problem) => {
    const file = written("broken.ts", lines);
    const cwd = fileURLToPath(new URL(".", `file://${file}`));
    const result = await command(["run", file, "--ticks", "3"], { file: orrery, cwd });
    expect(result).toMatchObject({ code: 1, stdout: "" });
    const name = relative(cwd, file);
    const told = problem.replace("FILE", name).replace("LAUNCHER", relative(cwd, fileURLToPath(launcher)));
    const [first, mend, ...rest] = messageOf(result).split("\n");
    expect(first).toBe(`E0613 ${name} starts no game: ${told}`);
    expect(mend).toMatch(/^ {6}(Mend|A main file) .+\.$/);
    expect(rest).toEqual([]);
  });

  test("is not there: told as a missing file, as JSON too", async () => {
    const words = ["run", "--ticks", "3", "nowhere/nope.ts"];
    const results = await Promise.all([
      command(words, { file: orrery }),
      command([...words, "--json"], { file: orrery }),
    ]);
    expect(results.map(({ code }) => code)).toEqual([1, 1]);
    expect(messageOf(results[0]!).split("\n")[0]).toBe(
      "E0602 nowhere/nope.ts (the main file of the game) does not exist or cannot be read.",
    );
    expect(faultIdOf(results[1]!)).toBe("E0602");
  });

  test("breaks a rule of definitions while it loads: the fault with its place and no stack", async () => {
    const file = written("twice.ts", [
      `import { defineComponent, f32 } from ${JSON.stringify(face)};`,
      'defineComponent("not a name", { x: f32 });',
    ]);
    const result = await command(["run", file], { file: orrery });
    expect(result.code).toBe(1);
    const told = messageOf(result).split("\n");
    expect(told[0]).toMatch(/^E0106 .+ "not a name" /);
    expect(told.slice(2)).toEqual([expect.stringMatching(/^ {6}at .*twice\.ts:2:1$/)]);
  });
});

describe("a main file that throws", () => {
  const launched = 'launch(defineGame({ id: "loud", tickRate: 60, components: [], systems: [], setup() {} }));';

  test.each([
    ["while it loads", ["throw new Error('no luck');"], 1, "E0613 FILE starts no game: it threw no luck at FILE:1:7."],
    [
      "by a promise that nobody handles",
      [...imports, 'Promise.reject(new Error("no luck"));', launched],
      3,
      "E0615 Nothing caught what was thrown outside of every call: no luck at FILE:3:16.",
    ],
    [
      "by a timer",
      [...imports, 'setTimeout(() => { throw new Error("no luck"); });', launched],
      3,
      "E0615 Nothing caught what was thrown outside of every call: no luck at FILE:3:26.",
    ],
  ])("%s: a fault with its place, in a command that runs nothing", async (_, lines, line, told) => {
    const file = written("loud.ts", lines);
    const cwd = fileURLToPath(new URL(".", `file://${file}`));
    const result = await command(["replay", "verify", file, "none.orj"], { file: orrery, cwd });
    expect(result).toMatchObject({ code: 1, stdout: "" });
    const name = relative(cwd, file);
    const text = messageOf(result).split("\n");
    const at = text.indexOf(told.replaceAll("FILE", name));
    expect(text[at + 2], result.stderr).toBe("Error: no luck");
    expect(text[at + 3]).toContain(`${name}:${line}:`);
    expect(result.stderr).not.toContain("new code");
  });

  test("by its own start with Node: the fault as well, and of a game that lacks an entry what it lacks", async () => {
    const [late, lacking] = await Promise.all([
      command(["plan"], { file: written("late.ts", [...imports, launched, 'throw new Error("no luck");']) }),
      command(["plan"], { file: written("lacking.ts", [...imports, 'launch({ id: "loud", tickRate: 60 });']) }),
    ]);
    expect([late.code, late.stdout, lacking.code, lacking.stdout]).toEqual([1, "", 1, ""]);
    expect(messageOf(late)).toMatch(/^E0615 Nothing caught .+: no luck at \S*late\.ts:4:7\.\n/);
    expect(messageOf(lacking).split("\n")).toEqual([
      'E0106 The game "loud" is not valid: it has no `components`.',
      "      Give the game `components`, a list, which may be empty.",
      expect.stringMatching(/^ {6}at \S*lacking\.ts:3:1$/),
    ]);
  });
});

describe("words of the command orrery", () => {
  test("a source behind --code is no main file", async () => {
    const journal = newPath("short.orj");
    const recorded = await command(["run", tumble, "--ticks", "30", "--record", journal], { file: orrery });
    expect(recorded.code, recorded.stderr).toBe(0);
    const other = path("../games/pusher.ts");
    const again = await command(["replay", "run", "--code", other, journal, tumble], { file: orrery });
    // Taken for the main file it would be refused for launching nothing.
    expect(messageOf(again)).toMatch(/^E0403 .* was recorded with game tumble, this program has pusher\./);
  });
});

describe("functions that a module keeps when it is loaded", () => {
  test("are caught in threads, whichever import comes first", async () => {
    const file = written("kept.ts", [
      `import { namedTrapped } from ${JSON.stringify(trapped)};`,
      `import { launch } from ${JSON.stringify(launcher)};`,
      "launch(namedTrapped());",
    ]);
    const result = await command(["run", "--ticks", "8", "--workers", "0"], { file, variant: "kept-random" });
    expect(result.code, result.stderr).toBe(1);
    expect(messageOf(result)).toContain(`E0621 System "kept-random" used Math.random at tick ${trappedTick} at `);
  });
});
