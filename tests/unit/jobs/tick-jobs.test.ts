/** Tick jobs: their answers enter by the door at exactly T + latency, and replays need nothing of the journal's. */
import { describe, expect, test } from "vitest";
import { hashHex } from "../../../engine/base/hash.ts";
import { defineComponent } from "../../../engine/ecs/component.ts";
import { f32, u32 } from "../../../engine/ecs/field.ts";
import { type AnyJob, defineTickJob } from "../../../engine/jobs/definition.ts";
import { ManualClock } from "../../../engine/ports/clock.ts";
import { readJournal } from "../../../engine/replay/journal.ts";
import { verifyJournal } from "../../../engine/replay/player.ts";
import { defineSystem } from "../../../engine/sim/system.ts";
import { record } from "../../data/journals.ts";
import { senseEvery, senseLatency, swarm } from "../../games/swarm.ts";
import { Aged, faultFrom, type Started, startGame, startJobs } from "./small-jobs.ts";

const Said = defineComponent("Said", { tick: f32, seconds: f32, runs: u32 }, { writtenIn: [], writer: "door" });

/** Answers every Aged with the tick of the snapshot. */
function telling(
  every: number,
  latency: number,
  change: (row: { tick: number }) => number = ({ tick }) => tick,
): AnyJob {
  return defineTickJob({
    name: "tell",
    every,
    latency,
    reads: [Aged],
    params: { runs: u32, seconds: f32 },
    answer: Said,
    chunkItems: 4,
    itemsMax: ({ entities }) => entities + 1,
    begin({ snapshot, params, deltaSeconds }) {
      params.runs[0] = params.runs[0]! + 1;
      params.seconds[0] = deltaSeconds;
      return snapshot.slotCount;
    },
    run({ first, count, tick, params, output, snapshot }) {
      let rows = 0;
      for (let e = first; e < first + count; e++) {
        if (!snapshot.has(e, Aged)) continue;
        output.entity[rows] = snapshot.handleOf(e);
        output.tick[rows] = change({ tick });
        output.seconds[rows] = params.seconds[0]!;
        output.runs[rows++] = params.runs[0]!;
      }
      return rows;
    },
  });
}

const withSaid = {
  components: [Aged, Said],
  setup: ({ commands }: { commands: { spawn(...parts: unknown[]): unknown } }) => {
    for (let i = 0; i < 8; i++) commands.spawn(Aged, Said);
  },
};

function columnsOf({ engine }: Started): Readonly<Record<"tick" | "runs" | "seconds", ArrayLike<number>>> {
  return engine.world.store.columnsOf(Said) as never;
}

const pairs = [1, 2, 3, 5].flatMap((every) => [1, 2, 3, 4, 7].map((latency) => ({ every, latency })));

describe("an answer", () => {
  test.each(pairs)("of a job every $every ticks enters $latency later, to the tick", async ({ every, latency }) => {
    const started = await startJobs([telling(every, latency)], withSaid as never);
    const { engine } = started;
    for (let tick = 1; tick <= 40; tick++) {
      engine.step();
      const launched = Math.floor((tick - latency) / every) * every;
      const expected = launched >= 1 ? launched : 0;
      expect(columnsOf(started).tick[3], `at tick ${tick}`).toBe(expected);
    }
  });

  test("enters the same in frames of several ticks", async () => {
    const rows = async (ticksPerFrame: number): Promise<string[]> => {
      const started = await startJobs([telling(2, 3)], withSaid as never);
      const { engine } = started;
      const hashes: string[] = [];
      engine.frame(0);
      for (let micros = 0; engine.world.tickCount < 36; ) {
        micros += Math.ceil((ticksPerFrame * 1_000_000) / 60);
        engine.frame(micros);
        if (engine.world.tickCount % 12 === 0) hashes.push(hashHex(engine.world.hash.high, engine.world.hash.low));
      }
      return hashes;
    };
    const one = await rows(1);
    expect(await rows(3)).toEqual(one);
    expect(await rows(4)).toEqual(one);
  });

  test("for an entity that is no more, or is another by now, is left out", async () => {
    const replace = defineSystem({
      name: "replace",
      phase: "gameplay",
      query: [Aged],
      run({ entities, tick, commands, world }) {
        // The last one goes; another takes its slot a tick later.
        if (tick === 3) commands.despawn(world.handleOf(entities[entities.length - 1]!));
        if (tick === 4) commands.spawn(Said, Aged);
      },
    });
    const started = await startJobs([telling(2, 3)], {
      ...withSaid,
      systems: [replace],
    } as never);
    const { engine } = started;
    for (let tick = 1; tick <= 5; tick++) engine.step();
    const columns = columnsOf(started);
    // Launched at 2, before the replacement; entered at 5.
    const values = Array.from({ length: 10 }, (_, e) => columns.tick[e]!);
    expect(values.slice(2)).toEqual([2, 2, 2, 2, 2, 2, 2, 0]);
    engine.step();
    engine.step();
    expect(Array.from({ length: 10 }, (_, e) => columns.tick[e]!).slice(2)).toEqual([4, 4, 4, 4, 4, 4, 4, 4]);
  });

  test("that is not a number is a fault with component, field, entity, job and tick", async () => {
    const { engine } = await startJobs(
      [telling(2, 3, ({ tick }) => (tick === 4 ? Number.NaN : tick))],
      withSaid as never,
    );
    for (let tick = 1; tick <= 6; tick++) engine.step();
    expect(faultFrom(() => engine.step())).toEqual({
      kind: "not-a-number",
      fields: { component: "Said", field: "tick", entity: 2, system: "job tell", tick: 4 },
    });
  });
});

test("a run knows nothing of the runs before it: parameters begin as zeros, and the time is the interval", async () => {
  const started = await startJobs([telling(2, 5)], withSaid as never);
  for (let tick = 1; tick <= 21; tick++) started.engine.step();
  const { tick, runs, seconds } = columnsOf(started);
  expect({ tick: tick[3], runs: runs[3] }).toEqual({ tick: 16, runs: 1 });
  expect(seconds[3]).toBeCloseTo(2 / 60, 6);
});

test("no driver can send an answer or publish a resource", async () => {
  const { engine } = await startJobs([telling(2, 3)], withSaid as never);
  const { door } = engine.world;
  expect(door.admit({ kind: "answer", component: 1, rows: new Uint8Array(8) })).toBe(false);
  expect(door.admit({ kind: "publish", resource: 0, version: 1, hashHigh: 0, hashLow: 0, isWorld: true })).toBe(false);
  expect(door.refusedCount).toBe(2);
});

test("what is on its way is told, and a stop cancels it", async () => {
  const { engine, jobs } = await startJobs([telling(2, 5)], withSaid as never);
  for (let tick = 1; tick <= 6; tick++) engine.step();
  expect([...jobs.flights].sort((a, b) => a.launchedTick - b.launchedTick)).toEqual([
    { job: "tell", launchedTick: 2 },
    { job: "tell", launchedTick: 4 },
    { job: "tell", launchedTick: 6 },
  ]);
  expect(jobs.flightsOutstanding).toBe(3);
  engine.stop();
  await engine.start();
  for (let tick = 1; tick <= 8; tick++) engine.step();
  expect(engine.world.store.columnsOf(Said)["tick"]![3]).toBe(2);
});

describe("a journal", () => {
  test("holds each answer at the tick at which it entered, and replays to the same hashes", async () => {
    const journal = readJournal(await record({ game: swarm, tickCount: 60, input: "" }), "swarm.orj");
    const answered = journal.ticks.filter(({ records }) => records.some(({ kind }) => kind === "answer"));
    const expected: number[] = [];
    for (let launched = senseEvery; launched + senseLatency <= 60; launched += senseEvery)
      expected.push(launched + senseLatency);
    expect(answered.map(({ tick }) => tick)).toEqual(expected);
    for (const { records } of answered) expect(records.length).toBe(1);
    const replay = verifyJournal(journal, swarm, { clock: new ManualClock() });
    let step = await replay.next();
    while (step.done !== true) step = await replay.next();
    expect(step.value.tickCount).toBe(60);
  });

  test("is the same in guard mode and with shuffled claims", async () => {
    const hashes = new Set<string>();
    for (const options of [{}, { guard: true }, { shuffleSeed: 3 }, { guard: true, shuffleSeed: 11 }]) {
      const { engine } = await startGame(swarm, options);
      for (let tick = 0; tick < 40; tick++) engine.step();
      hashes.add(hashHex(engine.world.hash.high, engine.world.hash.low));
    }
    expect(hashes.size).toBe(1);
  });
});
