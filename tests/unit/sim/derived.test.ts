/** Derived values: recomputed when what they name changed and only then, of the state before the tick; audited. */
import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { defineComponent } from "../../../engine/ecs/component.ts";
import { f32, u8, u16, u32 } from "../../../engine/ecs/field.ts";
import { not } from "../../../engine/ecs/prepared-query.ts";
import { type DerivedDefinition, defineDerived, fieldsOf } from "../../../engine/sim/derived.ts";
import { checkDerived, difference } from "../../../engine/sim/derived-check.ts";
import { type AnySystem, defineSystem } from "../../../engine/sim/system.ts";
import type { World } from "../../../engine/sim/world.ts";
import { testSeed } from "../seeds.ts";
import { faultOf, smallWorld } from "../small-world.ts";

const seed = testSeed("derived");

const Place = defineComponent("Place", { x: f32, z: f32, name: u32 });
const Rank = defineComponent("Rank", { points: u16 });
const Hidden = defineComponent("Hidden");

/** What the script of a tick does to the world; entities are named by their place among those alive, oldest first. */
type Step =
  | readonly ["spawn", x: number, points: number]
  | readonly ["despawn" | "hide" | "show", which: number]
  | readonly ["move" | "earn" | "rename", which: number, value: number];

let handles: number[] = [];
let script: readonly (readonly Step[])[] = [];
const alive = (which: number): number | undefined => handles[which % Math.max(1, handles.length)];

/** Follows the script with the columns and the structure. */
const act = defineSystem({
  name: "act",
  phase: "gameplay",
  writes: [Place, Rank],
  run({ columns, commands, tick, world }) {
    for (const step of script[tick - 1] ?? []) {
      if (step[0] === "spawn") {
        handles.push(commands.spawn(Place.of({ x: step[1] }), Rank.of({ points: step[2] })));
        continue;
      }
      const handle = alive(step[1]);
      if (handle === undefined) continue;
      const index = world.indexOf(handle as never);
      if (step[0] === "despawn") {
        commands.despawn(handle as never);
        handles = handles.filter((other) => other !== handle);
      } else if (!world.has(index, Place)) continue;
      else if (step[0] === "hide") commands.add(handle as never, Hidden);
      else if (step[0] === "show") {
        if (world.has(index, Hidden)) commands.remove(handle as never, Hidden);
      } else if (step[0] === "move") columns.Place.x[index] = step[2];
      else if (step[0] === "rename") columns.Place.name[index] = step[2];
      else columns.Rank.points[index] = Number(step[2]) & 0xffff;
    }
  },
});

/** Sorted set: indices by points, then by index. */
const board = defineDerived({
  name: "board",
  from: [Rank],
  compute: ({ entities, columns: { Rank } }) =>
    entities.slice().sort((a, b) => Rank.points[b]! - Rank.points[a]! || a - b),
});
/** Spatial index: indices by cells of `size` metres, of what is not hidden. */
const cells = defineDerived({
  name: "cells",
  from: [fieldsOf(Place, "x")],
  query: [Place, not(Hidden)],
  params: { size: ({ tick }) => (tick < 6 ? 4 : 8) },
  compute({ entities, handles: members, columns: { Place }, params }) {
    const found = new Map<number, { readonly index: number; readonly handle: number }[]>();
    entities.forEach((index, i) => {
      const cell = Math.floor(Place.x[index]! / params.size);
      if (!found.has(cell)) found.set(cell, []);
      found.get(cell)!.push({ index, handle: members[i]! });
    });
    return found;
  },
});

const seen: { board: number[]; cells: unknown }[] = [];
const read = defineSystem({
  name: "a-read",
  phase: "gameplay",
  derived: [board, cells],
  run({ derived }) {
    seen.push({ board: Array.from(derived.board as ArrayLike<number>), cells: [...derived.cells] });
  },
});

beforeEach(() => {
  handles = [];
  script = [];
  seen.length = 0;
});

const makeWorld = (systems: readonly AnySystem[] = [act, read], components = [Place, Rank, Hidden]): World =>
  smallWorld({ components: components as never, systems, limits: { entities: 64 } });
const countOf = (world: World, definition: DerivedDefinition): number => world.derived.slotOf(definition).computeCount;

const step = fc.oneof(
  fc.tuple(fc.constant("spawn" as const), fc.nat(40), fc.nat(9)),
  fc.tuple(fc.constantFrom("despawn" as const, "hide" as const, "show" as const), fc.nat(20)),
  fc.tuple(fc.constantFrom("move" as const, "earn" as const, "rename" as const), fc.nat(20), fc.nat(40)),
);
const scripts = fc.array(fc.array(step, { maxLength: 4 }), { minLength: 1, maxLength: 14 });

/** What the values are for the state as it is, by plain search. */
function bruteForce(world: World, tick: number): { board: number[]; cells: unknown } {
  const all = Array.from({ length: 64 }, (_, i) => i + 1);
  const { points } = world.store.columnsOf(Rank) as { points: Uint16Array };
  const { x } = world.store.columnsOf(Place) as { x: Float32Array };
  const size = tick < 6 ? 4 : 8;
  const shown = all.filter((e) => world.store.has(e, Place) && !world.store.has(e, Hidden));
  const numbers = [...new Set(shown.map((e) => Math.floor(x[e]! / size)))];
  return {
    board: all.filter((e) => world.store.has(e, Rank)).sort((a, b) => points[b]! - points[a]! || a - b),
    cells: numbers.map((cell) => [
      cell,
      shown
        .filter((e) => Math.floor(x[e]! / size) === cell)
        .map((index) => ({ index, handle: world.store.handleOf(index) })),
    ]),
  };
}

test("300 histories: a tick reads what the state before it gives, also after a restore, and the audit agrees", () => {
  fc.assert(
    fc.property(scripts, fc.nat(13), (story, cut) => {
      handles = [];
      seen.length = 0;
      script = story;
      const world = makeWorld();
      const wanted: unknown[] = [];
      let saved = world.save();
      let savedHandles = handles.slice();
      for (let tick = 1; tick <= story.length; tick++) {
        if (tick - 1 === cut % story.length) {
          saved = world.save();
          savedHandles = handles.slice();
        }
        wanted.push(bruteForce(world, tick));
        world.tick();
        if (tick % 3 === 0) checkDerived(world);
      }
      expect(seen).toEqual(wanted);
      handles = savedHandles;
      seen.length = 0;
      world.restore(saved);
      while (world.tickCount < story.length) world.tick();
      expect(seen).toEqual(wanted.slice(cut % story.length));
      checkDerived(world);
    }),
    { seed, numRuns: 300 },
  );
});

describe("a value is computed again", () => {
  const wait = (count: number): void => {
    script = [...script, ...Array.from({ length: count }, () => [])];
  };
  /** Ticks at whose beginning `definition` was computed. */
  function computedAt(definition: DerivedDefinition): number[] {
    const world = makeWorld();
    const ticks: number[] = [];
    let before = 0;
    for (let tick = 1; tick <= script.length; tick++) {
      world.tick();
      if (countOf(world, definition) > before) ticks.push(tick);
      before = countOf(world, definition);
    }
    return ticks;
  }

  // Before tick 1 nothing is computed, and after it every column counts as changed: the hash has seen none before.
  test.each([
    ["no step", [] as Step[], [1, 2], [1, 2, 6]],
    ["a column that one of them names", [["move", 0, 30]], [1, 2], [1, 2, 5, 6]],
    ["a column that none names", [["rename", 0, 30]], [1, 2], [1, 2, 6]],
    ["a write of the same value", [["earn", 0, 7]], [1, 2], [1, 2, 6]],
    ["points", [["earn", 0, 8]], [1, 2, 5], [1, 2, 6]],
    ["a member more", [["spawn", 1, 1]], [1, 2, 5], [1, 2, 5, 6]],
    ["a member less by a component of the query", [["hide", 0]], [1, 2], [1, 2, 5, 6]],
  ] as const)("after %s", (_, steps, boardTicks, cellTicks) => {
    script = [[["spawn", 3, 7]], [], [], steps as readonly Step[]];
    wait(4);
    expect(computedAt(board)).toEqual(boardTicks);
    handles = [];
    expect(computedAt(cells)).toEqual(cellTicks);
  });

  test("when another entity took a member's index with equal values: the handle is another", () => {
    script = [
      [["spawn", 3, 7]],
      [],
      [],
      [
        ["despawn", 0],
        ["spawn", 3, 7],
      ],
    ];
    wait(3);
    const world = makeWorld();
    for (let tick = 1; tick <= 7; tick++) world.tick();
    const [, first] = seen.map(({ cells: found }) => JSON.stringify(found));
    expect(JSON.stringify(seen[4]!.cells)).not.toBe(first);
    checkDerived(world);
  });
});

describe("what is not declared is refused", () => {
  test("a read of a component or of a field that compute does not name", () => {
    for (const [given, field] of [
      [defineDerived({ name: "sly", from: [Rank], compute: ({ columns }) => (columns as never)["Place"] }), ""],
      [
        defineDerived({
          name: "sly",
          from: [fieldsOf(Place, "x")],
          compute: ({ columns }) => columns.Place["z" as "x"],
        }),
        "z",
      ],
    ] as const) {
      const use = defineSystem({ name: "use", phase: "gameplay", derived: [given], run: () => {} });
      expect(faultOf(() => makeWorld([use]).tick())).toEqual({
        kind: "derived-read",
        fields: { derived: "sly", component: "Place", field },
      });
    }
  });

  test("types refuse the same, and writes to a value", () => {
    defineDerived({
      name: "typed",
      from: [fieldsOf(Place, "x")],
      // @ts-expect-error z is not named.
      compute: ({ columns }) => columns.Place.z,
    });
    defineSystem({
      name: "typed",
      phase: "gameplay",
      derived: [board, cells],
      run({ derived }) {
        // @ts-expect-error A derived value is read only.
        derived.board[0] = 1;
        // @ts-expect-error Neither has a read-only map a set.
        derived.cells.set(1, []);
        // @ts-expect-error Only what is declared is there.
        derived.other;
      },
    });
    // @ts-expect-error There is no such field.
    expect(() => defineDerived({ name: "typed", from: [fieldsOf(Place, "y")], compute: () => 0 })).toThrow("y");
  });

  test("a system that reads a value without declaring it", () => {
    const peek = defineSystem({
      name: "peek",
      phase: "gameplay",
      after: ["a-read"],
      run({ derived }) {
        (derived as { board: unknown }).board;
      },
    });
    expect(faultOf(() => makeWorld([read, peek]).tick())).toMatchObject({
      kind: "system-threw",
      fields: {
        system: "peek",
        message: expect.stringContaining('E0111 System "peek" used the derived value board without declaring it'),
      },
    });
  });

  test.each([
    ["nothing to compute from", () => defineDerived({ name: "odd", from: [], compute: () => 0 }), "bad-definition"],
    ["a component twice", () => defineDerived({ name: "odd", from: [Rank, Rank], compute: () => 0 }), "bad-definition"],
    ["a name that is none", () => defineDerived({ name: "o d", from: [Rank], compute: () => 0 }), "bad-definition"],
    ["a component that the game has not", () => makeWorld([read], [Rank, Hidden] as never), "unknown-name"],
    [
      "two of one name",
      () => {
        const other = defineDerived({ name: "board", from: [Rank], compute: () => 0 });
        return makeWorld([read, defineSystem({ name: "b", phase: "gameplay", derived: [other], run: () => {} })]);
      },
      "duplicate-name",
    ],
  ])("%s", (_, define, kind) => {
    expect(faultOf(define).kind).toBe(kind);
  });

  test("what compute throws is a fault with its place", () => {
    const broken = defineDerived({
      name: "broken",
      from: [Rank],
      compute(): number {
        throw new Error("no such thing");
      },
    });
    const use = defineSystem({ name: "use", phase: "gameplay", derived: [broken], run: () => {} });
    expect(faultOf(() => makeWorld([use]).tick())).toMatchObject({
      kind: "derived-failed",
      fields: { derived: "broken", message: "no such thing", place: expect.stringContaining("derived.test.ts") },
    });
  });

  test("the plan lists who reads which value", () => {
    const { systems } = makeWorld().program.plan.phases.find(({ name }) => name === "gameplay")!;
    expect(systems.map(({ name, derived }) => [name, derived])).toEqual([
      ["a-read", ["board", "cells"]],
      ["act", []],
    ]);
  });
});

describe("audit", () => {
  /** A world whose only reader of `definition` is "use"; the script goes on around it. */
  function audited(definition: DerivedDefinition, run: (value: never) => void = () => {}): World {
    const use = defineSystem({
      name: "use",
      phase: "gameplay",
      after: ["act"],
      derived: [definition],
      run: ({ derived }) => run((derived as Record<string, unknown>)[definition.name] as never),
    });
    return makeWorld([act, use]);
  }
  const three: readonly Step[] = [
    ["spawn", 1, 10],
    ["spawn", 2, 20],
    ["spawn", 3, 30],
  ];

  test("names the column that compute reads behind its back, among all that changed", () => {
    let sly: World | undefined;
    const total = defineDerived({
      name: "total",
      from: [Rank],
      compute({ entities }) {
        const { z, x } = (sly?.store.columnsOf(Place) ?? {}) as { z?: Float32Array; x?: Float32Array };
        return {
          sums: Float64Array.of(
            0,
            entities.reduce((sum, e) => sum + (x?.[e] ?? 0) * 2 + (z?.[e] ?? 0), 0),
          ),
        };
      },
    });
    sly = audited(total);
    script = [three, [], [], [["rename", 1, 5]], [["move", 1, 9]]];
    for (let tick = 1; tick <= 4; tick++) {
      sly.tick();
      checkDerived(sly);
    }
    const bytes = sly.save();
    sly.tick();
    expect(faultOf(() => checkDerived(sly!))).toEqual({
      kind: "derived-wrong",
      fields: {
        derived: "total",
        path: "total.sums[1]",
        problem: "it reads Place.x, which it does not name",
        remedy: "Name Place.x in `from`, and read what the context gives.",
        computedTick: 1,
        tick: 5,
      },
    });
    // The trial left the state as it was.
    const hash = [sly.hash.low, sly.hash.high];
    sly.restore(bytes);
    sly.tick();
    expect([sly.hash.low, sly.hash.high]).toEqual(hash);
  });

  test("names a parameter that is not declared by saying that no column is the reason", () => {
    let setting = 2;
    const scaled = defineDerived({
      name: "scaled",
      from: [Rank],
      compute: ({ entities, columns: { Rank } }) => Array.from(entities, (e) => Rank.points[e]! * setting),
    });
    script = [three];
    const world = audited(scaled);
    for (let tick = 1; tick <= 4; tick++) world.tick();
    checkDerived(world);
    setting = 3;
    expect(faultOf(() => checkDerived(world))).toMatchObject({
      kind: "derived-wrong",
      fields: {
        derived: "scaled",
        path: "scaled[0]",
        problem: "nothing that it names changed, nor any column that it reads besides",
      },
    });
  });

  test("a parameter that is declared is asked for in every tick", () => {
    let setting = 2;
    const scaled = defineDerived({
      name: "scaled",
      from: [Rank],
      params: { factor: () => setting, plus: 1 },
      compute: ({ entities, columns: { Rank }, params }) =>
        Array.from(entities, (e) => Rank.points[e]! * params.factor + params.plus),
    });
    const values: number[][] = [];
    script = [three];
    const world = audited(scaled, (value: number[]) => values.push([...value]));
    for (let tick = 1; tick <= 5; tick++) {
      if (tick === 4) setting = 3;
      world.tick();
      checkDerived(world);
    }
    expect(values).toEqual([[], [21, 41, 61], [21, 41, 61], [31, 61, 91], [31, 61, 91]]);
    expect(countOf(world, scaled)).toBe(3);
  });

  test("names the readers of a value that one of them wrote into", () => {
    script = [three];
    let wish = 0;
    const world = audited(board, (value: Uint32Array) => {
      if (wish > 0) value[0] = wish;
    });
    for (let tick = 1; tick <= 3; tick++) {
      world.tick();
      checkDerived(world);
    }
    wish = 63;
    world.tick();
    expect(faultOf(() => checkDerived(world))).toMatchObject({
      kind: "derived-wrong",
      fields: { derived: "board", path: "board[0]", problem: "a reader wrote into it (it is read by use)" },
    });
  });

  test("finds a compute that is no function of anything", () => {
    let calls = 0;
    const count = defineDerived({ name: "count", from: [Rank], compute: () => ({ calls: calls++ }) });
    const world = audited(count);
    world.tick();
    expect(faultOf(() => checkDerived(world))).toMatchObject({
      kind: "derived-wrong",
      fields: { derived: "count", path: "count.calls", problem: "computing it twice gives two values" },
    });
  });

  test("finds a column that is handed out as it is: it would change within the tick", () => {
    const live = defineDerived({
      name: "live",
      from: [Rank],
      compute: ({ columns: { Rank }, entities }) => ({ entities, lists: [1, { points: Rank.points }] }),
    });
    const world = audited(live);
    world.tick();
    expect(faultOf(() => checkDerived(world))).toMatchObject({
      kind: "derived-wrong",
      fields: { path: "live.lists[1].points", problem: "it hands out a column itself, which changes within a tick" },
    });
  });

  test("members that compute hands out stay as they were, whatever becomes of the query", () => {
    const members = defineDerived({ name: "members", from: [Rank], compute: ({ entities }) => entities });
    script = [three, [["spawn", 4, 40]], [["despawn", 0]], []];
    const held: { list: ArrayLike<number>; text: string }[] = [];
    const world = audited(members, (list: ArrayLike<number>) => held.push({ list, text: Array.from(list).join() }));
    for (let tick = 1; tick <= 4; tick++) world.tick();
    expect(held.map(({ text }) => text)).toEqual(["", "2,3,4", "2,3,4,5", "3,4,5"]);
    expect(held.map(({ list }) => Array.from(list).join())).toEqual(held.map(({ text }) => text));
  });

  test("passes at the beginning of a tick as well as between two", () => {
    script = [three, [["move", 0, 20]], [["earn", 2, 1]]];
    const world = makeWorld();
    let checks = 0;
    world.observe({
      tickBegins: () => {
        checkDerived(world);
        checks++;
      },
      stepDone: () => {},
      tickEnds: () => {},
    });
    for (let tick = 1; tick <= 4; tick++) world.tick();
    expect(checks).toBe(4);
    expect(seen.map(({ board: order }) => order)).toEqual([[], [4, 3, 2], [4, 3, 2], [3, 2, 4]]);
  });
});

test("differences are found where they are, bit for bit", () => {
  class Tree {
    left: unknown = [1];
    names = new Set(["a"]);
  }
  const other = new Tree();
  other.left = [1.5];
  const cases: readonly (readonly [unknown, unknown, string | undefined])[] = [
    [1, 1, undefined],
    [0, -0, ""],
    [Number.NaN, Number.NaN, undefined],
    [Uint8Array.of(1, 2), Uint8Array.of(1, 2), undefined],
    [Uint8Array.of(1, 2), Uint8Array.of(1, 3), "[1]"],
    [Uint8Array.of(1, 2), Uint16Array.of(1, 2), ""],
    [[1, [2]], [1, [2, 3]], "[1].length"],
    [new Map([["a", 1]]), new Map([["a", 1]]), undefined],
    [new Map([["a", 1]]), new Map([["b", 1]]), ".keys[0]"],
    [new Map([["a", 1]]), new Map([["a", 2]]), "[0]"],
    [new Set([1, 2]), new Set([2, 1]), "[0]"],
    [new Tree(), new Tree(), undefined],
    [new Tree(), other, ".left[0]"],
    [{ a: 1 }, { b: 1 }, ".keys"],
    [{ a: null }, { a: {} }, ".a"],
    [null, undefined, ""],
  ];
  expect(cases.map(([a, b]) => difference(a, b))).toEqual(cases.map(([, , path]) => path));
});

test("u8 is not widened: a value of typed arrays is compared by its elements", () => {
  const Small = defineComponent("Small", { level: u8 });
  const levels = defineDerived({
    name: "levels",
    from: [Small],
    compute: ({ entities, columns: { Small } }) => Uint8Array.from(entities, (e) => Small.level[e]!),
  });
  const use = defineSystem({ name: "use", phase: "gameplay", derived: [levels], run: () => {} });
  const world = smallWorld({
    components: [Small],
    systems: [use],
    setup: ({ commands }) => void commands.spawn(Small.of({ level: 255 })),
  });
  world.tick();
  expect([...(world.derived.slotOf(levels).value as Uint8Array)]).toEqual([255]);
});
