/** The audit of derived values: what is wrong with one is found and named, and a right one is never accused. */
import { beforeEach, describe, expect, test } from "vitest";
import { type DerivedDefinition, defineDerived } from "../../../engine/sim/derived.ts";
import { checkDerived, difference } from "../../../engine/sim/derived-check.ts";
import { defineSystem } from "../../../engine/sim/system.ts";
import type { World } from "../../../engine/sim/world.ts";
import { faultOf } from "../small-world.ts";
import {
  act,
  beginStory,
  board,
  cells,
  countOf,
  makeWorld,
  Place,
  Rank,
  type Step,
  seen,
  story,
} from "./derived-story.ts";

beforeEach(() => beginStory());

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
    story.script = [three, [], [], [["rename", 1, 5]], [["move", 1, 9]]];
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
    story.script = [three];
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
    story.script = [three];
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
    story.script = [three];
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
    story.script = [three, [["spawn", 4, 40]], [["despawn", 0]], []];
    const held: { list: ArrayLike<number>; text: string }[] = [];
    const world = audited(members, (list: ArrayLike<number>) => held.push({ list, text: Array.from(list).join() }));
    for (let tick = 1; tick <= 4; tick++) world.tick();
    expect(held.map(({ text }) => text)).toEqual(["", "2,3,4", "2,3,4,5", "3,4,5"]);
    expect(held.map(({ list }) => Array.from(list).join())).toEqual(held.map(({ text }) => text));
  });

  test("passes where a tick begins, where it ends and between two, and computes nothing twice for that", () => {
    const told = [three, [["move", 0, 20]], [["earn", 2, 1]]] as const;
    const run = (audit: (world: World) => void): number[] => {
      beginStory(told);
      const world = makeWorld();
      audit(world);
      for (let tick = 1; tick <= 4; tick++) world.tick();
      expect(seen.map(({ board: order }) => order)).toEqual([[], [4, 3, 2], [4, 3, 2], [3, 2, 4]]);
      return [countOf(world, board), countOf(world, cells)];
    };
    const plain = run(() => {});
    let checks = 0;
    const check = (world: World): void => {
      checkDerived(world);
      checks++;
    };
    const observed = run((world) =>
      world.observe({
        tickBegins: () => check(world),
        stepDone: () => {},
        tickEnds() {
          check(world);
          check(world);
        },
      }),
    );
    expect(checks).toBe(12);
    expect(observed).toEqual(plain);
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
