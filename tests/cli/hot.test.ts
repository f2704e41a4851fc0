/**
 * Code that is edited while it runs, by the real command: a save takes over and keeps the state, what cannot take over is
 * told with its place and changes nothing, code that faults in its first ticks is taken back, and a replay of the journal
 * goes through all of it.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { command, messageOf, newPath, saveAtOnce } from "./command.ts";
import { ended, sourcesOf, started } from "./edited.ts";

const ready = /every save takes over/;
const taken = /New code since tick (\d+): ([^\n]*) \(\d+ ms/;

describe.each([0, 1])("with %i workers", (workers) => {
  test("saves take over, are refused or taken back, and the journal replays through all of them", async () => {
    const sources = sourcesOf();
    const journal = newPath("hot.orj");
    const run = started("--hot", sources, "--record", journal, "--workers", String(workers));
    await run.printed(ready);
    sources.edit({ step: 5 });
    const [, first, report] = await run.printed(taken);
    expect([Number(first) > 0, report]).toEqual([true, "The state is as it was"]);

    sources.edit({ step: 5, level: "f32" });
    await run.printed(/E0421 [^\n]*Gauge\.level is u32 there and f32 in the new code/);
    sources.edit({ step: 5, head: "export const broken = ;" });
    await run.printed(/E0422 [^\n]*Unexpected ";" \([^\n]*parts\.ts:3:23\)/);
    sources.edit({ step: 5, head: 'throw new Error("no lamp");' });
    await run.printed(/E0422 [^\n]*: no lamp \(parts\.ts:3:7\)/);
    sources.edit({ step: 5, head: 'void Promise.reject(new Error("no oil"));' });
    await run.printed(/E0422 [^\n]*: no oil \(parts\.ts:3:21\)/);
    sources.edit({ step: 7, first: 'if (tick >= undoneAt()) throw new Error("it leaks");', head: leaks });
    await run.printed(/E0423 The new code failed at tick (\d+) and was taken back[^\n]*it leaks/);

    sources.edit({
      step: 2,
      level: "f32",
      entries: `migrations: [defineMigration({
        from: { component: "Gauge", fields: { level: u32 } }, to: Gauge, move: ({ level }) => ({ level: level / 2 }),
      })],`,
    });
    await run.printed(/New code since tick \d+: Gauge is made from Gauge by a migration/);
    await ended(run);

    // The sources are others by now; the journal names the code with which it began, which lies beside it.
    sources.edit({ step: 9, level: "f32" });
    const replayed = await command(["replay", "verify", journal], { file: sources.main });
    expect([replayed.code, replayed.stderr]).toEqual([0, replayed.stderr]);
    expect(replayed.stdout).toMatch(/ticks verified/);
    const ran = await command(["replay", "run", journal, "--to-tick", first!], { file: sources.main });
    expect([ran.code, ran.stdout]).toEqual([0, expect.stringContaining("as recorded")]);
    const same = await command(["replay", "diff", journal], { file: sources.main });
    expect([same.code, same.stdout]).toEqual([0, expect.stringContaining("have the same hashes")]);

    const folder = `${journal}.code`;
    const stored = readdirSync(folder).filter((name) => name.endsWith(".js"));
    // What it began with, what took over, what was taken back, and what was refused as it was tried.
    expect(stored.length).toBeGreaterThanOrEqual(4);
    for (const name of stored) {
      const text = readFileSync(join(folder, name), "utf8");
      writeFileSync(join(folder, name), `${text} `);
    }
    const changed = await command(["replay", "verify", journal], { file: sources.main });
    expect([changed.code, changed.stderr]).toEqual([1, expect.stringContaining("E0424")]);
    rmSync(folder, { recursive: true });
    for (const args of [
      ["replay", "verify", journal],
      ["replay", "run", journal],
      ["replay", "run", journal, "--to-tick", "1"],
      ["replay", "diff", journal],
      ["trace", "why", "Gauge.level", journal, "--entity", "1", "--tick", "1"],
    ]) {
      const { stderr } = await command(args, { file: sources.main });
      const told = new RegExp(`begins with code [0-9a-f]{32}, which is neither in it nor in ${folder}; `, "g");
      expect([args, [...stderr.matchAll(told)].length], stderr).toEqual([args, 1]);
    }
  }, 120_000);
});

/** Fails at the third tick that this code makes. */
const leaks = "let leakTick = 0;\nconst undoneAt = (): number => ++leakTick === 3 ? 0 : 4_294_967_295;";

test.each(["--hot", "--watch"])(
  "%s of sources that cannot be edited while they run says why, before anything has run",
  async (option) => {
    const sources = sourcesOf({ head: 'import { sep } from "node:path";\nvoid sep;' });
    const result = await command(["run", option, "--ticks", "30"], { file: sources.main });
    expect([result.code, result.stdout, messageOf(result)]).toEqual([
      1,
      "",
      `E0607 \`run ${option}\` is not available here: the game's sources cannot be bundled: Could not resolve "node:path" (parts.ts:3:21).\n      Mend the source at that place, or leave ${option} out.`,
    ]);
    expect((await command(["run", "--ticks", "30"], { file: sources.main })).code).toBe(0);
  },
);

test("a world that never ran is nothing to edit", async () => {
  const sources = sourcesOf({ entries: "systems: [{ name: 'lost', phase: 'lost', run() {} } as never]," });
  const result = await command(["run", "--hot", "--ticks", "30"], { file: sources.main });
  expect([result.code, messageOf(result)]).toEqual([1, expect.stringMatching(/^E0102 /)]);
});

test("code that does not change is no swap, also when it takes a refused edit back; settings are told as such", async () => {
  const sources = sourcesOf();
  const run = started("--hot", sources);
  await run.printed(ready);
  sources.edit({});
  sources.edit({ step: 3 });
  await run.printed(taken);
  sources.edit({ step: 3 });
  sources.edit({ step: 3, level: "f32" });
  await run.printed(/E0421 /);
  sources.edit({ step: 3 });
  await run.printed(/The world runs this code\. Nothing had to be moved\./);
  saveAtOnce(join(sources.folder, "orrery.toml"), "[tick]\nrate = 30\n");
  await run.printed(/New settings since tick \d+: The state is as it was/);
  sources.edit({ step: 4 });
  await run.until(() => [...(run.stdout + run.stderr).matchAll(new RegExp(taken, "g"))].length >= 2);
  // A file may be empty: one that an editor empties before it writes is so for a moment only.
  writeFileSync(join(sources.folder, "empty.ts"), "");
  sources.edit({ step: 6, head: 'import "./empty.ts";' });
  await run.until(() => [...(run.stdout + run.stderr).matchAll(new RegExp(taken, "g"))].length >= 3);
  writeFileSync(sources.main, "");
  await run.printed(/E0422 [^\n]*its main file launches no game/);
  const { stdout, stderr } = await ended(run);
  expect([...(stdout + stderr).matchAll(new RegExp(taken, "g"))].length).toBe(3);
});

test("a refusal by a rule of definitions says that it is of the new code, and that the world goes on", async () => {
  const sources = sourcesOf();
  const run = started("--hot", sources);
  await run.printed(ready);
  sources.edit({ entries: "systems: [{ name: 'lost', phase: 'lost', run() {} } as never]," });
  await run.printed(/^The new code was refused; the world goes on with what it had\.\nE01\d\d /m);
  sources.edit({ step: 5 });
  await run.printed(taken);
  await ended(run);
});
