/**
 * The executable, as its user gets it: built once by the documented command, copied alone into an
 * empty folder, run without PATH and with a NODE_OPTIONS that would end any Node that read it.
 *
 * Everything that is asked of the packaged file belongs here, for building it takes seconds. Run it
 * through `scrapyard(...)` only: a run with this process's environment proves nothing.
 */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

const root = join(import.meta.dirname, "../..");
/** The goal of DESIGN.md; reported. A file above the cap below holds something that it should not. */
const bytesGoal = 125e6;
const bytesCap = 130e6;

const folder = mkdtempSync(join(tmpdir(), "orrery-executable-"));
const built = join(folder, "built", "scrapyard");
const empty = join(folder, "empty");
const file = join(empty, "scrapyard");

beforeAll(() => {
  const log = execFileSync(process.execPath, ["build.mjs", "package", built], { cwd: root, encoding: "utf8" });
  console.info(log.trim());
  mkdirSync(empty);
  copyFileSync(built, file);
  chmodSync(file, 0o755);
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function scrapyard(...args: readonly string[]): Run {
  const env = { PATH: "", NODE_OPTIONS: "--this-flag-does-not-exist" };
  return spawnSync(file, args, { cwd: empty, env, encoding: "utf8", timeout: 60_000 });
}

describe("the executable", () => {
  test("shows its help without Node, PATH or any file beside it", () => {
    const { status, stdout, stderr } = scrapyard("--help");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toContain("replay");
    expect(readdirSync(empty)).toEqual(["scrapyard"]);
  });

  test("takes Node's options from a parent and not from the environment", () => {
    expect(scrapyard("--node-options=--this-flag-does-not-exist", "--help").status).toBe(9);
    expect(scrapyard("--node-options=--max-old-space-size=512", "--help").status).toBe(0);
  });

  test("has one hash for every number of workers, and finds a planted race", () => {
    const verify = ["verify", "determinism", "--workers", "0,1", "--shuffle-jobs", "1", "--ticks", "20"];
    const { status, stdout } = scrapyard(...verify, "--guard-snapshot");
    expect({ status, verdict: /^deterministic: \d+ runs of scrapyard/m.test(stdout) }).toEqual({
      status: 0,
      verdict: true,
    });
    const raced = scrapyard(...verify, "--inject", "race:late-answer");
    expect(raced.status).toBe(3);
    expect(raced.stdout + raced.stderr).toContain("race-probe");
  }, 120_000);

  test("simulates frames to one ordering hash for every number of workers", () => {
    const hash = (workers: string): string | undefined =>
      /^ordering (\w{16})$/m.exec(scrapyard("simulate", "--frames", "40", "--workers", workers).stdout)?.[1];
    expect(hash("1")).toBeDefined();
    expect(hash("1")).toBe(hash("0"));
  }, 120_000);

  test("refuses an unknown command with the exit code of usage", () => {
    const { status, stderr } = scrapyard("rum");
    expect(status).toBe(2);
    expect(stderr).toContain("run");
  });

  test("has a size within its cap", () => {
    const bytes = statSync(file).size;
    console.info(`size ${(bytes / 1e6).toFixed(1)} MB, goal ${bytesGoal / 1e6} MB`);
    expect(bytes).toBeLessThan(bytesCap);
  });

  test("plays a round from an input file to the hash that a checkout reaches, tick by tick", () => {
    const input = join(root, "tests/data/round.jsonl");
    const checkout = join(folder, "checkout.orj");
    const args = ["run", "--headless", "--ticks", "1800", "--seed", "7", "--print-hash"];
    const expected = execFileSync(process.execPath, ["game/main.ts", ...args, "--input", input, "--record", checkout], {
      cwd: root,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    copyFileSync(input, join(empty, "round.jsonl"));
    const packaged = scrapyard(...args, "--input", "round.jsonl", "--record", "packaged.orj");
    expect(packaged.stdout).toBe(expected);

    // Each replays the other's journal: every tick has the same hash in both.
    copyFileSync(checkout, join(empty, "checkout.orj"));
    const replay = scrapyard("replay", "verify", "checkout.orj");
    expect(replay.stdout).toContain(`1800 ticks verified`);
    expect(replay.stdout).toContain(expected.trim());
    expect(readFileSync(join(empty, "packaged.orj")).equals(readFileSync(checkout))).toBe(true);
  });

  test("leaves a black box when it is killed, and runs it, with nothing beside itself", async () => {
    const child = spawn(file, ["run", "--ticks", "1000000"], { cwd: empty, env: {} });
    const boxes = join(empty, ".orrery");
    const ended = new Promise((resolve) => child.once("exit", resolve));
    // The third file is begun at the second keyframe, a minute of ticks into the run.
    // The first goes only when the third is there: until then it is the one that would be claimed.
    await vi.waitFor(() => expect(readdirSync(boxes).join()).toMatch(/^(?!.*-a\.orb).*-c\.orb/), { timeout: 60_000 });
    child.kill("SIGKILL");
    await ended;
    expect(scrapyard("run", "--ticks", "10").stderr).toContain("was killed while it ran");
    const box = join(".orrery", readdirSync(boxes)[0]!);
    const { status, stdout, stderr } = scrapyard("replay", "run", box);
    expect({ status, stderr: stderr.split("\n").length }).toEqual({ status: 0, stderr: 2 });
    expect(stdout).toMatch(/ticks \d+01 to \d+ as recorded, hash \w{16}/);
  }, 120_000);

  test("serves its page from inside the file", async () => {
    const child = spawn(file, ["play", "--no-open", "--port", "0"], { cwd: empty, env: {} });
    try {
      let printed = "";
      child.stdout.on("data", (chunk: Buffer) => (printed += chunk.toString()));
      await vi.waitFor(() => expect(printed).toMatch(/http:\S+\n/), { timeout: 20_000 });
      const page = await fetch(/http:\S+/.exec(printed)![0]);
      expect(page.status).toBe(200);
      expect(await page.text()).toContain("<canvas");
    } finally {
      child.kill("SIGKILL");
    }
  });
});
