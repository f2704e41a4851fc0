/**
 * Edits that did not enter, by the real command: saved again they are tried again, and code that only the settings kept out
 * enters as soon as they allow it, whichever of the two was saved first.
 */
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { EditedSources } from "../games/edited-game.ts";
import { type RunningCommand, saveAtOnce } from "./command.ts";
import { ended, sourcesOf, started } from "./edited.ts";

const ready = /every save takes over/;
const renamed = '...{ systems: [{ ...raiseGauge, name: "lift-gauge" }] },';
const notThere =
  /E0611 The settings cannot be used: \S*orrery\.toml, systems\.disabled\[0\]: there is no system "raise-gauge"/;

/** Waits until this was told so many times. */
async function told(run: RunningCommand, pattern: RegExp, count: number): Promise<void> {
  await run.until(() => [...(run.stdout + run.stderr).matchAll(new RegExp(pattern, "g"))].length >= count);
}

function disable({ folder }: EditedSources, ...systems: string[]): void {
  saveAtOnce(join(folder, "orrery.toml"), `[systems]\ndisabled = ${JSON.stringify(systems)}\n`);
}

/** Saves the game's file with nothing but words added: one write, which cannot be taken for two saves. */
function saveAgain({ folder }: EditedSources): void {
  appendFileSync(join(folder, "gauge.ts"), "// The same program.\n");
}

/** A run that is edited, of a game with one system, which is disabled if so wished. */
async function running(isDisabled: boolean): Promise<{ sources: EditedSources; run: RunningCommand }> {
  const sources = sourcesOf();
  if (isDisabled) disable(sources, "raise-gauge");
  const run = started("--hot", sources);
  await run.printed(ready);
  return { sources, run };
}

/** What was told of code and settings, in order. */
async function newsOf(run: RunningCommand): Promise<string[]> {
  const { stderr } = await ended(run);
  return [...stderr.matchAll(/^(?:New .*(?= since tick)|The new .*(?=; the world)|E0\d+)/gm)].map(([line]) => line);
}

const refusedCode = ["The new code was refused", "E0611"];

test("code that settings keep out names their file, is tried again when saved again, and enters with settings that fit", async () => {
  const { sources, run } = await running(true);
  sources.edit({ entries: renamed });
  await run.printed(notThere);
  saveAgain(sources);
  await told(run, notThere, 2);
  disable(sources, "lift-gauge");
  await run.printed(/New code and settings since tick \d+/);
  disable(sources);
  await run.printed(/New settings since tick \d+/);
  expect(await newsOf(run)).toEqual([...refusedCode, ...refusedCode, "New code and settings", "New settings"]);
});

test("code that settings keep out enters behind settings that let it", async () => {
  const { sources, run } = await running(true);
  sources.edit({ entries: renamed });
  await run.printed(notThere);
  disable(sources);
  await run.printed(/New code since tick \d+/);
  expect(await newsOf(run)).toEqual([...refusedCode, "New settings", "New code"]);
});

test("settings that were saved before the code that they are for enter with it", async () => {
  const { sources, run } = await running(true);
  disable(sources, "lift-gauge");
  await run.printed(/E0612 [^\n]*there is no system "lift-gauge"/);
  sources.edit({ entries: renamed });
  await run.printed(/New code and settings since tick \d+/);
  expect(await newsOf(run)).toEqual(["E0612", ...refusedCode, "New code and settings"]);
});

test("settings that were saved before the code that they are for enter behind it, where it enters without", async () => {
  const { sources, run } = await running(false);
  disable(sources, "lift-gauge");
  await run.printed(/E0612 [^\n]*there is no system "lift-gauge"/);
  sources.edit({ entries: renamed });
  await run.printed(/New settings since tick \d+/);
  expect(await newsOf(run)).toEqual(["E0612", "New code", "New settings"]);
});

test("code that was taken back is tried again when it is saved again", async () => {
  const { sources, run } = await running(false);
  const entries = '...{ systems: [{ ...raiseGauge, run() { throw new Error("it leaks"); } }] },';
  const takenBack = /E0423 [^\n]*it leaks/;
  sources.edit({ entries });
  await run.printed(takenBack);
  saveAgain(sources);
  await told(run, takenBack, 2);
  expect(await newsOf(run)).toEqual(["New code", "E0423", "New code", "E0423"]);
});

test("--watch tries refused code again as well", async () => {
  const sources = sourcesOf();
  const run = started("--watch", sources);
  await run.printed(/every save restarts it/);
  const notTaken = /E0421 [^\n]*Gauge\.level/;
  sources.edit({ level: "f32" });
  await run.printed(notTaken);
  saveAgain(sources);
  await told(run, notTaken, 2);
  sources.edit({ step: 4 });
  await run.printed(/Restarted with new code at tick \d+/);
  await ended(run);
});
