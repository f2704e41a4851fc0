/** The trace in black boxes, whichever way a run is made: unpaced, and one whose trace is written to a file as well. */
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readJournal } from "../../engine/replay/journal.ts";
import { command, messageOf, newPath } from "../cli/command.ts";
import { brokenTick } from "../games/variants.ts";

interface TraceText {
  readonly traceEvents: readonly { readonly name: string; readonly args?: { readonly tick?: number } }[];
}

/** Runs Tumble up to the tick at which it throws; gives the folder and what its box has as a trace. */
async function broken(...args: readonly string[]) {
  const cwd = newPath("folder");
  mkdirSync(cwd);
  const result = await command(["run", "--ticks", "400", ...args], { variant: "throws", cwd });
  expect(result.code, result.stderr).toBe(1);
  const [box] = readdirSync(join(cwd, ".orrery")).filter((name) => name.endsWith(".orb"));
  const { notes } = readJournal(readFileSync(join(cwd, ".orrery", box!)), box!);
  const text = notes.flatMap(({ topic, text }) => (topic === "trace" ? [text] : [])).join("");
  return { cwd, box: join(".orrery", box!), text };
}

function ticksOf(text: string): (number | undefined)[] {
  const { traceEvents } = JSON.parse(text) as TraceText;
  return traceEvents.filter(({ name }) => name === "tick begins").map(({ args }) => args?.tick);
}

test("a run that makes its ticks as fast as it can has its last moments in the box", async () => {
  const { cwd, box, text } = await broken();
  const ticks = ticksOf(text);
  expect(ticks.at(-1)).toBe(brokenTick);
  expect(ticks.length).toBeGreaterThan(10);
  const viewed = await command(["trace", "view", box, "--output", join(cwd, "trace.html")], { cwd });
  expect(viewed.code, viewed.stderr).toBe(0);
});

test("so has a run with --trace, whose file has them as well", async () => {
  for (const pace of [[], ["--paced"]]) {
    const { cwd, text } = await broken("--trace", "t.json", ...pace);
    const ticks = ticksOf(text);
    expect(ticks.at(-1)).toBe(brokenTick);
    expect(ticks.length).toBeGreaterThan(10);
    expect(ticksOf(readFileSync(join(cwd, "t.json"), "utf8")).slice(-ticks.length)).toEqual(ticks);
  }
});

test("a journal is told as what it is, with where a trace is to be found", async () => {
  const path = newPath("run.orj");
  await command(["run", "--ticks", "5", "--record", path]);
  const viewed = await command(["trace", "view", path]);
  expect(viewed.code).toBe(1);
  expect(messageOf(viewed)).toContain("it is a journal and holds no trace.\n");
  expect(messageOf(viewed)).toContain("The newest events of a run are in the black box that it leaves");
});
