/**
 * Black boxes by real commands: runs that throw, run out of memory, end their thread, loop, or are killed by a signal, each
 * leaves one file that runs to the same end. Real processes, real signals; the folder is each test's own.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { blockHeadBytes, blockKind, splitBlocks } from "../../engine/replay/block.ts";
import { type Journal, readJournal } from "../../engine/replay/journal.ts";
import { recordedTreesOf } from "../../runtime/flight/trees-in-box.ts";
import { type CommandOptions, command, messageOf, newPath, RunningCommand } from "../cli/command.ts";
import { tumbleInput } from "../data/tumble-input.ts";
import { brokenTick, type VariantName } from "../games/variants.ts";

/** A folder of its own for what a test's runs leave. */
function newFolder(): string {
  const folder = newPath("folder");
  mkdirSync(folder);
  return folder;
}

function boxesIn(folder: string): string[] {
  return existsSync(join(folder, ".orrery")) ? readdirSync(join(folder, ".orrery")).sort() : [];
}

/** The only file that a run left; fails when it is none or there are more. */
function onlyBox(folder: string, pattern: RegExp): string {
  const names = boxesIn(folder);
  expect(names.length, names.join()).toBe(1);
  expect(names[0]).toMatch(pattern);
  return join(".orrery", names[0]!);
}

function journalIn(folder: string, box: string): Journal {
  return readJournal(readFileSync(join(folder, box)), box);
}

/** Ticks in a flight file that is still written; none while its header is not whole. */
function tickCountIn(folder: string, name: string): number {
  try {
    return journalIn(folder, join(".orrery", name)).tickCount;
  } catch {
    return 0;
  }
}

/** Runs a variant that breaks at `brokenTick`, with players that do something, and gives the box that it leaves. */
async function broken(variant: VariantName, more: Partial<CommandOptions> = {}, args: readonly string[] = []) {
  const cwd = newFolder();
  writeFileSync(join(cwd, "input.jsonl"), tumbleInput(400));
  const options = { variant, cwd, ...more };
  const result = await command(["run", "--ticks", "400", "--input", "input.jsonl", ...args], options);
  const box = onlyBox(cwd, /^crash-\d{8}T\d{6}-\d+\.orb$/);
  expect(result.stderr).toContain(`black box ${box}: `);
  expect(result.stderr).toContain(` replay run ${box}\` makes it happen again.`);
  return {
    result,
    cwd,
    box,
    again: (name = variant) => command(["replay", "run", box], { ...options, variant: name }),
  };
}

describe("a fault of the world", () => {
  for (const variant of ["throws", "throwsEarly", "notANumber"] as const)
    test(`${variant}: the box ends at the recorded fault`, async () => {
      const { result, cwd, box, again } = await broken(variant);
      const told = messageOf(result).split("\n")[0]!;
      const found = await again();
      expect(found.code, found.stderr).toBe(1);
      expect(found.stdout).toContain(`${box}: ticks 1 to ${brokenTick - 1} as recorded, hash `);
      expect(found.stdout).toContain(`Tick ${brokenTick} ends it, as recorded: ${told.slice("E0303 ".length)}`);
      const journal = journalIn(cwd, box);
      expect(journal.end).toMatchObject({ reason: "faulted", tick: brokenTick - 1, text: told });
      expect(journal.notes.filter(({ topic }) => topic === "fault").length).toBe(1);
      const verified = await command(["replay", "verify", box], { cwd });
      expect(verified.stdout, verified.stderr).toContain(`: ${brokenTick - 1} ticks verified, `);
    });

  test("that the code no longer has is told as such", async () => {
    const { box, again } = await broken("throws");
    const found = await again("tumble");
    expect(found.code).toBe(1);
    expect(messageOf(found)).toContain(`E0432 ${box} ends with a fault behind tick ${brokenTick - 1} (E0303 System`);
    expect(messageOf(found)).toContain(`here tick ${brokenTick} was made without one.`);
  });

  test("that is reached in another state: the first tick that differs is named, and all that differs in it", async () => {
    const { cwd, box, again } = await broken("throws");
    expect(recordedTreesOf(journalIn(cwd, box))!.tickCount).toBe(brokenTick - 1);
    const found = await again("remembers");
    expect(found.code).toBe(3);
    expect(messageOf(found)).toMatch(/^E0404 \S+ and its replay part at tick 1, first in [^\n]+\n/);
    expect(messageOf(found)).toMatch(/\nIn that tick differ Arm\.angle/);
    const drawn = await broken("exitsLater");
    // A number that is drawn shows in one stream and nowhere else.
    const stream = await drawn.again("drawsMore");
    expect(messageOf(stream)).toMatch(/^E0404 \S+ and its replay part at tick 200, first in stream of swing-arms: /);
    expect(messageOf(stream)).toMatch(/\nIn that tick differ stream of swing-arms\.$/);
  });

  test("in a run in step with the clock: the box has the trace of its last moments", async () => {
    const { cwd, box } = await broken("throws", {}, ["--paced"]);
    const page = join(cwd, "trace.html");
    const viewed = await command(["trace", "view", box, "--output", page], { cwd });
    expect(viewed.code, viewed.stderr).toBe(0);
    const text = journalIn(cwd, box)
      .notes.filter(({ topic }) => topic === "trace")
      .map((note) => note.text)
      .join("");
    const { traceEvents } = JSON.parse(text) as { traceEvents: { name: string; args?: { tick?: number } }[] };
    const ticks = traceEvents.filter(({ name }) => name === "tick begins").map(({ args }) => args!.tick!);
    expect(ticks.at(-1)).toBe(brokenTick);
    expect(ticks.length).toBeGreaterThan(10);
  });
});

describe("the loss of the engine's thread", () => {
  test("out of memory: the box ends where memory ends", async () => {
    const { result, cwd, box, again } = await broken("hoards", { nodeArgs: ["--max-old-space-size=64"] });
    expect(result.code).toBe(4);
    expect(result.stderr).toContain("E0605 The engine thread ended unexpectedly: ");
    expect(result.stderr).toContain("memory limit");
    const journal = journalIn(cwd, box);
    expect(journal.end).toMatchObject({ reason: "faulted", tick: journal.lastTick });
    // The ticks that were gathered are lost; what entered them is known by its notes, so the box still runs through them.
    expect(journal.lastTick).toBeGreaterThanOrEqual(brokenTick - 15);
    const found = await again();
    expect(found.code, found.stderr).toBe(1);
    expect(found.stdout).toContain(`Tick ${brokenTick} ends it, as recorded: The engine thread ended unexpectedly: `);
  });

  test("that ends itself: input of the tick that nobody survived is in the box", async () => {
    const { result, cwd, box, again } = await broken("exits");
    expect(result.code).toBe(4);
    const found = await again();
    expect(found.code, found.stderr).toBe(1);
    expect(found.stdout).toContain(
      `Tick ${brokenTick} ends it, as recorded: The engine thread ended unexpectedly: it exited with code 9.`,
    );
    const inputs = journalIn(cwd, box).notes.filter(({ topic }) => topic === "input");
    const last = JSON.parse(inputs.at(-1)!.text) as { tick: number; records: readonly unknown[] };
    const expected = tumbleInput(400)
      .split("\n")
      .filter((line) => line.includes(`"tick":${last.tick},`));
    expect(last.records.length).toBe(expected.length);
  });

  test("ticks that were lost with it are held against the hashes of the ring", async () => {
    const { cwd, box, again } = await broken("exitsLater");
    const journal = journalIn(cwd, box);
    expect([journal.lastTick, recordedTreesOf(journal)!.tickCount]).toEqual([195, brokenTick + 8]);
    const same = await again();
    expect(same.stdout).toContain(`Tick ${brokenTick + 9} ends it, as recorded: The engine thread ended`);
    const other = await again("diverges");
    expect(other.code).toBe(3);
    expect(messageOf(other)).toMatch(
      new RegExp(`^E0404 \\S+ and its replay part at tick ${brokenTick}, first in Arm.angle: `),
    );
  });

  test("that loops without end: the box loops as well, and is ended", async () => {
    const cwd = newFolder();
    const world = new RunningCommand(["run", "--ticks", "400"], { variant: "endless", cwd });
    await world.printed(/the belt never stops/);
    world.signal("SIGINT");
    await world.finished;
    const box = onlyBox(cwd, /^crash-/);
    const found = await command(["replay", "run", box], { variant: "endless", cwd });
    expect(found.code, found.stderr).toBe(1);
    expect(found.stdout).toContain(
      `Tick ${brokenTick} ends it, as recorded: The engine thread did not come back from tick 200 `,
    );
  });
});

describe("the end of the process", () => {
  /** Kills a run when its files have turned over, that is, after 30 s of ticks. */
  async function killed(signal: NodeJS.Signals): Promise<string> {
    const cwd = newFolder();
    const world = new RunningCommand(["run", "--ticks", "1000000"], { cwd });
    // The oldest goes only when the third is there: until then it is the one that is claimed, and it begins at the start.
    const hasFile = (letter: string): boolean => boxesIn(cwd).includes(`flight-${world.processId}-${letter}.orb`);
    await world.until(() => hasFile("c") && !hasFile("a"));
    world.signal(signal);
    expect((await world.finished).signal).toBe(signal);
    return cwd;
  }

  for (const signal of ["SIGKILL", "SIGSEGV"] as const)
    test(`${signal}: the next run finds the box, and it runs to the hash that its last tick has`, async () => {
      const cwd = await killed(signal);
      const next = await command(["run", "--ticks", "10"], { cwd });
      expect(next.code).toBe(0);
      const box = onlyBox(cwd, /^crash-/);
      expect(messageOf(next)).toMatch(
        /^process \d+ was killed while it ran:\nblack box .*\n.* makes it happen again\.$/,
      );
      const { startTick, lastTick, keyframes } = journalIn(cwd, box);
      expect([startTick > 0, keyframes[0]!.tick === startTick, lastTick - startTick >= 1_800 - 15]).toEqual(
        Array(3).fill(true),
      );
      const found = await command(["replay", "run", box], { cwd });
      expect(found.code, found.stderr).toBe(0);
      const live = await command(["run", "--ticks", String(lastTick), "--print-hash"], { cwd });
      expect(found.stdout).toContain(
        `${box}: ticks ${startTick + 1} to ${lastTick} as recorded, hash ${live.stdout.trim()}`,
      );
      expect(boxesIn(cwd).length).toBe(1);
    });

  test("a flight file runs as it is, and a torn one to its last whole block", async () => {
    const cwd = await killed("SIGKILL");
    let tornCount = 0;
    for (const name of boxesIn(cwd).filter((file) => file.endsWith(".orb"))) {
      const path = join(cwd, ".orrery", name);
      const lastTicks = splitBlocks(readFileSync(path), name).blocks.findLast(({ kind }) => kind === blockKind.ticks);
      // Killed as it began this one, which has no tick yet, or none behind its keyframe.
      if (lastTicks === undefined) continue;
      const whole = readJournal(readFileSync(path), name);
      if (whole.lastTick === whole.startTick) continue;
      tornCount++;
      // Within its last ticks: what is behind them, whole or not, was on its way when the run was killed.
      truncateSync(path, lastTicks.offset + blockHeadBytes + lastTicks.payloadBytes - 11);
      const torn = readJournal(readFileSync(path), name);
      expect([torn.tornBytes > 0, torn.lastTick < whole.lastTick, torn.startTick]).toEqual([
        true,
        true,
        whole.startTick,
      ]);
      const found = await command(["replay", "run", path], { cwd });
      expect(found.code, found.stderr).toBe(0);
      // The newest file may have had one block of ticks when the run was killed, and that one is torn.
      const isEmpty = torn.lastTick === torn.startTick;
      expect(found.stdout).toContain(isEmpty ? "no tick is on record" : `to ${torn.lastTick} as recorded`);
    }
    expect(tornCount).toBeGreaterThan(0);
  });
});

describe("a run that goes on or ends well", () => {
  test("on demand: the box is of that moment, and the run ends as it would have", async () => {
    const cwd = newFolder();
    const world = new RunningCommand(["run", "--paced", "--ticks", "400"], { cwd });
    // Once there are ticks on record: a file is seen from its first block on.
    await world.until(() => boxesIn(cwd).some((name) => name.endsWith(".orb") && tickCountIn(cwd, name) > 0));
    world.signal("SIGUSR2");
    const result = await world.finished;
    expect(result.code, result.stderr).toBe(0);
    const box = onlyBox(cwd, /^box-/);
    const found = await command(["replay", "run", box], { cwd });
    expect(found.code, found.stderr).toBe(0);
    const { lastTick, firstTick } = journalIn(cwd, box);
    expect([firstTick, lastTick > 0, lastTick < 400]).toEqual([1, true, true]);
  });

  test("a clean end leaves nothing, not even the folder", async () => {
    const cwd = newFolder();
    const { code, stderr } = await command(["run", "--ticks", "4000"], { cwd });
    expect([code, readdirSync(cwd), stderr.split("\n").length]).toEqual([0, [], 2]);
  });

  test("without a flight recorder a fault leaves nothing", async () => {
    const cwd = newFolder();
    const { code } = await command(["run", "--ticks", "400", "--no-flight-recorder"], { cwd, variant: "throws" });
    expect([code, readdirSync(cwd)]).toEqual([1, []]);
  });

  test("a folder that cannot be written is told once and costs nobody the run", async () => {
    const cwd = newFolder();
    writeFileSync(join(cwd, "file"), "");
    const result = await command(["run", "--ticks", "100", "--black-box", "file/boxes"], { cwd });
    expect(result.code).toBe(0);
    expect(result.stderr.match(/E0431/g)).toEqual(["E0431"]);
  });

  test("a journal beside it is the same but for where all spans are listed, and has its own keyframes", async () => {
    const cwd = newFolder();
    writeFileSync(join(cwd, "input.jsonl"), tumbleInput(2_000));
    const args = ["run", "--ticks", "2000", "--input", "input.jsonl", "--keyframe-every", "700"];
    await command([...args, "--record", "with.orj"], { cwd });
    await command([...args, "--record", "without.orj", "--no-flight-recorder"], { cwd });
    const [one, other] = ["with.orj", "without.orj"].map((name) => journalIn(cwd, name));
    const plain = (journal: Journal) => journal.ticks.map(({ changed: _, ...tick }) => tick);
    expect(plain(one!)).toEqual(plain(other!));
    expect(one!.keyframes.map(({ tick }) => tick)).toEqual([700, 1_400]);
    expect(one!.keyframes.map(({ tick }) => tick)).toEqual(other!.keyframes.map(({ tick }) => tick));
    expect(one!.notes).toEqual(other!.notes);
  });
});
