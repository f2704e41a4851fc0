/** What an engine is given, and what it says of itself. */
import type { FaultMoment } from "./base/fault-place.ts";
import type { Fault } from "./base/faults.ts";
import type { SharedMemory } from "./base/wasm.ts";
import type { GameHost } from "./game.ts";
import type { JobsOptions } from "./jobs/subsystem.ts";
import type { Clock } from "./ports/clock.ts";
import type { Pulse } from "./ports/pulse.ts";
import type { PastOptions } from "./sim/past.ts";
import type { PlanSettings } from "./sim/plan-settings.ts";
import type { SubsystemDefinition } from "./sim/subsystem.ts";
import type { TracePort } from "./trace/trace-port.ts";

export type EngineState = "created" | "starting" | "running" | "stopping" | "stopped" | "faulted";

export interface SubsystemStatus {
  readonly name: string;
  readonly state: "idle" | "running" | "faulted";
}

export interface EngineStatus {
  readonly state: EngineState;
  readonly tick: number;
  readonly frame: number;
  readonly droppedTickCount: number;
  readonly fault: Fault | undefined;
  /** When it happened. */
  readonly faultMoment: FaultMoment | undefined;
  /** The world first, then subsystems in the order in which they start. */
  readonly subsystems: readonly SubsystemStatus[];
}

export interface EnginePorts {
  readonly clock: Clock;
  /** Guard, shuffling, and the workers that the host has; without workers the engine's own thread does all jobs. */
  readonly jobs?: JobsOptions;
  /** Files and the memory that they are read into, for a host that presents the world. */
  readonly assets?: GameHost["assets"];
  /** Where spans of ticks, systems and stages go. */
  readonly trace?: TracePort;
  /** Where another thread sees that this one goes on. */
  readonly pulse?: Pulse | undefined;
  /** Memory of the arena of an engine that was given up: the world is laid out in it anew, where it is large enough. */
  readonly arena?: SharedMemory | undefined;
}

export interface EngineOptions {
  /** Seeds every random stream; a whole number from 0 to 2^32 - 1. */
  readonly seed: number;
  /** Subsystems of the host, beside those that the game brings: a journal, render assembly. */
  readonly subsystems?: readonly SubsystemDefinition[];
  /** What is changed of the game without its code: order, systems left out, tick rate, priorities. */
  readonly settings?: PlanSettings;
  /** Keep the near past, for `rewind`. */
  readonly past?: PastOptions;
  /** Begins with an empty world, without the game's set-up: the state comes from the engine before, by `takeOver`. */
  readonly isSuccessor?: boolean;
}
