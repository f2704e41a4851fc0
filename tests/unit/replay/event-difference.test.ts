/** Rows of events are of their tick: both sides name who emitted a row, whatever an earlier tick had left in its place. */
import { expect, test } from "vitest";
import { defineComponent, defineEvent, defineGame, defineSystem, type Game, i32 } from "../../../engine/index.ts";
import { ManualClock } from "../../../engine/ports/clock.ts";
import { explainTick, type Line } from "../../../engine/replay/diff.ts";
import { readJournal } from "../../../engine/replay/journal.ts";
import { writersOf } from "../../../engine/replay/span-writers.ts";
import { firstWriteDifference, traceTick } from "../../../engine/replay/tick-trace.ts";
import { reportLines, reportValue } from "../../../runtime/replay/report-text.ts";
import { record } from "../../data/journals.ts";

const Mob = defineComponent("Mob", { hp: i32 });
const Hit = defineEvent("Hit", { amount: i32 });
const parting = 5;
const mobCount = 10;
const host = { clock: new ManualClock() };

/** Each tick one hit of 2 and an echo of 1, which all mobs feel; from tick 5 on as `strike` and `echo` say, -1 is none. */
function hitting({ strike = 2, echo = 1 } = {}): Game {
  const emitter = (name: string, usual: number, later: number, after: readonly string[] = []) =>
    defineSystem({
      ...{ name, phase: "gameplay", emits: [Hit], after },
      run({ tick, events }) {
        const amount = tick < parting ? usual : later;
        if (amount >= 0) events.Hit.emit({ amount });
      },
    });
  const feel = defineSystem({
    ...{ name: "feel", phase: "gameplay", query: [Mob], writes: [Mob], hears: [Hit], after: ["b-echo"] },
    run({ entities, columns, events }) {
      const { count, columns: rows } = events.Hit;
      for (const entity of entities) for (let row = 0; row < count; row++) columns.Mob.hp[entity]! -= rows.amount[row]!;
    },
  });
  return defineGame({
    ...{ id: "hitting", tickRate: 60, limits: { entities: 64 }, components: [Mob], events: [Hit] },
    systems: [emitter("a-strike", 2, strike), emitter("b-echo", 1, echo, ["a-strike"]), feel],
    setup({ commands }) {
      for (let mob = 0; mob < mobCount; mob++) commands.spawn(Mob.of({ hp: 100 }));
    },
  });
}

async function lineOf(game: Game): Promise<Line> {
  return { journal: readJournal(await record({ game, tickCount: parting + 1 }), "x.orj"), game, host, isRerun: false };
}

test("a row with the bytes of an earlier tick, or with zeros, is of who emitted it", async () => {
  for (const [other, shown] of [
    [3, "3 0x00000003"],
    [0, "0 0x00000000"],
  ] as const) {
    const report = await explainTick(await lineOf(hitting()), await lineOf(hitting({ strike: other })), parting);
    expect(reportLines(report, { a: "A", b: "B" }).slice(0, 3)).toEqual([
      'The first to differ is system "a-strike" (gameplay), in Hit.amount in row 0.',
      '  A  2 0x00000002, last written by system "a-strike" (gameplay)',
      `  B  ${shown}, last written by system "a-strike" (gameplay)`,
    ]);
  }
});

test("of a list that is cut the rest is counted", async () => {
  const report = await explainTick(await lineOf(hitting()), await lineOf(hitting({ strike: 3 })), parting);
  expect(reportLines(report, { a: "A", b: "B" }).slice(3)).toEqual([
    `Behind tick ${parting}:`,
    ...[2, 3, 4, 5].map((entity) => `  Mob.hp of entity ${entity}: 85 0x00000055 and 84 0x00000054`),
    `  and ${mobCount - 4} more of Mob.hp`,
    "  Hit.amount in row 0: 2 0x00000002 and 3 0x00000003",
  ]);
  const { elements } = reportValue(report) as { elements: { moreCount: number }[] };
  expect(elements.map(({ moreCount }) => moreCount)).toEqual([0, 0, 0, mobCount - 4, 0]);
});

test("a row that one side does not have is told as none, and whoever emits it behind a step has not before it", async () => {
  const trace = async (game: Game) => {
    const { journal } = await lineOf(game);
    return traceTick(journal, game, host, parting);
  };
  const only = new Set(["Hit.amount"]);
  const names = (step: { name: string } | "outside" | undefined) => (step === "outside" ? step : step?.name);
  const usual = await trace(hitting());
  for (const [strike, echo, step, b] of [
    [2, -1, "b-echo", undefined],
    // The echo is in the row that the strike has on the other side, and comes behind it.
    [-1, 2, "a-strike", undefined],
  ] as const) {
    const other = await trace(hitting({ strike, echo }));
    const first = firstWriteDifference(usual, other, only)!;
    expect([names(first.step), names(first.a.writer), names(first.b.writer), first.b.isRowless]).toEqual([
      ...[step, step, b, true],
    ]);
  }
  expect(writersOf(usual, "Hit.amount").map(({ step, count }) => [names(step), count])).toEqual([
    ["b-echo", 1],
    ["a-strike", 1],
    ["door", 2],
  ]);
  const zeros = await trace(hitting({ strike: 0, echo: -1 }));
  expect(writersOf(zeros, "Hit.amount").map(({ step, count }) => [names(step), count])).toEqual([
    ["a-strike", 1],
    ["door", 2],
  ]);
});
