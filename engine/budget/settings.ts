/**
 * The settings of a budget: marks, dwell times and patience, with their defaults and the conditions under
 * which they make sense together. Loads are shares of the period; times are frames, because the budget has no clock.
 */
import { raise } from "../base/faults.ts";
import { windowFrameCountMin } from "./window.ts";

export interface BudgetSettings {
  /** Frames whose figures are judged together. Nothing is decided until so many have passed since the last change. */
  readonly windowFrames: number;
  /** A rung is taken when the 95th percentile of the load is above this (and the mean above `lowLoad`). */
  readonly highLoad: number;
  /** A rung is given back when the load with the rung's saving added is below this. */
  readonly lowLoad: number;
  /** So many frames in a row must be overloaded before a rung is taken. */
  readonly degradeDwellFrames: number;
  /** So many frames in a row must have room before a rung is given back. Doubles when that had to be undone. */
  readonly upgradeDwellFrames: number;
  readonly upgradeDwellFramesMax: number;
  /** A rung that is taken again within so many frames of being given back was given back wrongly. */
  readonly probationFrames: number;
  /** After so many wrong attempts a rung stays taken until the load has moved by `highLoad - lowLoad`. */
  readonly failureCountMax: number;
  /**
   * Below this load a rung whose saving was measured once only is given back after `probeFrames`, whatever
   * was measured: the load may have fallen just as the rung was taken, and its saving look too large since.
   */
  readonly probeLoad: number;
  readonly probeFrames: number;
  /** Overloaded, whatever the load, when more than this share of frames had late ticks. */
  readonly lateShareMax: number;
  /** Overloaded when the mean queue is deeper; nothing is given back unless it is below `queueDepthLow`. */
  readonly queueDepthHigh: number;
  readonly queueDepthLow: number;
  /** Nothing is given back unless the coordinator's mean idle share is at least this. */
  readonly idleShareMin: number;
  /** Decisions that are kept; older ones leave. */
  readonly decisionCountMax: number;
}

export const defaultBudgetSettings: BudgetSettings = {
  windowFrames: 30,
  highLoad: 0.9,
  lowLoad: 0.7,
  degradeDwellFrames: 10,
  upgradeDwellFrames: 120,
  upgradeDwellFramesMax: 7_680,
  probationFrames: 240,
  failureCountMax: 6,
  probeLoad: 0.35,
  probeFrames: 1_800,
  lateShareMax: 0.1,
  queueDepthHigh: Number.MAX_SAFE_INTEGER,
  queueDepthLow: Number.MAX_SAFE_INTEGER - 1,
  idleShareMin: 0,
  decisionCountMax: 256,
};

/** `overrides` over the defaults. Raises "bad-definition" for a setting that is unknown, out of range or out of order. */
export function resolveBudgetSettings(overrides: Partial<BudgetSettings> = {}): BudgetSettings {
  const settings = { ...defaultBudgetSettings, ...overrides };
  const refuse = (name: string, problem: string, remedy: string): never =>
    raise("bad-definition", { what: "budget setting", name, problem, remedy });
  for (const [name, value] of Object.entries(settings)) {
    if (!Object.hasOwn(defaultBudgetSettings, name))
      refuse(name, "there is no such setting", `Use one of: ${Object.keys(defaultBudgetSettings).join(", ")}.`);
    if (!Number.isFinite(value) || value < 0) refuse(name, `it is ${value}`, "Give a number of at least 0.");
    if (/Frames|Count/.test(name) && (!Number.isInteger(value) || value < 1))
      refuse(name, `it is ${value}`, "Give a whole number above 0.");
  }
  const ordered = (low: keyof BudgetSettings, high: keyof BudgetSettings): void => {
    if (settings[low] >= settings[high])
      refuse(low, `it is ${settings[low]}, and ${high} is ${settings[high]}`, `Keep ${low} below ${high}.`);
  };
  ordered("lowLoad", "highLoad");
  ordered("probeLoad", "lowLoad");
  ordered("queueDepthLow", "queueDepthHigh");
  if (settings.lowLoad <= 0) refuse("lowLoad", "it is 0", "Give a share of the period above 0.");
  if (settings.windowFrames < windowFrameCountMin)
    refuse("windowFrames", `it is ${settings.windowFrames}`, `Give at least ${windowFrameCountMin}.`);
  if (settings.upgradeDwellFrames <= settings.degradeDwellFrames)
    refuse(
      "upgradeDwellFrames",
      `it is ${settings.upgradeDwellFrames}, and degradeDwellFrames is ${settings.degradeDwellFrames}`,
      "Give back slower than you take: make it the larger of the two.",
    );
  if (settings.upgradeDwellFramesMax < settings.upgradeDwellFrames)
    refuse("upgradeDwellFramesMax", "it is below upgradeDwellFrames", "Raise it, or lower upgradeDwellFrames.");
  // A rung cannot be taken again before the window is full once more; a shorter probation would never see a failure.
  const soonest = settings.windowFrames + settings.degradeDwellFrames;
  if (settings.probationFrames < soonest)
    refuse("probationFrames", `it is ${settings.probationFrames}`, `Give at least ${soonest}: window and dwell.`);
  return settings;
}
