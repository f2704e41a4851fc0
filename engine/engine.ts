/**
 * The engine: one world, its subsystems, and the frame. Read `frame` first: it is the whole of
 * DESIGN's frame in a page, in order; the tick's phases are in sim/world.ts.
 *
 * An engine is made from a game and injected ports and shares nothing with other engines. It never
 * reads a clock of its own accord to decide anything: time comes in through `frame`, or the caller
 * makes ticks with `step`. Every call out of order is the fault "lifecycle", "reentered" or "disposed".
 */
import { assert } from "./base/assertions.ts";
import type { FaultMoment } from "./base/fault-place.ts";
import { type Fault, FaultError, faultOf, faultText, raise } from "./base/faults.ts";
import { type Game, type GameHost, gameSubsystems } from "./game.ts";
import type { WorldRecord } from "./input/record.ts";
import type { JobsOptions } from "./jobs/subsystem.ts";
import type { Clock } from "./ports/clock.ts";
import { TickAccumulator } from "./sim/coordinator.ts";
import type { Fallback } from "./sim/fallback.ts";
import { Past, type PastOptions } from "./sim/past.ts";
import { stageNames } from "./sim/plan.ts";
import type { PlanSettings } from "./sim/plan-settings.ts";
import { compileProgram, type Part, type Program } from "./sim/program.ts";
import type { SavedState } from "./sim/saved-state.ts";
import type { Frame, PartState, StageName, Subsystem, SubsystemDefinition, SubsystemHost } from "./sim/subsystem.ts";
import type { SystemTiming } from "./sim/timing.ts";
import { World } from "./sim/world.ts";
import { noTrace, type TracePort } from "./trace/trace-port.ts";

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

export class Engine {
  readonly #game: Game;
  readonly #ports: EnginePorts;
  readonly #options: EngineOptions;
  readonly #trace: TracePort;
  readonly #names: { frame: number; tick: number; mark: number; stages: readonly number[] };

  #state: EngineState = "created";
  #fault: Fault | undefined;
  #faultMoment: FaultMoment | undefined;
  #stage = "";
  #isDisposed = false;
  #insideOf = "";
  #starting: Promise<void> | undefined;

  #program: Program;
  #world: World | undefined;
  #past: Past | undefined;
  #accumulator: TickAccumulator;
  #started: Part[] = [];
  #stageHooks: Readonly<Record<StageName, readonly ((frame: Frame) => void)[]>> = noHooks();
  #frameIndex = 0;
  #lastMicros = -1;

  /** Compiles the game: definition faults are raised here, before anything is allocated. */
  constructor(game: Game, ports: EnginePorts, options: EngineOptions) {
    assert(Number.isInteger(options.seed) && options.seed >= 0 && options.seed <= 4_294_967_295, "the seed is a u32", {
      seed: options.seed,
    });
    this.#game = game;
    this.#ports = ports;
    this.#options = options;
    const trace = ports.trace ?? noTrace;
    this.#trace = trace;
    this.#names = {
      frame: trace.number("frame", "frame", "frame", "ticks"),
      tick: trace.number("tick", "frame", "tick"),
      mark: trace.number("tick begins", "frame", "tick", "", true),
      stages: stageNames.map((name) => trace.number(name, "stage")),
    };
    this.#program = this.#compile();
    this.#accumulator = accumulatorFor(this.#program);
  }

  // ── Lifecycle ──────────────────────────────────────────────────────────────────────────────────

  /** Makes the world and starts the subsystems in order. Does nothing when running. After a stop, starts anew at tick 0. */
  async start(): Promise<void> {
    this.#refuse("start", ["created", "starting", "running", "stopped"]);
    if (this.#state === "running") return;
    if (this.#starting !== undefined) return this.#starting;
    this.#starting = this.#start();
    try {
      await this.#starting;
    } finally {
      this.#starting = undefined;
    }
  }

  /** Stops the subsystems in reverse order and releases the world. Does nothing when it is not running. */
  stop(): void {
    this.#refuse("stop", ["created", "running", "stopped", "faulted"]);
    if (this.#state === "created" || this.#state === "stopped") return;
    const wasFaulted = this.#state === "faulted";
    this.#state = "stopping";
    const failure = this.#release();
    this.#state = wasFaulted ? "faulted" : "stopped";
    if (failure !== undefined) {
      this.#state = "faulted";
      this.#fault ??= failure;
      throw new FaultError(failure);
    }
  }

  /** Stops and makes the engine unusable. A second call is the fault "disposed". */
  dispose(): void {
    this.#refuse("dispose", ["created", "running", "stopped", "faulted"]);
    try {
      this.stop();
    } finally {
      this.#isDisposed = true;
    }
  }

  [Symbol.dispose](): void {
    if (!this.#isDisposed) this.dispose();
  }

  get status(): EngineStatus {
    const running = new Set(this.#started.map((part) => part.name));
    const down = this.#state === "faulted" ? "faulted" : "idle";
    return {
      state: this.#state,
      tick: this.#world?.tickCount ?? 0,
      frame: this.#frameIndex,
      droppedTickCount: this.#accumulator.droppedTickCount,
      fault: this.#fault,
      faultMoment: this.#faultMoment,
      subsystems: [
        { name: "world", state: this.#world === undefined ? down : this.#state === "faulted" ? "faulted" : "running" },
        ...this.#program.parts.map(({ name }) => ({
          name,
          state: running.has(name) ? ("running" as const) : (down as "idle" | "faulted"),
        })),
      ],
    };
  }

  /** Ticks that elapsed but were not made, without the cost of a whole status. */
  get droppedTickCount(): number {
    return this.#accumulator.droppedTickCount;
  }

  /** What the world and its parts have done instead of what was asked: what was left out, done again or shown late. */
  get fallbacks(): readonly Fallback[] {
    const dropped = this.droppedTickCount;
    return [
      { name: "ticks-dropped", count: dropped, text: "ticks were not made because the frame before took too long" },
      ...(this.#world?.fallbacks ?? []),
      ...this.#started.flatMap(({ subsystem }) => subsystem.fallbacks?.() ?? []),
    ];
  }

  /** The compiled game: plan, schema, limits. */
  get program(): Program {
    return this.#program;
  }

  /** The world of a started engine. */
  get world(): World {
    this.#refuse("world", ["running", "faulted"]);
    assert(this.#world !== undefined, "a running engine has a world");
    return this.#world;
  }

  /** A subsystem of this engine by its definition. */
  of<S extends Subsystem>(definition: SubsystemDefinition<S>): S {
    const part = this.#program.parts.find((candidate) => candidate.name === definition.name);
    if (part === undefined)
      raise("unknown-name", {
        what: "subsystem",
        name: definition.name,
        where: "The engine",
        known: this.#program.parts.map(({ name }) => name).join(", "),
      });
    return part.subsystem as S;
  }

  /** Mean and longest time of each system over the last ticks. */
  get timings(): readonly SystemTiming[] {
    return this.#world?.timing.summary() ?? [];
  }

  // ── The frame ──────────────────────────────────────────────────────────────────────────────────

  /**
   * Makes one frame at `nowMicros`, a whole number of microseconds by the host's clock: the ticks that
   * are due, at most `program.pace.ticksPerFrame`, then the stages. Returns the number of ticks made. The
   * first frame makes none: it sets the moment from which time is counted.
   */
  frame(nowMicros: number): number {
    this.#refuse("frame", ["running"]);
    const elapsedMicros = this.#lastMicros < 0 ? 0 : Math.max(0, nowMicros - this.#lastMicros);
    // A clock that goes back adds nothing until it has caught up with itself.
    this.#lastMicros = Math.max(this.#lastMicros, nowMicros);
    return this.#frame(this.#accumulator.expend(elapsedMicros), elapsedMicros);
  }

  /** Makes one frame of exactly one tick, whatever the time. */
  step(): void {
    this.#refuse("step", ["running"]);
    this.#frame(1, Math.round(1_000_000 / this.#program.tickRate));
  }

  /** Makes one tick and nothing else of a frame: for ticks of the past, which nobody is shown. */
  remake(): void {
    this.#refuse("remake", ["running"]);
    const world = this.#world!;
    this.#insideOf = "a tick";
    try {
      this.#tick(world);
    } catch (thrown) {
      throw this.#faulted(thrown, world);
    } finally {
      this.#insideOf = "";
    }
  }

  /** The part of a tick that has passed since the last one, 0 to 1. */
  get tickFraction(): number {
    return this.#accumulator.fraction;
  }

  #frame(tickCount: number, elapsedMicros: number): number {
    const world = this.#world!;
    const { track } = this.#trace;
    const frameStart = this.#now();
    this.#insideOf = "a frame";
    try {
      // begin
      this.#frameIndex++;
      this.#past?.keep();
      for (let i = 0; i < this.#started.length; i++) this.#started[i]!.subsystem.beginFrame?.();
      // tick x k: the only part that changes authoritative state
      for (let made = 0; made < tickCount; made++) {
        this.#tick(world);
      }
      // snapshot, jobs, integrate, assemble, submit, present, publish, budget
      const frame: Frame = {
        index: this.#frameIndex,
        tickCount,
        elapsedMicros,
        droppedTickCount: this.#accumulator.droppedTickCount,
      };
      for (let stage = 0; stage < stageNames.length; stage++) {
        const hooks = this.#stageHooks[stageNames[stage]!];
        if (hooks.length === 0) continue;
        this.#stage = stageNames[stage]!;
        const stageStart = this.#now();
        for (let i = 0; i < hooks.length; i++) hooks[i]!(frame);
        track.span(this.#names.stages[stage]!, stageStart, this.#now());
      }
      this.#stage = "";
      // end
      track.span(this.#names.frame, frameStart, this.#now(), this.#frameIndex, tickCount);
      return tickCount;
    } catch (thrown) {
      throw this.#faulted(thrown, world);
    } finally {
      this.#insideOf = "";
    }
  }

  /** Nothing of the world may be used after this. */
  #faulted(thrown: unknown, world: World): FaultError {
    this.#state = "faulted";
    this.#fault = faultOf(thrown);
    this.#faultMoment = {
      tick: world.tickCount,
      frame: this.#frameIndex,
      phase: this.#stage === "" ? world.runningPhase : this.#stage,
      system: world.runningSystem,
    };
    this.#tellFault(this.#fault, world);
    return thrown instanceof FaultError ? thrown : new FaultError(this.#fault, thrown);
  }

  #tick(world: World): void {
    const { track } = this.#trace;
    const tickStart = this.#now();
    track.instant(this.#names.mark, tickStart, world.tickCount + 1);
    for (let i = 0; i < this.#started.length; i++) this.#started[i]!.subsystem.beforeTick?.(world);
    world.tick();
    for (let i = 0; i < this.#started.length; i++) this.#started[i]!.subsystem.afterTick?.(world);
    this.#past?.noteTick();
    track.span(this.#names.tick, tickStart, this.#now(), world.tickCount);
  }

  /** The time for a span; 0 while nobody traces, which writes none. */
  #now(): number {
    return this.#trace.track.isOn ? this.#ports.clock.nowMicros() : 0;
  }

  // ── State ──────────────────────────────────────────────────────────────────────────────────────

  /**
   * Copies everything that decides how the world goes on; between two frames only. Waits for tick jobs on their way.
   * `into` is an older save of this engine: its memory is used again and it is void.
   */
  save(into?: SavedState): SavedState {
    this.#refuse("save", ["running"]);
    return this.#save(into);
  }

  #save(into: SavedState | undefined): SavedState {
    const world = this.#world!;
    const saved = world.save(into?.world);
    const parts = this.#started.flatMap(({ name, subsystem: { state } }) => {
      if (state === undefined) return [];
      return [{ name, state: state.save(into?.parts.find((part) => part.name === name)?.state) }];
    });
    return { tick: world.tickCount, hashHigh: world.hash.high, hashLow: world.hash.low, world: saved, parts };
  }

  /**
   * Goes back, or forward, to a save of an engine of the same program; between two frames only. What is queued at the door
   * is forgotten. From here on the world goes on as it did after the save. Time, frames and presentation go on.
   */
  restore(saved: SavedState): void {
    this.#refuse("restore", ["running"]);
    this.#restore(saved);
    this.#past?.forget();
  }

  /**
   * Goes back to the end of an earlier tick by the kept past: restores the nearest slot and makes the ticks behind it anew.
   * `recordsAt` gives other records for those: a late input is put in there. Returns how many ticks were made. Raises
   * "tick-forgotten" for a tick before the oldest slot.
   */
  rewind(tick: number, recordsAt?: (tick: number) => readonly WorldRecord[]): number {
    this.#refuse("rewind", ["running"]);
    assert(this.#past !== undefined, "an engine that rewinds was made with a past");
    return this.#past.rewind(tick, recordsAt);
  }

  /** The kept past of an engine that was made with one. */
  get past(): Past | undefined {
    return this.#past;
  }

  #restore(saved: SavedState): void {
    const world = this.#world!;
    this.#insideOf = "a restore";
    try {
      world.restore(saved.world);
      for (const { name, subsystem } of this.#started) {
        if (subsystem.state === undefined) continue;
        const part = saved.parts.find((candidate) => candidate.name === name);
        assert(part !== undefined, "a save has the state of every part", { name });
        subsystem.state.restore(part.state);
      }
      for (const { subsystem } of this.#started) subsystem.restored?.(world);
    } catch (thrown) {
      this.#state = "faulted";
      this.#fault = faultOf(thrown);
      throw thrown instanceof FaultError ? thrown : new FaultError(this.#fault, thrown);
    } finally {
      this.#insideOf = "";
    }
  }

  /**
   * Goes on where `before`, an engine of another program, stands; between two frames of both. `moved` is a save of it in the
   * form of this program. What parts have that cannot be copied goes over to this engine's, so `before` makes no more frames,
   * unless it takes over again from this one by a save of its own. Raises what parts raise: this engine has then faulted.
   */
  takeOver(before: Engine, moved: SavedState): void {
    this.#refuse("takeOver", ["running"]);
    const world = this.#world!;
    this.#insideOf = "a takeover";
    try {
      world.restore(moved.world);
      for (const { name, subsystem } of this.#started) {
        const other = before.#started.find((part) => part.name === name)?.subsystem;
        if (subsystem.takeOver?.(other) === true || subsystem.state === undefined) continue;
        const part = moved.parts.find((candidate) => candidate.name === name);
        if (part !== undefined) subsystem.state.restore(part.state);
      }
      for (const { subsystem } of this.#started) subsystem.restored?.(world);
      this.#past?.forget();
      this.#accumulator.takeOver(before.#accumulator);
      this.#frameIndex = before.#frameIndex;
      this.#lastMicros = before.#lastMicros;
    } catch (thrown) {
      this.#state = "faulted";
      this.#fault = faultOf(thrown);
      throw thrown instanceof FaultError ? thrown : new FaultError(this.#fault, thrown);
    } finally {
      this.#insideOf = "";
    }
  }

  /** Names of the parts that have state outside the arena, in the order of a save. */
  get stateNames(): readonly string[] {
    return this.#program.parts.filter(({ subsystem }) => subsystem.state !== undefined).map(({ name }) => name);
  }

  /** The bytes of a part of a save, for a keyframe. */
  encodePart(name: string, state: unknown): Uint8Array {
    return this.#stateOf(name).encode(state);
  }

  /** A part of a save from its bytes. Raises RangeError or ShortRead for bytes that `encodePart` does not make. */
  decodePart(name: string, bytes: Uint8Array): unknown {
    return this.#stateOf(name).decode(bytes);
  }

  // ── Inside ─────────────────────────────────────────────────────────────────────────────────────

  #compile(): Program {
    const { subsystems = [], settings } = this.#options;
    const own = gameSubsystems(this.#game, { ...this.#ports, priorities: settings?.priorities });
    return compileProgram(this.#game, [...own, ...subsystems], settings);
  }

  async #start(): Promise<void> {
    if (this.#state === "stopped") this.#program = this.#compile();
    this.#state = "starting";
    this.#accumulator = accumulatorFor(this.#program);
    this.#frameIndex = 0;
    this.#faultMoment = undefined;
    this.#stage = "";
    this.#lastMicros = -1;
    const { isSuccessor = false } = this.#options;
    let name = "world";
    try {
      const world = new World(this.#program, this.#options.seed, this.#ports.clock, this.#trace, isSuccessor);
      this.#world = world;
      const host: SubsystemHost = {
        world,
        clock: this.#ports.clock,
        trace: this.#trace,
        isSuccessor,
        save: (into) => this.#save(into),
        has: (name) => this.#program.parts.some((part) => part.name === name),
        of: (definition) => this.of(definition),
      };
      for (const part of this.#program.parts) {
        name = part.name;
        // Listed first, so that a start that fails midway is stopped like the others.
        this.#started.push(part);
        await part.subsystem.start?.(host);
      }
    } catch (thrown) {
      this.#release();
      this.#state = "faulted";
      const cause = faultOf(thrown);
      this.#fault =
        thrown instanceof FaultError
          ? cause
          : { kind: "subsystem-failed", fields: { subsystem: name, operation: "start", problem: faultText(cause) } };
      throw new FaultError(this.#fault, thrown);
    }
    const hooks = noHooks();
    for (const part of this.#program.parts)
      for (const stage of stageNames) {
        const hook = part.subsystem.stages?.[stage];
        if (hook !== undefined) hooks[stage].push(hook);
      }
    this.#stageHooks = hooks;
    this.#past = this.#pastOf(this.#world!);
    this.#state = "running";
  }

  /** Stops what was started, last first; returns the first failure after all have been stopped. */
  #release(): Fault | undefined {
    let failure: Fault | undefined;
    for (const part of this.#started.reverse()) {
      try {
        part.subsystem.stop?.();
      } catch (thrown) {
        failure ??= {
          kind: "subsystem-failed",
          fields: { subsystem: part.name, operation: "stop", problem: faultText(faultOf(thrown)) },
        };
      }
    }
    this.#started = [];
    this.#stageHooks = noHooks();
    this.#world = undefined;
    return failure;
  }

  /** Tells every part of the fault. One that fails at it adds nothing: the first fault is the one that counts. */
  #tellFault(fault: Fault, world: World): void {
    for (const part of this.#started) {
      try {
        part.subsystem.faulted?.(fault, world);
      } catch {
        // The part is stopped with the others, where a failure of its own is reported.
      }
    }
  }

  #pastOf(world: World): Past | undefined {
    const { past } = this.#options;
    if (past === undefined) return undefined;
    return new Past(past, {
      world,
      save: (into) => this.#save(into),
      restore: (saved) => this.#restore(saved),
      remake: () => this.remake(),
    });
  }

  #stateOf(name: string): PartState {
    const state = this.#program.parts.find((part) => part.name === name)?.subsystem.state;
    assert(state !== undefined, "a part of a save is of a subsystem with state", { name });
    return state;
  }

  #refuse(operation: string, allowed: readonly EngineState[]): void {
    if (this.#isDisposed) raise("disposed", { operation });
    if (this.#insideOf !== "" && operation !== "world") raise("reentered", { operation, during: this.#insideOf });
    if (!allowed.includes(this.#state))
      raise("lifecycle", { operation, status: this.#state, allowed: allowed.join(" or ") });
  }
}

function accumulatorFor({ tickRate, pace }: Program): TickAccumulator {
  return new TickAccumulator(tickRate, pace.ticksPerFrame, pace.overload);
}

function noHooks(): Record<StageName, ((frame: Frame) => void)[]> {
  return Object.fromEntries(stageNames.map((name) => [name, []])) as unknown as Record<
    StageName,
    ((frame: Frame) => void)[]
  >;
}
