/** Combined streams: rows of several kinds in the order of their emission, against a list kept beside them. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Auditor } from "../../../engine/audit/auditor.ts";
import { observeTicks } from "../../../engine/audit/observers.ts";
import { u8, u32 } from "../../../engine/ecs/field.ts";
import { defineEvent, type EventKind } from "../../../engine/events/event.ts";
import { combineEvents, type StreamReader, type StreamRows } from "../../../engine/events/stream.ts";
import { checkDerived } from "../../../engine/sim/derived-check.ts";
import { defineSystem } from "../../../engine/sim/system.ts";
import type { World } from "../../../engine/sim/world.ts";
import { testSeed } from "../seeds.ts";
import { faultOf, smallWorld } from "../small-world.ts";

const seed = testSeed("event-streams");

const Hit = defineEvent("Hit", { note: u32 }, { lasts: 2 });
const Miss = defineEvent("Miss", { note: u32 }, { lasts: 2, capacity: 3, overflow: "drop" });
const Pass = defineEvent("Pass", { note: u32, size: u8 }, { lasts: 2 });
/** Emitted in between and heard by no stream: it takes no part in the numbers. */
const Noise = defineEvent("Noise", { note: u32 });
const kinds = [Hit, Miss, Pass, Noise] as const;
const All = combineEvents("All", [Pass, Hit, Miss]);
const Two = combineEvents("Two", [Miss, Hit]);

/** One emission: which of four systems makes it, and which kind. */
type Emission = readonly [system: number, kind: number];
type Entry = readonly [kind: string, note: number];

const entriesOf = (rows: StreamRows<typeof Hit | typeof Miss | typeof Pass>): Entry[] =>
  Array.from({ length: rows.count }, (_, i) => {
    const { name } = rows.kindOf(i);
    return [name, rows.of[name].columns.note[rows.rowOf(i)]!];
  });

const pairsOf = (rows: StreamReader<typeof Hit | typeof Miss>): Entry[] =>
  Array.from({ length: rows.count }, (_, i) => {
    const row = rows.rowOf(i);
    const kind = rows.kindOf(i);
    return [kind.name, kind === Hit ? rows.of.Hit.columns.note[row]! : rows.of.Miss.columns.note[row]!];
  });

interface Told {
  world: World;
  ticks: { now: Entry[]; two: Entry[]; before: Entry[]; halfway: Entry[] }[];
}

/** A world in which four systems emit what `script` says of each tick, and one listens; another one listens halfway. */
function storyWorld(script: readonly (readonly Emission[])[]): Told {
  const told: Told = { world: undefined as never, ticks: [] };
  const halfway: { entries: Entry[] } = { entries: [] };
  const writers = [0, 1, 2, 3].map((number) =>
    defineSystem({
      name: `emit-${number}`,
      phase: "gameplay",
      emits: kinds,
      after: number === 0 ? [] : number === 2 ? ["listen-halfway"] : [`emit-${number - 1}`],
      run({ events, tick }) {
        (script[tick - 1] ?? []).forEach(([system, kind], note) => {
          if (system === number) (events as Record<string, typeof events.Hit>)[kinds[kind]!.name]!.emit({ note });
        });
      },
    }),
  );
  const early = defineSystem({
    name: "listen-halfway",
    phase: "gameplay",
    hears: [All],
    after: ["emit-1"],
    run({ events }) {
      halfway.entries = entriesOf(events.All);
    },
  });
  const late = defineSystem({
    name: "listen",
    phase: "gameplay",
    hears: [All, Two],
    recalls: [All],
    after: ["emit-3"],
    run({ events, recalled }) {
      told.ticks.push({
        now: entriesOf(events.All),
        two: pairsOf(events.Two),
        before: entriesOf(recalled.All),
        halfway: halfway.entries,
      });
    },
  });
  told.world = smallWorld({
    events: kinds,
    limits: { eventsPerTick: 64 },
    systems: [...writers, early, late],
  });
  return told;
}

/** What the stream of `among` holds: emissions by system, then as they came, less what found no room. */
function expected(emissions: readonly Emission[], among: readonly EventKind[], systems = [0, 1, 2, 3]): Entry[] {
  let misses = 0;
  return systems
    .flatMap((wanted) =>
      emissions.flatMap(([system, kind], note) => (system === wanted ? [[kind, note] as const] : [])),
    )
    .filter(([kind]) => kinds[kind] !== Miss || ++misses <= 3)
    .filter(([kind]) => among.includes(kinds[kind]!))
    .map(([kind, note]) => [kinds[kind]!.name, note]);
}

const emission = fc.tuple(fc.nat(3), fc.nat(3));
const scripts = fc.array(fc.array(emission, { maxLength: 40 }), { minLength: 1, maxLength: 6 });

test("300 stories: the order is that of the plan, then of emission, across kinds, in this tick and the one before", () => {
  fc.assert(
    fc.property(scripts, (script) => {
      const told = storyWorld(script);
      for (const _ of script) told.world.tick();
      expect(told.ticks).toEqual(
        script.map((emissions, t) => ({
          now: expected(emissions, All.kinds),
          two: expected(emissions, Two.kinds),
          before: expected(script[t - 1] ?? [], All.kinds),
          halfway: expected(emissions, All.kinds, [0, 1]),
        })),
      );
    }),
    { seed, numRuns: 300 },
  );
});

test("100 stories: from a save of any tick on, streams are as they were, and so is the hash", () => {
  fc.assert(
    fc.property(scripts, fc.nat(5), (script, cut) => {
      const first = storyWorld(script);
      const at = cut % script.length;
      for (let tick = 0; tick < at; tick++) first.world.tick();
      const saved = first.world.save();
      while (first.world.tickCount < script.length) first.world.tick();
      const second = storyWorld(script);
      second.world.tick();
      second.world.restore(saved);
      second.ticks.length = 0;
      while (second.world.tickCount < script.length) second.world.tick();
      expect(second.ticks).toEqual(first.ticks.slice(at));
      expect([second.world.hash.low, second.world.hash.high]).toEqual([first.world.hash.low, first.world.hash.high]);
    }),
    { seed, numRuns: 100 },
  );
});

test("audit mode accuses nobody: numbers, drops and rows of the tick before are written where they may be", () => {
  const all: readonly Emission[] = Array.from({ length: 24 }, (_, i) => [i % 4, (i * 3) % 4]);
  const told = storyWorld([all, [], all.slice(3), all.slice(7, 12), []]);
  const auditor = new Auditor(told.world, { checkDerived });
  const end = observeTicks(told.world, auditor);
  for (let tick = 1; tick <= 6; tick++) {
    told.world.tick();
    auditor.lookBetween("between two ticks of a test");
  }
  end();
  expect(told.world.events.tableOf(Miss).droppedTotal).toBeGreaterThan(0);
  expect(auditor.checkedCount).toBeGreaterThan(6 * 7);
});

describe("definitions", () => {
  const listen = (stream: typeof All, name = "listen") =>
    defineSystem({ name, phase: "gameplay", hears: [stream], run: () => {} });

  test("a writer of any kind of a stream needs an order to who hears it", () => {
    const emit = defineSystem({ name: "emit", phase: "gameplay", emits: [Miss], run: () => {} });
    expect(faultOf(() => smallWorld({ events: kinds, systems: [emit, listen(All)] }))).toMatchObject({
      kind: "order-ambiguous",
      fields: { first: "emit", second: "listen", column: "event Miss" },
    });
  });

  test("the plan lists the kinds of a stream", () => {
    const world = smallWorld({ events: kinds, systems: [listen(All)] });
    const { systems } = world.program.plan.phases.find(({ name }) => name === "gameplay")!;
    expect(systems[0]!.hears).toEqual(["Hit", "Miss", "Pass"]);
  });

  test("rows are numbered only where a stream reads their kind, and that is part of the schema", () => {
    const plain = smallWorld({ events: kinds });
    const read = smallWorld({ events: kinds, systems: [listen(Two as never)] });
    const numbered = (world: World): string[] =>
      world.arena.regions.map(({ name }) => name).filter((name) => name.includes("#"));
    expect(numbered(plain)).toEqual([]);
    expect(numbered(read)).toEqual([
      "Hit.#sequence",
      "Hit.before.#sequence",
      "Miss.#sequence",
      "Miss.before.#sequence",
    ]);
    expect(plain.program.schemaHash).not.toBe(read.program.schemaHash);
  });

  test.each([
    ["no kind", () => combineEvents("None", []), "bad-definition"],
    ["a kind twice", () => combineEvents("Twice", [Hit, Hit]), "bad-definition"],
    ["a name that is none", () => combineEvents("a b", [Hit]), "bad-definition"],
    ["a kind that the game has not", () => smallWorld({ events: [Hit], systems: [listen(All)] }), "unknown-name"],
    [
      "the name of a kind",
      () => smallWorld({ events: kinds, systems: [listen(combineEvents("Hit", [Pass, Hit, Miss]) as never)] }),
      "duplicate-name",
    ],
    [
      "the name of another stream",
      () => {
        const other = combineEvents("All", [Pass, Hit, Miss]);
        return smallWorld({ events: kinds, systems: [listen(All), listen(other, "listen-too")] });
      },
      "duplicate-name",
    ],
    [
      "recall of a stream with a kind that does not last",
      () => {
        const mixed = combineEvents("Mixed", [Hit, Noise]);
        const recall = defineSystem({ name: "recall", phase: "input", recalls: [mixed as never], run: () => {} });
        return smallWorld({ events: kinds, systems: [recall] });
      },
      "bad-definition",
    ],
  ])("%s is refused", (_, define, kind) => {
    expect(faultOf(define).kind).toBe(kind);
  });
});
