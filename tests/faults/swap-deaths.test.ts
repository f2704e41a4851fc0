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

const limit = ["--silence-limit", "1000"];

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
  test("from a tick: told with the tick and since when it ran, and the box ends in it", async () => {
    const { edit, ended, again } = await started("--hot");
    edit({ step: 6, head: third, first: "if (isThird()) for (;;);" });
    const { code, stderr, box, journal } = await ended();
    expect(code, stderr).toBe(4);
    const found =
      /E0606 The engine thread did not come back from tick (\d+) \(system raise-gauge of gameplay\), whose code took over behind tick (\d+) within 1000 ms/.exec(
        stderr,
      );
    const [, tick, codeTick] = (found ?? []).map(Number);
    expect([tick, stderr]).toEqual([codeTick! + 3, stderr]);
    expect(stderr).toMatch(/^ {4}at .*parts\.ts:\d+:\d+\)$/m);
    expect(journal.swaps.map((swap) => swap.tick).at(-1)).toBe(codeTick);
    const found2 = await again(box);
    expect([found2.code, found2.stderr]).toEqual([1, found2.stderr]);
    expect(found2.stdout).toContain(`Tick ${tick} ends it, as recorded: The engine thread did not come back from tick`);
    expect(found2.stdout).toContain(`whose code took over behind tick ${codeTick} `);
    expect(found2.stderr).toMatch(/^ {4}at .*parts\.ts:\d+:\d+\)$/m);
  }, 60_000);

  test("while it is loaded: told as the swap that it is, and the box runs up to it", async () => {
    const { edit, ended, again } = await started("--hot");
    edit({ step: 6, head: "for (;;);" });
    const { code, stderr, box, journal } = await ended();
    expect(code, stderr).toBe(4);
    expect(stderr).toMatch(/E0606 The engine thread did not finish a swap of code behind tick \d+ within 1000 ms/);
    expect(stderr).toMatch(/^ {4}at .*parts\.ts:3:\d+\)$/m);
    expect(journal.swaps.length).toBe(1);
    const found = await again(box);
    expect([found.code, found.stderr]).toEqual([1, expect.stringContaining("was made without one")]);
  }, 60_000);

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
