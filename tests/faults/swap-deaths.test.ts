/**
 * Code that takes over while a world runs and never comes back, or takes its thread with it, by the real command: what is
 * told names the tick and the code, the black box has all up to there, and it makes happen again what is in it.
 */
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { readJournal } from "../../engine/replay/journal.ts";
import { command, newPath, RunningCommand } from "../cli/command.ts";
import { type EditedGame, EditedSources } from "../games/edited-game.ts";

const made: EditedSources[] = [];
afterAll(() => {
  for (const sources of made) sources.remove();
});

const limit = ["--silence-limit", "3000"];

/** A run that is edited, in a folder of its own, once it has taken an edit over. */
async function started(...args: string[]) {
  const sources = new EditedSources();
  made.push(sources);
  const cwd = newPath("folder");
  mkdirSync(cwd);
  const words = ["run", "--ticks", "100000", "--no-traps", "--record", "run.orj", ...limit, ...args];
  const run = new RunningCommand(words, { file: sources.main, cwd });
  await run.printed(args.includes("--hot") ? /every save takes over/ : /every save restarts/);
  sources.edit({ step: 5 });
  await run.printed(/[Nn]ew code (?:since|at) tick \d+/);
  return {
    run,
    cwd,
    main: sources.main,
    edit: (game: EditedGame) => sources.edit(game),
    /** The end of the run, the path of its only box, and what is in it. */
    async ended() {
      const { code, stderr } = await run.finished;
      const boxes = readdirSync(join(cwd, ".orrery"));
      expect([boxes.length, stderr]).toEqual([1, expect.stringContaining(`black box ${join(".orrery", boxes[0]!)}`)]);
      const box = join(".orrery", boxes[0]!);
      return { code, stderr, box, journal: readJournal(readFileSync(join(cwd, box)), box) };
    },
    /** Runs the box again, with sources that are others by then. */
    async again(box: string) {
      sources.edit({ step: 9 });
      return command(["replay", "run", box, ...limit], { file: sources.main, cwd });
    },
  };
}

/** Breaks in the third tick of this code. */
const third = "let made = 0;\nconst isThird = (): boolean => ++made === 3;";

describe("new code that never returns", () => {
  test.each(["--hot", "--watch"])(
    "%s: from a tick: told with the tick and since when it ran, and the box ends in it",
    async (flag) => {
      const { edit, ended, again } = await started(flag);
      edit({ step: 6, head: third, first: "if (isThird()) for (;;);" });
      const { code, stderr, box, journal } = await ended();
      expect(code, stderr).toBe(4);
      const found =
        /E0606 The engine thread did not come back from tick (\d+) \(system raise-gauge of gameplay\), whose code took over behind tick (\d+), within \d+ ms/.exec(
          stderr,
        );
      const [, tick, codeTick] = (found ?? []).map(Number);
      expect([tick, stderr]).toEqual([codeTick! + 3, stderr]);
      expect(stderr).toMatch(/^ {4}at .*parts\.ts:\d+:\d+\)$/m);
      expect(journal.swaps.map((swap) => swap.tick).at(-1)).toBe(codeTick);
      const repeated = await again(box);
      expect([repeated.code, repeated.stderr]).toEqual([1, repeated.stderr]);
      expect(repeated.stdout).toContain(
        `Tick ${tick} ends it, as recorded: The engine thread did not come back from tick`,
      );
      expect(repeated.stdout).toContain(`whose code took over behind tick ${codeTick}, `);
      expect(repeated.stderr).toMatch(/^ {4}at .*parts\.ts:\d+:\d+\)$/m);
    },
  );

  test("from a migration: told as the swap that it is, and the box runs up to it", async () => {
    const { edit, ended, again } = await started("--hot");
    const move = "move() { for (;;); }";
    const from = '{ component: "Gauge", fields: { level: u32 } }';
    edit({ step: 6, level: "f32", entries: `migrations: [defineMigration({ from: ${from}, to: Gauge, ${move} })],` });
    const { code, stderr, box, journal } = await ended();
    expect(code, stderr).toBe(4);
    expect(stderr).toMatch(/E0606 The engine thread did not finish a swap of code behind tick \d+ within \d+ ms/);
    expect(stderr).toMatch(/^ {4}at move \(.*gauge\.ts:\d+:\d+\)$/m);
    expect(journal.swaps.length).toBe(1);
    const found = await again(box);
    expect([found.code, found.stderr]).toEqual([1, expect.stringContaining("was made without one")]);
  });

  test.each([
    ["--hot", /New code since/g],
    ["--watch", /Restarted with new code/g],
  ])("%s: while it is loaded: refused, and the world goes on", async (flag, news) => {
    const { run, edit } = await started(flag, "--silence-limit", "60000");
    edit({ step: 6, head: "for (;;);" });
    await run.printed(
      /E0422 The new code could not be loaded: it did not come to its end within 2000 ms \([^ ]*parts\.ts\)/,
    );
    edit({ step: 7 });
    await run.until(() => [...(run.stdout + run.stderr).matchAll(news)].length >= 2);
    run.signal("SIGINT");
    expect((await run.finished).code).toBe(130);
  });
});

describe("an engine thread that ends", () => {
  const exits = "process.exit(9);";
  const exited = "E0605 The engine thread ended unexpectedly: it exited with code 9.";

  test("in a tick of new code: the box goes through the swap and ends in that tick", async () => {
    const { edit, ended, again } = await started("--hot");
    edit({ step: 6, head: third, first: `if (isThird()) ${exits}` });
    const { code, stderr, box, journal } = await ended();
    expect([code, stderr]).toEqual([4, expect.stringContaining(exited)]);
    expect(journal.swaps.length).toBe(2);
    const found = await again(box);
    expect([found.code, found.stdout]).toEqual([
      1,
      expect.stringContaining(
        `Tick ${journal.swaps[1]!.tick + 3} ends it, as recorded: ${exited.slice("E0605 ".length)}`,
      ),
    ]);
  });

  /** Its migration ends the thread when it runs for the `time`th time: first for a move that is tried, then for the one that holds. */
  const migration = (time: number): EditedGame => ({
    ...{ step: 6, level: "f32" },
    entries: `migrations: [defineMigration({
      from: { component: "Gauge", fields: { level: u32 } }, to: Gauge,
      move({ level }) {
        const counted = globalThis as { moves?: number };
        counted.moves = (counted.moves ?? 0) + 1;
        if (counted.moves === ${time}) ${exits}
        return { level };
      },
    })],`,
  });

  test.each([
    ["is loaded", { step: 6, head: exits }],
    ["is tried", migration(1)],
    ["takes over", migration(2)],
  ] as const)("while new code %s: the box has all up to the swap, as recorded", async (_, edited) => {
    const { edit, ended, again } = await started("--hot");
    edit(edited);
    const { code, stderr, box, journal } = await ended();
    expect([code, stderr]).toEqual([4, expect.stringContaining(exited)]);
    expect(journal.swaps.length).toBe(1);
    expect(journal.lastTick).toBeGreaterThanOrEqual(journal.swaps[0]!.tick);
    const found = await again(box);
    // Nothing of a tick ended it, so no tick ends the box: all that it has comes out as recorded.
    expect(found.stderr).toMatch(/E0432 .* here tick \d+ was made without one/);
  });
});

describe("workers that end", () => {
  /** Ends the thread in the midst of its first chunk, if it is a worker's; the engine's own does it again. */
  const job = 'if (process.getBuiltinModule("node:worker_threads").workerData?.role === "job-worker") process.exit(7);';

  test("while swaps are prepared and take over: every tick is as it is without workers", async () => {
    const { run, cwd, main, edit } = await started("--hot", "--workers", "2");
    const count = (pattern: RegExp): number => [...(run.stdout + run.stderr).matchAll(pattern)].length;
    const deaths = /E0703 Worker \d+ ended in chunk 0 of job "double-gauge"/g;
    for (const edited of [{ step: 6, job }, { step: 7, job }, { step: 8 }]) {
      const [takenBefore, diedBefore] = [count(/New code since tick/g), count(deaths)];
      edit(edited);
      await run.until(() => count(/New code since tick/g) > takenBefore);
      // The code that is edited next is prepared while they go on ending.
      if (edited.job !== undefined) await run.until(() => count(deaths) >= diedBefore + 2);
    }
    run.signal("SIGINT");
    const { code, stderr } = await run.finished;
    expect(code, stderr).toBe(130);
    expect(stderr.match(deaths)!.length).toBeGreaterThanOrEqual(4);
    const journal = readJournal(readFileSync(join(cwd, "run.orj")), "run.orj");
    expect(journal.swaps.length).toBe(4);
    const verified = await command(["replay", "verify", "run.orj", "--no-traps"], { file: main, cwd });
    expect([verified.code, verified.stdout], verified.stderr).toEqual([0, expect.stringContaining("ticks verified")]);
  });
});
