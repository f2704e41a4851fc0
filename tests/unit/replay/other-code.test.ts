/**
 * Records of one program on the code of another: numbered otherwise, set up otherwise, faulting. What differs is told; what
 * only has other numbers does not differ.
 */
import { describe, expect, test } from "vitest";
import {
  axis,
  type Component,
  defineComponent,
  defineConfig,
  defineControls,
  defineGame,
  defineSystem,
  f32,
  type Game,
  Player,
  wholeSetting,
} from "../../../engine/index.ts";
import { ManualClock } from "../../../engine/ports/clock.ts";
import { explainTick, firstDivergence, type Line, type Rerun, type TickReport } from "../../../engine/replay/diff.ts";
import { type Journal, readJournal } from "../../../engine/replay/journal.ts";
import { compareJournals } from "../../../engine/replay/journal-comparison.ts";
import { reportLines } from "../../../runtime/replay/report-text.ts";
import { record } from "../../data/journals.ts";

const Boat = defineComponent("Boat", { way: f32, drift: f32 }, { shared: true });
const unused = { negative: [], positive: [] };

interface Changes {
  /** Controls beside "helm", and settings beside "wind". */
  readonly controls?: readonly string[];
  readonly settings?: readonly string[];
  readonly hasHelm?: boolean;
  readonly components?: readonly Component[];
  readonly tickRate?: number;
  /** Where the boats begin. */
  readonly start?: number;
  readonly factor?: number;
  /** The tick at which the second system throws. */
  readonly throwsAt?: number;
}

/** Boats that go as their helms are set; the wind makes them drift. */
function boats(changes: Changes = {}): Game {
  const { hasHelm = true, start = 1, factor = 1, throwsAt = 0 } = changes;
  const named = [...(changes.controls ?? []), ...(hasHelm ? ["helm"] : [])];
  const controls = defineControls(Object.fromEntries(named.map((name) => [name, axis(name, unused)])));
  const config = defineConfig(
    Object.fromEntries(["wind", ...(changes.settings ?? [])].map((name) => [name, wholeSetting(name, 2, 0, 9)])),
  );
  const crew = controls as unknown as Component<"Controls", { helm: typeof f32 }>;
  const air = config as unknown as Component<"Config", { wind: typeof f32 }>;
  const enter = defineSystem({
    name: "a-enter",
    phase: "gameplay",
    query: [Player],
    run({ entities, commands, world }) {
      for (const entity of entities)
        if (!world.has(entity, Boat)) commands.add(world.handleOf(entity), Boat.of({ way: start }));
    },
  });
  const sail = defineSystem({
    name: "b-sail",
    phase: "gameplay",
    query: [crew, Boat],
    reads: [crew],
    writes: [Boat],
    after: ["a-enter"],
    run({ entities, columns, tick }) {
      if (tick === throwsAt) throw new Error("the mast broke");
      for (const entity of entities) columns.Boat.way[entity]! += factor * (columns.Controls.helm?.[entity] ?? 0);
    },
  });
  const blow = defineSystem({
    name: "c-blow",
    phase: "gameplay",
    query: [Boat],
    reads: [air],
    writes: [Boat],
    after: ["b-sail"],
    run({ entities, columns, random }) {
      const push = random.between(0, 1);
      for (const entity of entities) columns.Boat.drift[entity]! += columns.Config.wind[1]! * push;
    },
  });
  return defineGame({
    ...{ id: "boats", tickRate: changes.tickRate ?? 60, limits: { entities: 16, players: 2 } },
    ...{ controls, config, components: [Boat, ...(changes.components ?? [])], systems: [enter, sail, blow] },
    setup({ commands }) {
      commands.spawn(Boat.of({ drift: start }));
    },
  });
}

const input = [
  '{"tick":1,"player":1,"join":"ada"}',
  '{"tick":10,"player":1,"control":"helm","value":1}',
  '{"tick":20,"set":"wind","value":5}',
  '{"tick":30,"player":1,"control":"helm","value":-0.5}',
].join("\n");
const recorded = boats();
const journal = readJournal(await record({ game: recorded, tickCount: 40, input }), "boats.orj");
const host = { clock: new ManualClock() };
const other = { ...host, isOtherCode: true };

async function compared(game: Game, of: Journal = journal): Promise<Rerun> {
  return firstDivergence(of, game, other, () => {});
}

async function explained(game: Game, tick: number): Promise<TickReport> {
  const own: Line = { journal, game: recorded, host, isRerun: false };
  return explainTick(own, { journal, game, host: other, isRerun: true }, tick);
}

describe("other code that only has other numbers does as recorded:", () => {
  test("a component that sorts first", async () => {
    const spare = defineComponent("Aaa", {}, { shared: true });
    const result = await compared(boats({ components: [spare] }));
    expect(result).toMatchObject({ divergence: undefined, lastTick: 40, unmeant: [] });
    expect(result.programs.map(({ field }) => field)).toEqual(["schema"]);
    expect(result.left).toEqual({
      renumbered: [
        ...["Entities.mask0", "Renderable.material", "Renderable.mesh", "Events.counts", "Events.before"],
        ...["Events.dropped", "Events.droppedTotal", "Resources.versions"],
      ],
      alone: [],
    });
  });

  test("controls and settings that sort first, and last", async () => {
    const result = await compared(boats({ controls: ["anchor", "zoom"], settings: ["calm"] }));
    expect(result).toMatchObject({ divergence: undefined, lastTick: 40, unmeant: [] });
    expect(result.left.renumbered).toContain("Input.seats");
    expect(result.left.alone).toEqual(["Config.calm", "Controls.anchor", "Controls.zoom"]);
  });
});

test("journals of programs with other numbers are compared by names, too", async () => {
  const spare = defineComponent("Aaa", { mark: f32 }, { shared: true });
  const of = async (game: Game): Promise<Journal> =>
    readJournal(await record({ game, tickCount: 40, input }), "other.orj");
  const numbered = await of(boats({ components: [spare], settings: ["calm"] }));
  expect(compareJournals(journal, numbered)).toMatchObject({ hashTick: 0, fromTick: 1, toTick: 40 });
  const changed = await of(boats({ components: [spare], factor: 2 }));
  expect(compareJournals(journal, changed)).toMatchObject({ hashTick: 10 });
  expect(compareJournals(changed, journal)).toMatchObject({ hashTick: 10 });
});

test("other numbers hide no other behaviour", async () => {
  const changed = boats({ controls: ["anchor"], factor: 2 });
  expect((await compared(changed)).divergence).toMatchObject({ tick: 10, span: "Boat.way" });
  const { first, elements, spans } = await explained(changed, 10);
  expect(first).toMatchObject({ step: { name: "b-sail" }, component: "Boat", field: "way", count: 1 });
  expect([first?.a.value, first?.b.value]).toEqual([2, 3]);
  expect(elements.map(({ place }) => place)).toEqual([`Boat.way of entity ${first?.entity}`]);
  expect(spans.map(({ span }) => span)).toEqual(["Boat.way"]);
});

test("records that mean nothing in other code are left out and named", async () => {
  const result = await compared(boats({ hasHelm: false, controls: ["anchor"] }));
  expect(result).toMatchObject({ divergence: { tick: 10, span: "Boat.way" }, unmeant: ["control helm"] });
});

test("another tick rate is told", async () => {
  const { programs, divergence } = await compared(boats({ tickRate: 50 }));
  expect(programs).toEqual([{ field: "tick rate", journal: "60", program: "50", tick: 0 }]);
  expect(divergence).toBeUndefined();
});

test("another setup is told as the game's setup and not as the system that reads it first", async () => {
  const changed = boats({ start: 7 });
  expect((await compared(changed)).divergence).toMatchObject({ tick: 1 });
  const report = await explained(changed, 1);
  expect(report.first).toBeUndefined();
  expect(report.setup).toMatchObject([{ place: "Boat.drift of entity 2", a: 1, b: 7 }]);
  expect(reportLines(report, { a: "record", b: "replay" })[0]).toBe(
    "They differ before tick 1, as the game's setup leaves them:",
  );
});

test("a tick that faults is compared up to the fault and no further", async () => {
  const broken = boats({ throwsAt: 15 });
  const { divergence, fault } = await compared(broken);
  expect([divergence?.tick, fault?.kind]).toEqual([15, "system-threw"]);
  const report = await explained(broken, 15);
  expect(report).toMatchObject({ first: undefined, elements: [], spans: [], setup: [] });
  const lines = reportLines(report, { a: "record", b: "replay" });
  expect(lines).toEqual([expect.stringMatching(/^replay faults at tick 15: E0303 System "b-sail" .* the mast broke/)]);
});
