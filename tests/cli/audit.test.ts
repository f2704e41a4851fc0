/**
 * Looking into a running world by command: audit mode names an undeclared write and costs no hash, infinities are told
 * while the run goes on, watches are switched on and off by lines of standard input.
 */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { command, faultIdOf, messageOf, newPath, RunningCommand } from "./command.ts";

describe("audit mode", () => {
  test("names system, phase, entity, field, tick and both values of a write that was smuggled", async () => {
    const unseen = await command(["run", "--ticks", "210"], { variant: "smuggles" });
    expect(unseen.code, unseen.stderr).toBe(0);
    const result = await command(["run", "--ticks", "210", "--audit"], { variant: "smuggles" });
    expect(result.code).toBe(1);
    expect(messageOf(result).split("\n")[0]).toMatch(
      /^E0315 System "swing-arms" \(phase gameplay\) wrote Crate\.bornTick of entity 1 at tick 200, which it does not declare: 0 \(0x00000000\) became 7 \(0x00000007\)\.$/,
    );
    const asJson = await command(["run", "--ticks", "210", "--audit", "--json"], { variant: "smuggles" });
    expect(faultIdOf(asJson)).toBe("E0315");
  });

  test("of a replay finds what the run on record did unseen, and leaves a clean one as it was recorded", async () => {
    const paths = { smuggles: newPath("smuggled.orj"), tumble: newPath("clean.orj") };
    for (const variant of ["smuggles", "tumble"] as const) {
      const recorded = await command(["run", "--ticks", "210", "--record", paths[variant]], { variant });
      expect(recorded.code, recorded.stderr).toBe(0);
    }
    for (const more of [[], ["--to-tick", "205"]]) {
      const found = await command(["replay", "run", paths.smuggles, "--audit", ...more], { variant: "smuggles" });
      expect([found.code, found.stderr]).toEqual([
        1,
        expect.stringContaining('E0315 System "swing-arms" (phase gameplay)'),
      ]);
    }
    const clean = await command(["replay", "run", paths.tumble, "--audit"]);
    expect(clean.code, clean.stderr).toBe(0);
    expect(clean.stdout).toContain("ticks 1 to 210 as recorded");
  });

  test("gives a clean game the hash that it has without", async () => {
    const hashes = await Promise.all(
      [[], ["--audit"]].map(async (more) => (await command(["run", "--ticks", "120", "--print-hash", ...more])).stdout),
    );
    expect(hashes[0]).toMatch(/^[0-9a-f]{16}\n$/);
    expect(hashes[1]).toBe(hashes[0]);
  });
});

test("an infinity is told with component, field, entity, system and tick, and is in the log", async () => {
  const log = newPath("log.jsonl");
  const result = await command(["run", "--ticks", "210", "--log", log], { variant: "infinite" });
  expect(result.code, result.stderr).toBe(0);
  const text = 'health, ticks 192 to 203: Arm.angle of entity 1 is Infinity after "swing-arms" at tick 200';
  expect(result.stderr).toContain(`${text}\n`);
  const lines = readFileSync(log, "utf8").trim().split("\n");
  expect(lines.map((line) => JSON.parse(line)).filter(({ level }) => level === "warn")).toEqual([
    expect.objectContaining({ text }),
  ]);
});

describe("watches", () => {
  test("print each change of what the command line names, with its writer", async () => {
    const result = await command(["run", "--ticks", "3", "--watch-value", "Arm.angle"]);
    expect(result.code, result.stderr).toBe(0);
    const lines = result.stderr.split("\n").filter((line) => line.startsWith("tick "));
    expect(lines.length).toBeGreaterThan(3);
    for (const line of lines)
      expect(line).toMatch(
        /^tick [1-3], frame [1-3]: Arm\.angle of entity \d+ is -?[\d.e-]+ by (swing-arms|a command of [a-z-]+)$/,
      );
  });

  test.each([
    ["Arm.nothing", 'There is no column "Arm.nothing" to watch.', "Use one of: Arm.angle"],
    ["Arm.angel:3", 'There is no column "Arm.angel" to watch.', "Did you mean Arm.angle?"],
    ["Arm.angle:0", 'There is no entity "0" to watch in Arm.angle.', "Give an index from 1 to 512."],
  ])("of %s are refused before anything runs", async (place, problem, advice) => {
    const result = await command(["run", "--ticks", "3", "--watch-value", `Arm.angle,${place}`]);
    expect([result.code, result.stdout]).toEqual([2, ""]);
    expect(messageOf(result)).toContain(`E0601 ${problem}\n      ${advice}`);
  });

  test("are switched on and off by standard input while the world runs, and are in the trace", async () => {
    const trace = newPath("trace.json");
    const running = new RunningCommand(
      ["run", "--ticks", "100000", "--paced", "--watch-value", "none", "--trace", trace],
      { hasInput: true },
    );
    running.say("watch Arm.angle");
    const [, entity] = await running.printed(/tick \d+, frame \d+: Arm\.angle of entity (\d+) is \S+ by swing-arms/);
    running.say("unwatch, Arm.angle");
    await running.printed(/watching nothing/);
    running.say(`watch Arm.angle:${entity}`);
    await running.printed(new RegExp(`Arm\\.angle of entity ${entity} is \\S+\n`));
    const before = running.stderr.length;
    await running.until(() => / by swing-arms\n/.test(running.stderr.slice(before)));
    const shown = running.stderr.slice(before);
    expect(shown.match(/of entity \d+/g)!.every((text) => text === `of entity ${entity}`)).toBe(true);
    running.say("watch Arm.nothing");
    await running.printed(
      new RegExp(`E0601 There is no column "Arm\\.nothing" to watch\\.\n[^]*\nwatching Arm\\.angle:${entity}\n`),
    );
    running.say("unwatch Arm.nothing");
    await running.printed(new RegExp(`Arm\\.nothing was not watched\n[^]*watching Arm\\.angle:${entity}\n`));
    running.say("look");
    await running.printed(/"look" is no order; say "watch Velocity\.x:512"/);
    running.signal("SIGINT");
    expect((await running.finished).code).toBe(130);
    const { traceEvents } = JSON.parse(readFileSync(trace, "utf8")) as { traceEvents: { name: string; ph: string }[] };
    const phases = (name: string): string[] => [
      ...new Set(traceEvents.filter((event) => event.name === name && event.ph !== "M").map(({ ph }) => ph)),
    ];
    expect([phases("Arm.angle"), phases(`Arm.angle:${entity}`)]).toEqual([["i"], ["C"]]);
  });
});
