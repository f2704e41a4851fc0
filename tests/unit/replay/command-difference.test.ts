/** What the structure phase writes otherwise is of whoever commanded it: the system, the entity and both commands. */
import { describe, expect, test } from "vitest";
import { ManualClock } from "../../../engine/ports/clock.ts";
import { explainTick, type Line, type TickReport } from "../../../engine/replay/diff.ts";
import { readJournal } from "../../../engine/replay/journal.ts";
import { compareJournals } from "../../../engine/replay/journal-comparison.ts";
import { reportLines, reportValue } from "../../../runtime/replay/report-text.ts";
import { record } from "../../data/journals.ts";
import { type DroppingChanges, dropping } from "../../games/dropping.ts";

const tickCount = 110;
const host = { clock: new ManualClock() };

async function lineOf(changes: DroppingChanges): Promise<Line> {
  const game = dropping(changes);
  const journal = readJournal(await record({ game, tickCount }), `${JSON.stringify(changes)}.orj`);
  return { journal, game, host, isRerun: false };
}

async function explained(a: DroppingChanges, b: DroppingChanges): Promise<TickReport> {
  const [one, other] = [await lineOf(a), await lineOf(b)];
  return explainTick(one, other, compareJournals(one.journal, other.journal).hashTick);
}

const linesOf = (report: TickReport): string[] => reportLines(report, { a: "A", b: "B" });

describe("the structure phase is the first to write otherwise", () => {
  test("one side takes an entity away: the system is named before what came of it", async () => {
    const report = await explained({}, { limit: -9 });
    expect(report.tick).toBe(65);
    expect(report.first).toMatchObject({ step: { kind: "structure" }, component: "Entities" });
    expect(report.command).toMatchObject({
      ...{ step: { kind: "system", name: "c-fall", phase: "gameplay" }, only: undefined, entity: 2 },
      ...{ a: ["despawn"], b: [] },
    });
    expect(linesOf(report).slice(0, 4)).toEqual([
      'The first to differ is system "c-fall" (gameplay), in its commands for entity 2:',
      "  A  despawn",
      "  B  none",
      expect.stringMatching(/^What came of it was first written by the structure phase, in Entities\.dense at \d+\./),
    ]);
    expect(JSON.parse(JSON.stringify(reportValue(report)))).toMatchObject({
      first: { step: { kind: "structure" } },
      command: { step: { kind: "system", name: "c-fall", phase: "gameplay" }, entity: 2, a: ["despawn"], b: [] },
    });
  });

  test("the sides may be turned round", async () => {
    const { command } = await explained({ limit: -9 }, {});
    expect([command?.step.name, command?.entity, command?.a, command?.b]).toEqual(["c-fall", 2, [], ["despawn"]]);
  });

  test("both give an entity other values: these are told with their bits, and those that are the same are not", async () => {
    const report = await explained({}, { width: 0.2 });
    expect([report.tick, report.first?.place]).toEqual([50, `Drop.width of entity ${report.command?.entity}`]);
    expect(report.command).toMatchObject({
      ...{ step: { name: "d-join" }, only: undefined },
      ...{ a: ["spawn with Drop.width 0.1 0x3dcccccd"], b: ["spawn with Drop.width 0.2 0x3e4ccccd"] },
    });
  });

  test("a component that one side gives earlier", async () => {
    const { command, tick } = await explained({}, { depth: -3 });
    expect([tick, command?.step.name, command?.entity, command?.a, command?.b]).toEqual([
      ...[25, "b-mark", 2, [], ["add Deep"]],
    ]);
  });
});

describe("commands with the same effect", () => {
  test("are no difference, however they are put", async () => {
    const [a, b] = [await lineOf({}), await lineOf({ isShort: true })];
    expect(compareJournals(a.journal, b.journal).hashTick).toBe(0);
    const { command, tick } = await explained({ isShort: true }, { width: 0.2 });
    // In that tick one drop joins as the others do, and is put otherwise; a second one is another drop.
    expect([tick, command?.step.name, command?.a]).toEqual([50, "d-join", ["spawn with Drop.width 0.1 0x3dcccccd"]]);
  });
});
