/**
 * The budget: takes one frame's figures after another and decides when something is given up and when it is
 * given back. It is pure: no clock, no world; equal figures give equal decisions.
 *
 *     figures -> window (30 frames) -> overloaded for a while?  take the next rung
 *                                   -> room for longer?         give the last one back
 *
 * Why it does not swing to and fro: the two marks are apart; the window is emptied at each change and nothing
 * is decided until it is full again; each change measures what its rung saves, and a rung is given back only
 * when the load with that saving added still leaves room; a wrong attempt doubles the wait before the next one,
 * and after a few the rung stays taken until the load has moved. So under a constant load decisions come to an end.
 *
 * The rule: decisions touch presentation and pace of background work only. Whatever a tick reads must not
 * depend on `levelOf`, or a starved run and an idle one would no longer have the same hash.
 */
import { assert } from "../base/assertions.ts";
import { Ladder, type Rung, type TargetLevel } from "./ladder.ts";
import { type BudgetSettings, resolveBudgetSettings } from "./settings.ts";
import { FrameWindow } from "./window.ts";

/** What one frame measured. The caller may reuse the object. */
export interface FrameFigures {
  /** Time that the frame took, without the wait for its beginning. */
  frameMicros: number;
  /** Time that it may take. */
  periodMicros: number;
  /** Share of the period in which the coordinator had nothing to do, 0 to 1. */
  idleShare: number;
  /** Background work that has been asked for and is not done. */
  queueDepth: number;
  /** Ticks that this frame made late or dropped. */
  lateTicks: number;
}

/** What a decision was made from: statistics of the window that led to it. */
export interface DecisionFigures {
  readonly loadMean: number;
  readonly loadP95: number;
  readonly idleMean: number;
  readonly queueMean: number;
  readonly lateShare: number;
  /** The rung's saving as last measured, a share of the period; 0 when it was never taken. */
  readonly savingShare: number;
}

/** Why: too much load, late ticks, a deep queue; or room for the rung; or a rung tried after long calm. */
export type DecisionCause = "load" | "late" | "queue" | "room" | "probe";

export interface Decision {
  readonly frame: number;
  readonly rung: string;
  readonly direction: "degrade" | "upgrade";
  readonly cause: DecisionCause;
  /** Rungs taken from now on. */
  readonly takenCount: number;
  readonly figures: DecisionFigures;
}

export interface BudgetDefinition {
  /** Everything that reads a level: names of jobs, surfaces and pipelines. */
  readonly targets: readonly string[];
  /** What may be given up, in order, cheap losses first. */
  readonly rungs: readonly Rung[];
  readonly settings?: Partial<BudgetSettings>;
}

/** What the budget remembers of a rung. */
interface RungMemory {
  savingShare: number;
  /** Measured in both directions with about the same result. */
  isConfirmed: boolean;
  dwellFrames: number;
  failureCount: number;
  /** Frame count at which it was last given back; below 0 before that. */
  givenBackAt: number;
  /** Mean load at that moment: what has to move before a rung that was given up on is tried again. */
  givenBackLoad: number;
}

export class Budget {
  readonly settings: BudgetSettings;
  readonly #ladder: Ladder;
  readonly #window: FrameWindow;
  readonly #memories: readonly RungMemory[];
  readonly #onDecision: ((decision: Decision) => void) | undefined;
  readonly #decisions: Decision[] = [];
  #decisionCount = 0;
  #takenCount = 0;
  /** Frames seen; durations are counted in these, so that a gap in frame numbers is no time. */
  #frameCount = 0;
  #overloadedFrames = 0;
  #roomFrames = 0;
  #blockedFrames = 0;
  /** The rung whose change is being measured, or -1; the mean load before it and its direction. */
  #measuredRung = -1;
  #loadBefore = 0;
  #measuresUpgrade = false;

  /** Raises "bad-definition", "unknown-name" or "duplicate-name" for a ladder or settings that make no sense. */
  constructor(definition: BudgetDefinition, onDecision?: (decision: Decision) => void) {
    this.settings = resolveBudgetSettings(definition.settings);
    this.#ladder = new Ladder(definition.targets, definition.rungs);
    this.#window = new FrameWindow(this.settings.windowFrames);
    this.#onDecision = onDecision;
    this.#memories = definition.rungs.map(() => ({
      savingShare: 0,
      isConfirmed: false,
      dwellFrames: this.settings.upgradeDwellFrames,
      failureCount: 0,
      givenBackAt: -1,
      givenBackLoad: 0,
    }));
  }

  get rungs(): readonly Rung[] {
    return this.#ladder.rungs;
  }

  get targets(): readonly string[] {
    return this.#ladder.targets;
  }

  /** Rungs taken: 0 is full quality. */
  get takenCount(): number {
    return this.#takenCount;
  }

  /** The newest decisions, oldest first; at most `settings.decisionCountMax`. */
  get decisions(): readonly Decision[] {
    return this.#decisions;
  }

  /** Decisions ever made. */
  get decisionCount(): number {
    return this.#decisionCount;
  }

  /** How `target` is to work now. The object stays the same and its numbers change. Raises "unknown-name". */
  levelOf(target: string): TargetLevel {
    return this.#ladder.levelOf(target);
  }

  /** Takes in the figures of frame number `frame`; makes at most one decision. Allocates only when it makes one. */
  advance(frame: number, figures: FrameFigures): void {
    const { frameMicros, periodMicros, idleShare, queueDepth, lateTicks } = figures;
    assert(periodMicros > 0 && frameMicros >= 0, "a frame has a period and takes no negative time");
    assert(idleShare >= 0 && queueDepth >= 0 && lateTicks >= 0, "a frame's figures are counts and shares");
    this.#frameCount++;
    this.#window.add(frameMicros / periodMicros, idleShare, queueDepth, lateTicks > 0);
    if (!this.#window.isFull) return;
    if (this.#measuredRung >= 0) this.#measure();
    if (this.#takenCount > 0) this.#doubtSaving(this.#memories[this.#takenCount - 1]!);
    const cause = this.#overload();
    if (cause !== undefined) this.#considerDegrade(frame, cause);
    else {
      this.#overloadedFrames = 0;
      if (this.#takenCount > 0) this.#considerUpgrade(frame);
    }
  }

  /** Why the window is overloaded. A percentile above the mark alone may be two slow frames; the mean tells. */
  #overload(): DecisionCause | undefined {
    const { settings } = this;
    const window = this.#window;
    if (window.loadP95 > settings.highLoad && window.loadMean > settings.lowLoad) return "load";
    if (window.lateShare > settings.lateShareMax) return "late";
    return window.queueMean > settings.queueDepthHigh ? "queue" : undefined;
  }

  #considerDegrade(frame: number, cause: DecisionCause): void {
    this.#roomFrames = 0;
    this.#blockedFrames = 0;
    this.#overloadedFrames++;
    if (this.#takenCount === this.#memories.length || this.#overloadedFrames < this.settings.degradeDwellFrames) return;
    const { settings } = this;
    const memory = this.#memories[this.#takenCount]!;
    if (memory.givenBackAt >= 0) {
      const wasWrong = this.#frameCount - memory.givenBackAt <= settings.probationFrames;
      memory.failureCount = wasWrong ? memory.failureCount + 1 : 0;
      memory.dwellFrames = wasWrong
        ? Math.min(memory.dwellFrames * 2, settings.upgradeDwellFramesMax)
        : settings.upgradeDwellFrames;
    }
    this.#change(frame, "degrade", cause);
  }

  #considerUpgrade(frame: number): void {
    const { settings } = this;
    const memory = this.#memories[this.#takenCount - 1]!;
    const loadP95 = this.#window.loadP95;
    const isCalm =
      loadP95 < settings.lowLoad &&
      this.#window.lateShare === 0 &&
      this.#window.queueMean <= settings.queueDepthLow &&
      this.#window.idleMean >= settings.idleShareMin;
    if (!isCalm || this.#isGivenUp(memory)) {
      this.#roomFrames = 0;
      this.#blockedFrames = 0;
      return;
    }
    const hasRoom = loadP95 + memory.savingShare < settings.lowLoad;
    const mayProbe = !hasRoom && !memory.isConfirmed && loadP95 < settings.probeLoad;
    this.#roomFrames = hasRoom ? this.#roomFrames + 1 : 0;
    this.#blockedFrames = mayProbe ? this.#blockedFrames + 1 : 0;
    if (this.#roomFrames >= memory.dwellFrames) this.#change(frame, "upgrade", "room");
    else if (this.#blockedFrames >= settings.probeFrames) this.#change(frame, "upgrade", "probe");
  }

  /**
   * A confirmed saving holds for the load at which it was measured. It is doubted as soon as a window shows
   * another load, also an overloaded one: a load that comes back has still been away.
   */
  #doubtSaving(memory: RungMemory): void {
    if (memory.isConfirmed && this.#hasMoved(memory)) memory.isConfirmed = false;
  }

  /** Whether the rung stays taken. Asked when there is calm: the load to compare is that of another calm. */
  #isGivenUp(memory: RungMemory): boolean {
    if (memory.failureCount < this.settings.failureCountMax) return false;
    if (!this.#hasMoved(memory)) return true;
    memory.failureCount = 0;
    memory.dwellFrames = this.settings.upgradeDwellFrames;
    return false;
  }

  /** Whether the load is another one than when the rung was last given back. */
  #hasMoved(memory: RungMemory): boolean {
    const { highLoad, lowLoad } = this.settings;
    return Math.abs(this.#window.loadMean - memory.givenBackLoad) > highLoad - lowLoad;
  }

  /** The first full window after a change says what the rung saves. */
  #measure(): void {
    const memory = this.#memories[this.#measuredRung]!;
    const after = this.#window.loadMean;
    const saving = this.#measuresUpgrade ? after - this.#loadBefore : this.#loadBefore - after;
    const { highLoad, lowLoad } = this.settings;
    const agrees = Math.abs(saving - memory.savingShare) <= highLoad - lowLoad;
    memory.isConfirmed = agrees && (this.#measuresUpgrade || memory.isConfirmed);
    memory.savingShare = saving > 0 ? saving : 0;
    this.#measuredRung = -1;
  }

  #change(frame: number, direction: Decision["direction"], cause: DecisionCause): void {
    const isUpgrade = direction === "upgrade";
    const rungIndex = isUpgrade ? this.#takenCount - 1 : this.#takenCount;
    const memory = this.#memories[rungIndex]!;
    const window = this.#window;
    const figures: DecisionFigures = {
      loadMean: window.loadMean,
      loadP95: window.loadP95,
      idleMean: window.idleMean,
      queueMean: window.queueMean,
      lateShare: window.lateShare,
      savingShare: memory.savingShare,
    };
    if (isUpgrade) {
      memory.givenBackAt = this.#frameCount;
      memory.givenBackLoad = figures.loadMean;
    }
    this.#takenCount += isUpgrade ? -1 : 1;
    this.#ladder.apply(this.#takenCount);
    this.#measuredRung = rungIndex;
    this.#loadBefore = figures.loadMean;
    this.#measuresUpgrade = isUpgrade;
    this.#overloadedFrames = 0;
    this.#roomFrames = 0;
    this.#blockedFrames = 0;
    window.clear();
    const rung = this.#ladder.rungs[rungIndex]!.name;
    const decision: Decision = { frame, rung, direction, cause, takenCount: this.#takenCount, figures };
    this.#decisionCount++;
    if (this.#decisions.length === this.settings.decisionCountMax) this.#decisions.shift();
    this.#decisions.push(decision);
    this.#onDecision?.(decision);
  }
}
