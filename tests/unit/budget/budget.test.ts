/** Budgets in a closed loop with a plant: steps, noise at the border, impulses, sawteeth, probes, queues. */
import { describe, expect, test } from "vitest";
import { Budget, type FrameFigures } from "../../../engine/budget/budget.ts";
import { Draws, testSeed } from "../seeds.ts";
import { Plant, periodMicros, yard, yardCosts } from "./plant.ts";

const seed = testSeed("budget");
const makePlant = (): Plant => new Plant(yard, yardCosts);
const rungNames = yard.rungs.map((rung) => rung.name);

describe("steps", () => {
  test("a step up takes rungs in order until it is enough, a step down gives them back in reverse, and then nothing moves", () => {
    const plant = makePlant();
    plant.run(600, () => -0.3);
    expect(plant.lines).toEqual([]);
    // 1.22 at full quality: 0.12, 0.15 and 0.1 have to go until it is below 0.9. Late ticks are seen at once,
    // and after each change the window fills anew before ten overloaded frames are counted.
    plant.run(6_000, () => 0.42);
    expect(plant.lines).toEqual([
      "612 degrade poses every other frame (load)",
      "651 degrade half the particles (load)",
      "690 degrade no reflections (load)",
    ]);
    expect(plant.budget.takenCount).toBe(3);
    expect(plant.loadAt(0.42)).toBeCloseTo(0.85, 10);
    plant.run(6_000, () => -0.3);
    expect(plant.decisions.slice(3).map((one) => `${one.direction} ${one.rung} ${one.cause}`)).toEqual([
      "upgrade no reflections room",
      "upgrade half the particles room",
      "upgrade poses every other frame room",
    ]);
    expect(plant.budget.takenCount).toBe(0);
  });

  test("a load that no rung helps ends on the last rung", () => {
    const plant = makePlant().run(20_000, () => 3);
    expect(plant.decisions.map((one) => one.rung)).toEqual(rungNames);
    expect(plant.decisions.every((one) => one.direction === "degrade")).toBe(true);
  });

  test("what was measured keeps a rung taken that would not fit", () => {
    // 0.95 at full quality, 0.83 with the first rung: below the upper mark, and no room to go back.
    const plant = makePlant().run(20_000, () => 0.15);
    expect(plant.decisions.map((one) => one.rung)).toEqual([rungNames[0]]);
    // 0.67 is below the lower mark, but 0.79 with the rung's cost is not.
    plant.run(20_000, () => -0.01);
    expect(plant.decisions).toHaveLength(1);
    plant.run(1_000, () => -0.11);
    expect(plant.decisions.map((one) => one.direction)).toEqual(["degrade", "upgrade"]);
    expect(plant.decisions[1]!.figures.savingShare).toBeCloseTo(0.12, 10);
  });

  test("levels are at full quality at first, and are those of the taken rungs after", () => {
    const plant = makePlant();
    const shown = (): unknown[] => yard.targets.map((target) => ({ ...plant.budget.levelOf(target) }));
    const full = shown();
    plant.run(2_000, () => 3);
    expect(shown()).toEqual([
      { target: "far-poses", every: 2, quality: 1, skip: false, background: false, turn: 0 },
      { target: "particles", every: 1, quality: 0.5, skip: false, background: false, turn: 1 },
      { target: "reflections", every: 1, quality: 1, skip: true, background: false, turn: 2 },
      { target: "path-grid", every: 1, quality: 1, skip: false, background: true, turn: 3 },
    ]);
    plant.run(4_000, () => -0.8);
    expect(shown()).toEqual(full);
  });
});

describe("what must not move it", () => {
  test.each([0, 1, 29, 30, 31, 700])("one frame of ten periods, at frame %d", (at) => {
    const plant = makePlant().run(3_000, (frame) => (frame === at ? 9.5 : -0.1));
    expect(plant.lines).toEqual([]);
  });

  test("two slow frames in a row among quick ones", () => {
    expect(makePlant().run(3_000, (frame) => (frame % 60 < 2 ? 1.5 : -0.3)).lines).toEqual([]);
  });

  test("frames that drop to nothing now and then do not give a rung back", () => {
    const plant = makePlant().run(2_000, () => 0.35);
    const before = plant.decisions.length;
    plant.run(10_000, (frame) => (frame % 100 < 60 ? -1 : 0.35));
    expect(plant.decisions.length).toBe(before);
  });

  test("noise at either mark: few changes, and all of them early", () => {
    for (const centre of [0.9, 0.88, 0.93, 0.7, 0.72, 0.68, 0.82]) {
      const draws = new Draws(seed);
      const plant = makePlant().run(60_000, () => centre - 0.8 + draws.between(-0.06, 0.06));
      expect(plant.decisions.length).toBeLessThanOrEqual(2);
      expect(plant.decisions.filter((one) => one.direction === "upgrade")).toEqual([]);
    }
  });
});

describe("loads that come and go", () => {
  test.each([200, 400, 1_000, 4_000])(
    "a sawtooth of %d frames: one way up and one way down a tooth at most",
    (period) => {
      const toothCount = 40;
      const plant = makePlant();
      let last = 0;
      for (let tooth = 0; tooth < toothCount; tooth++) {
        plant.run(period, (frame) => -0.4 + (0.9 * (frame % period)) / period);
        expect(plant.decisions.length - last).toBeLessThanOrEqual(2 * yard.rungs.length);
        last = plant.decisions.length;
      }
      // Where giving back turns out wrong each time, the doubled wait ends it.
      if (period <= 400) expect(plant.decisions.length).toBeLessThan(toothCount);
    },
  );

  test("each wrong attempt waits twice as long, and after the sixth there is none while the load stays", () => {
    // The load rises as soon as a rung is given back and falls when it is taken again: no plant is worse.
    const budget = new Budget({ targets: ["a"], rungs: [{ name: "r", kind: "skip", target: "a", level: 1 }] });
    const level = budget.levelOf("a");
    const figures: FrameFigures = { frameMicros: 0, periodMicros, idleShare: 0, queueDepth: 0, lateTicks: 0 };
    let since = 0;
    let wasSkipped = false;
    for (let frame = 0; frame < 100_000; frame++) {
      since = level.skip === wasSkipped ? since + 1 : 0;
      wasSkipped = level.skip;
      // Measured alike before and after each change, so that the measure says that the rung saves nothing.
      figures.frameMicros = (level.skip ? since < 60 : since > 40 || frame < 200) ? 9_500 : 6_000;
      budget.advance(frame, figures);
    }
    const upgrades = budget.decisions.filter((one) => one.direction === "upgrade");
    const waits = upgrades.map((one) => one.frame - budget.decisions[budget.decisions.indexOf(one) - 1]!.frame);
    expect(upgrades.length).toBe(6);
    for (let i = 1; i < waits.length; i++) expect(waits[i]! / waits[i - 1]!).toBeGreaterThan(1.5);
  });

  test("a load that falls just as a rung is taken leaves no rung taken for ever", () => {
    const plant = makePlant();
    plant.run(39, () => 0.2);
    expect(plant.decisions).toHaveLength(1);
    // The measured saving is 0.12 and the 0.9 by which the load fell.
    plant.run(1_000, () => -0.7);
    expect(plant.budget.takenCount).toBe(1);
    plant.run(2_000, () => -0.7);
    expect(plant.decisions.map((one) => `${one.direction} ${one.cause}`)).toEqual(["degrade load", "upgrade probe"]);
    plant.run(20_000, () => -0.7);
    expect(plant.decisions).toHaveLength(2);
  });

  test("a saving that was measured wrong twice is doubted once the load has been another one", () => {
    const plant = new Plant({ targets: ["a"], rungs: [{ name: "r", kind: "skip", target: "a", level: 1 }] }, [0.1]);
    // The load follows the rung, by bad luck: high as long as it is not taken, nothing as soon as it is.
    const unlucky = (): number => (plant.budget.takenCount === 0 ? 0.85 : -1);
    plant.run(4_000, unlucky);
    expect(plant.decisions.map((one) => `${one.direction} ${one.cause}`)).toEqual([
      "degrade load",
      "upgrade probe",
      "degrade load",
    ]);
    plant.run(4_000, () => -1);
    expect(plant.budget.takenCount).toBe(1);
    plant.run(60, () => 0.5).run(4_000, () => -1);
    expect(plant.budget.takenCount).toBe(0);
  });

  test("a rung that is too dear to go back is probed once, not for ever", () => {
    const dear = { targets: ["a"], rungs: [{ name: "r", kind: "skip", target: "a", level: 1 }] } as const;
    const plant = new Plant(dear, [0.9]).run(200_000, () => 0.2);
    expect(plant.decisions.map((one) => `${one.direction} ${one.cause}`)).toEqual([
      "degrade load",
      "upgrade probe",
      "degrade load",
    ]);
  });
});

describe("other figures", () => {
  const feed = (budget: Budget, count: number, change: (frame: number) => Partial<FrameFigures>): void => {
    for (let frame = 0; frame < count; frame++)
      budget.advance(frame, {
        frameMicros: 5_000,
        periodMicros,
        idleShare: 0.5,
        queueDepth: 0,
        lateTicks: 0,
        ...change(frame),
      });
  };

  test("late ticks in more than a tenth of the frames are overload, fewer are not", () => {
    const rare = new Budget(yard);
    feed(rare, 1_000, (frame) => ({ lateTicks: frame % 10 === 0 ? 4 : 0 }));
    expect(rare.decisions).toEqual([]);
    const often = new Budget(yard);
    feed(often, 100, (frame) => ({ lateTicks: frame % 5 === 0 ? 1 : 0 }));
    expect(often.decisions[0]).toMatchObject({ direction: "degrade", cause: "late", rung: rungNames[0] });
  });

  test("a deep queue is overload where a mark is set, and nothing goes back before it has drained", () => {
    const settings = { queueDepthHigh: 20, queueDepthLow: 5 };
    const budget = new Budget({ ...yard, settings });
    feed(budget, 45, () => ({ queueDepth: 30 }));
    expect(budget.decisions.map((one) => one.cause)).toEqual(["queue"]);
    feed(budget, 5_000, () => ({ queueDepth: 10, frameMicros: 1_000 }));
    expect(budget.decisions).toHaveLength(1);
    feed(budget, 1_000, () => ({ queueDepth: 4, frameMicros: 1_000 }));
    expect(budget.decisions.map((one) => one.direction)).toEqual(["degrade", "upgrade"]);
  });

  test("where an idle share is asked for, nothing goes back without it", () => {
    const budget = new Budget({ ...yard, settings: { idleShareMin: 0.4 } });
    feed(budget, 45, () => ({ frameMicros: 9_500 }));
    feed(budget, 5_000, () => ({ frameMicros: 1_000, idleShare: 0.3 }));
    expect(budget.decisions).toHaveLength(1);
    feed(budget, 2_000, () => ({ frameMicros: 1_000, idleShare: 0.5 }));
    expect(budget.decisions.map((one) => one.direction)).toEqual(["degrade", "upgrade"]);
  });

  test("figures that cannot be are a bug of whoever measures", () => {
    const budget = new Budget(yard);
    expect(() => feed(budget, 1, () => ({ periodMicros: 0 }))).toThrow("a frame has a period");
    expect(() => feed(budget, 1, () => ({ frameMicros: Number.NaN }))).toThrow("a frame has a period");
    expect(() => feed(budget, 1, () => ({ queueDepth: -1 }))).toThrow("counts and shares");
  });
});

test("decisions are plain data, kept up to the bound, and each is handed to the listener", () => {
  const plant = new Plant({ ...yard, settings: { decisionCountMax: 3 } }, yardCosts).run(1_000, () => 3);
  expect(plant.budget.decisionCount).toBe(4);
  expect(plant.decisions).toHaveLength(4);
  expect(plant.budget.decisions).toEqual(plant.decisions.slice(1));
  expect(JSON.parse(JSON.stringify(plant.decisions))).toEqual(plant.decisions);
  const first = plant.decisions[0]!;
  expect(first.figures.loadMean).toBeCloseTo(3.8, 10);
  expect({ ...first, figures: { ...first.figures, loadMean: 0, loadP95: 0 } }).toEqual({
    frame: 38,
    rung: rungNames[0],
    direction: "degrade",
    cause: "load",
    takenCount: 1,
    figures: { loadMean: 0, loadP95: 0, idleMean: 0, queueMean: 0, lateShare: 1, savingShare: 0 },
  });
});
