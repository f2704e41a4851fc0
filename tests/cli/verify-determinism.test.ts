/** `verify determinism` as a user calls it: one table, one verdict, and races that it must find by name. */
import { describe, expect, test } from "vitest";
import { raceNames, races } from "../../runtime/verify/races.ts";
import { command, type Finished, faultIdOf, jsonOf, messageOf, newPath } from "./command.ts";

const verify = (...args: readonly string[]): Promise<Finished> =>
  command(["verify", "determinism", "--ticks", "30", ...args], { main: "swarm" });

interface Row {
  readonly workers: number;
  readonly shuffle: number;
  readonly guard: boolean;
  readonly hash: string;
  readonly frameHash: string;
  readonly ticksPerSecond: number;
  readonly verdict: string;
}

test("numbers of workers, shuffled claims and guard mode give one hash", async () => {
  const finished = await verify("--workers", "0,1,2", "--shuffle-jobs", "3", "--guard-snapshot", "--json");
  expect(finished.stderr.trimEnd().split("\n").length).toBe(1);
  expect(finished.code).toBe(0);
  const { runs, verdict, game } = jsonOf(finished) as { runs: readonly Row[]; verdict: string; game: string };
  expect(game).toBe("swarm");
  expect(runs.map(({ workers, shuffle, guard, verdict: one }) => `${workers} ${shuffle} ${guard} ${one}`)).toEqual([
    "0 0 false reference",
    "1 0 false equal",
    "2 0 false equal",
    "0 0 true equal",
    "2 0 true equal",
    "0 1 false equal",
    "1 2 false equal",
    "2 3 false equal",
  ]);
  for (const { hash, frameHash, ticksPerSecond } of runs) {
    expect({ hash, frameHash }).toEqual({ hash: runs[0]!.hash, frameHash: runs[0]!.frameHash });
    expect(hash).toMatch(/^[0-9a-f]{16}$/);
    expect(ticksPerSecond).toBeGreaterThan(0);
  }
  expect(verdict).toBe(`deterministic: 8 runs of swarm, one hash ${runs[0]!.hash}, frames ${runs[0]!.frameHash}`);
});

test("the table has a line a run and then the verdict, and the hash is that of `run`", async () => {
  const finished = await verify("--workers", "0,1", "--shuffle-jobs", "0", "--seed", "5");
  expect(finished.code).toBe(0);
  const lines = finished.stdout.trimEnd().split("\n");
  expect(lines[0]).toMatch(/^run +workers +shuffle +guard +ticks\/s +hash +frame hash +verdict$/);
  expect(lines[1]).toMatch(/^1 +0 +- +- +\d+ +[0-9a-f]{16} +[0-9a-f]{16} +reference$/);
  expect(lines[2]).toMatch(/^2 +1 +- +- +\d+ +[0-9a-f]{16} +[0-9a-f]{16} +equal$/);
  expect(lines.length).toBe(4);
  const run = await command(["run", "--ticks", "30", "--seed", "5", "--print-hash"], { main: "swarm" });
  expect(lines[3]).toMatch(new RegExp(`^deterministic: 2 runs of swarm, one hash ${run.stdout.trim()}, frames `));
});

describe("a planted race", () => {
  test.each(raceNames)("%s is found by its name", async (name) => {
    const guard = races[name].found === "race-found" ? [] : ["--guard-snapshot"];
    const shuffle = name === "unordered-merge" ? "2" : "0";
    const workers = races[name].needsWorkers ? "0,1" : "0";
    const finished = await verify(
      "--workers",
      workers,
      "--shuffle-jobs",
      shuffle,
      ...guard,
      "--inject",
      `race:${name}`,
      "--json",
    );
    expect(finished.code).toBe(3);
    const { verdict, fault, race, isFound } = jsonOf(finished) as {
      verdict: string;
      fault: { kind: string; fields: Record<string, unknown>; text: string };
      race: string;
      isFound: boolean;
    };
    expect({ race, isFound, kind: fault.kind }).toEqual({ race: name, isFound: true, kind: races[name].found });
    expect(verdict).toBe(`race:${name} was found: ${fault.text}`);
    expect(verdict).toContain("race-probe");
    expect(fault.fields["tick"]).toBeGreaterThan(0);
  });
});

describe("mistakes on the command line", () => {
  const mistakes: readonly (readonly [readonly string[], RegExp])[] = [
    [
      ["--inject", "race:unknown"],
      /There is no race "race:unknown"\.\n +Use one of: race:snapshot-write, race:outside-region, race:worker-dependent-chunks, race:unordered-merge, race:late-answer, race:unsynchronised-read\./,
    ],
    [["--inject", "race:late-answer", "--workers", "1,2"], /shows between runs with and without workers/],
    [["--inject", "race:snapshot-write"], /is found by guard mode\.\n +Add --guard-snapshot\./],
    [["--workers", "0,x"], /It is a whole number from 0 to 64/],
    [["--shuffle-jobs", "-1"], /It is a whole number from 0 to 10000/],
  ];
  test.each(mistakes)("%j", async (args, message) => {
    const finished = await verify(...args);
    expect(finished.code).toBe(2);
    expect(messageOf(finished)).toMatch(message);
    expect(finished.stdout).toBe("");
  });

  test("an input file that does not exist", async () => {
    const finished = await verify("--input", newPath("none.jsonl"), "--json");
    expect(faultIdOf(finished)).toBe("E0602");
    expect(finished.code).toBe(1);
  });
});

test("a recorded run with workers replays, and has the hash of one without", async () => {
  const path = newPath("swarm.orj");
  const run = await command(["run", "--ticks", "120", "--workers", "2", "--record", path, "--print-hash"], {
    main: "swarm",
  });
  expect(run.code).toBe(0);
  const replay = await command(["replay", "verify", path, "--json"], { main: "swarm" });
  expect(replay.code).toBe(0);
  expect(jsonOf(replay)).toMatchObject({ tickCount: 120, hash: run.stdout.trim() });
  const serial = await command(["run", "--ticks", "120", "--workers", "0", "--print-hash"], { main: "swarm" });
  expect(serial.stdout).toBe(run.stdout);
});
