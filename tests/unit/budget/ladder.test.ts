/** What a ladder and its settings refuse, and what taken rungs mean for their targets. */
import { expect, test } from "vitest";
import { FaultError, faultMend, faultText } from "../../../engine/base/faults.ts";
import { Budget } from "../../../engine/budget/budget.ts";
import { isDue, Ladder, type Rung } from "../../../engine/budget/ladder.ts";
import { type BudgetSettings, resolveBudgetSettings } from "../../../engine/budget/settings.ts";
import { yard } from "./plant.ts";

function refusal(action: () => unknown): string {
  try {
    action();
  } catch (thrown) {
    if (thrown instanceof FaultError) return `${faultText(thrown.fault)} ${faultMend(thrown.fault)}`;
    throw thrown;
  }
  return "accepted";
}

const rung = (name: string, kind: Rung["kind"], level: number, target = "a"): Rung => ({ name, kind, target, level });
const refusedRungs = (...rungs: Rung[]): string => refusal(() => new Ladder(["a", "b"], rungs));

test("a ladder that does not fit its targets is refused, with what to do", () => {
  expect(refusedRungs(rung("r", "skip", 1, "c"))).toBe(
    'The rung "r" names the budget target "c", which does not exist. Add it to the game, or use one of: a, b.',
  );
  expect(refusedRungs(rung("r", "defer", 2), rung("r", "skip", 1, "b"))).toBe(
    'Two rungs are named "r". Rename one of the rungs; names are identities in plans, journals and saves.',
  );
  expect(refusal(() => new Ladder(["a", "a"], []))).toContain('Two budget targets are named "a".');
  expect(refusal(() => new Ladder(["a"], []).levelOf("b"))).toContain('`levelOf` names the budget target "b"');
});

test.each([
  ["defer", 1, "a whole number above 1"],
  ["defer", 2.5, "a whole number above 1"],
  ["lower", 0, "above 0 and below 1"],
  ["lower", 1, "above 0 and below 1"],
  ["lower", Number.NaN, "above 0 and below 1"],
  ["skip", 0, "give 1"],
  ["background", 2, "give 1"],
] as const)("a rung of kind %s has no level %d", (kind, level, remedy) => {
  expect(refusedRungs(rung("r", kind, level))).toContain(remedy);
});

test("each rung of a target loses more than those before it", () => {
  const no = 'The rung "s" is not valid: it gives up no more of a than "r" before it.';
  expect(refusedRungs(rung("r", "lower", 0.5), rung("s", "lower", 0.5))).toContain(no);
  expect(refusedRungs(rung("r", "lower", 0.5), rung("s", "lower", 0.7))).toContain(no);
  expect(refusedRungs(rung("r", "defer", 3), rung("s", "defer", 2))).toContain(no);
  expect(refusedRungs(rung("r", "background", 1), rung("s", "background", 1))).toContain(no);
  expect(refusedRungs(rung("r", "skip", 1), rung("s", "lower", 0.5))).toContain('"r" skips a before it');
  expect(
    refusedRungs(
      rung("r", "lower", 0.7),
      rung("s", "defer", 2),
      rung("t", "lower", 0.5),
      rung("u", "background", 1),
      rung("v", "skip", 1),
      rung("w", "lower", 0.9, "b"),
    ),
  ).toBe("accepted");
});

test.each([
  [{ lowLoad: 0.9 }, "lowLoad"],
  [{ lowLoad: 0.95 }, "lowLoad"],
  [{ lowLoad: 0, probeLoad: 0 }, "probeLoad"],
  [{ probeLoad: 0.7 }, "probeLoad"],
  [{ queueDepthHigh: 4, queueDepthLow: 4 }, "queueDepthLow"],
  [{ windowFrames: 19 }, "windowFrames"],
  [{ windowFrames: 30.5 }, "windowFrames"],
  [{ degradeDwellFrames: 120 }, "upgradeDwellFrames"],
  [{ degradeDwellFrames: 0 }, "degradeDwellFrames"],
  [{ upgradeDwellFramesMax: 100 }, "upgradeDwellFramesMax"],
  [{ probationFrames: 39 }, "probationFrames"],
  [{ highLoad: Number.NaN }, "highLoad"],
  [{ decisionCountMax: 0 }, "decisionCountMax"],
  [{ highMark: 1 } as Partial<BudgetSettings>, "highMark"],
])("settings %j are refused, naming %s", (overrides, name) => {
  expect(refusal(() => resolveBudgetSettings(overrides))).toContain(`The budget setting "${name}" is not valid`);
  expect(refusal(() => new Budget({ ...yard, settings: overrides }))).toContain(`"${name}"`);
});

test("taken rungs add up to the levels of their targets, and all of it goes back", () => {
  const ladder = new Ladder(
    ["a", "b"],
    [
      rung("1", "defer", 2),
      rung("2", "lower", 0.75, "b"),
      rung("3", "background", 1),
      rung("4", "defer", 4),
      rung("5", "lower", 0.5, "b"),
      rung("6", "skip", 1),
    ],
  );
  const a = ladder.levelOf("a");
  const b = ladder.levelOf("b");
  const shown = (takenCount: number): string => {
    ladder.apply(takenCount);
    return [a, b]
      .map((one) => `${one.every}/${one.quality}${one.skip ? " skip" : ""}${one.background ? " background" : ""}`)
      .join(", ");
  };
  const up = [0, 1, 2, 3, 4, 5, 6].map(shown);
  expect(up).toEqual([
    "1/1, 1/1",
    "2/1, 1/1",
    "2/1, 1/0.75",
    "2/1 background, 1/0.75",
    "4/1 background, 1/0.75",
    "4/1 background, 1/0.5",
    "4/1 skip background, 1/0.5",
  ]);
  expect([6, 5, 4, 3, 2, 1, 0].map(shown)).toEqual(up.toReversed());
  expect(ladder.levelOf("a")).toBe(a);
});

test("targets that are deferred alike take turns", () => {
  const ladder = new Ladder(
    ["a", "b", "c"],
    ["a", "b", "c"].map((target) => rung(target, "defer", 3, target)),
  );
  ladder.apply(3);
  const due = [0, 1, 2, 3, 4, 5].map((frame) =>
    ["a", "b", "c"].filter((target) => isDue(ladder.levelOf(target), frame)).join(),
  );
  expect(due).toEqual(["a", "c", "b", "a", "c", "b"]);
  const skipped = new Ladder(["a"], [rung("r", "skip", 1)]);
  expect(isDue(skipped.levelOf("a"), 0)).toBe(true);
  skipped.apply(1);
  expect(isDue(skipped.levelOf("a"), 0)).toBe(false);
});
