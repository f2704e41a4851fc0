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
    const face = new URL("../../engine/index.ts", import.meta.url).href;
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
