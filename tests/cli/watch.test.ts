/**
 * `--watch` by the real command: a save restarts the world from a keyframe in a thread of its own, with its state, its tick
 * count and its journal; what cannot be moved is told and changes nothing; what `--hot` refuses because memory is laid out
 * at the start is taken.
 */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { isTrouble, parseTrace } from "../../engine/trace/parsed.ts";
import { validateTrace } from "../../engine/trace/validate.ts";
import type { RunSummary } from "../../runtime/world/engine-thread.ts";
import { command, journalSoFar, newPath, type RunningCommand } from "./command.ts";
import { ended, sourcesOf, started } from "./edited.ts";

/** Entries of a game with a pile of balls, whose dense contacts a restart has to continue. */
const pile = `
  physics: { gravity: [0, -9.81, 0] },
  limits: { entities: 64, players: 2 },
  setup({ commands }) {
    commands.spawn(Gauge, Twice, Position);
    commands.spawn(RigidBody.of({ kind: 1 }), boxCollider(3, 0.5, 3), Position.of({ y: -0.5 }));
    for (let i = 0; i < 40; i++)
      commands.spawn(
        RigidBody.of({ neverSleeps: true }),
        ballCollider(0.4, { reports: true }),
        Position.of({ x: (i % 3) * 0.3, y: 1 + i * 0.5, z: (i % 2) * 0.4 }),
      );
  },`;

/** Entries of a game with resources that are rebuilt from the world, by a pipeline of this name. */
function resourcesOf(pipeline: string, names: readonly string[]): string {
  return `
  pipelines: [definePipeline({
    name: "${pipeline}",
    host: false,
    stages: [defineStage({ name: "copy", run: (context) => context.allocate(context.input.length).set(context.input) })],
  })],
  resources: ${JSON.stringify(names)}.map((name) => defineResource({
    name,
    pipeline: "${pipeline}",
    kind: "bytes",
    world: { every: 10 + name.length, latency: 4, input: ({ tick }) => new Uint8Array([tick & 255]) },
  })),`;
}

const ready = /every save restarts it/;
const restarted = /Restarted with new code at tick (\d+) \(\d+ ms\): ([^\n]*)/g;

/** Waits for the restart of this number, from 1, and gives its tick and what it says of the state. */
async function restart(run: RunningCommand, number: number): Promise<readonly [tick: number, report: string]> {
  const all = (): RegExpExecArray[] => [...(run.stdout + run.stderr).matchAll(restarted)];
  await run.until(() => all().length >= number);
  const [, tick, report] = all()[number - 1]!;
  return [Number(tick), report!];
}

describe.each([0, 1])("with %i workers", (workers) => {
  test("saves restart the world where it is, or are refused, and the journal replays through all of them", async () => {
    const sources = sourcesOf();
    const journal = newPath("watch.orj");
    const run = started("--watch", sources, "--record", journal, "--workers", String(workers));
    await run.printed(ready);
    sources.edit({ step: 5 });
    const [first, report] = await restart(run, 1);
    expect([first > 0, report]).toEqual([true, "The state is as it was."]);

    sources.edit({ step: 5, level: "f32" });
    await run.printed(/E0421 [^\n]*Gauge\.level is u32 there and f32 in the new code/);
    sources.edit({ step: 5, head: 'throw new Error("no lamp");' });
    await run.printed(/E0422 [^\n]*: no lamp \(parts\.ts:3:7\)/);

    sources.edit({
      step: 2,
      level: "f32",
      entries: `migrations: [defineMigration({
        from: { component: "Gauge", fields: { level: u32 } }, to: Gauge, move: ({ level }) => ({ level: level / 2 }),
      })],`,
    });
    const [second, moved] = await restart(run, 2);
    expect([second > first, moved]).toEqual([true, "Gauge is made from Gauge by a migration."]);
    sources.edit({ step: 9, level: "f32" });
    const [third] = await restart(run, 3);
    expect(third).toBeGreaterThan(second);

    await ended(run);

    // The state went along, or no tick behind a restart would come out again: the replay moves it by itself.
    sources.edit({});
    const replayed = await command(["replay", "verify", journal], { file: sources.main });
    expect([replayed.code, replayed.stderr]).toEqual([0, replayed.stderr]);
    expect(replayed.stdout).toMatch(/ticks verified/);
  }, 120_000);
});

describe.each([0, 1])("new code that faults in its first ticks, with %i workers", (workers) => {
  test("is taken back, the world goes on with the code before, and the journal replays", async () => {
    const sources = sourcesOf();
    sources.edit({ entries: pile });
    const journal = newPath("undone.orj");
    const run = started("--watch", sources, "--record", journal, "--workers", String(workers), "--print-hash");
    await run.printed(ready);
    sources.edit({ entries: pile, step: 5, first: 'if (tick % 40 === 17) throw new Error("bad tick");' });
    const [first] = await restart(run, 1);
    const undone = /E\d+ [^\n]*taken back[^\n]*|E\d+ [^\n]*bad tick[^\n]*/;
    const [text] = await run.printed(undone);
    expect(text).toMatch(/bad tick/);
    // The code before goes on and can be restarted again, and that is for good.
    sources.edit({ entries: pile, step: 2 });
    const [second] = await restart(run, 2);
    expect(second).toBeGreaterThan(first);
    sources.edit({ entries: pile, step: 2, first: 'if (tick > 0) throw new Error("at once");' });
    await run.printed(/at once/);
    await ended(run);
    sources.edit({});
    const replayed = await command(["replay", "verify", journal], { file: sources.main });
    expect([replayed.code, replayed.stderr]).toEqual([0, replayed.stderr]);
    expect(replayed.stdout).toMatch(/ticks verified/);
  }, 120_000);
});

test("other resources and pipelines are taken, and replays go through them, whole and from keyframes", async () => {
  const sources = sourcesOf();
  // Numbers of resources are places in their sorted names, so each list gives "middle" another one.
  sources.edit({ entries: resourcesOf("copy", ["middle"]) });
  const journal = newPath("resources.orj");
  const run = started("--watch", sources, "--record", journal, "--keyframe-every", "50", "--workers", "1");
  await run.printed(ready);
  sources.edit({ entries: resourcesOf("copy", ["middle", "first"]) });
  const [first] = await restart(run, 1);
  sources.edit({ step: 3, entries: resourcesOf("other", ["middle", "early", "last"]) });
  const [second] = await restart(run, 2);
  sources.edit({ step: 3 });
  const [third] = await restart(run, 3);
  expect([first < second, second < third]).toEqual([true, true]);
  await run.until(() => (journalSoFar(journal)?.lastTick ?? 0) >= third + 90);
  await ended(run);

  sources.edit({});
  for (const args of [
    ["verify", journal],
    ["run", journal],
    ["run", journal, "--to-tick", String(third + 5)],
  ]) {
    const replayed = await command(["replay", ...args], { file: sources.main });
    expect([replayed.code, replayed.stderr]).toEqual([0, replayed.stderr]);
    expect(replayed.stdout).toMatch(/verified|as recorded/);
  }
}, 120_000);

describe("what looks on", () => {
  test("goes on behind a restart: trace, watches, log, counts", async () => {
    const sources = sourcesOf();
    const [trace, log, telemetry] = [newPath("trace.json"), newPath("log.jsonl"), newPath("telemetry.jsonl")];
    const looks = [
      "--trace",
      trace,
      "--log",
      log,
      "--telemetry",
      telemetry,
      "--watch-value",
      "Gauge.level:2",
      "--json",
      "--workers",
      "1",
    ];
    const run = started("--watch", sources, ...looks);
    await run.printed(ready);
    // Another system and column before those of the first program: all numbers of names are others.
    sources.edit({
      step: 1_000,
      head: `export const Aaa = defineComponent("Aaa", { a: u32 });`,
      entries: "",
    });
    const [tick] = await restart(run, 1);
    await run.printed(new RegExp(`tick ${tick + 30}, frame \\d+: Gauge\\.level of entity 2`));
    const { stderr, stdout } = await ended(run);
    const told = [...stderr.matchAll(/tick (\d+), frame \d+: Gauge\.level of entity 2 is (\d+) by raise-gauge/g)];
    const { tickCount, timings } = JSON.parse(stdout) as RunSummary;
    expect(told.map(([, at, level]) => [Number(at), Number(level)])).toEqual(
      told.map((_, i) => [i + 1, i < tick ? i + 1 : tick + (i + 1 - tick) * 1_000]),
    );
    expect(told.length).toBe(tickCount);
    expect(timings.map(({ system }) => system)).toEqual(["raise-gauge", "propagate-transforms"]);

    const text = readFileSync(trace, "utf8");
    const parsed = parseTrace(text);
    if (isTrouble(parsed)) throw new Error(parsed.problem);
    expect(validateTrace(text)).toEqual([]);
    const marks = parsed.events.filter(({ name, phase }) => name === "tick begins" && phase === "i");
    expect(marks.map(({ args }) => args["tick"])).toEqual(Array.from({ length: tickCount }, (_, i) => i + 1));
    const counted = JSON.parse(readFileSync(telemetry, "utf8").trim().split("\n").at(-1)!) as {
      readonly counters: Readonly<Record<string, number>>;
    };
    expect(counted.counters["orrery_ticks_total"]).toBe(tickCount);
    expect(readFileSync(log, "utf8").match(/the world stopped after \d+ ticks/g)).toEqual([
      `the world stopped after ${tickCount} ticks`,
    ]);
  }, 120_000);

  test("audits and reports ill health behind a restart", async () => {
    const sources = sourcesOf();
    sources.edit({ level: "f32" });
    const run = started("--watch", sources, "--audit", "--workers", "0");
    await run.printed(ready);
    sources.edit({ level: "f32", first: "columns.Gauge.level[7] = 1;" });
    await run.printed(/E0315 [^\n]*wrote Gauge\.level of entity 7/);
    sources.edit({ level: "f32", first: "columns.Gauge.level[2] = Infinity;" });
    await run.printed(/health[^\n]*Gauge\.level of entity 2 is Infinity after "raise-gauge"/);
    await ended(run);
  }, 120_000);
});

test("--hot and --watch are two ways", async () => {
  const sources = sourcesOf();
  const { code, stderr } = await command(["run", "--hot", "--watch"], { file: sources.main });
  expect([code, stderr]).toEqual([2, expect.stringContaining("Give one of them")]);
});
