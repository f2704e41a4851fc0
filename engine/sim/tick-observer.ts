/**
 * Tick observers: whoever looks at a world in the middle of its ticks, step by step: audit, watches, attribution. A world
 * without one pays a comparison a step. An observer reads; what it writes into the world would be a desync.
 */
import type { PhaseName } from "../base/phases.ts";
import type { AnySystem } from "./system.ts";

/** A part of a tick that may change state: the door, a system, the application of commands. */
export interface TickStep {
  readonly kind: "door" | "system" | "structure";
  /** The system's name, "door" or "structure". */
  readonly name: string;
  readonly phase: PhaseName;
  /** Place in the tick, from 0. */
  readonly number: number;
  readonly system: AnySystem | undefined;
}

export interface TickObserver {
  /** Before anything of the tick: state is that of the tick before. */
  tickBegins(tick: number): void;
  stepDone(step: TickStep, tick: number): void;
  /** The tick is complete and hashed. */
  tickEnds(tick: number): void;
}
