/** Two lines of a world side by side: the first tick, the write and the bits that they part by. */
import { describe, expect, test } from "vitest";
import { Engine } from "../../../engine/engine.ts";
import type { Game } from "../../../engine/game.ts";
import { ManualClock } from "../../../engine/ports/clock.ts";
import { MemorySink } from "../../../engine/ports/storage.ts";
import { explainTick, firstDivergence, type Line } from "../../../engine/replay/diff.ts";
import { type Journal, readJournal } from "../../../engine/replay/journal.ts";
import { compareJournals } from "../../../engine/replay/journal-comparison.ts";
import { recorderSubsystem } from "../../../engine/replay/recorder.ts";
import { possibleWritersOf, possibleWriterText, writersOf } from "../../../engine/replay/span-writers.ts";
import { traceTick } from "../../../engine/replay/tick-trace.ts";
import { record } from "../../data/journals.ts";
import { tumbleInput } from "../../data/tumble-input.ts";
import { swarm } from "../../games/swarm.ts";
import { tumble } from "../../games/tumble.ts";
import { brokenTick, variants } from "../../games/variants.ts";
import { Draws, testSeed } from "../seeds.ts";
import { RecordedTicker } from "./rich-journal.ts";
import { recordTicker, Step, ticker, tickerInput } from "./ticker.ts";

const seed = testSeed("diff");
const host = { clock: new ManualClock() };
const lineOf = (journal: Journal, game: Game, isRerun = false): Line => ({ journal, game, host, isRerun });
const ticks = brokenTick + 40;
const input = tumbleInput(ticks);
const plain = readJournal(await record({ game: tumble, tickCount: ticks, input }), "a.orj");
const diverged = readJournal(await record({ game: variants.diverges(), tickCount: ticks, input }), "b.orj");

/** A ticker's journal with one bit of `Step.drift` flipped before a tick. */
async function flippedTicker(tickCount: number, tick: number, bit: number, keyframes: number): Promise<Journal> {
  const run = await RecordedTicker.start(keyframes);
  run.runTo(tick - 1);
  const { world } = run.engine;
  const entity = world.query([Step]).entities.at(-1)!;
  const drift = world.store.columnsOf(Step)["drift"]! as Float32Array;
  const words = new Uint32Array(drift.buffer, drift.byteOffset, drift.length);
  words[entity]! ^= 1 << bit;
  run.runTo(tickCount);
  return readJournal(run.end(), "flipped.orj");
}

describe("journals", () => {
  test("the same ones, however they are cut into blocks, have no difference", async () => {
    const run = await RecordedTicker.start(37);
    run.runTo(300);
    const other = readJournal(run.end(), "x");
    const own = readJournal(await recordTicker(400), "y");
    expect(compareJournals(own, other)).toEqual({
      ...{ recordsTick: 0, hashTick: 0, fromTick: 1, toTick: 300, otherSwapTick: 0 },
    });
  });

  test("the first other hash", () => {
    expect(compareJournals(plain, diverged)).toMatchObject({ recordsTick: 0, hashTick: brokenTick, toTick: ticks });
  });

  test("the first other record, also when it has an effect only later or none at all", async () => {
    // A setting that is set to what it is, and one that a later tick reads.
    const lines = tickerInput(100);
    const more = (text: string): Promise<Uint8Array> => record({ game: ticker, tickCount: 100, seed: 3, input: text });
    const own = readJournal(await more(lines), "x");
    const idle = readJournal(await more(`{"tick":1,"set":"every","value":7}\n${lines}`), "y");
    expect(compareJournals(own, idle)).toMatchObject({ recordsTick: 1, hashTick: 0 });
    const changed = readJournal(await more(lines.replace('"press":"fire"', '"control":"hold","value":1')), "z");
    const { recordsTick, hashTick } = compareJournals(own, changed);
    expect(recordsTick).toBeGreaterThan(0);
    expect(hashTick).toBe(recordsTick);
    const report = await explainTick(lineOf(own, ticker), lineOf(changed, ticker), hashTick);
    expect(report.isKnown).toEqual({ a: true, b: true });
    expect([report.records?.a.map(({ kind }) => kind), report.records?.b.length]).toEqual([["button", "button"], 1]);
    expect(report.first?.step).toMatchObject({ kind: "door" });
  });

  test("random flips of a long run are found at their very tick", async () => {
    const draws = new Draws(seed);
    const own = readJournal(await recordTicker(300), "own");
    for (let round = 0; round < 12; round++) {
      const tick = 2 + draws.below(290);
      const bit = draws.below(6);
      const where = `seed ${seed}, tick ${tick}, bit ${bit}`;
      const run = await RecordedTicker.start(50);
      run.runTo(tick - 1);
      // The count of the youngest is added to exactly and is far from the end of its life, so no flip is rounded away.
      const { entities } = run.engine.world.query([Step]);
      const counts = run.engine.world.store.columnsOf(Step)["count"]! as Uint32Array;
      const youngest = entities.reduce((least, e) => (counts[e]! < counts[least]! ? e : least), entities[0]!);
      counts[youngest]! ^= 1 << bit;
      run.runTo(300);
      expect(compareJournals(own, readJournal(run.end(), "flipped.orj")).hashTick, where).toBe(tick);
    }
  });
});

describe("code on both sides", () => {
  test("the write is named with system, element and both values with their bits", async () => {
    const report = await explainTick(lineOf(plain, tumble), lineOf(diverged, variants.diverges()), brokenTick);
    expect(report).toMatchObject({ isKnown: { a: true, b: true }, records: undefined, later: undefined });
    const { first } = report;
    expect(first).toMatchObject({
      ...{ step: { kind: "system", name: "swing-arms", phase: "gameplay" }, only: undefined, count: 1 },
      ...{ place: "Arm.angle of entity 7", component: "Arm", field: "angle", entity: 7 },
    });
    expect(first!.b.value - first!.a.value).toBe(2 ** -50);
    expect(first!.a.bits).toMatch(/^0x[0-9a-f]{16}$/);
    expect(first!.a.bits).not.toBe(first!.b.bits);
    expect(first!.a.writer).toMatchObject({ name: "swing-arms" });
    expect(report.elements.map(({ place }) => place)).toEqual(["Arm.angle of entity 7"]);
  });

  test("a system that draws once more is named by its stream", async () => {
    const other = readJournal(await record({ game: variants.drawsMore(), tickCount: ticks, input }), "c.orj");
    expect(compareJournals(plain, other).hashTick).toBe(brokenTick);
    const report = await explainTick(lineOf(plain, tumble), lineOf(other, variants.drawsMore()), brokenTick);
    expect(report.first).toMatchObject({ step: { name: "swing-arms" }, component: "Random" });
    expect(report.first!.place).toMatch(/^word \d of the random stream of swing-arms$/);
  });

  test("the sides may be turned round", async () => {
    const report = await explainTick(lineOf(diverged, variants.diverges()), lineOf(plain, tumble), brokenTick);
    expect(report.first!.a.value - report.first!.b.value).toBe(2 ** -50);
  });
});

describe("a line whose code is not at hand", () => {
  test("is told by its columns, the steps that write them, and the bit that explains the hash", async () => {
    const tick = 120;
    const flipped = await flippedTicker(300, tick, 20, 50);
    const own = readJournal(await recordTicker(300), "own.orj");
    const report = await explainTick(lineOf(own, ticker), lineOf(flipped, ticker), tick);
    expect(report.isKnown).toEqual({ a: true, b: false });
    expect(report.first).toBeUndefined();
    expect(report.spans.map(({ span }) => span)).toEqual(["Step.drift"]);
    const { flipped: found, writers } = report.spans[0]!;
    expect(writers.map(({ step }) => (step === "outside" ? step : step.name))).toContain("count-steps");
    // The flip of bit 20 went through an addition, which moved it.
    expect(found?.bit).toBeGreaterThanOrEqual(18);
    const [own32, their32] = [Number(found!.aBits), Number(found!.bBits)];
    expect((own32 ^ their32) >>> 0).toBe(2 ** found!.bit);
    // What had become of it at the next keyframe of the other line.
    expect(report.later?.tick).toBe(150);
    expect(report.later?.elements.map(({ place }) => place)).toEqual([found!.place]);
    // Turned round, the values change places.
    const turned = await explainTick(lineOf(flipped, ticker), lineOf(own, ticker), tick);
    expect(turned.isKnown).toEqual({ a: false, b: true });
    expect(turned.spans[0]!.flipped).toMatchObject({ aBits: found!.bBits, bBits: found!.aBits });
  });
});

describe("who may have written a span", () => {
  const text = ({ spans }: Awaited<ReturnType<typeof explainTick>>): unknown =>
    spans.map(({ span, writers, possible }) => [
      span,
      writers.map(({ step }) => (step === "outside" ? step : step.name)),
      possible.map(possibleWriterText),
    ]);

  test("who did comes first; systems of the game and of subsystems, and commands, may have by declaration", async () => {
    const report = await explainTick(lineOf(plain, tumble), lineOf(diverged, tumble), brokenTick);
    expect(report.isKnown).toEqual({ a: true, b: false });
    expect(text(report)).toEqual([["Arm.angle", ["swing-arms"], ["the structure phase for commands"]]]);
    const trace = await traceTick(plain, tumble, host, brokenTick);
    const mayWrite = (span: string): readonly string[] => possibleWritersOf(trace, span, []).map(possibleWriterText);
    expect(mayWrite("ExternalForce.x")).toMatchInlineSnapshot(`
      [
        "system "drive-craft" (input)",
        "system "push-bodies" (physics) of the subsystem physics",
        "system "rain-crates" (gameplay)",
        "the structure phase for commands",
      ]
    `);
    expect(mayWrite("WorldTransform.matrix")).toMatchInlineSnapshot(`
      [
        "the structure phase for commands",
        "system "propagate-transforms" (transforms) of the subsystem transform",
      ]
    `);
    expect(mayWrite("Controls.drive")).toMatchInlineSnapshot(`
      [
        "the door for records of players",
        "the structure phase for commands",
      ]
    `);
    expect(mayWrite("Config.wind")).toMatchInlineSnapshot(`
      [
        "the door for settings",
        "the structure phase for commands",
      ]
    `);
    expect(mayWrite("Input.seats")).toMatchInlineSnapshot(`
      [
        "the door for records of players",
      ]
    `);
    expect(mayWrite("Entities.generation")).toMatchInlineSnapshot(`
      [
        "the structure phase for commands",
      ]
    `);
    expect(mayWrite("Contact.a")).toMatchInlineSnapshot(`
      [
        "the door for clearing the events of the tick before",
        "system "step-bodies" (physics) of the subsystem physics",
      ]
    `);
    expect(mayWrite("there.isNone")).toEqual([]);
    // Seen or possible, never both; together they are all that declare it.
    for (const { name } of trace.parts) {
      const seen = writersOf(trace, name);
      const seenSteps = seen.flatMap(({ step }) => (step === "outside" ? [] : [step.number]));
      const others = possibleWritersOf(trace, name, seen).map(({ step }) => step.number);
      const all = possibleWritersOf(trace, name, []).map(({ step }) => step.number);
      expect(
        [...seenSteps, ...others].sort((a, b) => a - b),
        name,
      ).toEqual(all);
    }
  });

  test("an answer enters by the door for its job", async () => {
    const journal = readJournal(await record({ game: swarm, tickCount: 40 }), "swarm.orj");
    const trace = await traceTick(journal, swarm, host, 30);
    const answers = trace.parts.filter(({ component }) => component?.writer === "door").map(({ name }) => name);
    expect(
      answers.map((span) => [span, possibleWritersOf(trace, span, []).map(possibleWriterText)]),
    ).toMatchInlineSnapshot(`
      [
        [
          "Near.distance",
          [
            "the door for answers of job "sense"",
            "the structure phase for commands",
          ],
        ],
        [
          "Near.mote",
          [
            "the door for answers of job "sense"",
            "the structure phase for commands",
          ],
        ],
      ]
    `);
  });
});

describe("a journal and its replay", () => {
  test("have no difference on the code that made it", async () => {
    const ticksTold: number[] = [];
    const result = await firstDivergence(plain, tumble, host, (tick) => {
      ticksTold.push(tick);
    });
    expect(result).toEqual({
      ...{ divergence: undefined, fault: undefined, lastTick: ticks, programs: [], unmeant: [] },
      left: { renumbered: [], alone: [] },
    });
    expect(ticksTold).toEqual([0]);
  });

  test("part where other code does something else, with the same plan or another one", async () => {
    const other = { ...host, isOtherCode: true };
    const { divergence } = await firstDivergence(plain, variants.diverges(), other, () => {});
    expect(divergence).toMatchObject({ tick: brokenTick, span: "Arm.angle" });
    const report = await explainTick(
      lineOf(plain, tumble),
      { journal: plain, game: variants.diverges(), host: other, isRerun: true },
      brokenTick,
    );
    expect(report.first).toMatchObject({ step: { name: "swing-arms" }, place: "Arm.angle of entity 7" });
    // A system that does nothing changes the plan and no column.
    expect((await firstDivergence(plain, variants.otherPlan(), other, () => {})).divergence).toBeUndefined();
  });

  test("end with the fault that other code has", async () => {
    const { divergence, fault } = await firstDivergence(
      plain,
      variants.throws(),
      { ...host, isOtherCode: true },
      () => {},
    );
    expect(divergence).toMatchObject({ tick: brokenTick, span: "a fault" });
    expect(fault).toMatchObject({ kind: "system-threw", fields: { system: "swing-arms" } });
    const line: Line = { journal: plain, game: variants.throws(), host: { ...host, isOtherCode: true }, isRerun: true };
    const report = await explainTick(lineOf(plain, tumble), line, brokenTick);
    expect(report.faults).toMatchObject({ a: undefined, b: { kind: "system-threw" } });
  });

  test("records of a game with another name mean nothing", async () => {
    const other = { ...host, isOtherCode: true };
    await expect(firstDivergence(plain, variants.otherGame(), other, () => {})).rejects.toMatchObject({
      fault: { kind: "journal-mismatch", fields: { field: "game" } },
    });
  });
});

test("a write between two ticks is nobody's step", async () => {
  const sink = new MemorySink();
  const definition = recorderSubsystem(sink);
  const engine = new Engine(ticker, host, { seed: 3, subsystems: [definition] });
  await engine.start();
  for (let tick = 1; tick <= 30; tick++) engine.step();
  engine.dispose();
  const journal = readJournal(sink.bytes(), "x");
  let made = 0;
  const meddler = {
    name: "meddler",
    create: () => ({
      beforeTick: ({ store, query }: Engine["world"]) => {
        void query;
        if (++made === 20) store.columnsOf(Step)["count"]![2] = 77;
      },
    }),
  };
  const line: Line = { journal, game: ticker, host: { ...host, subsystems: [meddler] }, isRerun: true };
  made = 0;
  const { divergence } = await firstDivergence(journal, ticker, { ...host, subsystems: [meddler] }, () => {});
  expect(divergence).toMatchObject({ tick: 20 });
  made = 0;
  const report = await explainTick(lineOf(journal, ticker), line, 20);
  expect(report.first).toMatchObject({ step: "outside", place: "Step.count of entity 2", b: { value: 77 } });
});
