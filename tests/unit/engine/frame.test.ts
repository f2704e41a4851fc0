/** The frame: the whole ordered list of what runs in it, and how many ticks it makes. */
import { describe, expect, test } from "vitest";
import type { PhaseName } from "../../../engine/base/phases.ts";
import type { Engine } from "../../../engine/engine.ts";
import { stageNames } from "../../../engine/sim/plan.ts";
import { defineSubsystem, type Frame, type StageName } from "../../../engine/sim/subsystem.ts";
import { type AnySystem, defineSystem } from "../../../engine/sim/system.ts";
import { faultOf } from "../small-world.ts";
import { emptyGame, makeEngine } from "./small-game.ts";

/** An engine of two subsystems and systems in every phase, all of which write down that they were called. */
function recorded(): { engine: Engine; calls: string[]; frames: Frame[] } {
  const calls: string[] = [];
  const frames: Frame[] = [];
  const system = (name: string, phase: PhaseName, after: string[] = []): AnySystem =>
    defineSystem({
      name,
      phase,
      after,
      run: ({ tick, commands }) => {
        calls.push(`${tick} ${phase} ${name}`);
        if (name === "g-one") commands.spawn();
      },
    });
  const part = (name: string, needs: string[]) =>
    defineSubsystem({
      name,
      needs,
      create: () => {
        const note = (stage: StageName) => (frame: Frame) => {
          calls.push(`${frame.index} ${stage} ${name}`);
          if (stage === "budget" && name === "second") frames.push({ ...frame });
        };
        return {
          systems: [system(`${name}-physics`, "physics")],
          start: ({ world }) => {
            calls.push(`start ${name} at ${world.tickCount}`);
            world.store.onSettle(() => calls.push(`${world.tickCount} structure ${name}`));
          },
          stop: () => calls.push(`stop ${name}`),
          afterTick: (world) => calls.push(`${world.tickCount} after ${name}`),
          stages: Object.fromEntries(stageNames.map((stage) => [stage, note(stage)])),
        };
      },
    });
  const engine = makeEngine(
    {
      ...emptyGame,
      systems: [
        system("t", "transforms"),
        system("i", "input"),
        system("g-two", "gameplay", ["z"]),
        system("z", "gameplay"),
        system("g-one", "gameplay"),
      ],
      setup: () => calls.push("setup"),
    },
    { subsystems: [part("second", ["first"]), part("first", [])] },
  );
  return { engine, calls, frames };
}

const tickCalls = (tick: number): string[] => [
  `${tick} input i`,
  `${tick} physics first-physics`,
  `${tick} physics second-physics`,
  `${tick} gameplay g-one`,
  `${tick} gameplay z`,
  `${tick} gameplay g-two`,
  `${tick} structure first`,
  `${tick} structure second`,
  `${tick} transforms t`,
  `${tick} after first`,
  `${tick} after second`,
];
const stageCalls = (frame: number): string[] =>
  stageNames.flatMap((stage) => [`${frame} ${stage} first`, `${frame} ${stage} second`]);

test("frames of 0, 1, 2 and 5 ticks run everything once, in order, from start to stop", async () => {
  const { engine, calls, frames } = recorded();
  expect(calls).toEqual([]);
  await engine.start();
  const made = [1_000_000, 1_016_667, 1_016_668, 1_050_001, 2_000_000].map((now) => engine.frame(now));
  engine.stop();
  expect(made).toEqual([0, 1, 0, 2, 5]);
  expect(calls).toEqual([
    ...["setup", "start first at 0", "start second at 0"],
    ...stageCalls(1),
    ...[...tickCalls(1), ...stageCalls(2)],
    ...stageCalls(3),
    ...[...tickCalls(2), ...tickCalls(3), ...stageCalls(4)],
    ...[...[4, 5, 6, 7, 8].flatMap(tickCalls), ...stageCalls(5)],
    ...["stop second", "stop first"],
  ]);
  expect(frames).toEqual([
    { index: 1, tickCount: 0, elapsedMicros: 0, droppedTickCount: 0 },
    { index: 2, tickCount: 1, elapsedMicros: 16_667, droppedTickCount: 0 },
    { index: 3, tickCount: 0, elapsedMicros: 1, droppedTickCount: 0 },
    { index: 4, tickCount: 2, elapsedMicros: 33_333, droppedTickCount: 0 },
    { index: 5, tickCount: 5, elapsedMicros: 949_999, droppedTickCount: 52 },
  ]);
});

test("the stages are these", () => {
  expect([...stageNames]).toEqual([
    "snapshot",
    "jobs",
    "integrate",
    "assemble",
    "submit",
    "present",
    "publish",
    "budget",
  ]);
});

describe("time", () => {
  test("a step is a frame of one tick that leaves the accumulator alone", async () => {
    const { engine, frames } = recorded();
    await engine.start();
    engine.frame(0);
    engine.frame(10_000);
    expect(engine.tickFraction).toBe(0.6);
    engine.step();
    expect([engine.tickFraction, engine.status.tick, engine.status.frame]).toEqual([0.6, 1, 3]);
    expect(engine.frame(16_667)).toBe(1);
    expect(frames.at(-2)).toEqual({ index: 3, tickCount: 1, elapsedMicros: 16_667, droppedTickCount: 0 });
  });

  test("the same moments by many small frames or few give the same ticks", async () => {
    const ticksOf = async (stepMicros: number): Promise<number> => {
      const engine = makeEngine();
      await engine.start();
      let ticks = 0;
      for (let now = 0; now <= 3_000_000; now += stepMicros) ticks += engine.frame(now);
      return ticks;
    };
    expect([await ticksOf(100), await ticksOf(1_000), await ticksOf(25_000), await ticksOf(50_000)]).toEqual([
      180, 180, 180, 180,
    ]);
  });

  test("before a stop does not count after the next start", async () => {
    const { engine } = recorded();
    await engine.start();
    expect([engine.frame(1_000_000), engine.frame(1_010_000)]).toEqual([0, 0]);
    engine.stop();
    await engine.start();
    expect([engine.frame(9_000_000), engine.frame(9_010_000), engine.tickFraction]).toEqual([0, 0, 0.6]);
  });

  test("a clock that stands still or goes back makes no tick", async () => {
    const { engine } = recorded();
    await engine.start();
    expect([1_000, 1_000, 500, 1_000].map((now) => engine.frame(now))).toEqual([0, 0, 0, 0]);
  });

  test("time that a clock goes back and forth is not counted twice", async () => {
    const engine = makeEngine();
    await engine.start();
    let ticks = 0;
    for (let i = 0; i < 10; i++) ticks += engine.frame(1_000_000) + engine.frame(900_000);
    expect(ticks).toBe(0);
  });
});

describe("a fault inside a frame", () => {
  const failing = (where: "afterTick" | StageName | "system") =>
    makeEngine({
      ...emptyGame,
      systems: where === "system" ? [{ name: "bad", phase: "gameplay", run: boom }] : [],
      subsystems: [
        defineSubsystem({
          name: "bad-part",
          create: () => ({ afterTick: where === "afterTick" ? boom : () => {}, stages: { [where]: boom } }),
        }),
      ],
    });
  const boom = (): void => {
    throw new Error("boom");
  };

  test.each(["system", "afterTick", "snapshot", "budget"] as const)(
    "of %s faults the engine, which then refuses to go on",
    async (where) => {
      const engine = failing(where);
      await engine.start();
      const fault = faultOf(() => engine.step());
      expect(fault.kind).toBe(where === "system" ? "system-threw" : "unexpected");
      expect(engine.status).toMatchObject({ state: "faulted", fault, tick: 1 });
      expect(faultOf(() => engine.step())).toEqual({
        kind: "lifecycle",
        fields: { operation: "step", status: "faulted", allowed: "running" },
      });
      expect(engine.world.tickCount).toBe(1);
      engine.stop();
      expect(engine.status).toMatchObject({ state: "faulted", fault });
    },
  );
});
