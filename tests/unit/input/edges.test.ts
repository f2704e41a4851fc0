/** Input edges: no press is lost, none is counted twice, whatever the number of ticks in a frame. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Engine } from "../../../engine/engine.ts";
import { ManualClock } from "../../../engine/ports/clock.ts";
import { defineSystem } from "../../../engine/sim/system.ts";
import { testSeed } from "../seeds.ts";
import { smallLimits } from "../small-world.ts";
import { aim, button, config, controls, type Desk, fire, go, join, leave, makeDesk, move, type Seen } from "./desk.ts";

const seed = testSeed("edges");

/** A desk at which player 1 sits already, with nothing seen yet. */
function seated(): Desk {
  const desk = makeDesk();
  desk.admit(join(1));
  desk.ticks(2);
  desk.seen.length = 0;
  return desk;
}

const rows = (seen: readonly Seen[]): string[] =>
  seen.map(({ tick, fire: f, go: g, aim: a }) => `${tick}: fire ${f} go ${g} aim ${a}`);
const tap = (control: number) => [button(1, control, true), button(1, control, false)];

describe("a press shorter than a tick", () => {
  test("is seen for one tick in a frame of 1", () => {
    const desk = seated();
    desk.admit(...tap(fire), ...tap(go));
    desk.ticks(1);
    desk.ticks(1);
    expect(rows(desk.seen)).toEqual(["3: fire 1 go 1 aim 0", "4: fire 0 go 0 aim 0"]);
  });

  test("is seen in the first of a frame of 5, and in no other", () => {
    const desk = seated();
    desk.admit(...tap(fire), ...tap(go));
    desk.ticks(5);
    expect(rows(desk.seen)).toEqual([
      "3: fire 1 go 1 aim 0",
      ...[4, 5, 6, 7].map((tick) => `${tick}: fire 0 go 0 aim 0`),
    ]);
  });

  test("waits for the next tick through frames of 0", () => {
    const desk = seated();
    desk.admit(...tap(fire));
    desk.ticks(0);
    desk.admit(...tap(fire), ...tap(go));
    desk.ticks(0);
    desk.ticks(2);
    expect(rows(desk.seen)).toEqual(["3: fire 2 go 1 aim 0", "4: fire 0 go 0 aim 0"]);
  });
});

describe("buttons", () => {
  test("that stay down are held in every tick and pressed in the first", () => {
    const desk = seated();
    desk.admit(button(1, go, true), button(1, fire, true));
    desk.ticks(3);
    desk.admit(button(1, go, false), button(1, fire, false));
    desk.ticks(2);
    expect(rows(desk.seen)).toEqual([
      ...["3: fire 1 go 1 aim 0", "4: fire 0 go 1 aim 0", "5: fire 0 go 1 aim 0"],
      ...["6: fire 0 go 0 aim 0", "7: fire 0 go 0 aim 0"],
    ]);
  });

  test("repeated down is one press; up without down is none; up and down again is another", () => {
    const desk = seated();
    desk.admit(button(1, fire, true), button(1, fire, true), button(1, fire, true));
    desk.ticks(1);
    desk.admit(button(1, fire, true), button(1, fire, false), button(1, fire, false), button(1, fire, true));
    desk.ticks(1);
    desk.admit(button(1, go, false));
    desk.ticks(1);
    expect(rows(desk.seen)).toEqual(["3: fire 1 go 0 aim 0", "4: fire 1 go 0 aim 0", "5: fire 0 go 0 aim 0"]);
  });

  test("pressed more often than a byte holds say 255", () => {
    const desk = makeDesk({ limits: { ...smallLimits, recordsPerTick: 1_000 } });
    desk.admit(join(1));
    desk.ticks(1);
    for (let i = 0; i < 300; i++) desk.admit(...tap(fire));
    desk.ticks(2);
    expect(desk.seen.map((row) => row.fire)).toEqual([255, 0]);
  });
});

test("an axis keeps its last value until it changes", () => {
  const desk = seated();
  desk.admit(move(1, aim, -1), move(1, aim, 0.5));
  desk.ticks(2);
  desk.admit(move(1, aim, -0.25));
  desk.ticks(1);
  expect(desk.seen.map((row) => row.aim)).toEqual([0.5, 0.5, -0.25]);
});

test("any records at 0 to 5 ticks a frame: every press is counted once, in the tick that it enters", () => {
  const record = fc.record({
    player: fc.integer({ min: 1, max: 2 }),
    control: fc.constantFrom(fire, go),
    down: fc.boolean(),
  });
  const frame = fc.record({ records: fc.array(record, { maxLength: 12 }), ticks: fc.constantFrom(0, 0, 1, 1, 2, 5) });
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 20 }), (frames) => {
      const desk = makeDesk();
      desk.admit(join(1), join(2));
      desk.ticks(1);
      const expected: Seen[] = [];
      const down = new Map<string, boolean>();
      let waiting: { player: number; control: number; down: boolean }[] = [];
      let tick = 1;
      for (const { records, ticks } of frames) {
        desk.admit(...records.map((one) => button(one.player, one.control, one.down)));
        waiting.push(...records);
        for (let i = 0; i < ticks; i++) {
          const presses = new Map<string, number>();
          for (const one of waiting) {
            const key = `${one.player} ${one.control}`;
            if (one.down && down.get(key) !== true) presses.set(key, (presses.get(key) ?? 0) + 1);
            down.set(key, one.down);
          }
          waiting = [];
          tick++;
          for (const player of [1, 2]) {
            const isHeld = down.get(`${player} ${go}`) === true || presses.has(`${player} ${go}`);
            expected.push({ tick, player, aim: 0, fire: presses.get(`${player} ${fire}`) ?? 0, go: isHeld ? 1 : 0 });
          }
        }
        desk.ticks(ticks);
      }
      expect(desk.seen).toEqual(expected);
    }),
    { seed, numRuns: 300 },
  );
});

describe("through the engine's own frames", () => {
  test.each([
    ["0 and 1", 4_000],
    ["1", 16_667],
    ["5", 83_334],
  ])("of %s ticks: 40 taps are 40 presses", async (_, frameMicros) => {
    const seen: number[] = [];
    const count = defineSystem({
      name: "count",
      phase: "gameplay",
      query: [controls],
      reads: [controls],
      run: ({ entities, columns }) => {
        for (const e of entities) seen.push(columns.Controls.fire[e] as number);
      },
    });
    const engine = new Engine(
      {
        ...{ id: "taps", tickRate: 60, limits: smallLimits, components: [], setup: () => {} },
        controls,
        config,
        systems: [count],
      },
      { clock: new ManualClock() },
      { seed: 1 },
    );
    await engine.start();
    engine.world.door.admit(join(1));
    let now = 0;
    const frame = (): number => {
      now += frameMicros;
      return engine.frame(now);
    };
    frame();
    while (engine.status.tick < 2) frame();
    for (let i = 0; i < 40; i++) {
      for (const record of tap(fire)) engine.world.door.admit(record);
      frame();
    }
    while (frame() === 0);
    expect(seen.reduce((sum, count) => sum + count, 0)).toBe(40);
    engine.dispose();
  });
});

test("a press that enters in the same tick as its player is not lost", () => {
  const desk = makeDesk();
  desk.admit(join(1), ...tap(fire));
  desk.ticks(3);
  expect(desk.seen.map((row) => row.fire)).toEqual([1, 0]);
});

test("a press is not counted a second time in the tick in which its player leaves", () => {
  const desk = seated();
  desk.admit(...tap(fire));
  desk.ticks(1);
  desk.admit(leave(1));
  desk.ticks(2);
  expect(desk.seen.reduce((sum, row) => sum + row.fire, 0)).toBe(1);
});
