/** The order of surfaces against brute force: all orders that respect the dependencies, and the first of them by the rule. */
import { describe, expect, test } from "vitest";
import { resolveSurface, type Surface } from "../../../engine/surface/surface.ts";
import { orderSurfaces } from "../../../engine/surface/surface-order.ts";
import { raised } from "../gpu/faults.ts";
import { Draws, testSeed } from "../seeds.ts";

const seed = testSeed("surface order");

function make(name: string, reads: readonly string[] = [], priority = 0): Surface {
  return resolveSurface({ name, kind: "window", width: 4, height: 4, reads, priority });
}

/** All orders in which each surface comes after what it reads. */
function allOrders(surfaces: readonly Surface[], done: readonly Surface[] = []): Surface[][] {
  if (done.length === surfaces.length) return [[...done]];
  return surfaces
    .filter((next) => !done.includes(next) && next.reads.every((name) => done.some((other) => other.name === name)))
    .flatMap((next) => allOrders(surfaces, [...done, next]));
}

/** Whether order `a` is before `b` by the rule: at the first place where they differ, the higher priority, then the lower name. */
function isBefore(a: readonly Surface[], b: readonly Surface[]): boolean {
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i] as Surface, b[i] as Surface];
    if (x === y) continue;
    return x.priority === y.priority ? x.name < y.name : x.priority > y.priority;
  }
  return false;
}

function randomSurfaces(draws: Draws, mayCircle: boolean): Surface[] {
  const names = ["Main", "Shadow", "Probe", "Overlay", "Mirror", "Map", "Inset"].slice(0, 1 + draws.below(7));
  for (let i = names.length - 1; i > 0; i--) {
    const k = draws.below(i + 1);
    [names[i], names[k]] = [names[k] as string, names[i] as string];
  }
  return names.map((name, i) => {
    const candidates = mayCircle ? names : names.slice(0, i);
    return make(
      name,
      candidates.filter(() => draws.below(4) === 0),
      draws.below(3) - 1,
    );
  });
}

function shuffled<T>(draws: Draws, list: readonly T[]): T[] {
  const copy = [...list];
  for (let i = copy.length - 1; i > 0; i--) {
    const k = draws.below(i + 1);
    [copy[i], copy[k]] = [copy[k] as T, copy[i] as T];
  }
  return copy;
}

describe("order", () => {
  test("is the first by the rule of all that respect the dependencies, however the surfaces are listed", () => {
    const draws = new Draws(seed);
    let choiceCount = 0;
    for (let round = 0; round < 300; round++) {
      const surfaces = randomSurfaces(draws, false);
      const orders = allOrders(surfaces);
      if (orders.length > 1) choiceCount++;
      const first = orders.reduce((best, order) => (isBefore(order, best) ? order : best));
      const { order } = orderSurfaces(shuffled(draws, surfaces));
      expect(order.map(({ name }) => name)).toEqual(first.map(({ name }) => name));
    }
    expect(choiceCount).toBeGreaterThan(100);
  });

  test("levels hold each surface once, as early as what it reads allows, each level in order of presentation", () => {
    const draws = new Draws(seed + 1);
    for (let round = 0; round < 300; round++) {
      const surfaces = randomSurfaces(draws, false);
      const byName = new Map(surfaces.map((surface) => [surface.name, surface]));
      const depth = (name: string): number =>
        Math.max(-1, ...(byName.get(name) as Surface).reads.map((read) => depth(read))) + 1;
      const { order, levels } = orderSurfaces(shuffled(draws, surfaces));
      const expected: string[][] = [];
      for (const { name } of order) {
        expected[depth(name)] ??= [];
        expected[depth(name)]?.push(name);
      }
      expect(levels.map((level) => level.map(({ name }) => name))).toEqual(expected);
    }
  });

  test("a circle is told if and only if no order exists, and what is told is a circle", () => {
    const draws = new Draws(seed + 2);
    const seen = { circle: 0, order: 0 };
    for (let round = 0; round < 500; round++) {
      const surfaces = randomSurfaces(draws, true);
      const text = raised(() => orderSurfaces(surfaces));
      expect(raised(() => orderSurfaces(shuffled(draws, surfaces)))).toBe(text);
      if (allOrders(surfaces).length > 0) {
        seen.order++;
        expect(text).toBe("nothing");
        continue;
      }
      seen.circle++;
      const names = [...text.matchAll(/"(\w+)"/g)].map(([, name]) => name as string);
      expect(text).toMatch(/^surface-cycle: /);
      expect(names[0]).toBe(names.at(-1));
      expect(names[0]).toBe([...names].sort()[0]);
      expect(new Set(names).size).toBe(names.length - 1);
      for (let i = 0; i + 1 < names.length; i++)
        expect(surfaces.find(({ name }) => name === names[i])?.reads).toContain(names[i + 1]);
    }
    expect(Math.min(seen.circle, seen.order)).toBeGreaterThan(30);
  });

  test("ties go by priority, then by name; a low name that waits does not hold up the others", () => {
    const surfaces = [make("B"), make("A", ["Z"]), make("C", [], 5), make("Z", [], -1)];
    const { order, levels } = orderSurfaces(surfaces);
    expect(order.map(({ name }) => name)).toEqual(["C", "B", "Z", "A"]);
    expect(levels.map((level) => level.map(({ name }) => name))).toEqual([["C", "B", "Z"], ["A"]]);
  });
});

describe("faults", () => {
  test("a circle is named from its lowest name on, also a circle of one", () => {
    expect(raised(() => orderSurfaces([make("C", ["A"]), make("A", ["B"]), make("B", ["C"]), make("D", ["C"])]))).toBe(
      'surface-cycle: Surfaces wait for one another\'s pictures in a circle: "A" reads "B" reads "C" reads "A".',
    );
    expect(raised(() => orderSurfaces([make("A", ["A"])]))).toContain('"A" reads "A".');
  });

  test("what reads a surface that is not there, and two of one name", () => {
    expect(raised(() => orderSurfaces([make("A", ["Shadow"]), make("B")]))).toBe(
      'surface-unknown: Surface "A" names the surface "Shadow", which does not exist.',
    );
    expect(raised(() => orderSurfaces([make("A"), make("A")]))).toBe('duplicate-name: Two surfaces are named "A".');
  });

  test.each([
    ["no name", { name: "9" }, "its name is not a letter"],
    ["an unknown kind", { kind: "cube" }, 'its kind is "cube"'],
    ["no width", { width: 0 }, "its size is 0 x 4"],
    ["half a pixel", { height: 1.5 }, "its size is 4 x 1.5"],
    ["too large", { width: 16_385 }, "its size is 16385 x 4"],
    ["a priority that is no number", { priority: Number.NaN }, "its priority is NaN"],
    ["never drawn", { everyFrames: 0 }, "it is drawn every 0 frames"],
    ["the copy queue", { queue: "copy" }, 'its queue is "copy"'],
    ["too many reads", { reads: [..."abcdefghi"] }, "it reads 9 surfaces"],
    ["a read twice", { reads: ["B", "B"] }, "it reads one surface twice"],
    ["a cost below 0", { costs: { recordMicros: 0, submitMicros: -1, presentMicros: 0 } }, "a cost is -1"],
  ])("a definition with %s", (_name, part, problem) => {
    const definition = { name: "A", kind: "window", width: 4, height: 4, ...part };
    expect(raised(() => resolveSurface(definition as unknown as Surface))).toContain(problem);
  });
});
