/** Spans of frames, ticks and stages in the trace; while nobody traces a frame pays some comparisons. */
import type { Clock } from "./ports/clock.ts";
import { stageNames } from "./sim/plan.ts";
import type { TracePort } from "./trace/trace-port.ts";

export class FrameTrace {
  readonly #trace: TracePort;
  readonly #clock: Clock;
  readonly #frame: number;
  readonly #tick: number;
  readonly #mark: number;
  readonly #stages: readonly number[];

  constructor(trace: TracePort, clock: Clock) {
    this.#trace = trace;
    this.#clock = clock;
    this.#frame = trace.number("frame", "frame", "frame", "ticks");
    this.#tick = trace.number("tick", "frame", "tick");
    this.#mark = trace.number("tick begins", "frame", "tick", "", true);
    this.#stages = stageNames.map((name) => trace.number(name, "stage"));
  }

  /** The time for a span; 0 while nobody traces, which writes none. */
  now(): number {
    return this.#trace.track.isOn ? this.#clock.nowMicros() : 0;
  }

  tickBegins(tick: number, startMicros: number): void {
    this.#trace.track.instant(this.#mark, startMicros, tick);
  }

  tickMade(tick: number, startMicros: number): void {
    this.#trace.track.span(this.#tick, startMicros, this.now(), tick);
  }

  stageOver(stage: number, startMicros: number): void {
    this.#trace.track.span(this.#stages[stage]!, startMicros, this.now());
  }

  frameOver(frame: number, tickCount: number, startMicros: number): void {
    this.#trace.track.span(this.#frame, startMicros, this.now(), frame, tickCount);
  }
}
