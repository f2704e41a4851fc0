/**
 * World resources: made from snapshots at fixed ticks, read by jobs from exactly launch + latency on, whatever the
 * threads, the frames and the speed of their stages. Tide's hash holds every byte that a job has read.
 */
import { describe, expect, test } from "vitest";
import { type AssetMemory, allocateAssetMemory } from "../../../engine/asset/memory.ts";
import { hashHex } from "../../../engine/base/hash.ts";
import { Engine } from "../../../engine/engine.ts";
import type { Game } from "../../../engine/game.ts";
import { ManualClock } from "../../../engine/ports/clock.ts";
import { type Journal, readJournal } from "../../../engine/replay/journal.ts";
import { verifyJournal } from "../../../engine/replay/player.ts";
import { record } from "../../data/journals.ts";
import {
  chartEvery,
  chartLatency,
  chartTickAt,
  makeTide,
  Reading,
  readEvery,
  readLatency,
  type TideOptions,
} from "../../games/tide.ts";
import { faultFrom, startGame } from "../jobs/small-jobs.ts";
import { faultOf } from "../small-world.ts";

interface Seen {
  readonly tick: number;
  readonly launchedTick: number;
  readonly chartTick: number;
}

const hashOf = ({ world }: Engine): string => hashHex(world.hash.high, world.hash.low);

async function started(game: Game, memory?: AssetMemory): Promise<Engine> {
  const assets = memory === undefined ? {} : { assets: { memory } };
  const engine = new Engine(game, { clock: new ManualClock(), ...assets }, { seed: 3 });
  await engine.start();
  return engine;
}

/** What the buoy of entity 5 reads at each tick. */
async function readings(options: TideOptions, tickCount = 60, memory?: AssetMemory): Promise<Seen[]> {
  const engine = await started(makeTide(options), memory);
  const columns = engine.world.store.columnsOf(Reading) as unknown as Record<keyof Seen, ArrayLike<number>>;
  return Array.from({ length: tickCount }, (_, i) => {
    engine.step();
    return { tick: i + 1, launchedTick: columns.launchedTick[5]!, chartTick: columns.chartTick[5]! };
  });
}

/** The same by the rule. `charts` are the ticks at which a rebuild was launched. */
function expectedReadings(charts: readonly number[], latency: number, tickCount = 60): Seen[] {
  return Array.from({ length: tickCount }, (_, i) => {
    const tick = i + 1;
    const launchedTick = Math.max(0, Math.floor((tick - readLatency) / readEvery) * readEvery);
    const chartTick = charts.findLast((chart) => chart + latency <= launchedTick) ?? 0;
    return { tick, launchedTick, chartTick };
  });
}

const launches = (every: number, tickCount = 60): number[] =>
  Array.from({ length: tickCount / every }, (_, i) => (i + 1) * every);

async function replay(journal: Journal, game: Game): Promise<string> {
  const run = verifyJournal(journal, game, { clock: new ManualClock() });
  for (;;) {
    const step = await run.next();
    if (step.done === true) return step.value.hash;
  }
}

describe("a chart", () => {
  test.each([
    { every: 10, latency: 6 },
    { every: 10, latency: 10 },
    { every: 10, latency: 1 },
    { every: 1, latency: 1 },
    { every: 3, latency: 2 },
    { every: 7, latency: 7 },
  ])("every $every ticks is read from $latency ticks after its launch, to the tick", async ({ every, latency }) => {
    expect(await readings({ every, latency })).toEqual(expectedReadings(launches(every), latency));
  });

  test("that is due while a reader is on its way is not seen by that reader", async () => {
    const seen = await readings({});
    // Due at 16; a reader launched at 14 enters at 17 and has read the one before.
    const entered = seen.find(({ launchedTick }) => launchedTick === 14)!;
    expect(entered).toEqual({ tick: 17, launchedTick: 14, chartTick: 0 });
    expect(seen.find(({ launchedTick }) => launchedTick === 16)).toEqual({ tick: 19, launchedTick: 16, chartTick: 10 });
    expect(chartTickAt(16)).toBe(10);
    expect(chartTickAt(15)).toBe(0);
  });

  test("keeps its bytes as long as a reader is on its way, also where memory is used again at once", async () => {
    const tickCount = 300;
    // Room for some thirty charts: each is written where an old one lay.
    const memory = allocateAssetMemory({ resources: 4, tickets: 4, threads: 4, heapBytes: 1, heapBytesMax: 1 });
    const seen = await readings({ every: 1, latency: 1 }, tickCount, memory);
    expect(seen).toEqual(expectedReadings(launches(1, tickCount), 1, tickCount));
    expect(memory.buffer.byteLength).toBeLessThan(100_000);
  });

  test("without an input is left out, and the one before stays", async () => {
    const hasInput = (tick: number): boolean => tick !== 10 && tick !== 30 && tick !== 40;
    expect(await readings({ hasInput })).toEqual(expectedReadings([20, 50], chartLatency));
  });

  test("that fails at first is tried again within its time, and nobody can tell", async () => {
    const hashes = async (options: TideOptions): Promise<string[]> => {
      const engine = await started(makeTide(options));
      return Array.from({ length: 60 }, () => {
        engine.step();
        return hashOf(engine);
      });
    };
    const whole = await hashes({});
    expect(await hashes({ variant: "fails-twice" })).toEqual(whole);
    expect(await hashes({ variant: "slow" })).toEqual(whole);
    // The hash would tell: another chart gives another one.
    expect(await hashes({ latency: 8 })).not.toEqual(whole);
  });

  test("that cannot be made stops the world at the tick that needs it, with the cause", async () => {
    const engine = await started(makeTide({ variant: "fails" }));
    for (let tick = 1; tick < 30 + chartLatency; tick++) engine.step();
    expect(faultFrom(() => engine.step())).toEqual({
      kind: "resource-overdue",
      fields: {
        name: "chart",
        pipeline: "chart",
        launchedTick: 30,
        tick: 36,
        problem: 'its stage "sound" failed: no chart for tick 30',
      },
    });
    expect(engine.status).toMatchObject({ state: "faulted", tick: 35 });
  });
});

describe("the hash does not tell", () => {
  const atTick60 = async (run: (engine: Engine) => void): Promise<string> => {
    const engine = await started(makeTide());
    run(engine);
    expect(engine.world.tickCount).toBe(60);
    return hashOf(engine);
  };

  test("how many ticks a frame makes, nor how often assets are polled", async () => {
    const single = await atTick60((engine) => {
      for (let i = 0; i < 60; i++) engine.step();
    });
    for (const ticksPerFrame of [2, 3, 5]) {
      const hash = await atTick60((engine) => {
        engine.frame(0);
        for (let tick = ticksPerFrame; tick <= 60; tick += ticksPerFrame) engine.frame(Math.ceil((tick * 1e6) / 60));
      });
      expect(hash, `${ticksPerFrame} ticks a frame`).toBe(single);
    }
    const oftenPolled = await atTick60((engine) => {
      engine.frame(0);
      // Four frames a tick, three of them without one.
      for (let quarter = 1; quarter <= 240; quarter++) engine.frame(Math.ceil((quarter * 1e6) / 240));
    });
    expect(oftenPolled).toBe(single);
  });

  test("whether there is a pool, and guard mode", async () => {
    const single = await atTick60((engine) => {
      for (let i = 0; i < 60; i++) engine.step();
    });
    for (const options of [{}, { guard: true }, { guard: true, shuffleSeed: 5 }]) {
      const { engine } = await startGame(makeTide(), options);
      for (let i = 0; i < 60; i++) engine.step();
      expect(hashOf(engine)).toBe(single);
    }
  });
});

describe("a journal", () => {
  test("has a record of each chart at the tick at which it entered, and a replay makes them again", async () => {
    const game = makeTide();
    const journal = readJournal(await record({ game, tickCount: 60, seed: 3 }), "tide.orj");
    const published = journal.ticks.flatMap(({ tick, records }) =>
      records.flatMap((one) =>
        one.kind === "publish" ? [{ tick, resource: one.resource, version: one.version }] : [],
      ),
    );
    expect(published).toEqual(
      launches(chartEvery)
        .map((launched, i) => ({ tick: launched + chartLatency, resource: 0, version: i + 1 }))
        .filter(({ tick }) => tick <= 60),
    );
    const hashes = new Set(
      journal.ticks.flatMap(({ records }) =>
        records.flatMap((one) => (one.kind === "publish" ? [hashHex(one.hashHigh, one.hashLow)] : [])),
      ),
    );
    expect(hashes.size, "each chart is another").toBe(published.length);
    const { hashHigh, hashLow } = journal.ticks.at(-1)!;
    expect(await replay(journal, game)).toBe(hashHex(hashHigh, hashLow));
    expect(await replay(journal, makeTide({ variant: "slow" }))).toBe(hashHex(hashHigh, hashLow));
  });

  test("is refused by a game whose charts come at other ticks, and found out by one that draws others", async () => {
    const journal = readJournal(await record({ game: makeTide(), tickCount: 40, seed: 3 }), "tide.orj");
    await expect(replay(journal, makeTide({ latency: 7 }))).rejects.toMatchObject({
      fault: { kind: "journal-mismatch" },
    });
    await expect(replay(journal, makeTide({ hasInput: (tick) => tick !== 20 }))).rejects.toMatchObject({
      fault: { kind: "desync", fields: { tick: 26 } },
    });
  });

  test("of a world that a chart stopped ends with the fault", async () => {
    const bytes = await record({ game: makeTide({ variant: "fails" }), tickCount: 60, seed: 3 });
    const journal = readJournal(bytes, "tide.orj");
    expect(journal.ticks.length).toBe(35);
    expect(journal.end).toMatchObject({ reason: "faulted", tick: 35 });
    expect(journal.end!.text).toMatch(/^E0808 Tick 36 waits for the world resource "chart", launched after tick 30/);
    // The healthy game makes what was recorded of it.
    expect(await replay(journal, makeTide())).toBe(hashHex(journal.end!.hashHigh, journal.end!.hashLow));
  });
});

describe("a restart", () => {
  test("begins with no chart and is equal to the first run", async () => {
    const engine = await started(makeTide());
    for (let i = 0; i < 33; i++) engine.step();
    const first = hashOf(engine);
    engine.stop();
    await engine.start();
    for (let i = 0; i < 33; i++) engine.step();
    expect(hashOf(engine)).toBe(first);
  });
});

test("two engines in one thread do not share charts", async () => {
  const [a, b] = [await started(makeTide()), await started(makeTide({ hasInput: () => false }))];
  for (let i = 0; i < 40; i++) {
    a.step();
    b.step();
  }
  const chartOf = (engine: Engine): number => engine.world.store.columnsOf(Reading)["chartTick"]![5]! as number;
  expect([chartOf(a), chartOf(b)]).toEqual([30, 0]);
});

test("faults of a definition name what is wrong", () => {
  const rule = (every: number, latency: number) => (): unknown => makeTide({ every, latency });
  expect(faultOf(rule(5, 6))).toMatchObject({
    kind: "bad-definition",
    fields: { name: "chart", problem: "its latency is 6" },
  });
  expect(faultOf(rule(0, 0))).toMatchObject({ fields: { problem: "its every is 0" } });
  expect(faultOf(rule(2.5, 1))).toMatchObject({ fields: { problem: "its every is 2.5" } });
});
