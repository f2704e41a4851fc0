/**
 * Worlds that break or are broken off, by command: what is said, what the exit code is, and that the
 * journal left behind is whole and verifies as far as it was promised.
 */
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { readJournal } from "../../engine/replay/journal.ts";
import type { VariantName } from "../games/variants.ts";
import { command, type Finished, faultIdOf, journalSoFar, messageOf, newPath, RunningCommand } from "./command.ts";

const variantsFile = fileURLToPath(new URL("../games/variants.ts", import.meta.url));

/** The line of variants.ts that holds `text`. */
function lineWith(text: string): number {
  return (
    1 +
    readFileSync(variantsFile, "utf8")
      .split("\n")
      .findIndex((line) => line.includes(text))
  );
}

/** Runs a variant to its fault, recording. */
async function broken(variant: VariantName, ...more: string[]): Promise<{ result: Finished; path: string }> {
  const path = newPath(`${variant}.orj`);
  return { result: await command(["run", "--ticks", "400", "--record", path, ...more], { variant }), path };
}

/** Verifies with the healthy game and gives what was printed. */
async function verified(path: string): Promise<string> {
  const result = await command(["replay", "verify", path]);
  expect(result.code, result.stderr).toBe(0);
  return result.stdout;
}

describe("a system that fails", () => {
  test("by throwing: system, tick and place are told, and the journal is whole up to the tick before", async () => {
    const { result, path } = await broken("throws");
    expect(result).toMatchObject({ code: 1, stdout: "" });
    const [first, , where, ...rest] = messageOf(result).split("\n");
    const place = `tests/games/variants.ts:${lineWith('throw new Error("the belt slipped")')}:`;
    expect(first).toMatch(/^E0303 System "swing-arms" \(phase gameplay\) threw at tick 200: the belt slipped at /);
    expect(first).toContain(place);
    expect(where).toContain("      tick 200, frame 200, gameplay, system swing-arms, at ");
    expect(where).toContain(place);
    expect(rest[0]).toBe("Error: the belt slipped");
    expect(rest[1]).toContain(place);
    expect(rest.at(-1)).toBe(`journal ${path}: whole up to tick 199 (${statSync(path).size} bytes)`);
    const text = await verified(path);
    expect(text).toContain(": 199 ticks verified, ");
    expect(text).toContain('The run ended with a fault after tick 199: E0303 System "swing-arms" ');
  });

  test("by writing NaN: component, field, entity, system and tick are told", async () => {
    const { result, path } = await broken("notANumber");
    expect(result.code).toBe(1);
    expect(messageOf(result).split("\n")[0]).toMatch(
      /^E0304 System "swing-arms" left NaN in Arm\.angle of entity \d+ at tick 200\.$/,
    );
    expect(await verified(path)).toContain(": 199 ticks verified, ");
  });

  test("by writing NaN where it only reads: its source is told, and making it happen again names the system", async () => {
    const { result, path } = await broken("spoils");
    expect(result.code).toBe(1);
    expect(messageOf(result).split("\n").slice(0, 2)).toEqual([
      'E0304 System "propagate-transforms" left NaN in WorldTransform.matrix of entity 6 at tick 200. Position.y of entity 6, which it reads, was NaN before; no system that declares to write it left that there.',
      "      Run with --audit, or the black box with `replay run --audit`: that names the system that wrote Position.y without declaring it.",
    ]);
    const again = await command(["replay", "run", path], { variant: "spoils" });
    expect(again.code).toBe(1);
    expect(messageOf(again)).toMatch(
      /^Run again under audit it comes to this first: E0315 System "keep-ledger" \(phase gameplay\) wrote Position\.y of entity 6 at tick 200,/m,
    );
  });

  test("by a stale handle: the fault within the fault is told, and its entity", async () => {
    const { result, path } = await broken("stale");
    expect(result.code).toBe(1);
    expect(messageOf(result).split("\n")[0]).toMatch(
      /^E0303 System "swing-arms" \(phase gameplay\) threw at tick 200, entity \d+: E0302 .* of generation /,
    );
    expect(await verified(path)).toContain(": 199 ticks verified, ");
  });

  test("outside the tick, in another subsystem", async () => {
    const { result, path } = await broken("failsAfterTick");
    expect(result.code).toBe(1);
    expect(messageOf(result)).toContain("the bystander fell");
    expect(await verified(path)).toContain(": 199 ticks verified, ");
  });

  test("is the one JSON value of the command", async () => {
    const { result } = await broken("throws", "--json");
    expect([result.code, faultIdOf(result)]).toEqual([1, "E0303"]);
  });

  test("by ending the thread: the journal is drained to its last block", async () => {
    const { result, path } = await broken("exits");
    expect(result.code).toBe(4);
    const message = messageOf(result);
    expect(message).toContain("E0605 The engine thread ended unexpectedly: it exited with code 9.");
    expect(message).toContain(`journal ${path}: whole up to its last block`);
    expect(await verified(path)).toContain(": 195 ticks verified, ");
  });

  test("by looping without end: an interrupt ends it all the same, and where it hung is told", async () => {
    const path = newPath("endless.orj");
    const world = new RunningCommand(["run", "--ticks", "400", "--record", path], { variant: "endless" });
    await world.printed(/the belt never stops/);
    world.signal("SIGINT");
    const result = await world.finished;
    expect(result.code).toBe(4);
    // The limit is counted from the last sign of life, by the run or by who waits for its stop.
    expect(messageOf(result)).toMatch(
      /E0606 The engine thread did not come back from tick 200 \(system swing-arms of gameplay\) within \d+ ms\./,
    );
    expect(await verified(path)).toContain(": 195 ticks verified, ");
  });
});

const ticksOf = (path: string): number => journalSoFar(path)?.ticks.length ?? 0;

describe("a run that is broken off", () => {
  const endless = (path: string, ...more: string[]): RunningCommand =>
    new RunningCommand(["run", "--ticks", "100000000", "--record", path, ...more]);

  for (const signal of ["SIGINT", "SIGTERM"] as const)
    test(`by ${signal}: it ends with 130, and the journal has its end`, async () => {
      const path = newPath(`${signal}.orj`);
      const world = endless(path);
      await world.until(() => ticksOf(path) >= 120);
      world.signal(signal);
      const result = await world.finished;
      expect(result).toMatchObject({ code: 130, signal: null });
      expect(result.stderr).toMatch(/stopped in \d+\.\d+ s\n$/);
      const journal = readJournal(readFileSync(path), path);
      expect(journal.end).toMatchObject({ reason: "stopped", tick: journal.ticks.length });
      expect(result.stdout).toContain(`tumble: ${journal.ticks.length} ticks, seed 1, `);
      expect(await verified(path)).not.toMatch(/cut short|no end/);
    });

  test("by SIGINT while it waits for the clock", async () => {
    const path = newPath("paced.orj");
    const world = endless(path, "--paced");
    await world.until(() => ticksOf(path) >= 60);
    world.signal("SIGINT");
    expect((await world.finished).code).toBe(130);
    expect(await verified(path)).not.toMatch(/cut short|no end/);
  });

  test("by SIGKILL: the journal verifies to its last whole block, again and again", async () => {
    for (let round = 1; round <= 2; round++) {
      const path = newPath("killed.orj");
      const world = endless(path);
      await world.until(() => ticksOf(path) >= round * 240);
      world.signal("SIGKILL");
      expect(await world.finished).toMatchObject({ code: null, signal: "SIGKILL" });
      const journal = readJournal(readFileSync(path), path);
      expect(journal.end).toBeUndefined();
      expect(journal.ticks.length).toBeGreaterThanOrEqual(round * 240);
      const text = await verified(path);
      expect(text).toContain(`: ${journal.ticks.length} ticks verified, `);
      expect(text).toContain(
        journal.tornBytes > 0
          ? `The journal was cut short: ${journal.tornBytes} bytes behind the last whole block`
          : "The journal has no end: the run was killed, or goes on.",
      );
    }
  });
});

describe("a world whose main file throws beside it", () => {
  const face = new URL("../../engine/index.ts", import.meta.url).href;
  const launcher = new URL("../../runtime/launch.ts", import.meta.url).href;
  const lines = [
    'import { isMainThread } from "node:worker_threads";',
    `import { defineGame, defineSystem } from ${JSON.stringify(face)};`,
    `import { launch } from ${JSON.stringify(launcher)};`,
    // Timers of modules are no reason for a thread or a command to stay.
    "setInterval(() => {}, 100_000).ref();",
    'const tell = defineSystem({ name: "tell", phase: "gameplay", run({ tick }) { if (tick === 30) console.error("made"); } });',
    'if (isMainThread) process.stdin.once("data", () => { throw new Error("no such word"); });',
    'launch(defineGame({ id: "beside", tickRate: 60, components: [], systems: [tell], setup() {} }));',
  ];

  test("ends in good order: the place is told, and the black box makes all its ticks again", async () => {
    const file = newPath("beside.ts");
    writeFileSync(file, lines.join("\n"));
    const [path, boxes] = [newPath("beside.orj"), newPath("boxes")];
    const words = ["run", "--paced", "--ticks", "100000000", "--record", path, "--black-box", boxes];
    const world = new RunningCommand(words, { file, hasInput: true });
    await world.printed(/^made$/m);
    world.say("stop");
    const result = await world.finished;
    expect(result).toMatchObject({ code: 1, stdout: "" });
    const fault = /^E0615 Nothing caught what was thrown outside of every call: no such word at (\S+)\.$/m.exec(
      result.stderr,
    );
    expect(fault?.[1], result.stderr).toMatch(/beside\.ts:6:60$/);
    const box = /^black box (\S+): ticks 1 to (\d+),/m.exec(result.stderr);
    const journal = readJournal(readFileSync(path), path);
    expect(journal.end).toMatchObject({ reason: "stopped", tick: Number(box?.[2]) });
    const again = new RunningCommand(["replay", "run", box![1]!], { file, hasInput: true });
    await again.printed(/^The run ended outside of its ticks, which is not made again: E0615 .+no such word/m);
    again.signal("SIGKILL");
    await again.finished;
    expect(again.stdout).toContain(`: ticks 1 to ${box![2]} as recorded, hash `);
  });
});
