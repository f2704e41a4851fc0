/**
 * What a game prints: seen at once on standard error, whichever thread prints it, and never among results or what processes
 * say to each other. Games of the test's own, run by real commands.
 */
import { writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { command, jsonOf, newPath, RunningCommand } from "./command.ts";

const launcher = new URL("../../runtime/launch.ts", import.meta.url).href;
const face = new URL("../../engine/index.ts", import.meta.url).href;

/** The main file of a game that prints a line when it is loaded, by `loud`, and one in each tick, by its system. */
function printing(loud: string, inTick = 'console.log("tick", tick);'): string {
  const file = newPath("printing.ts");
  const text = `
    import { launch } from ${JSON.stringify(launcher)};
    import { defineComponent, defineGame, defineSystem, u32 } from ${JSON.stringify(face)};

    ${loud}
    const Gauge = defineComponent("Gauge", { level: u32 });
    const raise = defineSystem({
      name: "raise",
      phase: "gameplay",
      query: [Gauge],
      writes: [Gauge],
      run({ entities, columns, tick }) {
        ${inTick}
        for (let i = 0; i < entities.length; i++) columns.Gauge.level[entities[i]!]! += 1;
      },
    });
    launch(
      defineGame({
        ...{ id: "printing", tickRate: 60, limits: { entities: 4, players: 1 } },
        components: [Gauge],
        systems: [raise],
        setup: ({ commands }) => void commands.spawn(Gauge),
      }),
    );
  `;
  writeFileSync(file, text);
  return file;
}

const loaded = 'console.log("loaded");';

describe("a game that prints", () => {
  test("is heard on standard error, tick by tick, while it runs", async () => {
    const run = new RunningCommand(["run", "--ticks", "100000", "--paced"], { file: printing(loaded) });
    // While the run goes on: nothing has ended that would empty a stream.
    await run.until(() => /^tick 30$/m.test(run.stderr));
    run.signal("SIGINT");
    const { code, stdout, stderr } = await run.finished;
    expect(code, stderr).toBe(130);
    expect(stderr.split("\n").filter((line) => /^(tick [123]|loaded)$/.test(line))).toEqual([
      // The process and its engine thread load the game.
      ...["loaded", "loaded", "tick 1", "tick 2", "tick 3"],
    ]);
    // What a busy machine does to a run is told behind its hash.
    expect(stdout).toMatch(/^printing: \d+ ticks, .+\nhash [0-9a-f]{16}\n(?:ticks were not made because .+: \d+\n)?$/);
  });

  test("is heard up to the line at which its thread is lost", async () => {
    const hangs = 'console.log("tick", tick);\nwhile (tick === 40) {}';
    const lost = await command(["run", "--ticks", "60", "--silence-limit", "1000"], { file: printing("", hangs) });
    expect(lost.code, lost.stderr).toBe(4);
    expect(lost.stderr).toMatch(/^tick 40$/m);
  });

  test("leaves one JSON value on standard output", async () => {
    const file = printing(loaded);
    const ran = await command(["run", "--ticks", "20", "--json"], { file });
    expect(jsonOf(ran)).toMatchObject({ game: "printing", tickCount: 20 });
    const hash = await command(["run", "--ticks", "20", "--print-hash"], { file });
    expect(hash.stdout).toBe(`${String(jsonOf(ran)["hash"])}\n`);
  });

  // What writes to standard output itself is nobody's result either.
  for (const [by, loud] of [
    ["by the console", loaded],
    ["by itself", 'process.stdout.write("loaded\\n{\\n");'],
  ] as const)
    test(`${by} is replayed and compared in other processes`, async () => {
      const file = printing(loud);
      const journal = newPath("printing.orj");
      const options = ["--keyframe-every", "1000", "--record", journal];
      const ran = await command(["run", "--ticks", "4000", ...options], { file });
      expect(ran.code, ran.stderr).toBe(0);
      const verified = await command(["replay", "verify", journal, "--processes", "2"], { file });
      expect(verified.stdout, verified.stderr).toContain(
        "\n4 parts, each from its keyframe to the next, in 2 processes.",
      );
      const compared = await command(["replay", "diff", journal], { file });
      expect(compared.stdout, compared.stderr).toContain(" and its replay have the same hashes to tick 4000.");
      const words = ["verify", "determinism", "--modes", "plain,interpreted", "--ticks", "30"];
      const determined = await command(words, { file });
      expect(determined.stdout, determined.stderr).toContain("deterministic: 2 runs of printing, one hash ");
    });
});
