/**
 * The budget in the frame: measures each frame in the last stage and hands what was decided to the jobs.
 * A decision is data: it goes to a listener, which notes it in the journal and shows it.
 *
 * The rule: frame jobs and nothing else. A tick job or a system that looked at a level would make the
 * hash depend on the machine.
 */
import { Budget, type Decision, type FrameFigures } from "../budget/budget.ts";
import type { Rung } from "../budget/ladder.ts";
import type { BudgetSettings } from "../budget/settings.ts";
import type { JobLevel } from "../jobs/levels.ts";
import { type JobsSubsystem, jobsOf } from "../jobs/subsystem.ts";
import type { Clock } from "../ports/clock.ts";
import {
  defineSubsystem,
  type Frame,
  type Subsystem,
  type SubsystemDefinition,
  type SubsystemHost,
} from "../sim/subsystem.ts";

import { type StreamingSubsystem, streamingOf } from "../streaming/subsystem.ts";
import type { SurfaceGraph } from "../surface/surface-graph.ts";
import type { RenderSubsystem } from "./subsystem.ts";
import { surfacesOf } from "./surfaces.ts";

/** What a game may give up when frames are too slow; see engine/budget. */
export interface BudgetLadder {
  readonly rungs: readonly Rung[];
  readonly settings?: Partial<BudgetSettings>;
}

export interface BudgetSubsystem extends Subsystem {
  readonly budget: Budget;
}

/** `onDecision` is told of each decision in the frame that made it. */
export function budgetSubsystem(
  ladder: BudgetLadder,
  onDecision: (decision: Decision) => void,
): SubsystemDefinition<BudgetSubsystem> {
  return defineSubsystem<BudgetSubsystem>({
    name: "budget",
    needs: ["jobs", "render"],
    create: () => new FrameBudget(ladder, onDecision),
  });
}

const wholeLevel: JobLevel = { every: 1, quality: 1, isSkipped: false };

class FrameBudget implements BudgetSubsystem {
  budget!: Budget;
  readonly #ladder: BudgetLadder;
  readonly #onDecision: (decision: Decision) => void;
  readonly #figures: FrameFigures = { frameMicros: 0, periodMicros: 0, idleShare: 0, queueDepth: 0, lateTicks: 0 };
  #jobs!: JobsSubsystem;
  #render!: RenderSubsystem;
  #surfaces: SurfaceGraph | undefined;
  #streaming: StreamingSubsystem | undefined;
  #clock!: Clock;
  #targets: readonly string[] = [];
  #startMicros = 0;
  #waitedBefore = 0;
  #droppedBefore = 0;

  readonly stages = {
    budget: (frame: Frame): void => {
      if (frame.tickCount > 0) this.#advance(frame);
    },
  };

  constructor(ladder: BudgetLadder, onDecision: (decision: Decision) => void) {
    this.#ladder = ladder;
    this.#onDecision = onDecision;
  }

  start(host: SubsystemHost): void {
    this.#jobs = jobsOf(host);
    this.#render = host.of({ name: "render" } as SubsystemDefinition<RenderSubsystem>);
    this.#clock = host.clock;
    this.#figures.periodMicros = 1_000_000 / host.world.program.tickRate;
    const frameJobs = this.#jobs.graph.jobs.filter(({ kind }) => kind === "frame").map(({ name }) => name);
    this.#targets = [...new Set(this.#ladder.rungs.map(({ target }) => target))];
    // A rung that a job cannot take is found now and not when the machine is slow.
    for (const { kind, target } of this.#ladder.rungs)
      if (kind === "background") this.#jobs.setLevel(target, { ...wholeLevel, isBackground: true });
    for (const { target } of this.#ladder.rungs)
      if (frameJobs.includes(target)) this.#jobs.setLevel(target, wholeLevel);
    this.#surfaces = host.has("surfaces") ? surfacesOf(host).graph : undefined;
    this.#streaming = host.has("streaming") ? streamingOf(host) : undefined;
    const surfaces = this.#surfaces?.names ?? [];
    this.budget = new Budget({ targets: [...frameJobs, ...surfaces], ...this.#ladder }, (decision) =>
      this.#decided(decision),
    );
    const decisions = host.trace.number("budget decision", "budget", "rungs", "load percent", true);
    this.#mark = (decision) =>
      host.trace.track.instant(
        decisions,
        this.#clock.nowMicros(),
        decision.takenCount,
        Math.round(decision.figures.loadMean * 100),
      );
    const load = host.trace.number("frame load", "budget");
    this.#count = (micros) => host.trace.track.counter(load, this.#clock.nowMicros(), micros);
  }

  #mark: (decision: Decision) => void = () => {};
  #count: (micros: number) => void = () => {};

  beginFrame(): void {
    this.#startMicros = this.#clock.nowMicros();
  }

  #advance(frame: Frame): void {
    const figures = this.#figures;
    const { waitedMicros } = this.#jobs.crew;
    figures.frameMicros = this.#clock.nowMicros() - this.#startMicros;
    const waited = waitedMicros - this.#waitedBefore;
    this.#waitedBefore = waitedMicros;
    figures.idleShare = Math.max(0, Math.min(1, 1 - (figures.frameMicros - waited) / figures.periodMicros));
    figures.queueDepth = this.#jobs.flightsOutstanding + (this.#streaming?.pipelines.loadingCount ?? 0);
    figures.lateTicks = frame.tickCount - 1 + frame.droppedTickCount - this.#droppedBefore;
    this.#droppedBefore = frame.droppedTickCount;
    this.#count(figures.frameMicros);
    this.budget.advance(frame.index, figures);
  }

  #decided(decision: Decision): void {
    for (const target of this.#targets) {
      const level = this.budget.levelOf(target);
      if (this.#surfaces?.names.includes(target) === true) this.#surfaces.setEveryFrames(target, level.every);
      if (!this.#jobs.graph.jobs.some(({ name }) => name === target)) continue;
      this.#jobs.setLevel(target, {
        every: level.every,
        quality: level.quality,
        isSkipped: level.skip,
        isBackground: level.background,
      });
    }
    this.#render.rung = decision.takenCount;
    this.#mark(decision);
    this.#onDecision(decision);
  }
}
