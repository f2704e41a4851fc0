/**
 * Swaps of a running world: what is the same moves, what is new begins as it says, what would be lost or mean something
 * else is refused and leaves the world as it was. Each case ends in ticks, because state that arrived must also run.
 */
import { afterEach, describe, expect, test } from "vitest";
import { FaultError, faultId, faultText } from "../../../engine/base/faults.ts";
import { f32, i32, u16 } from "../../../engine/ecs/field.ts";
import { defineMigration } from "../../../engine/ecs/migration.ts";
import { Engine } from "../../../engine/engine.ts";
import { ManualClock } from "../../../engine/ports/clock.ts";
import { encodeKeyframe } from "../../../engine/replay/keyframe.ts";
import { planMove } from "../../../engine/swap/plan-move.ts";
import { shapeOf } from "../../../engine/swap/shape.ts";
import { Swap } from "../../../engine/swap/swap.ts";
import { engineOf, type HarbourOptions, harbour } from "./harbour.ts";
import { contentOf, disposeAll, engines, fieldsOf, hashesOf, started, swapped, without } from "./line.ts";

afterEach(disposeAll);

function refusalOf(action: () => unknown): string {
  try {
    action();
  } catch (thrown) {
    if (thrown instanceof FaultError) return `${faultId(thrown.fault)} ${faultText(thrown.fault)}`;
    throw thrown;
  }
  return "not refused";
}

describe("the same program", () => {
  test.each([{}, { hasPhysics: true }])("goes on bit for bit as if nothing had been swapped (%j)", async (options) => {
    const line = await started(options, 41);
    const expected = hashesOf(line, 100);
    if (options.hasPhysics === true) engines.splice(0)[0]!.dispose();
    const before = await started(options);
    const { after, plan } = await swapped(before, options);
    expect(plan.report).toEqual([]);
    expect(hashesOf(after, 100)).toEqual(expected);
  });

  test("also when it was registered in another order, and through three swaps", async () => {
    const line = await started({}, 44);
    const expected = hashesOf(line, 30);
    let engine = await started();
    for (const isReordered of [true, false, true]) engine = (await swapped(engine, { isReordered })).after;
    expect(engine.world.tickCount).toBe(43);
    engine.step();
    expect(hashesOf(engine, 30)).toEqual(expected);
  });

  test("a save of the world after restores as any other does", async () => {
    const { after } = await swapped(await started({ hasPhysics: true }), { hasPhysics: true });
    const saved = after.save();
    const line = hashesOf(after, 50);
    after.restore(saved);
    expect(hashesOf(after, 50)).toEqual(line);
  });
});

describe("what is new", () => {
  test("a field begins as its default where an entity has the component, and all else stays", async () => {
    const before = await started();
    const { after, plan } = await swapped(before, { heat: 21.5 });
    const old = contentOf(before);
    const now = contentOf(after);
    expect(plan.report).toEqual(["Boat.heat is new and begins as 21.5"]);
    expect(without(now, "Boat")).toEqual(without(old, "Boat"));
    for (const field of ["fuel", "caught", "speed"])
      expect(fieldsOf(now, "Boat", field)).toEqual(fieldsOf(old, "Boat", field));
    expect(new Set(fieldsOf(now, "Boat", "heat").flat())).toEqual(new Set([21.5]));
    hashesOf(after, 30);
  });

  test("a component belongs to nobody, a system draws from a stream of its own, others from theirs", async () => {
    const line = await started({}, 41);
    hashesOf(line, 20);
    const before = await started();
    const { after } = await swapped(before, { hasLights: true, extraSystem: true });
    expect(contentOf(after)).toEqual(contentOf(before));
    hashesOf(after, 20);
    const boats = (engine: Engine): unknown[] => fieldsOf(contentOf(engine), "Boat", "caught");
    expect(boats(after)).toEqual(boats(line));
    expect(fieldsOf(contentOf(after), "Position", "x")).toEqual(fieldsOf(contentOf(line), "Position", "x"));
    expect(fieldsOf(contentOf(after), "Position", "z")).not.toEqual(fieldsOf(contentOf(line), "Position", "z"));
  });

  test("controls and settings keep what players do, whatever their numbers", async () => {
    const before = await started();
    const { after } = await swapped(before, { extraControl: true });
    const [old] = fieldsOf(contentOf(before), "Controls", "steer");
    for (let i = 0; i < 3; i++) after.step();
    const content = contentOf(after);
    expect([old, fieldsOf(content, "Controls", "steer"), fieldsOf(content, "Controls", "horn")]).toEqual([
      [-0.5],
      [[-0.5]],
      [[1]],
    ]);
    expect(fieldsOf(content, "Controls", "anchor")).toEqual([[0]]);
    expect([fieldsOf(content, "Config", "calm"), fieldsOf(content, "Config", "wind")]).toEqual([[[3]], [[2]]]);
  });

  test("records that wait at the door enter after the swap, by the new numbers", async () => {
    const before = await started();
    before.world.door.admit({ kind: "axis", player: 3, control: 1, value: 0.25 });
    const game = harbour({ extraControl: true });
    const after = new Engine(game, { clock: new ManualClock() }, { seed: 7, isSuccessor: true });
    engines.push(after);
    const swap = new Swap(before, after, game);
    await swap.allocate();
    swap.commit();
    after.step();
    expect(after.world.door.entered).toEqual([{ kind: "axis", player: 3, control: 2, value: 0.25 }]);
    expect(fieldsOf(contentOf(after), "Controls", "steer")).toEqual([[0.25]]);
  });

  test("what a component requires from now on comes to whoever has it, and is said; what was removed stays so", async () => {
    const before = await started({ hasLights: true });
    const first = await swapped(before, { hasLights: true, requires: "Lamp" });
    expect(first.plan.report).toEqual(["Lamp comes to whoever has Boat, which requires it now"]);
    const boats = fieldsOf(contentOf(before), "Boat", "fuel").length;
    expect(fieldsOf(contentOf(first.after), "Lamp", "glow")).toEqual(Array.from({ length: boats }, () => [0.5]));
    const { store, tickCount } = first.after.world;
    const lamp = store.schema.components.find(({ name }) => name === "Lamp")!;
    let index = 1;
    while (!store.has(index, lamp)) index++;
    store.remove(index, lamp, tickCount);
    const again = await swapped(first.after, { hasLights: true, requires: "Lamp", speed: 1 });
    expect(again.plan.report).toEqual([]);
    expect(contentOf(again.after)).toEqual(contentOf(first.after));
  });

  test("limits may grow", async () => {
    const before = await started();
    const { after } = await swapped(before, { entities: 500 });
    expect(contentOf(after)).toEqual(contentOf(before));
    hashesOf(after, 100);
    expect(after.world.store.limits.entities).toBe(500);
  });
});

describe("what is gone", () => {
  test("a component in use is refused, and moves when it is declared dropped", async () => {
    const before = await started();
    const bytes = encodeKeyframe(before, before.save());
    const game = harbour({ hasCargo: false });
    const after = new Engine(game, { clock: new ManualClock() }, { seed: 7, isSuccessor: true });
    engines.push(after);
    const swap = new Swap(before, after, game);
    await swap.allocate();
    const refusal =
      "E0421 The new code cannot take over the running world: component Cargo is in use by entities there and gone in the new code.";
    expect(refusalOf(() => swap.warm())).toBe(refusal);
    expect(refusalOf(() => swap.commit())).toBe(refusal);
    expect(encodeKeyframe(before, before.save())).toEqual(bytes);
    const dropped = await swapped(before, { hasCargo: false, drops: ["Cargo"] });
    expect(dropped.plan.report).toEqual(["Cargo is gone"]);
    expect(contentOf(dropped.after)).toEqual(without(contentOf(before), "Cargo"));
  });

  test("a component that nobody has goes without a word from its author", async () => {
    const before = await started({ hasLights: true });
    const { plan, after } = await swapped(before, {});
    expect(plan.report).toEqual(["Lamp is gone"]);
    expect(contentOf(after)).toEqual(contentOf(before));
  });

  test("a field is dropped and said", async () => {
    const before = await started({ heat: 3 });
    const { plan } = await swapped(before, {});
    expect(plan.report).toEqual(["Boat.heat is gone"]);
  });

  test("entities that the new limits have no room for are refused by number", async () => {
    const before = await started();
    const alive = before.world.store.header[2]! - 1;
    await expect(swapped(before, { entities: 8 })).rejects.toThrow(`at least ${alive}`);
  });
});

describe("limits that shrink", () => {
  test("are refused for players, whose seats they count", async () => {
    const before = await started();
    await expect(swapped(before, { players: 2 })).rejects.toThrow("limits.players is 4 there and 2 in the new code");
    hashesOf(before, 5);
  });

  test("cost an event the rows that it has, and that is said", async () => {
    const before = await started();
    const { after, report } = await swapped(before, { events: 8 });
    expect(report).toEqual([
      ...["Caught", "SoundCue"].map((name) => `rows of event ${name} are forgotten, because it has room for 8 now`),
    ]);
    hashesOf(after, 10);
  });
});

describe("what is shown", () => {
  test("keeps its mesh by name when names are added before it, and is refused when the mesh is gone", async () => {
    const before = await started({ meshes: ["hull", "sail"] });
    const { after } = await swapped(before, { meshes: ["anchor", "buoy", "hull", "sail"] });
    expect(new Set(fieldsOf(contentOf(before), "Renderable", "mesh").flat())).toEqual(new Set([0]));
    expect(new Set(fieldsOf(contentOf(after), "Renderable", "mesh").flat())).toEqual(new Set([2]));
    hashesOf(after, 20);
    await expect(swapped(after, { meshes: ["anchor", "sail"] })).rejects.toThrow('"hull" of Renderable.mesh is shown');
    hashesOf(after, 5);
  });
});

describe("what is of another type", () => {
  test("is refused without a migration, by component, field and both types", async () => {
    const before = await started();
    await expect(swapped(before, { fuel: f32 })).rejects.toThrow("Boat.fuel is u16 there and f32 in the new code");
    hashesOf(before, 10);
  });

  test("moves by a migration, once", async () => {
    const before = await started();
    const migrations: HarbourOptions["migrations"] = ({ Boat }) => [
      defineMigration({
        from: { component: "Boat", fields: { fuel: u16 } },
        to: Boat,
        move: ({ fuel }) => ({ fuel: fuel / 4 }),
      }),
    ];
    const { after, plan } = await swapped(before, { fuel: f32, migrations });
    expect(plan.report).toEqual(["Boat is made from Boat by a migration"]);
    expect(fieldsOf(contentOf(after), "Boat", "fuel")).toEqual(
      (fieldsOf(contentOf(before), "Boat", "fuel") as number[][]).map(([fuel]) => [fuel! / 4]),
    );
    expect(fieldsOf(contentOf(after), "Boat", "caught")).toEqual(fieldsOf(contentOf(before), "Boat", "caught"));
    // The author saves again, with the migration still in the file.
    const again = await swapped(after, { fuel: f32, migrations, speed: 1 });
    expect(again.plan.report).toEqual([]);
    expect(fieldsOf(contentOf(again.after), "Boat", "fuel")).toEqual(fieldsOf(contentOf(after), "Boat", "fuel"));
  });

  test("a component moves to another name by a migration, with its handles and negative numbers", async () => {
    const before = await started();
    const { after } = await swapped(before, {
      hull: "Body",
      migrations: ({ Hull }) => [
        defineMigration({
          from: { component: "Hull", fields: { strength: i32 } },
          to: Hull,
          move: ({ strength }) => ({ strength: -strength }),
        }),
      ],
    });
    const strengths = fieldsOf(contentOf(before), "Hull", "strength") as number[][];
    expect(strengths.length).toBeGreaterThan(3);
    expect(fieldsOf(contentOf(after), "Body", "strength")).toEqual(strengths.map((strength) => [-strength[0]!]));
    expect(fieldsOf(contentOf(after), "Hull", "strength")).toEqual([]);
    hashesOf(after, 40);
  });

  test.each([
    [
      "throws",
      () => {
        throw new Error("no fuel is known");
      },
      "no fuel is known",
    ],
    ["gives what its field cannot hold", () => ({ fuel: Number.NaN }), "it gives NaN for Boat.fuel"],
    ["gives a field that is not there", () => ({ fule: 1 }), "it gives Boat.fule, which does not exist"],
  ] as const)("a migration that %s is named with its entity, and the world goes on", async (_what, move, problem) => {
    const before = await started();
    const line = before.save();
    const expected = hashesOf(before, 5);
    before.restore(line);
    await expect(
      swapped(before, {
        fuel: f32,
        migrations: ({ Boat }) => [
          defineMigration({ from: { component: "Boat", fields: { fuel: u16 } }, to: Boat, move: move as never }),
        ],
      }),
    ).rejects.toThrow(problem);
    before.restore(line);
    expect(hashesOf(before, 5)).toEqual(expected);
  });

  test("one component is not made from two", async () => {
    const before = await started();
    const migrations: HarbourOptions["migrations"] = ({ Hull }) => [
      defineMigration({ from: { component: "Hull", fields: { strength: i32 } }, to: Hull, move: () => ({}) }),
      defineMigration({ from: { component: "Cargo", fields: { crates: u16 } }, to: Hull, move: () => ({}) }),
    ];
    await expect(swapped(before, { hull: "Body", hasCargo: false, migrations })).rejects.toThrow(
      "Body, which migrations fill from Hull and Cargo, is two components there and one in the new code",
    );
    hashesOf(before, 5);
  });

  test("another game is refused by its name", async () => {
    const before = await started();
    await expect(swapped(before, { id: "forest" })).rejects.toThrow("the game is harbour there and forest");
  });
});

describe("undone", () => {
  test.each([{}, { hasPhysics: true }])(
    "the world before goes on from the swap and makes the ticks since then itself (%j)",
    async (options) => {
      const line = await started(options, 41);
      const expected = hashesOf(line, 63);
      if (options.hasPhysics === true) engines.splice(0)[0]!.dispose();
      const before = await started(options);
      const swap = await swapped(before, { ...options, speed: 2, throwsAt: 44 });
      const { after } = swap;
      after.step();
      after.step();
      expect(() => after.step()).toThrow("the net is torn");
      expect(swap.undo([[], [], []])).toEqual([[], [], []]);
      before.remake();
      before.remake();
      expect(before.world.tickCount).toBe(43);
      expect(hashesOf(before, 58)).toEqual(expected.slice(2, 60));
      after.dispose();
      engines.pop();
      expect(hashesOf(before, 3)).toEqual(expected.slice(60));
    },
  );
});

test("a plan is pure: it says the same of two programs as often as it is asked", () => {
  const before = shapeOf(engineOf(harbour()).program);
  const after = engineOf(harbour({ heat: 1, hasLights: true })).program;
  const plan = planMove(before, after);
  expect(JSON.parse(JSON.stringify(before))).toEqual(before);
  expect(planMove(JSON.parse(JSON.stringify(before)) as typeof before, after).report).toEqual(plan.report);
  expect(plan.report).toEqual(["Boat.heat is new and begins as 1", "Lamp is new"]);
});
