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
  const kept = engine.past!;
  const recorded = new Map(Array.from({ length: 20 }, (_, i) => [81 + i, kept.recordsOf(81 + i)]));
  const remade = engine.rewind(100, (tick) => [...recorded.get(tick)!, ...(tick === late.tick ? [late.record] : [])]);
  expect([remade, hashOf(engine)]).toEqual([10, intended[99]]);
  expect(runTo(engine, { ...saved, script }, 130)).toEqual(intended.slice(100));
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
