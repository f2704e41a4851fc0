/** Traps and lint in an executable: off and not there, as for a player; on when asked for, with places in the sources. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "orrery-traps-"));
const file = join(folder, "trapped");

beforeAll(() => {
  execFileSync(process.execPath, ["tests/games/trapped-main.ts", "compile", "--output", file], { cwd: root });
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function trapped(...args: readonly string[]): { readonly status: number | null; readonly stderr: string } {
  const env = { ORRERY_TEST_GAME: "math-random" };
  return spawnSync(file, args, { cwd: folder, env, encoding: "utf8", timeout: 60_000 });
}

describe("an executable", () => {
  test("lets a banned call pass, because its code is what was tested", () => {
    expect(trapped("run", "--ticks", "8").status).toBe(0);
  });

  test("with --traps names the call's place in the source that it was packaged from", () => {
    const path = "tests/games/trapped.ts";
    const lines = readFileSync(join(root, path), "utf8").split("\n");
    const at = lines.findIndex((line) => line.includes('"math-random": '));
    const place = `${path}:${at + 1}:${lines[at]!.indexOf("random(") + 1}`;
    const { status, stderr } = trapped("run", "--ticks", "8", "--traps");
    expect(status).toBe(1);
    expect(stderr).toContain(`E0621 System "math-random" used Math.random at tick 3 at ${place}.`);
  });

  test("has no sources to lint, and says so", () => {
    const { status, stderr } = trapped("lint");
    expect(status).toBe(1);
    expect(stderr).toContain("E0607 `lint` is not available here: this is an executable, which holds no source.");
  });
});
