/**
 * Spans of frames, ticks and stages in the trace, and frame and stage in the pulse; while nobody traces a frame pays some
 * comparisons.
 */
import type { Clock } from "./ports/clock.ts";
import { ownPulse, type Pulse, pulseWord } from "./ports/pulse.ts";
import { stageNames } from "./sim/plan.ts";
import type { TracePort } from "./trace/trace-port.ts";

export class FrameTrace {
  readonly #trace: TracePort;
  readonly #clock: Clock;
  readonly #pulse: Pulse;
  readonly #frame: number;
  readonly #tick: number;
  readonly #mark: number;
  readonly #stages: readonly number[];

  constructor(trace: TracePort, clock: Clock, pulse: Pulse = ownPulse()) {
    this.#trace = trace;
    this.#clock = clock;
    this.#pulse = pulse;
    this.#frame = trace.number("frame", "frame", "frame", "ticks");
    this.#tick = trace.number("tick", "frame", "tick");
    this.#mark = trace.number("tick begins", "frame", "tick", "", true);
    this.#stages = stageNames.map((name) => trace.number(name, "stage"));
  }

  /** The time for a span; 0 while nobody traces, which writes none. */
  now(): number {
    return this.#trace.track.isOn ? this.#clock.nowMicros() : 0;
  }

  /** Returns what `now` does. */
  frameBegins(frame: number): number {
    this.#pulse[pulseWord.frame] = frame;
    return this.now();
  }

  tickBegins(tick: number, startMicros: number): void {
    this.#trace.track.instant(this.#mark, startMicros, tick);
  }

  tickMade(tick: number, startMicros: number): void {
    this.#trace.track.span(this.#tick, startMicros, this.now(), tick);
  }

  /** Returns what `now` does. */
  stageBegins(stage: number): number {
    this.#pulse[pulseWord.step] = -1 - stage;
    return this.now();
  }

  stageOver(stage: number, startMicros: number): void {
    this.#pulse[pulseWord.step] = 0;
    this.#trace.track.span(this.#stages[stage]!, startMicros, this.now());
  }

  frameOver(frame: number, tickCount: number, startMicros: number): void {
    this.#trace.track.span(this.#frame, startMicros, this.now(), frame, tickCount);
  }
}
