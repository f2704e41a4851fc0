/**
 * The engine: one world, its subsystems, and the frame. Read `frame` first: it is the whole frame in a page, in order; the
 * tick's phases are in sim/world.ts.
 *
 * An engine is made from a game and injected ports and shares nothing with other engines. It reads no clock to decide
 * anything: time comes in through `frame`, or the caller makes ticks with `step`. Every call out of order is the fault
 * "lifecycle", "reentered" or "disposed".
 */
import { assert } from "./base/assertions.ts";
import type { FaultMoment } from "./base/fault-place.ts";
import { type Fault, FaultError, faultOf, raise } from "./base/faults.ts";
import type { EngineOptions, EnginePorts, EngineState, EngineStatus } from "./engine-options.ts";
import { FrameTrace } from "./frame-trace.ts";
import { compileGame, type Game } from "./game.ts";
import { partOf, RunningParts, subsystemFailed } from "./running-parts.ts";
import { TickAccumulator } from "./sim/coordinator.ts";
import type { Fallback } from "./sim/fallback.ts";
import { type AmendedRecords, Past, type PastEngine, pastOf } from "./sim/past.ts";
import { stageNames } from "./sim/plan.ts";
import type { Program } from "./sim/program.ts";
import { requireOrigin, type SavedState } from "./sim/saved-state.ts";
import type { Frame, Subsystem, SubsystemDefinition, SubsystemHost } from "./sim/subsystem.ts";
import type { SystemTiming } from "./sim/timing.ts";
import { World } from "./sim/world.ts";
import { noTrace, type TracePort } from "./trace/trace-port.ts";

export type { EngineOptions, EnginePorts, EngineState, EngineStatus, SubsystemStatus } from "./engine-options.ts";

export class Engine {
  readonly #game: Game;
  readonly #ports: EnginePorts;
  readonly #options: EngineOptions;
  readonly #trace: TracePort;
  readonly #frameTrace: FrameTrace;
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
  readonly #parts = new RunningParts();
  #frameIndex = 0;

  /** Compiles the game: definition faults are raised here, before anything is allocated. */
  constructor(game: Game, ports: EnginePorts, options: EngineOptions) {
    assert(Number.isInteger(options.seed) && options.seed >= 0 && options.seed <= 4_294_967_295, "the seed is a u32", {
      seed: options.seed,
    });
    this.#game = game;
    this.#ports = ports;
    this.#options = options;
    this.#trace = ports.trace ?? noTrace;
    this.#frameTrace = new FrameTrace(this.#trace, ports.clock, ports.pulse);
    this.#program = compileGame(game, ports, options);
    this.#accumulator = TickAccumulator.of(this.#program);
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
    return {
      state: this.#state,
      tick: this.#world?.tickCount ?? 0,
      frame: this.#frameIndex,
      droppedTickCount: this.#accumulator.droppedTickCount,
      fault: this.#fault,
      faultMoment: this.#faultMoment,
      subsystems: this.#parts.status(this.#program.parts, this.#world !== undefined, this.#state === "faulted"),
    };
  }

  /** Ticks that elapsed but were not made. */
  get droppedTickCount(): number {
    return this.#accumulator.droppedTickCount;
  }

  /** What the world and its parts have done instead of what was asked: what was left out, done again or shown late. */
  get fallbacks(): readonly Fallback[] {
    const dropped = this.droppedTickCount;
    return [
      { name: "ticks-dropped", count: dropped, text: "ticks were not made because the frame before took too long" },
      ...(this.#world?.fallbacks ?? []),
      ...this.#parts.fallbacks,
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
    return partOf(this.#program.parts, definition);
  }

  /** Mean and longest time of each system over the last ticks. */
  get timings(): readonly SystemTiming[] {
    return this.#world?.timing.summary() ?? [];
  }

  // ── The frame ──────────────────────────────────────────────────────────────────────────────────

  /**
   * Makes one frame at `nowMicros`, a whole number of microseconds by the host's clock: the ticks that are due, at most
   * `program.pace.ticksPerFrame`, then the stages. Returns the number of ticks made. The first frame makes none: it sets
   * the moment from which time is counted.
   */
  frame(nowMicros: number): number {
    this.#refuse("frame", ["running"]);
    const elapsedMicros = this.#accumulator.elapsedUntil(nowMicros);
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
    this.#during("a tick", (world) => {
      this.#past?.keep();
      this.#tick(world);
    });
  }

  /** The part of a tick that has passed since the last one, 0 to 1. */
  get tickFraction(): number {
    return this.#accumulator.fraction;
  }

  #frame(tickCount: number, elapsedMicros: number): number {
    const world = this.#world!;
    const trace = this.#frameTrace;
    const frameMicros = trace.frameBegins(this.#frameIndex + 1);
    this.#insideOf = "a frame";
    try {
      // begin
      this.#frameIndex++;
      this.#past?.keep();
      this.#parts.beginFrame(this.#frameIndex);
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
        const hooks = this.#parts.stages[stageNames[stage]!];
        if (hooks.length === 0) continue;
        this.#stage = stageNames[stage]!;
        const stageMicros = trace.stageBegins(stage);
        for (let i = 0; i < hooks.length; i++) hooks[i]!(frame);
        trace.stageOver(stage, stageMicros);
      }
      this.#stage = "";
      // end
      trace.frameOver(this.#frameIndex, tickCount, frameMicros);
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
    this.#parts.tellFault(this.#fault, world);
    return thrown instanceof FaultError ? thrown : new FaultError(this.#fault, thrown);
  }

  #tick(world: World): void {
    const trace = this.#frameTrace;
    const startMicros = trace.now();
    trace.tickBegins(world.tickCount + 1, startMicros);
    this.#parts.beforeTick(world);
    world.tick();
    this.#parts.afterTick(world);
    this.#past?.noteTick();
    trace.tickMade(world.tickCount, startMicros);
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

  readonly #hands: PastEngine = {
    save: (into) => this.#save(into),
    restore: (saved) => this.#restore(saved),
    remake: () => this.remake(),
  };

  #save(into: SavedState | undefined): SavedState {
    const world = this.#world!;
    const { saveOrigin: origin, tickCount: tick, hash } = world;
    const saved = { world: world.save(into?.world), parts: this.#parts.save(into) };
    return { origin, tick, hashHigh: hash.high, hashLow: hash.low, ...saved };
  }

  /**
   * Goes back, or forward, to a save of an engine of the same program; between two frames only. What is queued at the door
   * is forgotten. Time, frames and presentation go on. Raises "save-mismatch" for a save of another program, before anything.
   */
  restore(saved: SavedState): void {
    this.#refuse("restore", ["running"]);
    requireOrigin(saved, this.#world!.saveOrigin);
    this.#restore(saved);
    this.#past?.forget();
  }

  /**
   * Goes back to the end of an earlier tick by the kept past: restores the nearest slot and makes the ticks behind it anew
   * from their records. Returns how many ticks were made. Raises "tick-forgotten" for a tick before the oldest slot.
   */
  rewind(tick: number): number {
    this.#refuse("rewind", ["running"]);
    return pastOf(this.#past, tick, this.#world!).rewind(tick);
  }

  /**
   * Makes the ticks from `from` up to the present one anew with other records: what rollback does with an input that came
   * late. `recordsAt` is given each of them and the records that it had, and returns those that it shall have. Returns how
   * many ticks were made. Raises "tick-forgotten" when the tick before `from` is not kept, or `from` is not yet made.
   */
  amend(from: number, recordsAt: AmendedRecords): number {
    this.#refuse("amend", ["running"]);
    return pastOf(this.#past, from, this.#world!).amend(from, recordsAt);
  }

  /** The kept past of an engine that was made with one. */
  get past(): Past | undefined {
    return this.#past;
  }

  #restore(saved: SavedState): void {
    this.#during("a restore", (world) => {
      world.restore(saved.world);
      this.#parts.restore(saved, world);
    });
  }

  /**
   * Goes on where `before`, an engine of another program, stands; between two frames of both. `moved` is a save of it in the
   * form of this program. What parts have that cannot be copied goes over to this engine's, so `before` makes no more frames,
   * unless it takes over again from this one by a save of its own. Undefined is an engine of another thread, of which there
   * is `moved` alone: time and frames begin anew. Raises what parts raise: this engine has then faulted.
   */
  takeOver(before: Engine | undefined, moved: SavedState): void {
    this.#refuse("takeOver", ["running"]);
    this.#during("a takeover", (world) => {
      world.restore(moved.world);
      this.#parts.takeOver(before === undefined ? new RunningParts() : before.#parts, moved, world);
      this.#past?.forget();
      if (before === undefined) return;
      this.#accumulator.takeOver(before.#accumulator);
      this.#frameIndex = before.#frameIndex;
    });
  }

  /** A world that was changed by half is of no use to anybody, so whatever is thrown faults the engine. */
  #during(what: string, act: (world: World) => void): void {
    const world = this.#world!;
    this.#insideOf = what;
    try {
      act(world);
    } catch (thrown) {
      throw this.#faulted(thrown, world);
    } finally {
      this.#insideOf = "";
    }
  }

  // ── Inside ─────────────────────────────────────────────────────────────────────────────────────

  async #start(): Promise<void> {
    if (this.#state === "stopped") this.#program = compileGame(this.#game, this.#ports, this.#options);
    this.#state = "starting";
    this.#accumulator = TickAccumulator.of(this.#program);
    this.#frameIndex = 0;
    this.#faultMoment = undefined;
    this.#stage = "";
    const { isSuccessor = false, seed } = this.#options;
    const { clock, pulse, arena } = this.#ports;
    let name = "world";
    try {
      const world = new World(this.#program, seed, clock, { trace: this.#trace, pulse, arena, isEmpty: isSuccessor });
      this.#world = world;
      const host: SubsystemHost = {
        ...{ world, clock, trace: this.#trace, isSuccessor },
        save: (into) => this.#save(into),
        has: (name) => this.#program.parts.some((part) => part.name === name),
        of: (definition) => this.of(definition),
      };
      await this.#parts.start(this.#program.parts, host, (starting) => {
        name = starting;
      });
    } catch (thrown) {
      this.#release();
      this.#state = "faulted";
      this.#fault = thrown instanceof FaultError ? thrown.fault : subsystemFailed(name, "start", thrown);
      throw new FaultError(this.#fault, thrown);
    }
    const { past } = this.#options;
    if (past !== undefined) this.#past = new Past(past, this.#world!, this.#hands);
    this.#state = "running";
  }

  /** Stops what was started, last first; returns the first failure after all have been stopped. */
  #release(): Fault | undefined {
    const failure = this.#parts.stop();
    this.#world = undefined;
    return failure;
  }

  #refuse(operation: string, allowed: readonly EngineState[]): void {
    if (this.#isDisposed) raise("disposed", { operation });
    if (this.#insideOf !== "" && operation !== "world") raise("reentered", { operation, during: this.#insideOf });
    if (!allowed.includes(this.#state))
      raise("lifecycle", { operation, status: this.#state, allowed: allowed.join(" or ") });
  }
}
