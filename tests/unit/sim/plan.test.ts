/** The plan: goldens as text, independence of registration, and every mistake of a schedule as a fault. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { PhaseName } from "../../../engine/base/phases.ts";
import { type Component, defineComponent } from "../../../engine/ecs/component.ts";
import { f32 } from "../../../engine/ecs/field.ts";
import { any, not } from "../../../engine/ecs/prepared-query.ts";
import { defineEvent } from "../../../engine/events/event.ts";
import { gameSubsystems } from "../../../engine/game.ts";
import { axis, defineControls, held, pressed } from "../../../engine/input/controls.ts";
import { defineSubsystem } from "../../../engine/sim/subsystem.ts";
import { type AnySystem, defineSystem } from "../../../engine/sim/system.ts";
import { expectGolden } from "../golden.ts";
import { testSeed } from "../seeds.ts";
import { faultOf, type SmallWorldOptions, smallProgram, smallWorld } from "../small-world.ts";

const seed = testSeed("plan");

const A = defineComponent("A", { x: f32 });
const B = defineComponent("B", { x: f32 });
const C = defineComponent("C", { x: f32 }, { writtenIn: ["transforms"] });
const Locked = defineComponent("Locked", { x: f32 }, { writtenIn: [] });
const Hit = defineEvent("Hit", { x: f32 });
const Miss = defineEvent("Miss", {});
const components = [A, B, C, Locked];
const events = [Hit, Miss];

const add = (column: Float32Array, entities: Uint32Array, by: number): void => {
  for (const e of entities) column[e] = Math.fround((column[e] as number) * 1.5 + by);
};

const systems: readonly AnySystem[] = [
  defineSystem({
    name: "steer",
    phase: "input",
    query: [A],
    writes: [A],
    run: ({ entities, columns, random }) => add(columns.A.x, entities, random.unit()),
  }),
  defineSystem({
    name: "push",
    phase: "gameplay",
    query: [A, not(Locked)],
    queries: { others: [B], all: [any(B, A)] },
    reads: [B],
    writes: [A],
    after: ["aim"],
    before: ["tell"],
    run: ({ entities, columns }) => add(columns.A.x, entities, 1),
  }),
  defineSystem({
    name: "aim",
    phase: "gameplay",
    query: [B],
    writes: [B],
    run: ({ entities, columns, random }) => add(columns.B.x, entities, random.unit()),
  }),
  defineSystem({
    name: "tell",
    phase: "gameplay",
    reads: [A],
    emits: [Hit],
    run: ({ events: { Hit: hits }, tick }) => hits.emit({ x: tick }),
  }),
  defineSystem({ name: "hear", phase: "gameplay", hears: [Hit], after: ["tell"], run: () => {} }),
  defineSystem({ name: "also-hear", phase: "gameplay", hears: [Hit], after: ["tell"], run: () => {} }),
  defineSystem({ name: "idle", phase: "gameplay", run: () => {} }),
  defineSystem({
    name: "place",
    phase: "transforms",
    query: [A, C],
    reads: [A],
    writes: [C],
    run: ({ entities, columns }) => add(columns.C.x, entities, 2),
  }),
];

const options: SmallWorldOptions = {
  components,
  events,
  systems,
  setup: ({ commands, random }) => {
    for (let i = 0; i < 10; i++) commands.spawn(A.of({ x: random.unit() }), B, C);
  },
};

const pretty = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`;

describe("goldens", () => {
  test("a plan of every kind of declaration", () => {
    expectGolden("plan-small.json", pretty(smallProgram(options).plan));
  });

  test("a plan of nothing", () => {
    expectGolden("plan-empty.json", pretty(smallProgram().plan));
  });

  test("the plan of a game with all of the engine's own subsystems", () => {
    const game = {
      id: "full",
      tickRate: 60,
      components: [],
      systems: [],
      setup: () => {},
      physics: { gravity: [0, -9.81, 0] as const },
    };
    expectGolden("plan-full.json", pretty(smallProgram({ subsystems: gameSubsystems(game) }).plan));
  });
});

describe("any order of registration", () => {
  const shuffled = <T>(list: readonly T[]): fc.Arbitrary<T[]> =>
    fc.shuffledSubarray([...list], { minLength: list.length });

  test("gives the same plan, hashes and world", () => {
    const reference = smallProgram(options);
    const ticked = hashesOf(options);
    fc.assert(
      fc.property(
        shuffled(components),
        shuffled(events),
        shuffled(systems),
        (someComponents, someEvents, someSystems) => {
          const other = { ...options, components: someComponents, events: someEvents, systems: someSystems };
          const program = smallProgram(other);
          expect(program.plan).toEqual(reference.plan);
          expect([program.planHash, program.schemaHash, program.schema.text]).toEqual([
            reference.planHash,
            reference.schemaHash,
            reference.schema.text,
          ]);
          expect(hashesOf(other)).toEqual(ticked);
        },
      ),
      { seed, numRuns: 100 },
    );
  });

  test("of queries, reads, writes and orders within a system gives the same plan", () => {
    const mirrored = systems.map((system) => ({
      ...system,
      ...(system.query && { query: [...system.query].reverse() }),
      ...(system.reads && { reads: [...system.reads].reverse() }),
      ...(system.queries && { queries: Object.fromEntries(Object.entries(system.queries).reverse()) }),
    })) as AnySystem[];
    expect(smallProgram({ ...options, systems: mirrored }).planHash).toBe(smallProgram(options).planHash);
  });

  test("of fields gives the same schema", () => {
    const one = smallProgram({ components: [defineComponent("P", { x: f32, y: f32 })] });
    const other = smallProgram({ components: [defineComponent("P", { y: f32, x: f32 })] });
    expect(one.schemaHash).toBe(other.schemaHash);
  });

  test("of controls gives the same schema: their numbers are places in the sorted list", () => {
    const one = smallProgram({ controls: defineControls({ go: held("Go", "KeyW"), jump: pressed("Jump", "Space") }) });
    const other = smallProgram({
      controls: defineControls({ jump: pressed("Jump", "Space"), go: held("Go", "KeyW") }),
    });
    expect(one.schemaHash).toBe(other.schemaHash);
  });

  test("another field type, control kind or event changes the schema hash; another system the plan hash", () => {
    const schemas = [
      smallProgram(),
      smallProgram({ components: [A] }),
      smallProgram({ components: [defineComponent("A", { x: f32, y: f32 })] }),
      smallProgram({ events: [Hit] }),
      smallProgram({ events: [Miss] }),
      smallProgram({ controls: defineControls({ go: held("Go") }) }),
      smallProgram({ controls: defineControls({ go: pressed("Go") }) }),
      smallProgram({ controls: defineControls({ go: axis("Go", {}) }) }),
    ];
    expect(new Set(schemas.map((program) => program.schemaHash)).size).toBe(schemas.length);
    const plans = [options, { ...options, systems: systems.slice(1) }, { ...options, systems: [] }].map(
      (each) => smallProgram(each).planHash,
    );
    expect(new Set(plans).size).toBe(3);
  });
});

describe("mistakes are faults", () => {
  const noop = { run: () => {} };
  const build = (...list: readonly AnySystem[]) => faultOf(() => smallProgram({ ...options, systems: list }));
  const gameplay = (name: string, rest: object = {}): AnySystem =>
    ({ name, phase: "gameplay", ...rest, ...noop }) as AnySystem;

  test("two systems that touch one column, one writing, without an order: both and the fix are named", () => {
    const cases: [object, object, string, string][] = [
      [{ writes: [A] }, { reads: [A] }, "A", '"one"'],
      [{ reads: [A] }, { writes: [A] }, "A", '"two"'],
      [{ writes: [B, A] }, { writes: [A, B] }, "A", '"one" and "two"'],
      [{ emits: [Hit] }, { hears: [Hit] }, "event Hit", '"one"'],
      [{ emits: [Hit] }, { emits: [Hit] }, "event Hit", '"one" and "two"'],
    ];
    for (const [first, second, column, writers] of cases)
      for (const list of [
        [gameplay("one", first), gameplay("two", second)],
        [gameplay("two", second), gameplay("one", first)],
      ])
        expect(build(...list)).toEqual({
          kind: "order-ambiguous",
          fields: { phase: "gameplay", first: "one", second: "two", column, writers },
        });
  });

  test("two that only read, that are ordered through a third, or that run in different phases are fine", () => {
    const plan = smallProgram({
      ...options,
      systems: [
        gameplay("r1", { reads: [B] }),
        gameplay("r2", { reads: [B] }),
        gameplay("w1", { writes: [A], before: ["mid"] }),
        gameplay("mid"),
        gameplay("w2", { writes: [A], after: ["mid"] }),
        { ...gameplay("early", { writes: [A, B] }), phase: "input" },
      ],
    }).plan;
    const names = plan.phases.map(({ name, systems: list }) => [name, list.map((system) => system.name)]);
    expect(names).toEqual([
      ["input", ["early"]],
      ["physics", []],
      ["gameplay", ["r1", "r2", "w1", "mid", "w2"]],
      ["structure", []],
      ["transforms", []],
    ]);
  });

  test("a circle is named along its way", () => {
    const circle = [
      gameplay("a", { after: ["c"] }),
      gameplay("b", { after: ["a"] }),
      gameplay("c", { before: ["d"], after: ["b"] }),
      gameplay("d"),
    ];
    expect(build(...circle)).toEqual({
      kind: "order-cycle",
      fields: { phase: "gameplay", systems: "b -> c -> a -> b" },
    });
    expect(build(gameplay("self", { after: ["self"] }))).toEqual({
      kind: "order-cycle",
      fields: { phase: "gameplay", systems: "self -> self" },
    });
    expect(build(gameplay("x", { before: ["y"], after: ["y"] }), gameplay("y")).fields).toMatchObject({
      systems: "y -> x -> y",
    });
  });

  test("an unknown system, one of another phase, and the known ones", () => {
    const all = [
      gameplay("one", { after: ["noe"] }),
      gameplay("two"),
      { ...gameplay("noon"), phase: "input" as const },
    ];
    expect(build(...all)).toEqual({
      kind: "unknown-name",
      fields: { what: "system", name: "noe", where: '`after` of system "one"', known: "one, two" },
    });
    expect(build(gameplay("one", { before: ["noon"] }), ...all.slice(2))).toEqual({
      kind: "unknown-name",
      fields: { what: 'system of phase "gameplay"', name: "noon", where: '`before` of system "one"', known: "one" },
    });
  });

  test.each(["query", "reads", "writes"])("an unknown component in %s", (list) => {
    const Stray = defineComponent("Stray");
    const fault = build(gameplay("one", { [list]: [Stray] }));
    const known = "A, AuthoredId, B, C, Config, Controls, Family, Locked, Parent, Player";
    expect(fault).toEqual({
      kind: "unknown-name",
      fields: { what: "component", name: "Stray", where: 'System "one"', known },
    });
  });

  test("an unknown component inside not, any and named queries", () => {
    const Stray = defineComponent("Stray");
    for (const rest of [{ query: [A, not(Stray)] }, { query: [any(A, Stray)] }, { queries: { q: [A, Stray] } }])
      expect(build(gameplay("one", rest))).toMatchObject({ kind: "unknown-name", fields: { name: "Stray" } });
  });

  test("another definition of a known name is unknown", () => {
    expect(build(gameplay("one", { reads: [defineComponent("A", { x: f32 })] }))).toMatchObject({
      kind: "unknown-name",
      fields: { name: "A" },
    });
  });

  test("an unknown event, with and without known ones", () => {
    const Stray = defineEvent("Stray", {});
    expect(build(gameplay("one", { emits: [Stray] })).fields).toMatchObject({
      what: "event",
      name: "Stray",
      known: "Hit, Miss",
    });
    const none = faultOf(() => smallProgram({ systems: [gameplay("one", { hears: [Stray] })] }));
    expect(none.fields).toMatchObject({ known: "none is defined" });
  });

  test("an unknown phase, and the one that has no systems", () => {
    expect(build({ ...gameplay("one"), phase: "late" as PhaseName }).fields).toEqual({
      what: "phase",
      name: "late",
      where: 'System "one"',
      known: "input, physics, gameplay, structure, transforms",
    });
    expect(build({ ...gameplay("one"), phase: "structure" })).toMatchObject({
      kind: "bad-definition",
      fields: { problem: 'phase "structure" has no systems' },
    });
  });

  test("a write out of phase, with the phases that may", () => {
    const writes = (component: Component, phase: PhaseName) =>
      build({ ...gameplay("one", { writes: [component] }), phase }).fields;
    expect(writes(A, "transforms")).toEqual({
      system: "one",
      phase: "transforms",
      component: "A",
      allowed: '"input" or "gameplay"',
    });
    expect(writes(C, "gameplay")).toMatchObject({ component: "C", allowed: '"transforms"' });
    expect(writes(Locked, "gameplay")).toMatchObject({ component: "Locked", allowed: '"structure", by a command' });
  });

  test("duplicates of systems, components, events and subsystems", () => {
    const duplicate = (what: string, name: string) => ({ kind: "duplicate-name", fields: { what, name } });
    expect(build(gameplay("one"), gameplay("one"))).toEqual(duplicate("system", "one"));
    expect(build(gameplay("one"), { ...gameplay("one"), phase: "input" })).toEqual(duplicate("system", "one"));
    expect(faultOf(() => smallProgram({ components: [A, defineComponent("A")] }))).toEqual(duplicate("component", "A"));
    expect(faultOf(() => smallProgram({ components: [defineComponent("Player")] }))).toEqual(
      duplicate("component", "Player"),
    );
    expect(faultOf(() => smallProgram({ events: [Hit, defineEvent("Hit", {})] }))).toEqual(duplicate("event", "Hit"));
    const part = (name: string, needs: string[] = []) => defineSubsystem({ name, needs, create: () => ({}) });
    expect(faultOf(() => smallProgram({ subsystems: [part("p"), part("p")] }))).toEqual(duplicate("subsystem", "p"));
  });

  test.each(["", "two words", "1st", "under_score", "x".repeat(64)])("a system named %j", (name) => {
    expect(build(gameplay(name))).toMatchObject({ kind: "bad-definition", fields: { what: "system" } });
  });

  test("a query that names nothing that must be there is found before the first tick", () => {
    expect(faultOf(() => smallWorld({ ...options, systems: [gameplay("one", { query: [not(A)] })] })).kind).toBe(
      "bad-definition",
    );
  });

  test("needs of subsystems: order, unknown ones, circles", () => {
    const part = (name: string, ...needs: string[]) => defineSubsystem({ name, needs, create: () => ({}) });
    const started = smallProgram({ subsystems: [part("c", "b"), part("x"), part("b", "a"), part("a")] }).parts;
    expect(started.map(({ name }) => name)).toEqual(["x", "a", "b", "c"]);
    expect(faultOf(() => smallProgram({ subsystems: [part("c", "d"), part("a")] }))).toEqual({
      kind: "unknown-name",
      fields: { what: "subsystem", name: "d", where: '`needs` of subsystem "c"', known: "c, a" },
    });
    expect(faultOf(() => smallProgram({ subsystems: [part("a", "b"), part("b", "a")] })).kind).toBe("order-cycle");
  });
});

function hashesOf(each: SmallWorldOptions): string[] {
  const world = smallWorld(each);
  return Array.from({ length: 20 }, () => {
    world.tick();
    return `${world.hash.high} ${world.hash.low}`;
  });
}
