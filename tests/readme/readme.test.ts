/**
 * The README is followed to the letter: its first game is taken out of the text, type-checked and
 * run, and every command that it names exists.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const readme = readFileSync(join(root, "README.md"), "utf8");
const folder = join(root, "tests/.tmp/first-game");
const main = join(folder, "main.ts");

beforeAll(() => {
  const block = /<!-- first game:[^>]*-->\s*```ts\n([\s\S]*?)```/.exec(readme);
  expect(block, "README.md has the block of the first game").not.toBeNull();
  mkdirSync(folder, { recursive: true });
  writeFileSync(main, block![1]!);
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({ extends: "../../../runtime/tsconfig.json", include: ["main.ts"] }),
  );
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(...args: readonly string[]): string {
  return execFileSync(process.execPath, [join(root, "runtime/package/orrery.mjs"), ...args], {
    encoding: "utf8",
    cwd: root,
  });
}

describe("the first game of the README", () => {
  test("is about forty lines", () => {
    expect(readFileSync(main, "utf8").trim().split("\n").length).toBeLessThanOrEqual(44);
  });

  test("has no type errors", () => {
    const { stdout, status } = spawnSync(
      process.execPath,
      [join(root, "node_modules/typescript/bin/tsc"), "-p", folder],
      { encoding: "utf8" },
    );
    expect(stdout).toBe("");
    expect(status).toBe(0);
  });

  test("runs headless with one hash, and its journal verifies", () => {
    const journal = join(folder, "first.orj");
    const hash = run("run", main, "--ticks", "600", "--print-hash", "--record", journal).trim();
    expect(hash).toMatch(/^[0-9a-f]{16}$/);
    expect(run("run", main, "--ticks", "600", "--print-hash").trim()).toBe(hash);
    expect(run("replay", "verify", journal, main)).toContain(hash);
  });

  test("lets a player push cubes off the deck", () => {
    const input = join(folder, "push.jsonl");
    writeFileSync(
      input,
      [
        '{"tick":1,"player":1,"join":"ada"}',
        '{"tick":120,"player":1,"control":"x","value":1}',
        '{"tick":300,"player":1,"control":"x","value":-1}',
      ].join("\n"),
    );
    const idle = run("run", main, "--ticks", "600", "--print-hash");
    expect(run("run", main, "--ticks", "600", "--print-hash", "--input", input)).not.toBe(idle);
  });
});

test("the rollback of the README gives the hash of inputs in time, and has no type errors", () => {
  const block = /<!-- rollback:[^>]*-->\s*```ts\n([\s\S]*?)```/.exec(readme);
  expect(block, "README.md has the block of the rollback").not.toBeNull();
  const rollback = join(root, "tests/.tmp/rollback");
  mkdirSync(rollback, { recursive: true });
  try {
    writeFileSync(join(rollback, "rollback.ts"), block![1]!.replace("../game/game.ts", "../../../game/game.ts"));
    writeFileSync(
      join(rollback, "tsconfig.json"),
      JSON.stringify({ extends: "../../../runtime/tsconfig.json", include: ["rollback.ts"] }),
    );
    const types = spawnSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", rollback], {
      encoding: "utf8",
    });
    expect([types.stdout, types.status]).toEqual(["", 0]);
    const said = execFileSync(process.execPath, [join(rollback, "rollback.ts")], { encoding: "utf8", cwd: root });
    const found = /^in time ([0-9a-f]{16}) eight ticks late ([0-9a-f]{16})\n$/.exec(said);
    expect(found?.[1], said).toBe(found?.[2]);
    expect(found?.[1], said).toMatch(/^[0-9a-f]{16}$/);
  } finally {
    rmSync(rollback, { recursive: true, force: true });
  }
});

test("every command of the README's table exists", () => {
  const groups = ["replay", "trace", "verify"];
  const commands = [...readme.matchAll(/^\| `([a-z]+)(?: ([a-z]+))?[^|]*\|/gm)].map(([, first, second]) =>
    groups.includes(first!) ? [first!, second!] : [first!],
  );
  expect(commands.map((words) => words.join(" "))).toEqual([
    ...["play", "run", "replay verify", "replay run", "replay diff", "trace why", "lint", "verify determinism"],
    ...["simulate", "trace compare", "bench", "plan", "compile", "doctor", "explain"],
  ]);
  const helpOf = new Map(["", ...groups].map((group) => [group, run(...group.split(" ").filter(Boolean), "--help")]));
  for (const words of commands)
    expect(helpOf.get(words.slice(0, -1).join(" "))).toMatch(new RegExp(`^  ${words.at(-1)} `, "m"));
});
