/** Derived values: recomputed when what they name changed and only then, of the state before the tick. */
import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { defineComponent } from "../../../engine/ecs/component.ts";
import { u8 } from "../../../engine/ecs/field.ts";
import { type DerivedDefinition, defineDerived, fieldsOf } from "../../../engine/sim/derived.ts";
import { checkDerived } from "../../../engine/sim/derived-check.ts";
import { defineSystem } from "../../../engine/sim/system.ts";
import type { World } from "../../../engine/sim/world.ts";
import { testSeed } from "../seeds.ts";
import { faultOf, smallWorld } from "../small-world.ts";
import {
  beginStory,
  board,
  cells,
  countOf,
  Hidden,
  makeWorld,
  Place,
  Rank,
  read,
  type Step,
  seen,
  story,
} from "./derived-story.ts";

beforeEach(() => beginStory());

const seed = testSeed("derived");

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
    fc.property(scripts, fc.nat(13), (told, cut) => {
      beginStory(told);
      const world = makeWorld();
      const wanted: unknown[] = [];
      let saved = world.save();
      let savedHandles = story.handles.slice();
      for (let tick = 1; tick <= told.length; tick++) {
        if (tick - 1 === cut % told.length) {
          saved = world.save();
          savedHandles = story.handles.slice();
        }
        wanted.push(bruteForce(world, tick));
        world.tick();
        if (tick % 3 === 0) checkDerived(world);
      }
      expect(seen).toEqual(wanted);
      story.handles = savedHandles;
      seen.length = 0;
      world.restore(saved);
      while (world.tickCount < told.length) world.tick();
      expect(seen).toEqual(wanted.slice(cut % told.length));
      checkDerived(world);
    }),
    { seed, numRuns: 300 },
  );
});

describe("a value is computed again", () => {
  const wait = (count: number): void => {
    story.script = [...story.script, ...Array.from({ length: count }, () => [])];
  };
  /** Ticks at whose beginning `definition` was computed. */
  function computedAt(definition: DerivedDefinition): number[] {
    const world = makeWorld();
    const ticks: number[] = [];
    let before = 0;
    for (let tick = 1; tick <= story.script.length; tick++) {
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
    story.script = [[["spawn", 3, 7]], [], [], steps as readonly Step[]];
    wait(4);
    expect(computedAt(board)).toEqual(boardTicks);
    story.handles = [];
    expect(computedAt(cells)).toEqual(cellTicks);
  });

  test("when another entity took a member's index with equal values: the handle is another", () => {
    story.script = [
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
