/** The door: who may join, leave, press and set what, and how much may enter in one tick. */
import { describe, expect, test } from "vitest";
import { defineConfig, numberSetting, wholeSetting } from "../../../engine/input/config.ts";
import { defineControls, held } from "../../../engine/input/controls.ts";
import { Player } from "../../../engine/input/door.ts";
import { defineSystem } from "../../../engine/sim/system.ts";
import { faultOf } from "../small-world.ts";
import { aim, button, config, fire, go, join, leave, makeDesk, move, set } from "./desk.ts";

const players = (world: ReturnType<typeof makeDesk>["world"]): string[] =>
  [...world.query([Player]).entities].map((e) => {
    const columns = world.store.columnsOf(Player);
    return `${e}: ${columns["key"]?.[e]} since ${columns["joinedTick"]?.[e]}`;
  });

describe("players", () => {
  test("join in order, once each, and get an entity with Player and Controls", () => {
    const { admit, ticks, world } = makeDesk();
    expect(admit(join(7), join(3), join(7))).toEqual([true, true, false]);
    ticks(1);
    expect(players(world)).toEqual(["2: 7 since 1", "3: 3 since 1"]);
    expect(admit(join(3))).toEqual([false]);
    expect(world.store.componentsOf(2).map(({ name }) => name)).toEqual(["Controls", "Player"]);
    expect(world.door.refusedCount).toBe(2);
  });

  test("are as many as the limit; a seat is free again after a leave, also within one tick", () => {
    const { admit, ticks, world } = makeDesk();
    expect(admit(join(1), join(2), join(3), join(4), join(5))).toEqual([true, true, true, true, false]);
    ticks(1);
    expect(admit(join(6), leave(2), join(6), leave(9))).toEqual([false, true, true, false]);
    ticks(1);
    expect(players(world)).toEqual(["2: 1 since 1", "4: 3 since 1", "5: 4 since 1", "6: 6 since 2"]);
  });

  test("that join and leave in one tick leave nothing", () => {
    const { admit, ticks, world, seen } = makeDesk();
    expect(admit(join(1), button(1, fire, true), leave(1), button(1, fire, true))).toEqual([true, true, true, false]);
    ticks(2);
    expect([players(world), seen, world.store.aliveCount]).toEqual([[], [], 1]);
  });

  test("that come back in the tick they left are new entities with controls at rest", () => {
    const { admit, ticks, world, seen } = makeDesk();
    admit(join(1));
    ticks(1);
    admit(button(1, go, true), move(1, aim, 1));
    ticks(1);
    admit(leave(1), join(1));
    ticks(2);
    expect(players(world)).toEqual(["3: 1 since 3"]);
    expect(seen.at(0)).toMatchObject({ tick: 2, go: 1, aim: 1 });
    expect(seen.at(-1)).toMatchObject({ tick: 4, go: 0, aim: 0 });
  });

  test("whose entity world code despawned may still press and leave", () => {
    const kill = defineSystem({
      name: "kill",
      phase: "gameplay",
      query: [Player],
      run: ({ entities, commands, world }) => {
        for (const e of entities) commands.despawn(world.handleOf(e));
      },
    });
    const { admit, ticks, world } = makeDesk({ systems: [kill] });
    admit(join(1));
    ticks(2);
    expect(players(world)).toEqual([]);
    expect(admit(button(1, fire, true), leave(1), join(1))).toEqual([true, true, true]);
    ticks(1);
    expect(players(world)).toEqual(["2: 1 since 3"]);
  });

  test.each([0, -1, 65_536, 1.5, Number.NaN])("the key %d is refused", (player) => {
    expect(makeDesk().admit(join(player))).toEqual([false]);
  });
});

describe("controls", () => {
  test("of strangers, of no number and of the other kind are refused and counted", () => {
    const { admit, ticks, world } = makeDesk();
    admit(join(1));
    ticks(1);
    const refused = admit(
      button(2, fire, true),
      button(1, 3, true),
      button(1, aim, true),
      move(1, fire, 1),
      move(1, -1, 1),
    );
    expect(refused).toEqual([false, false, false, false, false]);
    expect(world.door.refusedCount).toBe(5);
    expect(admit(button(1, fire, true), move(1, aim, 1))).toEqual([true, true]);
  });

  test.each([Number.NaN, 2, -1.5, Number.POSITIVE_INFINITY])("an axis at %d is refused", (value) => {
    const { admit } = makeDesk();
    admit(join(1));
    expect(admit(move(1, aim, value))).toEqual([false]);
  });

  test("are numbered by name, at most 255 of them", () => {
    const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`c${i}`, held("c")]));
    expect(Object.keys(defineControls(many(255)).fields)).toHaveLength(255);
    expect(faultOf(() => defineControls(many(256)))).toMatchObject({
      kind: "limit-reached",
      fields: { limit: "controls", value: 255 },
    });
  });
});

describe("settings", () => {
  const values = (world: ReturnType<typeof makeDesk>["world"]): (number | undefined)[] => {
    const columns = world.store.columnsOf(config);
    return [columns["gravity"]?.[1], columns["rounds"]?.[1]];
  };

  test("start from their defaults and change at the tick that a record enters", () => {
    const { admit, ticks, world } = makeDesk();
    expect(values(world)).toEqual([-9.81, 3]);
    expect(admit(set(0, -1.5), set(1, 9), set(1, 4))).toEqual([true, true, true]);
    expect(values(world)).toEqual([-9.81, 3]);
    ticks(1);
    expect(values(world)).toEqual([-1.5, 4]);
    expect(world.store.changed[world.store.numberOf(config)]).toBe(1);
  });

  test("of no number or of a bad value are refused, counted, and change nothing", () => {
    const { admit, ticks, world } = makeDesk();
    expect(admit(set(2, 1))).toEqual([false]);
    for (const record of [
      set(1, 2.5),
      set(1, 0),
      set(1, 10),
      set(1, Number.NaN),
      set(0, 0.1),
      set(0, Number.NEGATIVE_INFINITY),
    ])
      expect(admit(record)).toEqual([false]);
    expect(world.door.refusedCount).toBe(7);
    ticks(1);
    expect(values(world)).toEqual([-9.81, 3]);
  });

  test("have defaults that fit", () => {
    expect(faultOf(() => defineConfig({ a: wholeSetting("a", 1.5, 0, 2) })).kind).toBe("config-invalid");
    expect(faultOf(() => defineConfig({ a: numberSetting("a", 3, 0, 2) })).kind).toBe("config-invalid");
    expect(defineConfig({ b: numberSetting("b", 1, 0, 2), a: wholeSetting("a", 0, 0, 0) }).name).toBe("Config");
  });
});

describe("a flood", () => {
  test("beyond the limit of one tick is refused and counted; the next tick has room again", () => {
    const { admit, ticks, world } = makeDesk({ limits: { recordsPerTick: 10 } });
    admit(join(1));
    ticks(1);
    const flood = Array.from({ length: 25 }, (_, i) => button(1, fire, i % 2 === 0));
    expect(admit(...flood)).toEqual(flood.map((_, i) => i < 10));
    expect(world.door.refusedCount).toBe(15);
    ticks(1);
    expect(world.door.entered).toEqual(flood.slice(0, 10));
    expect(admit(button(1, fire, false))).toEqual([true]);
  });

  test("of one player costs no other a record, and lets go of what is down", () => {
    const { admit, ticks } = makeDesk({ limits: { recordsPerTick: 2 } });
    admit(join(1), join(2));
    ticks(1);
    expect(admit(button(1, fire, true), move(1, aim, 1), move(1, aim, 0.5))).toEqual([true, true, false]);
    expect(admit(button(2, fire, true), leave(2))).toEqual([true, true]);
    expect(admit(button(1, fire, false), button(1, fire, false))).toEqual([true, false]);
  });
});

test("what entered can be read back until the next tick, in order, whole", () => {
  const { admit, ticks, world } = makeDesk();
  const records = [join(1), button(1, fire, true), move(1, aim, 0.5), set(1, 5), button(1, fire, false)];
  admit(...records);
  expect(world.door.entered).toEqual([]);
  ticks(1);
  expect(world.door.entered).toEqual(records);
  ticks(1);
  expect(world.door.entered).toEqual([]);
});
