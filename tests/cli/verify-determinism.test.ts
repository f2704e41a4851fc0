/** `verify determinism` as a user calls it: one table, one verdict, and races that it must find by name. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test, vi } from "vitest";
import { raceNames, races } from "../../runtime/verify/races.ts";
import { command, type Finished, faultIdOf, jsonOf, messageOf, newPath } from "./command.ts";

// Some runs are processes of their own, and one is packaged first.
vi.setConfig({ testTimeout: 240_000 });

const round = fileURLToPath(new URL("../data/round.jsonl", import.meta.url));

const verify = (...args: readonly string[]): Promise<Finished> =>
  command(["verify", "determinism", "--ticks", "30", ...args], { main: "swarm" });

interface Row {
  readonly mode: string;
  readonly name: string;
  readonly detail: string;
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
  expect(lines[0]).toMatch(/^run +mode +workers +shuffle +guard +ticks\/s +hash +frame hash +verdict$/);
  expect(lines[1]).toMatch(/^1 +plain +0 +- +- +\d+ +[0-9a-f]{16} +[0-9a-f]{16} +reference$/);
  expect(lines[2]).toMatch(/^2 +workers +1 +- +- +\d+ +[0-9a-f]{16} +[0-9a-f]{16} +equal$/);
  expect(lines.length).toBe(4);
  const run = await command(["run", "--ticks", "30", "--seed", "5", "--print-hash"], { main: "swarm" });
  expect(lines[3]).toMatch(new RegExp(`^deterministic: 2 runs of swarm, one hash ${run.stdout.trim()}, frames `));
});

interface Verdict {
  readonly runs: readonly Row[];
  readonly verdict: string;
  readonly notChecked: readonly string[];
  readonly isFound?: boolean;
  readonly fault: { readonly id: string; readonly kind: string; readonly fields: Record<string, unknown> };
}

describe("modes", () => {
  test("all of them, in one table with one hash", async () => {
    const finished = await command(["verify", "determinism", "--ticks", "24", "--json"], { main: "swarm" });
    const { runs, verdict, notChecked } = jsonOf(finished) as unknown as Verdict;
    expect(finished.code, verdict).toBe(0);
    const isHere = (mode: string): boolean => !notChecked.some((text) => text.startsWith(mode));
    // What this machine has not is said and not believed.
    expect(isHere("browser")).toBe(spawnSync("which", ["chromium"]).status === 0);
    expect(isHere("javascriptcore")).toBe(existsSync(new URL("../../node_modules/.bin/bun", import.meta.url)));
    expect(isHere("packaged")).toBe(true);
    expect(runs.map(({ name, verdict: one }) => `${name}: ${one}`)).toEqual([
      "plain: reference",
      ...["workers", "workers", ...Array.from({ length: 5 }, () => "shuffled"), "heavy", "interpreted", "packaged"].map(
        (name) => `${name}: equal`,
      ),
      `browser: ${isHere("browser") ? "equal" : "not here"}`,
      `javascriptcore: ${isHere("javascriptcore") ? "equal" : "not here"}`,
      ...["order reversed", "order shuffled 1", "order shuffled 2", "keyframes", "audit", "reads"].map(
        (name) => `${name}: equal`,
      ),
    ]);
    for (const { name, verdict: one, hash, frameHash } of runs) {
      if (one === "not here") continue;
      expect(hash, name).toBe(runs[0]!.hash);
      // Saves and keyframes are of the world; what was shown before is not in them.
      expect(frameHash, name).toBe(["heavy", "keyframes", "reads"].includes(name) ? "" : runs[0]!.frameHash);
    }
    expect(runs.find(({ mode }) => mode === "heavy")!.detail).toBe("24 saves");
    expect(runs.find(({ mode }) => mode === "keyframes")!.detail).toBe("7 keyframes");
  });

  test("only those that were asked for, with the input file in each", async () => {
    const finished = await command(
      [
        ...["verify", "determinism", "--modes", "order,keyframes,heavy,interpreted", "--ticks", "90", "--json"],
        ...["--input", round, "--keyframe-every", "40", "--heavy-every", "9"],
      ],
      { main: "scrapyard" },
    );
    const { runs, verdict } = jsonOf(finished) as unknown as Verdict;
    expect(finished.code, verdict).toBe(0);
    expect(runs.map(({ name, verdict: one, detail }) => `${name}: ${one} ${detail}`)).toEqual([
      "plain: reference ",
      "heavy: equal 10 saves",
      "interpreted: equal ",
      "order reversed: equal ",
      "order shuffled 1: equal ",
      "order shuffled 2: equal ",
      "keyframes: equal 2 keyframes",
    ]);
    const run = await command(["run", "--ticks", "90", "--input", round, "--print-hash"], {
      main: "scrapyard",
    });
    expect(runs[0]!.hash).toBe(run.stdout.trim());
  });

  test("one that is not here is told, counts as not checked, and fails with --require-all", async () => {
    const none = newPath("no-such-executable");
    const args = ["--modes", "workers,packaged", "--workers", "0,1", "--executable", none, "--json"];
    const lenient = await verify(...args);
    expect(lenient.code).toBe(0);
    const { runs, verdict, notChecked } = jsonOf(lenient) as unknown as Verdict;
    expect(runs.map(({ name, verdict: one, hash }) => [name, one, hash === ""])).toEqual([
      ["plain", "reference", false],
      ["workers", "equal", false],
      ["packaged", "not here", true],
    ]);
    expect(notChecked).toEqual([`packaged (there is no ${none})`]);
    expect(verdict).toMatch(/^deterministic: 2 runs of swarm, .*; not checked: packaged \(there is no /);
    const strict = await verify(...args, "--require-all");
    expect(strict.code).toBe(1);
    expect(faultIdOf(strict)).toBe("E0634");
    const alone = await verify("--modes", "packaged", "--executable", none, "--json");
    expect([alone.code, jsonOf(alone)["verdict"]]).toEqual([
      1,
      `nothing was compared; not checked: packaged (there is no ${none})`,
    ]);
  });

  test("an executable that is another program is a failed run, and no equal one", async () => {
    const finished = await verify("--modes", "packaged", "--executable", "/bin/false", "--json");
    expect(finished.code).toBe(1);
    expect(faultIdOf(finished)).toBe("E0635");
  });
});

describe("a flipped bit", () => {
  test("is found by tick, component, entity, field and both values", async () => {
    const finished = await command(
      [
        "verify",
        "determinism",
        "--modes",
        "plain,order",
        "--ticks",
        "60",
        "--inject",
        "flip:Position.y:514@41",
        "--json",
      ],
      { main: "scrapyard" },
    );
    const { runs, verdict, isFound, fault } = jsonOf(finished) as unknown as Verdict;
    expect(finished.code, verdict).toBe(3);
    expect(isFound).toBe(true);
    expect(runs.map(({ name, verdict: one }) => `${name}: ${one}`)).toEqual([
      "plain: reference",
      "plain, flipped: differs",
      ...["order reversed", "order shuffled 1", "order shuffled 2"].map((name) => `${name}: equal`),
    ]);
    expect(fault).toMatchObject({
      id: "E0631",
      fields: { tick: 41, place: "Position.y of entity 514", component: "Position", field: "y", entity: 514 },
    });
    const bits = [fault.fields["expected"], fault.fields["found"]].map((text) =>
      Number.parseInt(/\(0x([0-9a-f]{8})\)$/.exec(text as string)![1]!, 16),
    );
    expect(bits[0]! ^ bits[1]!).toBe(1);
    expect(verdict).toMatch(
      /^flip:Position\.y:514@41 was found: Run 2 .* against run 1 .*: Position\.y of entity 514 differs at tick 41: expected /,
    );
  });
});

test("heavy mode finds what a system keeps outside the state", async () => {
  const finished = await verify("--modes", "heavy", "--json");
  expect(finished.code).toBe(0);
  const forgetful = await command(["run", "--heavy", "--ticks", "60", "--json"], { variant: "remembers" });
  expect(forgetful.code).toBe(3);
  expect(faultIdOf(forgetful)).toBe("E0633");
  // The column that the count went into, at the first tick behind the save, by the system that keeps it.
  const { fields } = jsonOf(forgetful)["fault"] as { readonly fields: Record<string, unknown> };
  const writer = 'system "swing-arms" (gameplay)';
  expect(fields).toMatchObject({
    ...{ what: "Arm.angle of entity 5", component: "Arm", field: "angle", entity: 5 },
    ...{ expectedWriter: writer, foundWriter: writer },
  });
  expect(fields["tick"]).toBe((fields["saved"] as number) + 1);
  const whole = await command(["run", "--heavy", "--ticks", "60", "--print-hash"]);
  expect(whole.code).toBe(0);
  const plain = await command(["run", "--ticks", "60", "--print-hash"]);
  expect(whole.stdout).toBe(plain.stdout);
});

describe("a planted race", () => {
  test.each(raceNames)("%s is found by its name", async (name) => {
    const guard = races[name].found === "race-found" ? [] : ["--guard-snapshot"];
    const shuffle = name === "unordered-merge" ? "2" : "0";
    const workers = races[name].needsWorkers ? "0,1" : "0";
    // Long enough for a worker that has to wait for a processor: these are found once it comes in time.
    const ticks = races[name].needsWorkers ? "300" : "30";
    const finished = await verify(
      "--ticks",
      ticks,
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

  test("of two systems names both, the column between them, and what came of it", async () => {
    const finished = await verify("--inject", "race:later-write", "--json");
    expect(finished.code).toBe(3);
    const { runs, fault } = jsonOf(finished) as unknown as Verdict;
    expect(runs.map(({ name, verdict }) => `${name}: ${verdict}`)).toEqual(["plain: reference", "reads: E0320"]);
    expect(fault.fields).toMatchObject({
      ...{ system: "race-probe", phase: "gameplay", writer: "race-tide", component: "RaceTide", field: "height" },
      result: expect.stringMatching(/^RaceGauge\.height of entity \d+$/),
    });
  });
});

describe("mistakes on the command line", () => {
  const mistakes: readonly (readonly [readonly string[], RegExp])[] = [
    [
      ["--inject", "race:unknown"],
      /There is no race "race:unknown"\.\n +Use one of: race:snapshot-write, race:outside-region, race:worker-dependent-chunks, race:unordered-merge, race:late-answer, race:unsynchronised-read, race:later-write, or flip:Component\.field:entity@tick\./,
    ],
    [["--modes", "plain"], /That is one run, and nothing to compare it with\.\n +Add a mode/],
    [
      ["--modes", "plain,heavyy"],
      /There is no mode "heavyy"\.\n +Use some of: plain, workers, guarded, shuffled, heavy,/,
    ],
    [
      ["--modes", "browser", "--inject", "race:late-answer"],
      /race:late-answer is planted in runs of jobs only\.\n +Leave out --modes, or use some of: plain, workers, guarded, shuffled\./,
    ],
    [
      ["--inject", "flip:Position.x@3"],
      /"flip:Position\.x@3" is not a flip\.\n +Write flip:Component\.field:entity@tick/,
    ],
    [["--inject", "flip:Position.x:3@31"], /Tick 31 of flip:Position\.x:3@31 is not made: the runs have 30 ticks\./],
    [["--inject", "flip:Placement.x:3@5"], /swarm has no component Placement\.\n +Use one of: .*Position/],
    [["--inject", "flip:Position.w:3@5"], /swarm has no field w in Position\.\n +Use one of: x, y, z\./],
    [
      ["--inject", "flip:Position.x:0@5"],
      /entity 0 is not alive at tick 5\.\n +Choose one that has Position at tick 5: /,
    ],
    [["--inject", "flip:Parent.entity:1@5"], /swarm has no field entity in Parent\.\n +Use one of: /],
    [
      ["--modes", "audit", "--inject", "race:later-write"],
      /race:later-write is planted in runs of systems only\.\n +Leave out --modes, or use some of: reads\./,
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
  expect(run.code, run.stderr).toBe(0);
  const replay = await command(["replay", "verify", path, "--json"], { main: "swarm" });
  expect(replay.code, replay.stdout + replay.stderr).toBe(0);
  expect(jsonOf(replay)).toMatchObject({ tickCount: 120, hash: run.stdout.trim() });
  const serial = await command(["run", "--ticks", "120", "--workers", "0", "--print-hash"], { main: "swarm" });
  expect(serial.stdout).toBe(run.stdout);
});
