/**
 * Subsystems: parts of an engine with a start and a stop, such as physics, snapshots or a journal.
 * A definition is data; `create` makes the part for one engine, so engines share nothing. A subsystem
 * may bring components, events and systems of its own, which appear in the plan like the game's.
 *
 * An optional part is added by listing its definition in the game; the engine is not touched.
 */
import type { Fault } from "../base/faults.ts";
import type { Limits } from "../base/limits.ts";
import type { Component } from "../ecs/component.ts";
import type { Schema } from "../ecs/schema.ts";
import type { EventKind } from "../events/event.ts";
import type { Clock } from "../ports/clock.ts";
import type { TracePort } from "../trace/trace-port.ts";
import type { Fallback } from "./fallback.ts";
import type { stageNames } from "./plan.ts";
import type { SavedState } from "./saved-state.ts";
import type { AnySystem } from "./system.ts";
import type { World } from "./world.ts";

export type StageName = (typeof stageNames)[number];

/** Facts of the frame being made. */
export interface Frame {
  readonly index: number;
  /** Ticks made in this frame. */
  readonly tickCount: number;
  /** Time since the frame before, by the host's clock. */
  readonly elapsedMicros: number;
  readonly droppedTickCount: number;
}

/** What a subsystem is given when it starts. */
export interface SubsystemHost {
  readonly world: World;
  readonly clock: Clock;
  readonly trace: TracePort;
  /** Whether the world is empty and comes to life by `takeOver`: what only one engine can hold is then left to that. */
  readonly isSuccessor: boolean;
  /** Whether the engine has a subsystem of this name. */
  has(name: string): boolean;
  /** Saves the engine from within `beginFrame`: everything of the tick before is over, nothing of the next has begun. */
  save(into?: SavedState): SavedState;
  /** Another subsystem of this engine that was named in `needs`. */
  of<S extends Subsystem>(definition: SubsystemDefinition<S>): S;
}

/**
 * What of a part is state and does not lie in the arena. All of it is called between two ticks. `S` is the part's own:
 * plain data that shares nothing with the part, so that a save outlives whatever comes after it.
 */
export interface PartState<S = unknown> {
  /** Copies the state; `into` is an older save of this part whose memory may be used again. */
  save(into?: S): S;
  /** Puts a save back, any number of times. Arena and structure are already those of the save. */
  restore(saved: S): void;
  /** The bytes of a save for a keyframe; equal states give equal bytes. */
  encode(saved: S): Uint8Array;
  /** Raises RangeError for bytes that `encode` does not make. */
  decode(bytes: Uint8Array): S;
}

export interface Subsystem {
  /** State outside the arena; without it the part is made anew from the arena by `restored`. */
  readonly state?: PartState;
  /** Called when the world's state was replaced, after all parts have theirs: what was derived from it is made anew. */
  restored?(world: World): void;
  /**
   * Called once in a successor, or when the engine before goes on after all; the arena is that of the state that goes
   * over. `before` is the part of the same name in the other engine, which takes back by the same call. True when the
   * part's own state came along; else `state.restore` is called.
   */
  takeOver?(before: Subsystem | undefined): boolean;
  /** Systems that the subsystem contributes to the plan. Their run functions are called after `start`. */
  readonly systems?: readonly AnySystem[];
  start?(host: SubsystemHost): void | Promise<void>;
  /** Releases everything that start took. Called once for each start, also when a later part failed. */
  stop?(): void;
  /** Called when a frame begins; `index` is its number as frames of stages have it. */
  beginFrame?(index: number): void;
  /** Called before a tick is made, while records may still be queued for it. */
  beforeTick?(world: World): void;
  /** Called when a tick is complete and hashed. */
  afterTick?(world: World): void;
  /** Called when the engine has faulted, before it is stopped; the world is as the failed tick left it. */
  faulted?(fault: Fault, world: World): void;
  /** What this part has done instead of what was asked, so far. */
  fallbacks?(): readonly Fallback[];
  /** Called in the stage of each frame that has this name. */
  readonly stages?: Partial<Readonly<Record<StageName, (frame: Frame) => void>>>;
}

export interface SubsystemDefinition<S extends Subsystem = Subsystem> {
  readonly name: string;
  /** What of its options decides the world, as text; part of the schema that a journal must match. */
  readonly settings?: string;
  /** Subsystems that start before this one and stop after it. */
  readonly needs?: readonly string[];
  readonly components?: readonly Component[];
  readonly events?: readonly EventKind[];
  /** Bytes of the arena for kernels of the subsystem, behind the state: never hashed or saved. See World.scratchOf. */
  scratchBytes?(limits: Limits, schema: Schema): number;
  /** Checks the subsystem's own definitions against the whole; raises a definition fault. */
  check?(schema: Schema, events: readonly EventKind[], limits: Limits): void;
  create(): S;
}

export function defineSubsystem<S extends Subsystem>(definition: SubsystemDefinition<S>): SubsystemDefinition<S> {
  return definition;
}
