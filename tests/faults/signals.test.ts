/**
 * Signals to a run, each sent to the game's own process and to the command `orrery` that started it: what asks for a black
 * box never ends a run, and what ends one does so in good order. Real processes, real signals.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { readJournal } from "../../engine/replay/journal.ts";
import { newPath, RunningCommand } from "../cli/command.ts";

const orrery = fileURLToPath(new URL("../../runtime/package/orrery.mjs", import.meta.url));
const tumble = fileURLToPath(new URL("../games/main.ts", import.meta.url));

/** How a run is started: by Node, or by the command that starts Node. */
const starts = [
  ["the game's process", []],
  ["the command orrery", [tumble]],
] as const;
type Words = (typeof starts)[number][1];

function newFolder(): string {
  const folder = newPath("folder");
  mkdirSync(folder);
  return folder;
}

function filesIn(folder: string): string[] {
  return existsSync(join(folder, ".orrery")) ? readdirSync(join(folder, ".orrery")).sort() : [];
}

/** A run that goes on until it is ended. */
function begun(words: Words, cwd: string, ...args: string[]): RunningCommand {
  const options = words.length === 0 ? { cwd } : { cwd, file: orrery };
  return new RunningCommand(["run", ...words, "--paced", "--ticks", "100000", ...args], options);
}

/** Waits until the world runs and has something on record. */
async function recording(run: RunningCommand, cwd: string): Promise<void> {
  await run.until(() => filesIn(cwd).some((name) => /^flight-.*\.orb$/.test(name)));
}

describe.each(starts)("to %s", (_, words) => {
  test.each([["SIGINT"], ["SIGTERM"], ["SIGHUP"]] as const)("%s ends the run, its journal whole", async (signal) => {
    const cwd = newFolder();
    const run = begun(words, cwd, "--record", "run.orj");
    await recording(run, cwd);
    run.signal(signal);
    const { code, stderr } = await run.finished;
    expect(code, stderr).toBe(130);
    const journal = join(cwd, "run.orj");
    expect(readJournal(readFileSync(journal), journal).end?.reason).toBe("stopped");
    // What a run leaves that was killed.
    expect(filesIn(cwd)).toEqual([]);
  });

  test("SIGUSR2 makes a black box, and the run goes on to its end", async () => {
    const cwd = newFolder();
    const run = begun(words, cwd);
    await recording(run, cwd);
    run.signal("SIGUSR2");
    const [, box] = await run.printed(/black box \.orrery\/(box-.+\.orb): /);
    expect(filesIn(cwd)).toContain(box);
    run.signal("SIGINT");
    const { code, stderr } = await run.finished;
    expect(code, stderr).toBe(130);
    expect(filesIn(cwd)).toEqual([box]);
  });
});

describe("a black box that is asked for", () => {
  test("of a run without a flight recorder: it says so and goes on", async () => {
    const cwd = newFolder();
    const run = begun([], cwd, "--no-flight-recorder", "--record", "run.orj");
    const journal = join(cwd, "run.orj");
    await run.until(() => existsSync(journal) && statSync(journal).size > 0);
    run.signal("SIGUSR2");
    await run.printed(/^no black box: this run has no flight recorder$/m);
    run.signal("SIGINT");
    expect((await run.finished).code).toBe(130);
  });

  test.each(starts)("before there is a run, of %s: it says so and begins", async (_, words) => {
    const cwd = newFolder();
    const main = join(cwd, "late.ts");
    const lines = [
      `import ${JSON.stringify(new URL("../../runtime/launch.ts", import.meta.url).href)};`,
      // The process goes on once the signal is there, however late that comes; a listener alone does not keep it alive.
      'import { isMainThread } from "node:worker_threads";',
      "if (isMainThread) {",
      '  const signalled = new Promise((resolve) => process.once("SIGUSR2", resolve));',
      "  const waiting = setInterval(() => {}, 1_000);",
      '  console.log("loading");',
      "  await signalled;",
      "  clearInterval(waiting);",
      "}",
      `await import(${JSON.stringify(new URL("../games/main.ts", import.meta.url).href)});`,
    ];
    writeFileSync(main, `${lines.join("\n")}\n`);
    const named = words.length === 0 ? { file: main } : { file: orrery };
    const run = new RunningCommand(["run", ...(words.length === 0 ? [] : [main]), "--ticks", "30"], { cwd, ...named });
    await run.printed(/^loading$/m);
    run.signal("SIGUSR2");
    const { code, stdout, stderr } = await run.finished;
    expect(stderr).toMatch(/^no black box: no world runs here, or not yet$/m);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^tumble: 30 ticks, /)]);
  });
});
