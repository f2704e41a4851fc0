/** What a run that is edited leaves in its log: a note for each edit, whatever came of it, by the real command. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { newPath, saveAtOnce } from "./command.ts";
import { ended, sourcesOf, started } from "./edited.ts";

interface LogLine {
  readonly level: string;
  readonly source: string;
  readonly tick: number;
  readonly note?: string;
  readonly text: string;
  readonly numbers?: readonly number[];
}

/** The lines of the main thread: level, and note or text, which may need several lines. */
function edits(path: string): readonly (readonly [string, string])[] {
  const lines = readFileSync(path, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as LogLine);
  expect([lines[0]?.note, lines.at(-1)?.note]).toEqual(["world-runs", "world-over"]);
  const told: [string, string][] = [];
  for (const { source, level, note, text } of lines) {
    if (source !== "main") continue;
    const isMore = note === undefined && told.at(-1)?.[1].startsWith("E");
    if (isMore === true) told.at(-1)![1] += ` ${text}`;
    else told.push([level, note ?? text]);
  }
  return told;
}

const migration = `migrations: [defineMigration({
  from: { component: "Gauge", fields: { level: u32 } }, to: Gauge, move: ({ level }) => ({ level }),
})],`;

test("with --hot: code and settings that are taken, refused and taken back", async () => {
  const sources = sourcesOf();
  const config = join(sources.folder, "orrery.toml");
  writeFileSync(config, "");
  const log = newPath("hot.log");
  const run = started("--hot", sources, "--log", log);
  await run.printed(/every save takes over/);
  sources.edit({ level: "f32" });
  await run.printed(/E0421 /);
  sources.edit({ head: "export const broken = ;" });
  await run.printed(/E0422 /);
  sources.edit({ step: 5, head: 'export const Spare = defineComponent("Spare", { x: f32 });' });
  const [, since] = await run.printed(/New code since tick (\d+)/);
  saveAtOnce(config, "tick.rate = 30\n");
  const [, tick] = await run.printed(/New settings since tick (\d+)/);
  saveAtOnce(config, "tick.rate = 0\n");
  await run.printed(/E0612 /);
  const head = "let count = 0;\nconst leaks = (): boolean => ++count === 3;";
  sources.edit({ step: 7, head, first: 'if (leaks()) throw new Error("it leaks");' });
  await run.printed(/E0423 /);
  sources.edit({ level: "f32", entries: migration });
  await run.printed(/New code since tick \d+: Gauge is made/);
  await ended(run);
  const told = edits(log);
  expect(told).toEqual([
    ["warn", "swap-refused"],
    ["warn", expect.stringMatching(/^E0421 .*Gauge\.level is u32 there and f32 in the new code/)],
    ["warn", "swap-refused"],
    ["warn", expect.stringMatching(/^E0422 .*Unexpected ";" /)],
    ["info", "code-swapped"],
    ["info", "settings-swapped"],
    ["warn", "swap-refused"],
    ["warn", expect.stringMatching(/^E0612 /)],
    ["info", "code-swapped"],
    ["warn", "swap-undone"],
    [
      "warn",
      expect.stringMatching(
        /^E0423 The new code failed at tick \d+ and was taken back.*it leaks at parts\.ts:\d+:\d+\.$/,
      ),
    ],
    ["info", "code-swapped"],
    ["info", "Gauge is made from Gauge by a migration"],
  ]);
  const lines = readFileSync(log, "utf8").split("\n");
  const numbersOf = (note: string): readonly number[] =>
    (JSON.parse(lines.find((line) => line.includes(`"${note}"`))!) as LogLine).numbers!;
  expect(numbersOf("code-swapped")).toEqual([Number(since), expect.any(Number), expect.any(Number)]);
  expect(numbersOf("settings-swapped")).toEqual([Number(tick), expect.any(Number), expect.any(Number)]);
});

test("with --watch: restarts, and settings that are edited", async () => {
  const sources = sourcesOf();
  const config = join(sources.folder, "orrery.toml");
  writeFileSync(config, "");
  const log = newPath("watch.log");
  const run = started("--watch", sources, "--log", log);
  await run.printed(/every save restarts it/);
  sources.edit({ step: 5 });
  await run.printed(/Restarted with new code at tick/);
  saveAtOnce(config, "tick.rate = 30\n");
  await run.printed(/New settings since tick/);
  sources.edit({ level: "f32" });
  await run.printed(/E0421 /);
  await ended(run);
  expect(edits(log)).toEqual([
    ["info", "world-restarted"],
    ["info", "settings-swapped"],
    ["warn", "swap-refused"],
    ["warn", expect.stringMatching(/^E0421 /)],
  ]);
});
