/** Sample and hold, accumulate: what components keep of events, with every reset, against a plain fold. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { defineComponent } from "../../../engine/ecs/component.ts";
import { array, entity, f32, i8, u8, u32 } from "../../../engine/ecs/field.ts";
import { defineEvent } from "../../../engine/events/event.ts";
import { accumulateEvents, holdEvents, type ValueReset } from "../../../engine/sim/event-values.ts";
import { defineSystem } from "../../../engine/sim/system.ts";
import type { World } from "../../../engine/sim/world.ts";
import { testSeed } from "../seeds.ts";
import { faultOf, smallWorld } from "../small-world.ts";

const seed = testSeed("event-values");

const Said = defineEvent("Said", { who: entity, at: array(f32, 2), level: i8, by: entity, size: u8 });
const Memory = defineComponent(
  "Memory",
  { at: array(f32, 2), by: entity, heardTick: u32 },
  { defaults: { at: [-1, -2] } },
);
const Tally = defineComponent(
  "Tally",
  { sum: i8, count: u8, least: i8, most: f32, heardTick: u32 },
  { defaults: { least: 100, most: -100, count: 3 } },
);

/** Whom a row is about (2 to 4 have the components, 5 has none, 0 is nobody), and what it says. */
type Row = readonly [who: number, level: number];
type Story = readonly (readonly Row[])[];

function worldOf(story: Story, systems: readonly ReturnType<typeof holdEvents>[]): World {
  const speak = defineSystem({
    name: "speak",
    phase: "gameplay",
    emits: [Said],
    run({ events, tick, world }) {
      for (const [who, level] of story[tick - 1] ?? [])
        events.Said.emit({
          who: who === 0 ? 0 : world.handleOf(who),
          at: [level / 2, tick],
          level,
          by: world.handleOf(2),
          size: level & 255,
        });
    },
  });
  return smallWorld({
    events: [Said],
    components: [Memory, Tally],
    systems: [speak, ...systems],
    setup({ commands }) {
      for (let i = 0; i < 3; i++) commands.spawn(Memory, Tally);
      commands.spawn();
    },
  });
}

const row = fc.tuple(fc.constantFrom(0, 2, 3, 4, 5), fc.integer({ min: -128, max: 127 }));
const stories = fc.array(fc.array(row, { maxLength: 6 }), { minLength: 1, maxLength: 16 });
const rounds = fc.integer({ min: 1, max: 5 });

test("300 stories: hold keeps what the latest row said, until so many ticks after it", () => {
  fc.assert(
    fc.property(stories, fc.oneof(fc.constant(0), rounds), (story, afterTicks) => {
      const system = holdEvents({
        name: "remember",
        event: Said,
        entity: "who",
        into: Memory,
        fields: { at: "at", by: "by" },
        tick: "heardTick",
        reset: afterTicks === 0 ? "never" : { afterTicks },
        after: ["speak"],
      });
      const world = worldOf(story, [system]);
      const columns = world.store.columnsOf(Memory) as { at: Float32Array; by: Uint32Array; heardTick: Uint32Array };
      story.forEach((_, t) => {
        world.tick();
        for (const who of [2, 3, 4]) {
          const heard = story
            .slice(0, t + 1)
            .flatMap((rows, i) => rows.flatMap(([whom, level]) => (whom === who ? [{ tick: i + 1, level }] : [])));
          const last = heard.at(-1);
          const isHeld = last !== undefined && (afterTicks === 0 || t + 1 - last.tick < afterTicks);
          expect([columns.at[who * 2], columns.at[who * 2 + 1], columns.by[who], columns.heardTick[who]]).toEqual(
            isHeld ? [last.level / 2, last.tick, world.store.handleOf(2), last.tick] : [-1, -2, 0, 0],
          );
        }
        expect([columns.at[10], columns.by[5], columns.heardTick[5]]).toEqual([0, 0, 0]);
      });
    }),
    { seed, numRuns: 300 },
  );
});

const resets: fc.Arbitrary<ValueReset> = fc.oneof(
  fc.constantFrom("never" as const, "each-tick" as const),
  rounds.map((everyTicks) => ({ everyTicks })),
  rounds.map((afterTicks) => ({ afterTicks })),
);

test("500 stories: sums, counts, least and most, within the range of their fields, with every reset", () => {
  fc.assert(
    fc.property(stories, resets, (story, reset) => {
      const system = accumulateEvents({
        name: "tally",
        event: Said,
        entity: "who",
        into: Tally,
        fields: { sum: { sum: "level" }, count: { count: true }, least: { least: "level" }, most: { most: "level" } },
        tick: "heardTick",
        reset,
        after: ["speak"],
      });
      const world = worldOf(story, [system]);
      const columns = world.store.columnsOf(Tally);
      const start = { sum: 0, count: 3, least: 100, most: -100, heardTick: 0 };
      const expected = [2, 3, 4].map(() => ({ ...start }));
      story.forEach((rows, t) => {
        world.tick();
        const tick = t + 1;
        for (const one of expected) {
          const isOver =
            reset === "each-tick" ||
            (typeof reset === "object" && "everyTicks" in reset && tick % reset.everyTicks === 0) ||
            (typeof reset === "object" &&
              "afterTicks" in reset &&
              one.heardTick !== 0 &&
              tick - one.heardTick >= reset.afterTicks);
          if (isOver) Object.assign(one, start);
        }
        for (const [who, level] of rows) {
          const one = expected[who - 2];
          if (one === undefined) continue;
          one.sum = Math.max(-128, Math.min(127, one.sum + level));
          one.count = Math.min(255, one.count + 1);
          one.least = Math.min(one.least, level);
          one.most = Math.max(one.most, level);
          one.heardTick = tick;
        }
        expect(
          [2, 3, 4].map((e) => Object.fromEntries(Object.keys(start).map((name) => [name, columns[name]![e]]))),
        ).toEqual(expected);
      });
    }),
    { seed, numRuns: 500 },
  );
});

test("rows about an entity that is gone, or whose index another one has now, are passed over", () => {
  const goneHandles: number[] = [];
  const Target = defineComponent("Target", { hits: u8 });
  const Struck = defineEvent("Struck", { target: entity });
  const strike = defineSystem({
    name: "strike",
    phase: "gameplay",
    query: [Target],
    emits: [Struck],
    run({ entities, events, tick, world, commands }) {
      if (tick === 1) goneHandles.push(world.handleOf(entities[0]!));
      events.Struck.emit({ target: goneHandles[0]! });
      if (tick !== 2) return;
      commands.despawn(goneHandles[0] as never);
      commands.spawn(Target);
    },
  });
  const count = accumulateEvents({
    ...{ name: "count", event: Struck, entity: "target", into: Target, fields: { hits: { count: true } } },
    ...{ reset: "never", after: ["strike"] },
  });
  const world = smallWorld({
    events: [Struck],
    components: [Target],
    systems: [strike, count],
    setup: ({ commands }) => void commands.spawn(Target),
  });
  const { hits } = world.store.columnsOf(Target);
  const told = [1, 2, 3, 4].map(() => {
    world.tick();
    return [...hits!.subarray(2, 4)];
  });
  expect(told).toEqual([
    [1, 0],
    [0, 0],
    [0, 0],
    [0, 0],
  ]);
});

describe("definitions", () => {
  const base = { name: "odd", event: Said, entity: "who", into: Memory, fields: { by: "by" }, reset: "never" } as const;
  const tally = { ...base, into: Tally, fields: { sum: { sum: "level" } } } as const;

  test("the plan sees an ordinary system: it must have an order to who emits", () => {
    expect(faultOf(() => worldOf([], [holdEvents(base)]))).toMatchObject({
      kind: "order-ambiguous",
      fields: { first: "odd", second: "speak", column: "event Said" },
    });
    const { plan } = worldOf([], [holdEvents({ ...base, before: ["speak"] })]).program;
    expect(plan.phases.flatMap(({ systems }) => systems).find(({ name }) => name === "odd")).toMatchObject({
      ...{ phase: "gameplay", query: ["Memory"], writes: ["Memory"], hears: ["Said"] },
    });
  });

  test.each([
    ["fields of two types", () => holdEvents({ ...base, fields: { heardTick: "by" } }), "is u32 and Said.by is entity"],
    ["an entity that is none", () => holdEvents({ ...base, entity: "level" }), "Said.level is no entity"],
    ["no field", () => holdEvents({ ...base, fields: {} }), "it has no fields"],
    ["a tick in a field that is no u32", () => holdEvents({ ...base, tick: "at" }), "Memory.at is no u32"],
    ["a reset without a tick", () => holdEvents({ ...base, reset: { afterTicks: 2 } }), "keeps no tick"],
    ["a reset after no tick", () => accumulateEvents({ ...tally, reset: { everyTicks: 0 } }), "resets after 0 ticks"],
    ["a sum of a record", () => accumulateEvents({ ...tally, fields: { sum: { sum: "at" } } }), "gathers a f32[2]"],
    ["a sum of entities", () => accumulateEvents({ ...tally, fields: { sum: { sum: "by" } } }), "gathers a entity"],
    [
      "a tick in a field that gathers",
      () => accumulateEvents({ ...tally, fields: { heardTick: { count: true } }, tick: "heardTick" }),
      "heardTick is to keep the tick and a value",
    ],
  ])("%s is refused", (_, define, problem) => {
    expect(faultOf(define)).toMatchObject({
      kind: "bad-definition",
      fields: { what: "system", name: "odd", problem: expect.stringContaining(problem) },
    });
  });

  test("a field that does not exist is refused by type and by name", () => {
    // @ts-expect-error Said has no such field.
    expect(faultOf(() => holdEvents({ ...base, fields: { by: "nobody" } }))).toMatchObject({
      kind: "unknown-name",
      fields: { name: "Said.nobody", known: "at, by, level, size, who" },
    });
  });
});
