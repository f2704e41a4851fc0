/**
 * A plant to close the loop in tests: frames whose cost is a base load, which the test sets, and the cost of
 * each target at the level that the budget gives it. All shares of the period.
 */
import { Budget, type BudgetDefinition, type Decision, type FrameFigures } from "../../../engine/budget/budget.ts";
import type { TargetLevel } from "../../../engine/budget/ladder.ts";

export const periodMicros = 10_000;

/** Four targets, each with a kind of its own: 0.12, 0.15, 0.1 and 0.16 of the period are saved by the rungs. */
export const yard: BudgetDefinition = {
  targets: ["far-poses", "particles", "reflections", "path-grid"],
  rungs: [
    { name: "poses every other frame", kind: "defer", target: "far-poses", level: 2 },
    { name: "half the particles", kind: "lower", target: "particles", level: 0.5 },
    { name: "no reflections", kind: "skip", target: "reflections", level: 1 },
    { name: "paths in the background", kind: "background", target: "path-grid", level: 1 },
  ],
};
export const yardCosts: readonly number[] = [0.24, 0.3, 0.1, 0.16];
export const yardFullCost = 0.8;

export class Plant {
  readonly budget: Budget;
  readonly decisions: Decision[] = [];
  readonly #levels: readonly TargetLevel[];
  readonly #costs: readonly number[];
  readonly #figures: FrameFigures = { frameMicros: 0, periodMicros, idleShare: 0, queueDepth: 0, lateTicks: 0 };
  frame = 0;

  constructor(definition: BudgetDefinition, costs: readonly number[]) {
    this.budget = new Budget(definition, (decision) => this.decisions.push(decision));
    this.#levels = definition.targets.map((target) => this.budget.levelOf(target));
    this.#costs = costs;
  }

  /** The share of the period that a frame takes at the present levels. */
  loadAt(base: number): number {
    let load = base;
    this.#levels.forEach((level, i) => {
      if (!level.skip && !level.background) load += (this.#costs[i]! * level.quality) / level.every;
    });
    return load;
  }

  /** Runs `count` frames whose base load is `base` of the frame's number. */
  run(count: number, base: (frame: number) => number): this {
    for (let i = 0; i < count; i++) {
      const load = Math.max(0, this.loadAt(base(this.frame)));
      this.#figures.frameMicros = load * periodMicros;
      this.#figures.idleShare = Math.max(0, 1 - load);
      this.#figures.lateTicks = load > 1 ? 1 : 0;
      this.budget.advance(this.frame, this.#figures);
      this.frame++;
    }
    return this;
  }

  /** The decisions as lines "frame direction rung (cause)". */
  get lines(): string[] {
    return this.decisions.map((one) => `${one.frame} ${one.direction} ${one.rung} (${one.cause})`);
  }
}
