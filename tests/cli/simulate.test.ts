/** `simulate` as a user starts it: one ordering hash on two runs, a picture, tables, a trace, faults of usage. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { isTrouble, parseTrace } from "../../engine/trace/parsed.ts";
import { validateTrace } from "../../engine/trace/validate.ts";
import { command, faultIdOf, jsonOf, messageOf, newPath } from "./command.ts";

const orderingOf = (text: string): string | undefined => /^ordering ([0-9a-f]{16})$/m.exec(text)?.[1];

/** Pairs of surfaces whose recording overlaps in time on different tracks, as the file has them. */
function overlapsIn(text: string): readonly string[] {
  const trace = parseTrace(text);
  if (isTrouble(trace)) throw new Error(trace.problem);
  const records = trace.events.filter(({ phase, name }) => phase === "X" && name.endsWith(" record"));
  return records.flatMap((a) =>
    records
      .filter(
        (b) =>
          b.name < a.name &&
          b.threadId !== a.threadId &&
          b.startMicros < a.startMicros + a.durationMicros &&
          a.startMicros < b.startMicros + b.durationMicros,
      )
      .map((b) => `${b.name} on ${b.threadId}, ${a.name} on ${a.threadId}`),
  );
}

describe("simulate", () => {
  test("prints one ordering hash on two runs, and a trace in which surfaces overlap on different threads", async () => {
    const path = newPath("simulation.json");
    const first = await command(["simulate", "--frames", "120", "--workers", "1", "--trace", path]);
    const second = await command(["simulate", "--frames", "120", "--workers", "2"]);
    expect([first.code, second.code]).toEqual([0, 0]);
    expect(orderingOf(first.stdout)).toMatch(/^[0-9a-f]{16}$/);
    expect(orderingOf(second.stdout)).toBe(orderingOf(first.stdout));
    expect([messageOf(first), messageOf(second)]).toEqual(["", ""]);
    const text = readFileSync(path, "utf8");
    expect(validateTrace(text)).toEqual([]);
    expect(overlapsIn(text).length).toBeGreaterThan(0);
    for (const label of ["engine", "worker 0", "MainWindow", "ShadowMap", "ReflectionProbe", "UI_Overlay", "gpu copy"])
      expect(first.stdout).toMatch(new RegExp(`^${label} +\\|[.a-zA-Z#]+\\|$`, "m"));
    for (const stage of ["frame", "jobs", "submit", "present", "publish"])
      expect(first.stdout).toMatch(new RegExp(`^${stage}( +\\d+){3}$`, "m"));
    expect(first.stdout).toMatch(/^texture\/tug +120000 +1 +64 +\d+$/m);
    expect(Math.max(...first.stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(130);
  });

  test("gives figures as JSON; the world is the seed's, the order is not", async () => {
    const run = async (seed: string): Promise<Record<string, unknown>> =>
      jsonOf(await command(["simulate", "--frames", "12", "--workers", "0", "--seed", seed, "--json"]));
    const [one, two] = [await run("1"), await run("2")];
    expect(one).toMatchObject({ frames: 12, workers: 0, seed: 1, ordering: expect.stringMatching(/^[0-9a-f]{16}$/) });
    expect(two["ordering"]).toBe(one["ordering"]);
    expect(two["world"]).not.toBe(one["world"]);
    expect((one["loads"] as { readyFrame: number }[]).map(({ readyFrame }) => readyFrame)).toEqual([
      0, 0, 0, 0, 0, 0, 0,
    ]);
    expect((one["figures"] as { surfaces: { overlapMicros: number } }).surfaces.overlapMicros).toBe(0);
  });

  test("has help with an example, and refuses what it cannot do", async () => {
    const help = await command(["simulate", "--help"]);
    expect(help.stdout).toContain("simulate --frames 120 --trace t.json");
    const none = await command(["simulate", "--frames", "0", "--json"]);
    expect([none.code, faultIdOf(none)]).toEqual([2, "E0601"]);
    const nowhere = await command(["simulate", "--frames", "5", "--trace", `${newPath("x")}/no/folder.json`, "--json"]);
    expect([nowhere.code, faultIdOf(nowhere)]).toEqual([1, "E0902"]);
  });
});
