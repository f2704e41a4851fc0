/**
 * The swapper: lets the world of an engine thread go over to other code or other settings while it runs. Each step is done
 * between two frames, one at a time; until the last one the world is only read. New code is on trial for its first
 * ticks: when it faults in them, the world goes back and on with the code before.
 *
 * Given requests by `ask`, and called between frames and when a frame has thrown. Hands on the engine that makes frames,
 * and what came of each request. The rule a reader could break: whoever keeps an engine across frames asks `engine` again.
 */
import { type Fault, FaultError, faultId, faultOf, faultText, makeFault, placeOf } from "../../engine/base/faults.ts";
import type { SharedMemory } from "../../engine/base/wasm.ts";
import type { Engine } from "../../engine/engine.ts";
import type { Game } from "../../engine/game.ts";
import type { Clock } from "../../engine/ports/clock.ts";
import type { RecorderSubsystem } from "../../engine/replay/recorder.ts";
import type { PlanSettings } from "../../engine/sim/plan-settings.ts";
import type { SubsystemDefinition } from "../../engine/sim/subsystem.ts";
import { Swap } from "../../engine/swap/swap.ts";
import { type TrialSubsystem, trialSubsystem } from "../../engine/swap/trial.ts";
import { noTrace, type TracePort } from "../../engine/trace/trace-port.ts";
import { withSourcePlaces } from "../host/source-places.ts";
import { type Code, compileCode, loadGame } from "./code.ts";

/** Other code, other settings, or both; what is left out stays. */
export interface SwapRequest {
  readonly code?: Code | undefined;
  readonly settings?: PlanSettings | undefined;
  /**
   * Everything but the last step, and nobody is told: what a process does for the first time it does slowly, and how long
   * steps take is known from then on. One that waits or is under way is given up for a request that counts.
   */
  readonly isRehearsal?: boolean | undefined;
}

/** What came of a request. Plain data. */
export type SwapNews =
  | {
      readonly kind: "swapped";
      readonly tick: number;
      /** Hash of the code that runs now; "" for what the program was started with. */
      readonly code: string;
      readonly settings: PlanSettings;
      /** What became of the state, a sentence each. */
      readonly report: readonly string[];
      /** From the request to the world on its new code, and the step between two ticks alone. */
      readonly totalMicros: number;
      readonly commitMicros: number;
      /** Whether another thread makes the ticks from here on. */
      readonly isRestart: boolean;
    }
  /** The world goes on as it was. `settings` are those in force. */
  | { readonly kind: "swap-refused"; readonly fault: Fault; readonly settings: PlanSettings }
  /** The world has gone back and goes on with the code before. */
  | { readonly kind: "swap-undone"; readonly fault: Fault; readonly code: string; readonly settings: PlanSettings };

export interface SwapperOptions {
  readonly engine: Engine;
  readonly game: Game;
  /** Hash of the game's code; "" for what the process was started with. */
  readonly code: string;
  readonly settings: PlanSettings;
  readonly clock: Clock;
  readonly recorder: SubsystemDefinition<RecorderSubsystem> | undefined;
  /** The thread's trace: each step is a span in it. */
  readonly trace?: TracePort | undefined;
  /** Makes an engine that goes on with the world of `before`, with one more part; `arena` is memory that it may take. */
  successor(before: Engine, next: Next, part: SubsystemDefinition, arena: SharedMemory | undefined): Engine;
  /** Told when another engine makes frames from now on. */
  replaced(engine: Engine): void;
  say(news: SwapNews): void;
}

/** A program: a game's code and what it is compiled with. */
export interface Next {
  readonly game: Game;
  /** "" for the code that the process was started with. */
  readonly code: string;
  readonly settings: PlanSettings;
}

/** A swap whose code is not believed yet. */
interface Trial {
  readonly swap: Swap;
  readonly part: SubsystemDefinition<TrialSubsystem>;
  readonly before: Next;
}

/** Steps of a swap in their order; "calm" waits for jobs that are under way. */
type Step = "compile" | "load" | "plan" | "allocate" | "rehearse" | "calm" | "move" | "settle" | "commit";
/** What a step is given at most: with less left until the next frame it waits for one that leaves more. */
const needMicrosMax = 12_000;
/** What of its longest time counts a step later: one bad moment of the machine is forgotten. */
const needKept = 0.8;
/** Frames that a step waits for time; then it takes it, or a world that is always late would never go over. */
const waitFramesMax = 20;
/** Frames that a swap waits for jobs to land; then it waits for them at the boundary. */
const calmFramesMax = 60;

export class Swapper {
  readonly #options: SwapperOptions;
  readonly #trace: TracePort;
  #engine: Engine;
  #running: Next;
  #asked: { readonly request: SwapRequest; readonly micros: number } | undefined;
  #work: AsyncGenerator<Step, void> | undefined;
  #isRehearsing = false;
  /** The step that comes next, for how many frames it has waited, and what each is expected to take. */
  #step: Step = "compile";
  #waitedFrames = 0;
  readonly #needs = new Map<Step, number>();
  #trial: Trial | undefined;
  /** Of an engine that was given up, for the next one: with new memory for each world V8 collects garbage at each swap. */
  #spareArena: SharedMemory | undefined;

  constructor(options: SwapperOptions) {
    this.#options = options;
    this.#trace = options.trace ?? noTrace;
    this.#engine = options.engine;
    this.#running = { game: options.game, code: options.code, settings: options.settings };
  }

  /** The engine that makes frames now. */
  get engine(): Engine {
    return this.#engine;
  }

  /** Asks for a swap. One that waits already is forgotten for this one's code and settings. */
  ask(request: SwapRequest): void {
    const waiting = this.#asked?.request;
    const { code, settings, isRehearsal } = waiting?.isRehearsal === true ? request : { ...waiting, ...request };
    this.#asked = { request: { code, settings, isRehearsal }, micros: this.#options.clock.nowMicros() };
    if (!this.#isRehearsing) return;
    void this.#work!.return();
    this.#over();
  }

  /** Does the next step, if there is any, and more of them while there is time until `dueMicros`. */
  between(dueMicros: number): Promise<void> | undefined {
    if (this.#trial !== undefined && this.#engine.of(this.#trial.part).isOver) this.#believe();
    if (this.#work === undefined) {
      if (this.#asked === undefined) return undefined;
      const { request, micros } = this.#asked;
      this.#asked = undefined;
      this.#isRehearsing = request.isRehearsal === true;
      this.#work = this.#steps(request, micros);
    }
    return this.#advance(this.#work, dueMicros);
  }

  /** After a frame has thrown: true when the world went back to the code before and goes on. */
  rescue(thrown: unknown): boolean {
    const trial = this.#trial;
    if (trial === undefined) return false;
    this.#trial = undefined;
    const { swap, part, before } = trial;
    const { ticks, failed } = swap.after.of(part);
    const failedTick = swap.after.world.tickCount;
    const fault = faultOf(thrown);
    try {
      swap.undo(ticks, failed);
    } catch (undone) {
      // The code before fails at these records as well: the fault is the world's own, and ends the run as it always does.
      if (isOfTick(faultOf(undone), swap.before)) return false;
      // The way back itself has failed, and nothing of that may be taken for the world's.
      throw undone;
    }
    this.#engine = swap.before;
    this.#running = before;
    this.#options.replaced(this.#engine);
    dispose(swap.after);
    const tick = swap.before.world.tickCount - ticks.length;
    const problem = `${faultId(fault)} ${withSourcePlaces(faultText(fault))}`;
    this.#options.say({
      ...{ kind: "swap-undone", fault: makeFault("swap-undone", { tick, failedTick, problem }) },
      ...{ code: before.code, settings: before.settings },
    });
    return true;
  }

  /** What runs now. */
  get running(): Next {
    return this.#running;
  }

  /** Ends with the engine that runs; its disposal is the caller's. */
  close(): void {
    this.#asked = undefined;
    void this.#work?.return();
    if (this.#trial !== undefined) this.#believe();
  }

  async #advance(work: AsyncGenerator<Step, void>, dueMicros: number): Promise<void> {
    const { clock } = this.#options;
    try {
      let nowMicros = clock.nowMicros();
      while (dueMicros - nowMicros >= this.#needOf(this.#step) || this.#waitedFrames >= waitFramesMax) {
        const step = this.#step;
        const startMicros = nowMicros;
        const { done, value } = await work.next();
        nowMicros = clock.nowMicros();
        if (this.#trace.track.isOn)
          this.#trace.track.span(this.#trace.number(`swap: ${step}`, "swap"), startMicros, nowMicros);
        this.#waitedFrames = 0;
        const tookMicros = (nowMicros - startMicros) * 1.25 + 300;
        this.#needs.set(step, Math.max(tookMicros, (this.#needs.get(step) ?? 0) * needKept));
        if (done === true) return this.#over();
        this.#step = value;
        if (value === "calm") return;
      }
      this.#waitedFrames++;
    } catch (thrown) {
      const isRehearsal = this.#isRehearsing;
      this.#over();
      const { settings } = this.#running;
      if (!isRehearsal) this.#options.say({ kind: "swap-refused", fault: placed(thrown), settings });
    }
  }

  #over(): void {
    this.#work = undefined;
    this.#isRehearsing = false;
    this.#step = "compile";
    this.#waitedFrames = 0;
  }

  #needOf(step: Step): number {
    return Math.min(needMicrosMax, this.#needs.get(step) ?? needMicrosMax);
  }

  /** The steps of a swap; between two of them the world makes a frame. */
  async *#steps(request: SwapRequest, askedMicros: number): AsyncGenerator<Step, void> {
    const { clock, successor, replaced, recorder, say } = this.#options;
    if (request.code !== undefined) compileCode(request.code);
    yield "load";
    const next: Next = {
      game: request.code === undefined ? this.#running.game : await loadGame(request.code),
      code: request.code?.hash ?? this.#running.code,
      settings: request.settings ?? this.#running.settings,
    };
    yield "plan";
    // What is on trial is believed when more is asked of it: there is one way back.
    if (this.#trial !== undefined) this.#believe();
    const before = this.#engine;
    const part = trialSubsystem();
    const after = successor(before, next, part, this.#spareArena);
    this.#spareArena = undefined;
    let isOver = false;
    try {
      const swap = new Swap(before, after, next.game);
      yield "allocate";
      await swap.allocate();
      yield "rehearse";
      swap.rehearse();
      for (let frames = 0; !swap.isCalm && frames < calmFramesMax; frames++) yield "calm";
      yield "move";
      const settle = swap.warm();
      yield "settle";
      settle();
      if (request.isRehearsal === true) return;
      for (let frames = 0; !swap.isCalm && frames < calmFramesMax; frames++) yield "calm";
      yield "commit";
      const commitMicros = clock.nowMicros();
      swap.commit();
      isOver = true;
      const code = request.code === undefined ? null : { hash: request.code.hash };
      if (recorder !== undefined) {
        after.of(recorder).swap(swap.payload(code));
        after.of(recorder).isOnTrial = true;
      }
      this.#trial = { swap, part, before: this.#running };
      this.#engine = after;
      this.#running = next;
      replaced(after);
      const now = clock.nowMicros();
      say({
        ...{ kind: "swapped", tick: after.world.tickCount, code: next.code, settings: next.settings },
        ...{ report: swap.plan.report, totalMicros: now - askedMicros, commitMicros: now - commitMicros },
        isRestart: false,
      });
    } finally {
      if (!isOver) this.#giveUp(after);
    }
  }

  #believe(): void {
    const { swap } = this.#trial!;
    this.#trial = undefined;
    const { recorder } = this.#options;
    if (recorder !== undefined) swap.after.of(recorder).isOnTrial = false;
    this.#giveUp(swap.before);
  }

  /** For engines whose world nobody works on: no worker has been in it since another world was attached. */
  #giveUp(engine: Engine): void {
    if (engine.status.state === "running") this.#spareArena = engine.world.arena.memory;
    dispose(engine);
  }
}

/** Whether what world code did in a tick of this engine ended it; an error that nobody expected is a bug. */
function isOfTick({ kind }: Fault, engine: Engine): boolean {
  return kind !== "unexpected" && (engine.status.faultMoment?.phase ?? "") !== "";
}

/** An engine that is given up: what it raises at its end concerns nobody. */
function dispose(engine: Engine): void {
  try {
    engine.dispose();
  } catch {
    // Its parts have been stopped all the same.
  }
}

/** A fault with the author's place in it, where it has one. */
export function placed(thrown: unknown): Fault {
  const fault = faultOf(thrown);
  const cause = thrown instanceof FaultError && thrown.cause !== undefined ? thrown.cause : thrown;
  if (fault.kind === "unexpected")
    return makeFault("swap-unloadable", { problem: faultText(fault), place: withSourcePlaces(placeOf(cause)) });
  const { fields } = fault as { readonly fields: { readonly place?: string } };
  if (fields.place === undefined) return fault;
  return { ...fault, fields: { ...fault.fields, place: withSourcePlaces(fields.place) } } as Fault;
}
