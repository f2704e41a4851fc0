/**
 * Saves behind each other while the code before is on trial, by the real command: each of them that fails in its first ticks
 * is taken back, whatever was saved and refused meanwhile, and nothing that was recorded is lost.
 */
import { expect, test } from "vitest";
import { command, newPath } from "./command.ts";
import { ended, sourcesOf, started } from "./edited.ts";

const ready = /every save (?:takes over|restarts)/;
const taken = /[Nn]ew code (?:since|at) tick \d+/;
/** Fails at that tick of its own, whenever it took over. */
const leaks = (message: string, ticks: number) => ({
  head: `let ${message}Ticks = 0;\nconst ${message} = (): boolean => ++${message}Ticks === ${ticks};`,
  first: `if (${message}()) throw new Error("${message}");`,
});

test.each(["--hot", "--watch"] as const)(
  "%s: a save that is refused leaves the code before it on trial",
  async (option) => {
    const sources = sourcesOf();
    const journal = newPath("trial.orj");
    const run = started(option, sources, "--record", journal);
    await run.printed(ready);
    sources.edit({ step: 7, ...leaks("burst", 110) });
    await run.printed(taken);
    sources.edit({ step: 7, level: "f32" });
    await run.printed(/E0421 [^\n]*Gauge\.level is u32 there and f32 in the new code/);
    await run.printed(/E0423 [^\n]*burst/);
    sources.edit({ step: 2 });
    await run.printed(/burst(?:.*\n)+.*[Nn]ew code (?:since|at) tick \d+/);
    await ended(run);
    const verified = await command(["replay", "verify", journal], { file: sources.main });
    expect([verified.code, verified.stdout]).toEqual([0, expect.stringMatching(/ticks verified/)]);
  },
  120_000,
);

test("two saves in a row that both fail are both taken back, and the ticks since are made by the code before them", async () => {
  const sources = sourcesOf();
  const journal = newPath("trials.orj");
  const run = started("--hot", sources, "--record", journal);
  await run.printed(ready);
  // A hundred ticks are time for the second save, or else both are saved once more; by the tick at which that one fails, the
  // first one would have failed.
  const bothUndone =
    /E0423 The new code failed at tick (\d+) and [^\n]*from tick (\d+) [^\n]*bursts[^\n]*\n[^\n]*\nE0423 The new code failed at tick (\d+) and [^\n]*from tick (\d+) [^\n]*drips/;
  let undone: RegExpExecArray | null = null;
  let first: string | undefined;
  for (let round = 0; undone === null && round < 5; round++) {
    const from = run.stderr.length;
    const told = (pattern: RegExp): RegExpExecArray | null => pattern.exec(run.stderr.slice(from));
    sources.edit({ step: 7, ...leaks(`drips${round}`, 100) });
    await run.until(() => told(taken) !== null);
    sources.edit({ step: 9, ...leaks(`bursts${round}`, 110) });
    await run.until(() => told(/E0423 .*drips/) !== null && told(/E0423 .*bursts/) !== null);
    undone = told(bothUndone);
    first = told(/New code since tick (\d+)/)![1];
  }
  const [, bursts, second, drips, third] = undone!;
  expect([Number(drips), third]).toEqual([Number(first) + 100, first]);
  expect(Number(bursts)).toBe(Number(second) + 110);
  expect(Number(bursts)).toBeGreaterThan(Number(drips));
  const before = run.stderr.length;
  sources.edit({ step: 2 });
  await run.until(() => taken.test(run.stderr.slice(before)));
  await ended(run);
  const verified = await command(["replay", "verify", journal], { file: sources.main });
  const [, count] = /(\d+) ticks verified/.exec(verified.stdout)!;
  expect([verified.code, Number(count) > Number(bursts)]).toEqual([0, true]);
}, 120_000);

test("where the code before fails as well the run ends as it does, and terminal, journal and black box say the same", async () => {
  const sources = sourcesOf({ step: 3, first: 'if (tick === 110) throw new Error("rust");' });
  const journal = newPath("rust.orj");
  const boxes = newPath("boxes");
  const run = started("--hot", sources, "--record", journal, "--black-box", boxes);
  await run.printed(ready);
  sources.edit({ step: 7, ...leaks("bursts", 118) });
  const { code, stderr } = await run.finished;
  const fault = /^E0303 System "raise-gauge" \(phase gameplay\) threw at tick 110: rust at parts\.ts:\d+:\d+\.$/m;
  expect(stderr).toMatch(fault);
  expect(stderr).toMatch(/^journal [^\n]*: whole up to tick 109 /m);
  const [, box] = /^black box ([^\n]*\.orb): ticks 1 to 109, /m.exec(stderr)!;
  expect(code).toBe(1);
  for (const recorded of [journal, box!]) {
    const replayed = await command(["replay", "run", recorded], { file: sources.main });
    expect([replayed.code, replayed.stderr]).toEqual([1, expect.stringMatching(fault)]);
    expect(replayed.stdout).toMatch(/^Tick 110 ends it, as recorded: /m);
  }
}, 120_000);
