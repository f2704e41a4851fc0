/**
 * Black boxes of runs that are edited, by real commands: each is one file that runs to the same end, whatever the sources
 * are by then, with nothing beside it.
 */
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { type Journal, readJournal } from "../../engine/replay/journal.ts";
import { recordedTreesOf } from "../../runtime/flight/trees-in-box.ts";
import { codeTopic } from "../../runtime/hot/code-topic.ts";
import { command, newPath, RunningCommand } from "../cli/command.ts";
import { EditedSources } from "../games/edited-game.ts";

const made: EditedSources[] = [];
afterAll(() => {
  for (const sources of made) sources.remove();
});

/** Sources, and a folder of its own for what a test's run leaves. */
function newRun(): { sources: EditedSources; cwd: string } {
  const sources = new EditedSources();
  made.push(sources);
  const cwd = newPath("folder");
  mkdirSync(cwd);
  return { sources, cwd };
}

function started(sources: EditedSources, cwd: string, ...args: string[]): RunningCommand {
  return new RunningCommand(["run", "--ticks", "100000", "--no-traps", ...args], { file: sources.main, cwd });
}

function filesIn(cwd: string): string[] {
  const folder = join(cwd, ".orrery");
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}

/** A flight file of a run that goes on, as far as it is written; undefined where there is nothing to read yet. */
function flightIn(cwd: string, run: RunningCommand, letter: string): Journal | undefined {
  try {
    return journalOf(join(cwd, ".orrery", `flight-${run.processId}-${letter}.orb`));
  } catch {
    return undefined;
  }
}

/** The only box that a run left, moved to a folder of its own: nothing beside it can help. */
function onlyBox(cwd: string): string {
  expect(filesIn(cwd)).toEqual([expect.stringMatching(/^(crash|box)-\d{8}T\d{6}-\d+\.orb$/)]);
  const path = newPath("alone.orb");
  copyFileSync(join(cwd, ".orrery", filesIn(cwd)[0]!), path);
  return path;
}

const journalOf = (path: string): Journal => readJournal(readFileSync(path), path);
/** What a box says of code: what it begins with, what its swaps bring, what it carries. */
function codesOf(path: string) {
  const { notes, swaps, attachments } = journalOf(path);
  return {
    first: notes.filter(({ topic }) => topic === codeTopic).map(({ text }) => text),
    swaps: swaps.map(({ code }) => code?.hash),
    carried: attachments.filter(({ topic }) => topic === codeTopic).map(({ name }) => name),
  };
}

const anotherSystem = '...{ systems: [raiseGauge, { ...raiseGauge, name: "raise-more", after: ["raise-gauge"] }] },';

const bursts = (level: number): string =>
  `if (columns.Gauge.level[entities[0]!]! > ${level}) throw new Error("it burst");`;

describe.each([
  ["--hot", /every save takes over/, /New code since tick \d+: /g],
  ["--watch", /every save restarts it/, /Restarted with new code at tick \d+ /g],
] as const)("%s", (flag, ready, taken) => {
  /** Waits for so many of what the command says of new code. */
  const news = (run: RunningCommand, count: number): Promise<void> =>
    run.until(() => [...(run.stdout + run.stderr).matchAll(taken)].length >= count);

  test("a fault behind swaps happens again, from the box alone", async () => {
    const { sources, cwd } = newRun();
    const run = started(sources, cwd, flag);
    await run.printed(ready);
    sources.edit({ step: 5 });
    await news(run, 1);
    sources.edit({ step: 1_000, first: bursts(300_000), entries: anotherSystem });
    await news(run, 2);
    const { code, stderr } = await run.finished;
    expect([code, stderr]).toEqual([1, expect.stringContaining("it burst")]);
    const box = onlyBox(cwd);
    const { first, swaps, carried } = codesOf(box);
    expect([first.length, swaps.length, carried]).toEqual([1, 2, [...first, ...swaps]]);
    // The trees of all ticks, though the code behind the second swap has a random stream more.
    expect(recordedTreesOf(journalOf(box))!.tickCount).toBe(journalOf(box).lastTick);

    sources.edit({ step: 9 });
    const again = await command(["replay", "run", box], { file: sources.main, cwd });
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining("it burst")]);
    const tick = journalOf(box).lastTick + 1;
    expect(again.stdout).toContain(`Tick ${tick} ends it, as recorded: `);
    const verified = await command(["replay", "verify", box], { file: sources.main, cwd });
    expect([verified.code, verified.stdout]).toEqual([0, expect.stringMatching(/ticks verified/)]);
  });
});

test("a fault of the code that a run began with happens again when its sources are others", async () => {
  const { sources, cwd } = newRun();
  sources.edit({ first: bursts(60) });
  const run = started(sources, cwd, "--hot");
  const { code, stderr } = await run.finished;
  expect([code, stderr]).toEqual([1, expect.stringContaining("it burst")]);
  const box = onlyBox(cwd);
  sources.edit({ step: 9 });
  const again = await command(["replay", "run", box], { file: sources.main, cwd });
  expect([again.code, again.stdout]).toEqual([
    1,
    expect.stringMatching(/Tick 62 ends it, as recorded: System "raise-gauge" [^\n]*it burst at parts\.ts:14:\d+\.\n/),
  ]);
});

test.each([
  ["--hot", /every save takes over/, /New code since tick \d+/],
  ["--watch", /every save restarts it/, /Restarted with new code at tick \d+/],
] as const)("%s: a box on demand has no code that was taken back, and settings keep the code", async (...on) => {
  const [flag, ready, taken] = on;
  const { sources, cwd } = newRun();
  const run = started(sources, cwd, flag);
  await run.printed(ready);
  sources.edit({ step: 5 });
  await run.printed(taken);
  sources.edit({ step: 7, first: 'if (tick >= 0) throw new Error("it leaks");' });
  await run.printed(/E0423/);
  writeFileSync(join(sources.folder, "orrery.toml"), "[tick]\nrate = 30\n");
  await run.printed(/New settings since tick \d+/);
  // The box is to have both swaps, and ticks behind the second one.
  await run.until(() => {
    const { swaps, lastTick } = flightIn(cwd, run, "a") ?? { swaps: [], lastTick: 0 };
    return swaps.length === 2 && lastTick > swaps[1]!.tick;
  });
  run.signal("SIGUSR2");
  const [, lastTick, seconds] = await run.printed(/black box \S+: ticks 1 to (\d+), (\S+) s/);
  run.signal("SIGINT");
  await run.finished;
  const box = onlyBox(cwd);
  const { first, swaps, carried } = codesOf(box);
  expect(swaps).toEqual([expect.any(String), undefined]);
  const { tick } = journalOf(box).swaps[1]!;
  // The box adds one time for each code, so a sum that ends in five hundredths may be rounded the other way.
  expect(Math.abs(Number(seconds) - (tick / 60 + (Number(lastTick) - tick) / 30))).toBeLessThan(0.051);
  expect(carried).toEqual([first[0], swaps[0]]);
  sources.edit({ step: 9 });
  const again = await command(["replay", "run", box], { file: sources.main, cwd });
  expect([again.code, again.stdout]).toEqual([0, expect.stringContaining("as recorded, hash ")]);
});

test("a killed run leaves files that run again whatever was edited, and its newest trace events", async () => {
  const { sources, cwd } = newRun();
  const run = started(sources, cwd, "--hot");
  await run.printed(/every save takes over/);
  sources.edit({ step: 5 });
  await run.printed(/New code since tick \d+/);
  const fileOf = (ending: string): string => `flight-${run.processId}-${ending}`;
  // The second file begins at the keyframe of half a minute, with code that no source has any more.
  await run.until(() => {
    const { startTick, lastTick } = flightIn(cwd, run, "b") ?? { startTick: 0, lastTick: 0 };
    return startTick > 0 && lastTick >= startTick + 60;
  });
  run.signal("SIGKILL");
  await run.finished;
  expect(filesIn(cwd).filter((name) => !name.endsWith(".part"))).toEqual(
    ["a.orb", "a.trace", "b.orb"].map((ending) => fileOf(ending)),
  );
  const second = newPath("second.orb");
  copyFileSync(join(cwd, ".orrery", fileOf("b.orb")), second);
  const { first, swaps, carried } = codesOf(second);
  expect([first.length, swaps, carried]).toEqual([1, [], first]);
  expect(journalOf(second).startTick).toBeGreaterThanOrEqual(1_800);
  sources.edit({ step: 9 });
  const again = await command(["replay", "run", second], { file: sources.main, cwd });
  expect([again.code, again.stdout, again.stderr]).toEqual([
    0,
    expect.stringContaining(`to ${journalOf(second).lastTick} as recorded, hash `),
    again.stderr,
  ]);

  const next = await command(["run", "--ticks", "10"], { file: sources.main, cwd });
  expect(next.stderr).toContain(`process ${run.processId} was killed while it ran:`);
  const box = onlyBox(cwd);
  const { notes, lastTick } = journalOf(box);
  const trace = notes.filter(({ topic }) => topic === "trace").map(({ text }) => text);
  const { traceEvents } = JSON.parse(trace.join("")) as { traceEvents: { name: string; args?: { tick?: number } }[] };
  const ticks = traceEvents.filter(({ name }) => name === "tick begins").map(({ args }) => args!.tick!);
  expect(ticks.length).toBeGreaterThan(3);
  // It is written once a second; the last block is a quarter of a second old at most.
  expect(ticks.at(-1)!).toBeGreaterThan(lastTick - 180);
  const ran = await command(["replay", "run", box], { file: sources.main, cwd });
  expect([ran.code, ran.stdout]).toEqual([0, expect.stringContaining(`ticks 1 to ${lastTick} as recorded, hash `)]);
}, 120_000);
