/**
 * Worlds that never come back, by real commands: the run ends by itself and says where it stood, the box that it leaves ends
 * in the same way when it is run again, an interrupt ends a hang with all that was saved, and whoever only waits is left alone.
 */
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { command, jsonOf, newPath, RunningCommand } from "../cli/command.ts";
import { brokenTick } from "../games/variants.ts";

function newFolder(): string {
  const folder = newPath("folder");
  mkdirSync(folder);
  return folder;
}

/** The one black box that a run left. */
function boxIn(folder: string): string {
  const names = readdirSync(join(folder, ".orrery"));
  expect([names.length, names[0]]).toEqual([1, expect.stringMatching(/^crash-\d{8}T\d{6}-\d+\.orb$/)]);
  return join(".orrery", names[0]!);
}

const limit = ["--silence-limit", "1500"];
const text = `did not come back from tick ${brokenTick} (system swing-arms of gameplay) within`;
/** The line of the loop, in the variant that has it. */
const loopPlace = /^ {4}at .*tests\/games\/variants\.ts:\d+:\d+\)$/m;

describe("a system that never returns", () => {
  test("ends the run with tick, system and line; the box ends by itself as well, and verifies up to there", async () => {
    const cwd = newFolder();
    const options = { variant: "endless", cwd } as const;
    const run = await command(["run", "--ticks", "400", "--record", "run.orj", ...limit], options);
    expect(run.code, run.stderr).toBe(4);
    expect(run.stderr).toContain(`E0606 The engine thread ${text} 1500 ms.`);
    expect(run.stderr).toContain(`tick ${brokenTick}, frame ${brokenTick}, gameplay, system swing-arms`);
    expect(run.stderr).toMatch(loopPlace);
    const box = boxIn(cwd);
    expect(run.stderr).toContain(`black box ${box}: ticks 1 to `);
    expect(run.stderr).toMatch(/journal run\.orj: whole up to its last block \(\d+ bytes\)/);

    const again = await command(["replay", "run", box, ...limit], options);
    expect(again.code, again.stderr).toBe(1);
    expect(again.stdout).toContain(`Tick ${brokenTick} ends it, as recorded: The engine thread ${text} 1500 ms.`);
    expect(again.stderr).toMatch(loopPlace);
    for (const path of [box, "run.orj"]) {
      const verified = await command(["replay", "verify", path], options);
      expect([verified.code, verified.stdout]).toEqual([0, expect.stringContaining("ticks verified")]);
    }
  });

  test("is told as JSON with its place", async () => {
    const run = await command(["run", "--ticks", "400", "--json", ...limit], { variant: "endless", cwd: newFolder() });
    expect(run.code).toBe(4);
    expect(jsonOf(run)["fault"]).toMatchObject({
      id: "E0606",
      where: { tick: brokenTick, frame: brokenTick, phase: "gameplay", system: "swing-arms" },
    });
  });

  test("ends a replay of a sound journal, whose code it is not", async () => {
    const cwd = newFolder();
    const sound = await command(["run", "--ticks", "400", "--record", "run.orj"], { cwd });
    expect(sound.code, sound.stderr).toBe(0);
    const found = await command(["replay", "run", "run.orj", ...limit], { variant: "endless", cwd });
    expect(found.code, found.stdout).toBe(4);
    expect(found.stderr).toContain(`E0606 The engine thread ${text} 1500 ms.`);
    expect(found.stderr).toMatch(loopPlace);
  });
});

test("a stage that never returns is told with its frame", async () => {
  const run = await command(["run", "--ticks", "400", ...limit], { variant: "endlessStage", cwd: newFolder() });
  expect(run.code, run.stderr).toBe(4);
  const where = `the stage present of frame ${brokenTick} behind tick ${brokenTick}`;
  expect(run.stderr).toContain(`E0606 The engine thread did not come back from ${where} within 1500 ms.`);
});

test("a world that never starts is given more time, and then ended", async () => {
  const run = await command(["run", "--ticks", "9", "--silence-limit", "400"], {
    variant: "neverStarts",
    cwd: newFolder(),
  });
  expect(run.code, run.stderr).toBe(4);
  expect(run.stderr).toContain("E0606 The engine thread did not start its world within 4800 ms.");
  expect(run.stderr).toMatch(loopPlace);
});

describe("an interrupt during a hang", () => {
  const hung = async (cwd: string, ...args: string[]): Promise<RunningCommand> => {
    const run = new RunningCommand(["run", "--ticks", "400", ...args], { variant: "endless", cwd });
    await run.printed(/the belt never stops/);
    return run;
  };

  test("ends it within the limit, and what was saved is said", async () => {
    const cwd = newFolder();
    const run = await hung(cwd, "--silence-limit", "2000", "--record", "run.orj");
    run.signal("SIGINT");
    const { code, stderr } = await run.finished;
    expect(code, stderr).toBe(4);
    expect(stderr).toContain(`E0606 The engine thread ${text} `);
    expect(stderr).toContain(`black box ${boxIn(cwd)}: ticks 1 to `);
    expect(stderr).toContain("journal run.orj: whole up to its last block");
  });

  test("ends it at once when it is the second", async () => {
    const cwd = newFolder();
    // Nothing else ends it while this test runs: nobody watches, and a stop may take as long as it usually may.
    const run = await hung(cwd, "--silence-limit", "600000");
    run.signal("SIGINT");
    // Those that follow at once are the terminal's, which sends them to whole groups; a busy
    // machine may hear the first one late.
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect(run.hasEnded).toBe(false);
    run.signal("SIGINT");
    const { code, stderr } = await run.finished;
    expect(code, stderr).toBe(4);
    expect(stderr).toContain(`E0606 The engine thread ${text} `);
    expect(stderr).toContain(`black box ${boxIn(cwd)}: ticks 1 to `);
  });
});

describe("who is left alone", () => {
  test("a world that waits for its next frame longer than the limit", async () => {
    const run = await command(["run", "--paced", "--ticks", "3", "--silence-limit", "900"], { variant: "rare" });
    expect([run.code, run.stderr]).toEqual([0, expect.not.stringContaining("E0606")]);
  });

  test("a world that somebody debugs", async () => {
    const options = { variant: "endless", cwd: newFolder(), nodeArgs: ["--inspect=127.0.0.1:0"] } as const;
    const run = new RunningCommand(["run", "--ticks", "400", "--silence-limit", "300"], options);
    await run.printed(/the belt never stops/);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect([run.hasEnded, run.stderr]).toEqual([false, expect.not.stringContaining("E0606")]);
    // Who wants it to end can say so all the same.
    run.signal("SIGINT");
    expect((await run.finished).code).toBe(4);
  });
});
