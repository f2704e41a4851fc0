/** Rewinds: any tick of the kept past can be gone back to, with the records it had or with others. */
import { afterEach, describe, expect, test } from "vitest";
import type { FaultError } from "../../../engine/base/faults.ts";
import { hashHex } from "../../../engine/base/hash.ts";
import type { Engine } from "../../../engine/engine.ts";
import { Draws, testSeed } from "../seeds.ts";
import { runTo, savedGames, startSaved } from "./saved-games.ts";

const seed = testSeed("rewind");
let engine: Engine | undefined;
afterEach(() => {
  engine?.dispose();
  engine = undefined;
});
const hashOf = ({ world: { hash } }: Engine): string => hashHex(hash.high, hash.low);

describe.each(savedGames)("$name", (saved) => {
  test("random rewinds end at the hash that the tick has, and the line goes on from there", async () => {
    const past = { everyTicks: 8, slotCount: 6 };
    engine = await startSaved(saved);
    const line = runTo(engine, saved, 300);
    engine.dispose();
    engine = await startSaved(saved, past);
    const draws = new Draws(seed);
    while (engine.world.tickCount < 260) {
      const at = engine.world.tickCount;
      const to = at + 1 + draws.below(20);
      expect(runTo(engine, saved, to)).toEqual(line.slice(at, to));
      const { oldestTick } = engine.past!;
      const back = Math.max(oldestTick, to - draws.below(12));
      const remade = engine.rewind(back);
      expect(remade).toBeLessThan(8 + 1);
      expect([engine.world.tickCount, hashOf(engine)]).toEqual([back, back === 0 ? hashOf(engine) : line[back - 1]]);
    }
  });
});

test("a late input gives the line that it would have given in time", async () => {
  const saved = savedGames.find(({ name }) => name === "tumble")!;
  const late = { tick: 95, record: { kind: "config", setting: 0, value: 1 } } as const;
  const script = saved.script.filter(({ tick }) => tick <= 100);
  engine = await startSaved(saved);
  const intended = runTo(engine, { ...saved, script: [...script, late] }, 130);
  engine.dispose();
  const past = { everyTicks: 10, slotCount: 4 };
  engine = await startSaved(saved, past);
  const without = runTo(engine, { ...saved, script }, 100);
  expect(without[99]).not.toBe(intended[99]);
  const asked: number[] = [];
  const remade = engine.amend(late.tick, (tick, had) => {
    asked.push(tick);
    return tick === late.tick ? [...had, late.record] : had;
  });
  expect([remade, asked]).toEqual([100 - 90, [95, 96, 97, 98, 99, 100]]);
  expect([engine.world.tickCount, hashOf(engine)]).toEqual([100, intended[99]]);
  expect(engine.past!.recordsOf(95).at(-1)).toEqual(late.record);
  expect(runTo(engine, { ...saved, script }, 130)).toEqual(intended.slice(100));
});

test.each([
  [1, 8],
  [4, 11],
])(
  "a loop of rollbacks with a slot each %i ticks makes %i ticks a frame at most, and its line is right",
  async (everyTicks, most) => {
    const saved = savedGames.find(({ name }) => name === "tumble")!;
    engine = await startSaved(saved);
    const line = runTo(engine, saved, 160);
    engine.dispose();
    engine = await startSaved(saved, { everyTicks, slotCount: 20 });
    runTo(engine, saved, 40);
    // Each record is known eight ticks late: it enters by an amendment of the tick that it belongs to.
    const late = 8;
    const counts: number[] = [];
    for (let tick = 41; tick <= 160; tick++) {
      engine.step();
      const from = tick - late + 1;
      const due = saved.script.filter((scripted) => scripted.tick === from && from > 40).map(({ record }) => record);
      counts.push(engine.amend(from, (amended, had) => (amended === from ? [...had, ...due] : had)));
      if (from > 40) {
        const back = engine.rewind(from);
        expect(back).toBeLessThan(everyTicks);
        expect(hashOf(engine), `tick ${from}`).toBe(line[from - 1]);
        while (engine.world.tickCount < tick) engine.remake();
      }
    }
    expect(Math.max(...counts)).toBeLessThanOrEqual(most);
  },
);

test("saves of another game, schema, seed or limit are refused with both sides, and the engine goes on", async () => {
  const [tide, tumble] = ["tide", "tumble"].map((name) => savedGames.find((saved) => saved.name === name)!);
  engine = await startSaved(tumble!);
  runTo(engine, tumble!, 20);
  const own = engine.save();
  const hash = hashOf(engine);
  const other = await startSaved({ ...tide!, game: { ...tide!.game, id: "ebb" } });
  const foreign = other.save();
  other.dispose();
  for (const [saved, message] of [
    [foreign, /^E0416 .*its game is ebb, this engine's is tumble\./],
    [{ ...own, origin: { ...own.origin, schemaHash: "0123" } }, /^E0416 .*its schema is 0123, /],
    [{ ...own, origin: { ...own.origin, seed: 8 } }, /^E0416 .*its seed is 8, this engine's is 7\./],
    [{ ...own, origin: { ...own.origin, limits: { ...own.origin.limits, entities: 3 } } }, /its limit entities is 3, /],
  ] as const)
    expect(() => engine!.restore(saved)).toThrow(message);
  expect([engine.status.state, hashOf(engine)]).toEqual(["running", hash]);
  engine.restore(own);
  expect(runTo(engine, tumble!, 21)).toHaveLength(1);
});

test("an engine without a past says how to give it one, and the present tick can always be gone back to", async () => {
  const saved = savedGames.find(({ name }) => name === "tide")!;
  engine = await startSaved(saved);
  expect(() => engine!.rewind(0)).toThrow(/^E0415 .*nothing is kept\.$/);
  expect(() => engine!.amend(1, (_, had) => had)).toThrow(/^E0415/);
  engine.dispose();
  engine = await startSaved(saved, { everyTicks: 5, slotCount: 3 });
  expect(engine.rewind(0)).toBe(0);
  engine.step();
  expect(engine.amend(1, (_, had) => had)).toBe(1);
  for (const tick of [0, 2]) expect(() => engine!.amend(tick, (_, had) => had)).toThrow(/^E0415/);
});

test("what lies before the oldest slot is refused and says how far back one can go", async () => {
  const past = { everyTicks: 5, slotCount: 2 };
  const saved = savedGames.find(({ name }) => name === "tide")!;
  engine = await startSaved(saved, past);
  runTo(engine, saved, 31);
  let fault: unknown;
  try {
    engine.rewind(3);
  } catch (thrown) {
    fault = (thrown as FaultError).fault;
  }
  expect(fault).toEqual({ kind: "tick-forgotten", fields: { tick: 3, oldest: 25, now: 31 } });
});

test("what waits at the door is still there after a rewind, and a tick to come is refused", async () => {
  const saved = savedGames.find(({ name }) => name === "tumble")!;
  engine = await startSaved(saved, { everyTicks: 5, slotCount: 3 });
  runTo(engine, { ...saved, script: [] }, 22);
  expect(engine.world.door.admit({ kind: "join", player: 900, name: "late" })).toBe(true);
  engine.rewind(18);
  expect(engine.world.door.queued.map(({ kind }) => kind)).toEqual(["join"]);
  engine.step();
  expect(engine.world.door.entered).toEqual([{ kind: "join", player: 900, name: "late" }]);
  for (const tick of [30, -1]) expect(() => engine!.rewind(tick)).toThrow(/^E0415/);
});

test("records that cannot be had cost nothing: the world stands where it stood, and what waits still waits", async () => {
  const saved = savedGames.find(({ name }) => name === "tumble")!;
  engine = await startSaved(saved);
  const line = runTo(engine, { ...saved, script: [] }, 30);
  engine.dispose();
  engine = await startSaved(saved, { everyTicks: 5, slotCount: 3 });
  runTo(engine, { ...saved, script: [] }, 22);
  engine.world.door.admit({ kind: "config", setting: 0, value: 1 });
  const lose = (): never => {
    throw new Error("the wire was cut");
  };
  expect(() => engine!.amend(18, lose)).toThrow("the wire was cut");
  expect([engine.status.state, engine.world.tickCount, hashOf(engine)]).toEqual(["running", 22, line[21]]);
  expect(engine.world.door.queued.map(({ kind }) => kind)).toEqual(["config"]);
  expect(engine.amend(18, (_, had) => had)).toBeLessThanOrEqual(22 - 15);
  expect(hashOf(engine)).toBe(line[21]);
});
