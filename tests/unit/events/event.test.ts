/** Event tables: rows of one tick, in order, zeroed after it; a full table and a bad value are faults. */
import { expect, test } from "vitest";
import { array, bool, entity, f32, i16, u8 } from "../../../engine/ecs/field.ts";
import { defineEvent, eventSchemaText } from "../../../engine/events/event.ts";
import { faultOf, smallWorld } from "../small-world.ts";

const Hit = defineEvent("Hit", { force: f32, by: entity, kind: u8, hard: bool, depth: i16 });
const Miss = defineEvent("Miss", {});

test("rows hold what was emitted, in order; fields left out are zero", () => {
  const world = smallWorld({ events: [Hit] });
  const table = world.events.tableOf(Hit);
  table.emit({ force: 1.5, by: 7, kind: 255, hard: 1, depth: -3 });
  table.emit({});
  table.emit({ kind: 2 });
  expect(table.count).toBe(3);
  const rows = [0, 1, 2].map((row) =>
    ["force", "by", "kind", "hard", "depth"].map((name) => table.columns[name]?.[row]),
  );
  expect(rows).toEqual([
    [1.5, 7, 255, 1, -3],
    [0, 0, 0, 0, 0],
    [0, 0, 2, 0, 0],
  ]);
});

test("the next tick finds an empty table and zeros in every byte", () => {
  const world = smallWorld({ events: [Hit, Miss] });
  const table = world.events.tableOf(Hit);
  for (let i = 0; i < 20; i++) table.emit({ force: i, by: i, kind: i, hard: 1, depth: i });
  world.events.tableOf(Miss).emit({});
  world.tick();
  expect([table.count, world.events.tableOf(Miss).count]).toEqual([0, 0]);
  expect(Object.values(table.columns).every((column) => column.every((value) => value === 0))).toBe(true);
});

test("a table takes as many rows as the limit, then a fault names the kind and the setting", () => {
  const world = smallWorld({ events: [Hit, Miss], limits: { eventsPerTick: 3 } });
  for (const kind of [Hit, Miss]) {
    const table = world.events.tableOf(kind);
    for (let i = 0; i < 3; i++) table.emit({});
    expect(faultOf(() => table.emit({}))).toEqual({
      kind: "limit-reached",
      fields: { limit: `eventsPerTick (${kind.name})`, value: 3, setting: "limits.eventsPerTick" },
    });
    expect(table.count).toBe(3);
  }
});

test("each world has tables of its own", () => {
  const [one, other] = [smallWorld({ events: [Hit] }), smallWorld({ events: [Hit] })];
  one.events.tableOf(Hit).emit({ force: 1 });
  expect([one.events.tableOf(Hit).count, other.events.tableOf(Hit).count]).toEqual([1, 0]);
});

test("events count in the hash of their tick and in no later one", () => {
  const hashes = (tell: boolean): string[] => {
    const system = { name: "tell", phase: "gameplay", emits: [Hit], run: run(tell) } as const;
    const world = smallWorld({ events: [Hit], systems: [system as never] });
    return [1, 2].map(() => {
      world.tick();
      return [...world.hash.results].join();
    });
  };
  const run =
    (tell: boolean) =>
    ({ events, tick }: { tick: number; events: { Hit: { emit(values: object): void } } }): void => {
      if (tell && tick === 1) events.Hit.emit({ force: 1 });
    };
  const [told, quiet] = [hashes(true), hashes(false)];
  expect(told[0]).not.toBe(quiet[0]);
  expect(told[1]).toBe(quiet[1]);
});

test("the schema text is by name, whatever the order of fields", () => {
  expect(eventSchemaText([defineEvent("Hit", { b: u8, a: f32 }), Miss])).toBe("event Hit a:f32 b:u8\nevent Miss");
});

test("a fixed array is refused: a row has one element a field", () => {
  expect(faultOf(() => defineEvent("Wide", { at: array(f32, 3) }))).toMatchObject({
    kind: "bad-definition",
    fields: { what: "event", name: "Wide" },
  });
});
