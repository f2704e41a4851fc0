/** Properties of budgets over random ladders, plants and loads. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { BudgetDefinition } from "../../../engine/budget/budget.ts";
import type { Rung } from "../../../engine/budget/ladder.ts";
import { testSeed } from "../seeds.ts";
import { Plant } from "./plant.ts";

const seed = testSeed("budget histories");

/** A ladder of up to eight rungs, one a target, and what each target costs, at most `costMax` of the period. */
const plantsUpTo = (costMax: number) =>
  fc
    .array(
      fc.record({
        kind: fc.constantFrom<Rung["kind"]>("defer", "lower", "skip", "background"),
        cost: fc.double({ min: 0, max: costMax, noNaN: true }),
      }),
      { minLength: 1, maxLength: 8 },
    )
    .map((list) => {
      const levels = { defer: 3, lower: 0.5, skip: 1, background: 1 };
      const definition: BudgetDefinition = {
        targets: list.map((_, i) => `t${i}`),
        rungs: list.map(({ kind }, i) => ({ name: `r${i}`, kind, target: `t${i}`, level: levels[kind] })),
      };
      return { definition, costs: list.map(({ cost }) => cost) };
    });
const plants = plantsUpTo(1);
const loads = fc.double({ min: -2, max: 2, noNaN: true });

/** Rungs are taken and given back in order: each decision is about the rung at the edge of what is taken. */
function expectOrder(plant: Plant): void {
  let takenCount = 0;
  for (const { direction, rung, takenCount: after } of plant.decisions) {
    expect(rung).toBe(`r${direction === "degrade" ? takenCount : takenCount - 1}`);
    takenCount += direction === "degrade" ? 1 : -1;
    expect(after).toBe(takenCount);
  }
}

test("under a constant load decisions come to an end, and there are no more than a probe for each rung", () => {
  fc.assert(
    fc.property(plants, loads, ({ definition, costs }, base) => {
      const rungCount = definition.rungs.length;
      const plant = new Plant(definition, costs).run(2_500 * (rungCount + 2), () => base);
      expectOrder(plant);
      expect(plant.decisions.length).toBeLessThanOrEqual(3 * rungCount);
      const settled = plant.decisions.length;
      plant.run(20_000, () => base);
      expect(plant.decisions.length).toBe(settled);
    }),
    { seed, numRuns: 100 },
  );
});

test("after any history a constant load still settles, and at full quality when there is room for it", () => {
  const phases = fc.array(fc.record({ base: loads, frameCount: fc.integer({ min: 1, max: 900 }) }), { maxLength: 6 });
  fc.assert(
    fc.property(plants, phases, loads, ({ definition, costs }, history, base) => {
      const plant = new Plant(definition, costs);
      for (const { base: load, frameCount } of history) plant.run(frameCount, () => load);
      const before = plant.decisions.length;
      plant.run(40_000, () => base);
      expectOrder(plant);
      expect(plant.decisions.length - before).toBeLessThanOrEqual(14 * definition.rungs.length);
      const settled = plant.decisions.length;
      plant.run(20_000, () => base);
      expect(plant.decisions.length).toBe(settled);
      // Not overloaded, unless all is taken already.
      if (plant.budget.takenCount < definition.rungs.length) expect(plant.loadAt(base)).toBeLessThanOrEqual(0.9);
    }),
    { seed, numRuns: 60 },
  );
});

test("a world that has become idle is at full quality again, whatever was before", () => {
  const phases = fc.array(fc.record({ base: loads, frameCount: fc.integer({ min: 1, max: 900 }) }), { maxLength: 6 });
  // A target that alone costs more than there is room for may rightly stay away: frames do not show its cost change.
  fc.assert(
    fc.property(plantsUpTo(0.6), phases, ({ definition, costs }, history) => {
      const plant = new Plant(definition, costs);
      for (const { base, frameCount } of history) plant.run(frameCount, () => base);
      plant.run(40_000, () => -10);
      expect(plant.budget.takenCount).toBe(0);
    }),
    { seed, numRuns: 60 },
  );
});

test("equal figures give equal decisions", () => {
  fc.assert(
    fc.property(plants, fc.array(loads, { minLength: 1, maxLength: 20 }), ({ definition, costs }, list) => {
      const runs = [1, 2].map(
        () =>
          new Plant(definition, costs).run(4_000, (frame) => list[Math.floor(frame / 200) % list.length]!).decisions,
      );
      expect(runs[0]).toEqual(runs[1]);
    }),
    { seed, numRuns: 40 },
  );
});
