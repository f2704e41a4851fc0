/** Event tables: rows of one tick, in order, zeroed after it; records, drops and rows that last; bad values are faults. */
import { describe, expect, test } from "vitest";
import { array, bool, entity, f32, i16, u8 } from "../../../engine/ecs/field.ts";
import { defineEvent, type EventRows, eventSchemaText } from "../../../engine/events/event.ts";
import { defineSystem } from "../../../engine/sim/system.ts";
import type { World } from "../../../engine/sim/world.ts";
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

test("the schema text says what differs from the defaults: it decides what worlds do", () => {
  const kinds = [
    defineEvent("Cry", { at: array(f32, 3) }, { capacity: 8, overflow: "drop", lasts: 2 }),
    defineEvent("Hum", {}, { overflow: "drop" }),
    defineEvent("Sob", {}, { overflow: "fault", lasts: 1 }),
  ];
  expect(eventSchemaText(kinds)).toBe("event Cry(capacity 8, drop, lasts 2) at:f32[3]\nevent Hum(drop)\nevent Sob");
});

describe("fixed records", () => {
  const Shot = defineEvent("Shot", { at: array(f32, 3), slots: array(u8, 16), by: entity });

  test("a row holds each element in its place; what is left out is zero; typed arrays are lists too", () => {
    const world = smallWorld({ events: [Shot] });
    const table = world.events.tableOf(Shot);
    const slots = Array.from({ length: 16 }, (_, k) => k * 16);
    table.emit({ at: [1, 2, 3], slots, by: 9 });
    table.emit({ by: 8 });
    table.emit({ at: Float32Array.of(-1, 0.5, 7) });
    expect([...table.columns["at"]!.subarray(0, 9)]).toEqual([1, 2, 3, 0, 0, 0, -1, 0.5, 7]);
    expect([...table.columns["slots"]!.subarray(0, 32)]).toEqual([...slots, ...slots.map(() => 0)]);
    expect([...table.columns["by"]!.subarray(0, 3)]).toEqual([9, 8, 0]);
    world.tick();
    expect([...table.columns["at"]!, ...table.columns["slots"]!].every((value) => value === 0)).toBe(true);
  });

  test.each([
    [{ at: [1, 2] }, "2 values", "3 values"],
    [{ at: 1 }, "1", "3 values"],
    [{ by: [1, 2] }, "2 values", "one value"],
    [{ slots: [...new Array(15).fill(0), 256] }, "256", "u8: a whole number from 0 to 255"],
    [{ at: [0, 0, Number.NaN] }, "NaN", "a number, not NaN"],
  ])("%j is refused", (values, value, expected) => {
    const table = smallWorld({ events: [Shot] }).events.tableOf(Shot);
    expect(faultOf(() => table.emit(values))).toMatchObject({ kind: "wrong-type", fields: { value, expected } });
  });

  test.each([0, 17, 1.5])("a record of %d elements is refused", (length) => {
    expect(faultOf(() => defineEvent("Wide", { at: array(f32, length) }))).toMatchObject({
      kind: "bad-definition",
      fields: { what: "event", name: "Wide", problem: `field at has length ${length}` },
    });
  });
});

test.each([
  [{ capacity: 0 }, "its capacity is 0"],
  [{ capacity: 2.5 }, "its capacity is 2.5"],
  [{ capacity: (1 << 20) + 1 }, "its capacity is 1048577"],
  [{ overflow: "forget" as never }, 'its overflow is "forget"'],
  [{ lasts: 3 as never }, "it lasts 3 ticks"],
])("options %j are refused", (options, problem) => {
  expect(faultOf(() => defineEvent("Odd", {}, options))).toMatchObject({ kind: "bad-definition", fields: { problem } });
});

describe("a full table", () => {
  test("of a kind with a capacity of its own is a fault that names it", () => {
    const Rare = defineEvent("Rare", {}, { capacity: 2 });
    const table = smallWorld({ events: [Rare] }).events.tableOf(Rare);
    table.emit({});
    table.emit({});
    expect(faultOf(() => table.emit({}))).toEqual({
      kind: "limit-reached",
      fields: { limit: "capacity (event Rare)", value: 2, setting: "capacity of event Rare" },
    });
  });

  test("drops what finds no room where that is declared: counted by tick and in all, hashed and saved", () => {
    const Spark = defineEvent("Spark", { size: u8 }, { capacity: 2, overflow: "drop" });
    const seen: (readonly number[])[] = [];
    const watch = defineSystem({
      name: "watch",
      phase: "gameplay",
      hears: [Spark],
      after: ["spray"],
      run({ events: { Spark } }) {
        seen.push([Spark.count, Spark.droppedCount, Spark.columns.size[0]!, Spark.columns.size[1]!]);
      },
    });
    const make = (count: (tick: number) => number): World => {
      const spray = defineSystem({
        name: "spray",
        phase: "gameplay",
        emits: [Spark],
        run({ events, tick }) {
          for (let i = 0; i < count(tick); i++) events.Spark.emit({ size: i + 1 });
        },
      });
      return smallWorld({ events: [Spark], systems: [spray, watch] });
    };
    const world = make((tick) => [0, 5, 2, 3, 0][tick]!);
    const table = world.events.tableOf(Spark);
    const totals = [1, 2, 3, 4].map(() => {
      world.tick();
      return table.droppedTotal;
    });
    expect(seen).toEqual([
      [2, 3, 1, 2],
      [2, 0, 1, 2],
      [2, 1, 1, 2],
      [0, 0, 0, 0],
    ]);
    expect(totals).toEqual([3, 3, 4, 4]);

    // Two worlds with equal rows that lost a different number are different worlds.
    const [some, more] = [make(() => 3), make(() => 4)];
    some.tick();
    more.tick();
    expect(changedSpans(some, more)).toEqual(["Events.dropped", "Events.droppedTotal"]);
    expect([some.hash.low, some.hash.high]).not.toEqual([more.hash.low, more.hash.high]);
    more.restore(some.save());
    expect([more.events.tableOf(Spark).droppedCount, more.events.tableOf(Spark).droppedTotal]).toEqual([1, 1]);
  });

  test("that lost as many as a word holds says so instead of beginning at zero", () => {
    const Flood = defineEvent("Flood", {}, { capacity: 1, overflow: "drop" });
    const world = smallWorld({ events: [Flood] });
    const table = world.events.tableOf(Flood);
    const total = world.arena.u32(world.arena.regions.find(({ name }) => name === "Events.droppedTotal")!);
    total[0] = 0xffff_fffe;
    for (let i = 0; i < 4; i++) table.emit({});
    expect(table.droppedTotal).toBe(0xffff_ffff);
    expect(table.droppedCount).toBe(3);
  });
});

describe("rows that last", () => {
  const Echo = defineEvent("Echo", { note: u8, at: array(f32, 2) }, { lasts: 2, capacity: 8 });
  const counts = [0, 3, 1, 0, 8, 8, 2, 0, 0, 1];
  const rowsOf = ({ count, columns }: EventRows<typeof Echo>): number[][] =>
    Array.from({ length: count }, (_, row) => [columns.note[row]!, columns.at[row * 2]!, columns.at[row * 2 + 1]!]);
  const emitted = (tick: number): number[][] =>
    Array.from({ length: counts[tick] ?? 0 }, (_, row) => [tick * 10 + row, row, -tick]);

  function echoWorld(heard: number[][][]): World {
    // It runs before the writer, the other one after it, and both read the same: rows of the tick before stand.
    const early = defineSystem({
      name: "a-recall",
      phase: "gameplay",
      recalls: [Echo],
      run({ recalled }) {
        heard.push(rowsOf(recalled.Echo));
      },
    });
    const call = defineSystem({
      name: "call",
      phase: "gameplay",
      emits: [Echo],
      run({ events, tick }) {
        for (const [note, ...at] of emitted(tick)) events.Echo.emit({ note: note!, at });
      },
    });
    const late = defineSystem({
      name: "recall",
      phase: "gameplay",
      hears: [Echo],
      recalls: [Echo],
      after: ["call"],
      run({ events, recalled }) {
        heard.push(rowsOf(recalled.Echo), rowsOf(events.Echo));
      },
    });
    return smallWorld({ events: [Echo], systems: [early, call, late] });
  }

  test("are read in their tick and in the next one, also by systems without an order to the writer", () => {
    const heard: number[][][] = [];
    const world = echoWorld(heard);
    for (let tick = 1; tick < counts.length; tick++) {
      world.tick();
      expect(heard.splice(0)).toEqual([emitted(tick - 1), emitted(tick - 1), emitted(tick)]);
    }
  });

  test("leave zeros behind: bytes follow from what the last two ticks emitted", () => {
    const world = echoWorld([]);
    for (let tick = 1; tick < counts.length + 3; tick++) {
      world.tick();
      const { before, count, columns } = world.events.tableOf(Echo);
      expect([before.count, count]).toEqual([counts[tick - 1] ?? 0, counts[tick] ?? 0]);
      for (const [rows, used] of [
        [before.columns, before.count],
        [columns, count],
      ] as const) {
        expect(Array.from(rows["note"] as Uint8Array).slice(used)).toEqual(new Array(8 - used).fill(0));
        expect(Array.from(rows["at"] as Float32Array).slice(used * 2)).toEqual(new Array(16 - used * 2).fill(0));
      }
    }
  });

  test("are part of a save: the line goes on as the first one did, from every tick", () => {
    const first: number[][][] = [];
    const world = echoWorld(first);
    const saves = counts.map(() => {
      const saved = world.save();
      world.tick();
      return saved;
    });
    const end = [world.hash.low, world.hash.high];
    for (const [tick, saved] of saves.entries()) {
      const again: number[][][] = [];
      const fresh = echoWorld(again);
      for (let i = 0; i < 5; i++) fresh.tick();
      again.length = 0;
      fresh.restore(saved);
      while (fresh.tickCount < counts.length) fresh.tick();
      expect(again).toEqual(first.slice(tick * 3));
      expect([fresh.hash.low, fresh.hash.high]).toEqual(end);
    }
  });

  test("cannot be recalled unless the kind is defined so", () => {
    const Brief = defineEvent("Brief", {});
    const recall = defineSystem({ name: "recall", phase: "gameplay", recalls: [Brief as never], run: () => {} });
    expect(faultOf(() => smallWorld({ events: [Brief], systems: [recall] }))).toMatchObject({
      kind: "bad-definition",
      fields: { what: "system", name: "recall", problem: "it recalls Brief, whose rows last one tick" },
    });
  });

  test("are refused to a system that does not declare it", () => {
    const peek = defineSystem({
      name: "peek",
      phase: "gameplay",
      hears: [Echo],
      run({ recalled }) {
        (recalled as { Echo: unknown }).Echo;
      },
    });
    const world = smallWorld({ events: [Echo], systems: [peek] });
    expect(faultOf(() => world.tick())).toMatchObject({
      kind: "system-threw",
      fields: { message: expect.stringContaining('System "peek" used the event Echo without declaring it') },
    });
  });
});

/** Names of the spans whose bytes differ, by their hashes. */
function changedSpans(one: World, other: World): string[] {
  const differs = (number: number): boolean =>
    [0, 1].some((word) => one.hash.results[number * 2 + word] !== other.hash.results[number * 2 + word]);
  return one.hash.spans.filter((_, number) => differs(number)).map(({ name }) => name);
}
