/**
 * What a run says to its log and counts for its telemetry: notes and metrics by number, fixed before the
 * run, so that the frame only enqueues. The flush thread makes text of them.
 */
import type { Decision } from "../../engine/budget/budget.ts";
import type { Engine } from "../../engine/engine.ts";
import { defineNotes, type Log } from "../../engine/services/log.ts";
import type { MetricDefinition, Telemetry } from "../../engine/services/telemetry.ts";
import { fallbackText } from "../../engine/sim/fallback.ts";
import { type HealthReport, healthText } from "../../engine/sim/health.ts";
import { openSeat, type ServiceSeat } from "../services/services.ts";

export const runNotes = defineNotes([
  { name: "world-runs", level: "info", text: "the world runs at {0} ticks a second, with {1} entities" },
  { name: "ticks-dropped", level: "warn", text: "{0} ticks were dropped; {1} in all" },
  { name: "rung-taken", level: "warn", text: "the budget took rung {0}; load {1} percent" },
  { name: "rung-given-back", level: "info", text: "the budget gave rung {0} back; load {1} percent" },
  { name: "records-refused", level: "warn", text: "{0} records were refused" },
  { name: "world-over", level: "info", text: "the world stopped after {0} ticks" },
  { name: "code-swapped", level: "info", text: "new code since tick {0}: {1} ms, {2} ms of it between two ticks" },
  {
    name: "settings-swapped",
    level: "info",
    text: "new settings since tick {0}: {1} ms, {2} ms of it between two ticks",
  },
  { name: "world-restarted", level: "info", text: "restarted with new code at tick {0}: {1} ms" },
  { name: "swap-refused", level: "warn", text: "an edit was refused; the world goes on with what it had" },
  {
    name: "swap-undone",
    level: "warn",
    text: "new code or settings were taken back; the world goes on with what it had",
  },
]);
/** Numbers of the notes. */
export const runNote = {
  worldRuns: 0,
  ticksDropped: 1,
  rungTaken: 2,
  rungGivenBack: 3,
  recordsRefused: 4,
  worldOver: 5,
  codeSwapped: 6,
  settingsSwapped: 7,
  worldRestarted: 8,
  swapRefused: 9,
  swapUndone: 10,
} as const;

export const runMetrics: readonly MetricDefinition[] = [
  { name: "orrery_ticks_total", kind: "counter" },
  { name: "orrery_frames_total", kind: "counter" },
  { name: "orrery_dropped_ticks_total", kind: "counter" },
  { name: "orrery_refused_records_total", kind: "counter" },
  { name: "orrery_tick_micros", kind: "histogram" },
  { name: "orrery_entities", kind: "gauge" },
  { name: "orrery_budget_rungs", kind: "gauge" },
  { name: "orrery_fallbacks_total", kind: "counter" },
];

/** Names of the threads that may speak. */
export const runSources = ["main", "engine"] as const;

/** The engine thread's voice. */
export class RunReporter {
  readonly #log: Log;
  readonly #telemetry: Telemetry;
  #engine: Engine;
  readonly #numbers: readonly number[];
  /** A thread that took a world over counts from where it stood. */
  #tick: number;
  #dropped = 0;
  #refused = 0;
  /** Counts of fallbacks that have been told, by name. */
  readonly #told = new Map<string, number>();

  constructor(seat: ServiceSeat, engine: Engine) {
    const { log, telemetry } = openSeat(seat);
    this.#log = log;
    this.#telemetry = telemetry;
    this.#engine = engine;
    this.#tick = engine.world.tickCount;
    this.#numbers = runMetrics.map(({ name, kind }) => telemetry.numberOf(name, kind));
    log.tick = this.#tick;
    log.note(runNote.worldRuns, engine.program.tickRate, engine.world.store.aliveCount);
  }

  /** Another engine goes on with the world. */
  engineIs(engine: Engine): void {
    this.#engine = engine;
    this.#tick = engine.world.tickCount;
    this.#dropped = engine.droppedTickCount;
    this.#refused = engine.world.door.refusedCount;
    this.#told.clear();
  }

  /** After each frame: counts, and says what has changed. */
  frameMade(): void {
    const { world, droppedTickCount } = this.#engine;
    const telemetry = this.#telemetry;
    const [ticks, frames, drops, refusals, tickMicros, entities] = this.#numbers as [
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    const made = world.tickCount - this.#tick;
    this.#tick = world.tickCount;
    this.#log.tick = world.tickCount;
    telemetry.count(frames);
    telemetry.count(ticks, made);
    telemetry.gauge(entities, world.store.aliveCount);
    if (made > 0) telemetry.observe(tickMicros, world.lastTickMicros);
    const dropped = droppedTickCount - this.#dropped;
    if (dropped > 0) {
      this.#dropped = droppedTickCount;
      telemetry.count(drops, dropped);
      this.#log.note(runNote.ticksDropped, dropped, this.#dropped);
    }
    const refused = world.door.refusedCount - this.#refused;
    if (refused > 0) {
      this.#refused = world.door.refusedCount;
      telemetry.count(refusals, refused);
      this.#log.note(runNote.recordsRefused, refused);
    }
    // Once a second is enough for a person, and the list makes garbage.
    if (made > 0 && world.tickCount % this.#engine.program.tickRate === 0) this.#tellFallbacks();
  }

  /** Says of each fallback that has happened since how often it did. */
  #tellFallbacks(): void {
    for (const { name, count, text } of this.#engine.fallbacks) {
      const more = count - (this.#told.get(name) ?? 0);
      if (more <= 0) continue;
      this.#told.set(name, count);
      this.#telemetry.count(this.#numbers[7]!, more);
      // These two have notes of their own, in the frame in which they happen.
      if (name !== "ticks-dropped" && name !== "records-refused") this.#log.warn(fallbackText({ count: more, text }));
    }
  }

  decided({ direction, takenCount, figures }: Decision): void {
    this.#telemetry.gauge(this.#numbers[6]!, takenCount);
    const isTaken = direction === "degrade";
    this.#log.note(
      isTaken ? runNote.rungTaken : runNote.rungGivenBack,
      isTaken ? takenCount : takenCount + 1,
      Math.round(figures.loadMean * 100),
    );
  }

  unhealthy(report: HealthReport): void {
    this.#log.warn(healthText(report));
  }

  failed(text: string): void {
    this.#log.error(text);
  }

  over(): void {
    this.#log.note(runNote.worldOver, this.#tick);
  }
}
