/**
 * A world that breaks leaves a whole journal: it replays to the tick before, and its end holds the
 * fault and the records of the tick that failed, wherever in the frame the fault came from.
 */
import { describe, expect, test } from "vitest";
import { type Fault, faultText } from "../../engine/base/faults.ts";
import { Engine } from "../../engine/engine.ts";
import type { Game } from "../../engine/game.ts";
import { ManualClock } from "../../engine/ports/clock.ts";
import { type ByteSink, MemorySink } from "../../engine/ports/storage.ts";
import { type Journal, readJournal } from "../../engine/replay/journal.ts";
import { verifyJournal } from "../../engine/replay/player.ts";
import { recorderSubsystem } from "../../engine/replay/recorder.ts";
import { record } from "../data/journals.ts";
import { tumbleInput } from "../data/tumble-input.ts";
import { tumble } from "../games/tumble.ts";
import { brokenTick, type VariantName, variants } from "../games/variants.ts";
import { prefixDifference } from "../unit/replay/same-ticks.ts";
import { faultOf, faultOfAsync } from "../unit/small-world.ts";

const press = `{"tick":${brokenTick},"player":1,"press":"drop"}\n`;
const input = `${tumbleInput(brokenTick - 1)}${press}`;
const whole = readJournal(await record({ game: tumble, tickCount: brokenTick + 5, input }), "whole");

async function journalOf(variant: VariantName): Promise<Journal> {
  return readJournal(await record({ game: variants[variant](), tickCount: brokenTick + 5, input }), variant);
}

async function replayed(journal: Journal, game: Game): Promise<number> {
  const replay = verifyJournal(journal, game, { clock: new ManualClock() });
  for (;;) {
    const step = await replay.next();
    if (step.done === true) return step.value.tickCount;
  }
}

describe("a fault within a tick", () => {
  for (const [variant, text] of [
    [
      "throws",
      /^E0303 System "swing-arms" \(phase gameplay\) threw at tick 200: the belt slipped at .*variants\.ts:\d+:\d+\.$/,
    ],
    [
      "throwsEarly",
      /^E0303 System "drive-craft" \(phase input\) threw at tick 200: no such craft at .*variants\.ts:\d+:\d+\.$/,
    ],
    ["notANumber", /^E0304 System "swing-arms" left NaN in Arm\.angle of entity \d+ at tick 200\.$/],
  ] as const)
    test(`${variant}: the journal replays to the tick before and holds the records of the failed one`, async () => {
      const journal = await journalOf(variant);
      expect(journal.ticks.length).toBe(brokenTick - 1);
      expect(prefixDifference(journal.ticks, whole.ticks)).toBeUndefined();
      expect(journal.end).toMatchObject({ reason: "faulted", tick: brokenTick - 1 });
      expect(journal.end!.text).toMatch(text);
      expect(journal.end!.records).toEqual(whole.ticks[brokenTick - 1]!.records);
      expect(journal.end!.records.length).toBe(2);
      // The plan is the same, so the mended game replays what the broken one recorded, and so does the broken one.
      expect(await replayed(journal, tumble)).toBe(brokenTick - 1);
      expect(await replayed(journal, variants[variant]())).toBe(brokenTick - 1);
    });

  test("stale: a fault with a long text", async () => {
    const journal = await journalOf("stale");
    expect(journal.ticks.length).toBe(brokenTick - 1);
    expect(journal.end!.text).toContain("E0302");
    expect(await replayed(journal, tumble)).toBe(brokenTick - 1);
  });
});

describe("a fault outside the tick", () => {
  test("in another subsystem, before the recorder was told of the tick", async () => {
    const journal = await journalOf("failsAfterTick");
    expect(journal.ticks.length).toBe(brokenTick - 1);
    expect(journal.end).toMatchObject({ reason: "faulted", tick: brokenTick - 1 });
    expect(journal.end!.text).toContain("the bystander fell");
    expect(journal.end!.records).toEqual(whole.ticks[brokenTick - 1]!.records);
    expect(await replayed(journal, tumble)).toBe(brokenTick - 1);
  });

  test("in a stage, after the tick: the tick is part of the journal", async () => {
    const journal = await journalOf("failsInStage");
    expect(journal.ticks.length).toBe(brokenTick);
    expect(prefixDifference(journal.ticks, whole.ticks)).toBeUndefined();
    expect(journal.end).toMatchObject({ reason: "faulted", tick: brokenTick, records: [] });
    expect(await replayed(journal, tumble)).toBe(brokenTick);
  });
});

describe("a sink that fails", () => {
  /** Fails at the appends with these numbers, once each. */
  class FailingSink implements ByteSink {
    readonly kept = new MemorySink();
    readonly #failing: Set<number>;
    #count = 0;
    constructor(...failing: number[]) {
      this.#failing = new Set(failing);
    }
    append(bytes: Uint8Array): void {
      if (this.#failing.has(this.#count++)) throw new Error("the disk is full");
      this.kept.append(bytes);
    }
    flush(): void {}
  }

  async function started(sink: ByteSink): Promise<Engine> {
    const options = { seed: 7, subsystems: [recorderSubsystem(sink)] };
    const engine = new Engine(tumble, { clock: new ManualClock() }, options);
    await engine.start();
    return engine;
  }

  test("at the header: the engine does not start and says who failed", async () => {
    const fault = await faultOfAsync(() => started(new FailingSink(0)));
    expect(fault).toMatchObject({ kind: "subsystem-failed", fields: { subsystem: "recorder", operation: "start" } });
    expect(faultText(fault)).toContain("the disk is full");
  });

  test("once at a block: the run ends, and the block is written by the end after all", async () => {
    const sink = new FailingSink(2);
    const engine = await started(sink);
    let fault: Fault | undefined;
    for (let tick = 1; tick <= 120 && fault === undefined; tick++) {
      if (tick < 120) engine.step();
      else fault = faultOf(() => engine.step());
    }
    expect(fault).toMatchObject({ kind: "unexpected", fields: { message: "the disk is full" } });
    expect(engine.status).toMatchObject({ state: "faulted", tick: 120 });
    engine.dispose();
    const journal = readJournal(sink.kept.bytes(), "x");
    expect(journal.ticks.length).toBe(120);
    expect(journal.end).toMatchObject({ reason: "faulted", tick: 120 });
    expect(await replayed(journal, tumble)).toBe(120);
  });

  test("from a block on: what was written before is whole", async () => {
    const sink = new FailingSink(...Array.from({ length: 20 }, (_, at) => at + 3));
    const engine = await started(sink);
    expect(() => {
      for (let tick = 1; tick <= 300; tick++) engine.step();
    }).toThrow("the disk is full");
    expect(engine.status.state).toBe("faulted");
    expect(faultOf(() => engine.dispose())).toMatchObject({ kind: "subsystem-failed", fields: { operation: "stop" } });
    const journal = readJournal(sink.kept.bytes(), "x");
    expect([journal.ticks.length, journal.end]).toEqual([120, undefined]);
  });
});

describe("an engine that runs twice", () => {
  test("stopped before its first tick, or disposed of twice by mistake, leaves one whole journal", async () => {
    const sink = new MemorySink();
    const options = { seed: 7, subsystems: [recorderSubsystem(sink)] };
    const engine = new Engine(tumble, { clock: new ManualClock() }, options);
    await engine.start();
    engine.stop();
    engine.stop();
    engine.dispose();
    expect(faultOf(() => engine.dispose()).kind).toBe("disposed");
    expect(readJournal(sink.bytes(), "x")).toMatchObject({
      ticks: [],
      end: { reason: "stopped", tick: 0 },
      tornBytes: 0,
    });
  });

  test("started again on the same sink is a second journal, which is refused as part of the first", async () => {
    const sink = new MemorySink();
    const options = { seed: 7, subsystems: [recorderSubsystem(sink)] };
    const engine = new Engine(tumble, { clock: new ManualClock() }, options);
    await engine.start();
    engine.stop();
    await engine.start();
    engine.dispose();
    expect(faultOf(() => readJournal(sink.bytes(), "x"))).toMatchObject({
      kind: "journal-damaged",
      fields: { block: 2 },
    });
  });
});
