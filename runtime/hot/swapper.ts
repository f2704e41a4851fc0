/**
 * The swapper: lets the world of an engine thread go over to other code or other settings while it runs. Each step is done
 * between two frames, one at a time; until the last one the world is only read. New code is on trial for its first
 * ticks: when it faults in them, the world goes back and on with the code before, which may be on trial itself.
 *
 * Given requests by `ask`, and called between frames and when a frame has thrown. Hands on the engine that makes frames,
 * and what came of each request. The rule a reader could break: whoever keeps an engine across frames asks `engine` again.
 */
import { type Fault, FaultError, faultId, faultOf, faultText, makeFault, placeOf } from "../../engine/base/faults.ts";
import type { SharedMemory } from "../../engine/base/wasm.ts";
import type { Engine } from "../../engine/engine.ts";
import type { Game } from "../../engine/game.ts";
import { admitRecorded } from "../../engine/input/admission.ts";
import type { WorldRecord } from "../../engine/input/record.ts";
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

/** A request, and when it was made. */
interface Asked {
  readonly request: SwapRequest;
  readonly micros: number;
}

/** A swap whose code is not believed yet. */
interface Trial {
  readonly swap: Swap;
  readonly part: SubsystemDefinition<TrialSubsystem>;
  readonly before: Next;
  /** The tick behind which the world went over. */
  readonly tick: number;
}

/** Steps of a swap in their order; "calm" waits for jobs that are under way. */
type Step = "compile" | "load" | "plan" | "allocate" | "rehearse" | "calm" | "move" | "settle" | "commit";
/** What a step is given at most: with less left until the next frame it waits for one that leaves more. */
const needMicrosMax = 12_000;
/** What of its longest time counts a step later: one bad moment of the machine is forgotten. */
const needKept = 0.8;
/** Frames that a step waits for time; then it takes it, or a world that is always late would never go over. */
const waitFramesMax = 20;
/** Ways back that are kept at most: each is a whole world. An author who saves quickly may save two mistakes in a row. */
const trialCountMax = 2;
/** Frames that a swap waits for jobs to land; then it waits for them at the boundary. */
const calmFramesMax = 60;

export class Swapper {
  readonly #options: SwapperOptions;
  readonly #trace: TracePort;
  #engine: Engine;
  #running: Next;
  #asked: Asked | undefined;
  #work: AsyncGenerator<Step, void> | undefined;
  #underWay: Asked | undefined;
  /** The step that comes next, for how many frames it has waited, and what each is expected to take. */
  #step: Step = "compile";
  #waitedFrames = 0;
  readonly #needs = new Map<Step, number>();
  /** Swaps that may be taken back, the newest last; each one's engine before is the engine after of the one in front of it. */
  readonly #trials: Trial[] = [];
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
    if (this.#underWay?.request.isRehearsal === true) this.#drop();
  }

  /** Does the next step, if there is any, and more of them while there is time until `dueMicros`. */
  between(dueMicros: number): Promise<void> | undefined {
    const newest = this.#trials.at(-1);
    if (newest !== undefined && this.#engine.of(newest.part).isOver) this.#believe();
    if (this.#work === undefined) {
      if (this.#asked === undefined) return undefined;
      this.#underWay = this.#asked;
      this.#asked = undefined;
      this.#work = this.#steps(this.#underWay);
    }
    return this.#advance(this.#work, dueMicros);
  }

  /**
   * After a frame has thrown: true when the world went back to code before and goes on. Raises the fault of the ticks that
   * were made again when no code that can be gone back to makes them: it is then the world's own, and ends the run.
   */
  rescue(thrown: unknown): boolean {
    if (this.#trials.length === 0) return false;
    const news: SwapNews[] = [];
    let problem = thrown;
    /** Records of ticks behind the one that failed last, in the names of the program that failed. */
    let rest: readonly (readonly WorldRecord[])[] = [];
    for (let trial = this.#trials.pop(); trial !== undefined; trial = this.#trials.pop()) {
      const { swap, part, before, tick } = trial;
      const { ticks, failed } = swap.after.of(part);
      const fault = faultOf(problem);
      news.push({
        ...{ kind: "swap-undone", code: before.code, settings: before.settings },
        fault: makeFault("swap-undone", {
          ...{ tick, failedTick: swap.after.world.tickCount },
          problem: `${faultId(fault)} ${withSourcePlaces(faultText(fault))}`,
        }),
      });
      const since = swap.undo([...ticks, failed, ...rest]);
      this.#engine = swap.before;
      this.#running = before;
      this.#options.replaced(swap.before);
      dispose(swap.after);
      const failure = madeAgain(swap.before, since);
      if (failure === undefined) {
        // What is under way was to go on from an engine that is gone: it begins anew from this one.
        this.#asked ??= this.#underWay;
        this.#drop();
        for (const each of news) this.#options.say(each);
        return true;
      }
      problem = failure.thrown;
      rest = failure.rest;
    }
    throw problem;
  }

  /** What runs now. */
  get running(): Next {
    return this.#running;
  }

  /** Ends with the engine that runs; its disposal is the caller's. */
  close(): void {
    this.#asked = undefined;
    this.#drop();
    this.#believe();
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
      const isRehearsal = this.#underWay?.request.isRehearsal === true;
      this.#over();
      const { settings } = this.#running;
      if (!isRehearsal) this.#options.say({ kind: "swap-refused", fault: placed(thrown), settings });
    }
  }

  /** Gives up the swap that is under way, if there is one. */
  #drop(): void {
    void this.#work?.return();
    this.#over();
  }

  #over(): void {
    this.#work = undefined;
    this.#underWay = undefined;
    this.#step = "compile";
    this.#waitedFrames = 0;
  }

  #needOf(step: Step): number {
    return Math.min(needMicrosMax, this.#needs.get(step) ?? needMicrosMax);
  }

  /** The steps of a swap; between two of them the world makes a frame. */
  async *#steps({ request, micros: askedMicros }: Asked): AsyncGenerator<Step, void> {
    const { clock, successor, replaced, recorder, say } = this.#options;
    if (request.code !== undefined) compileCode(request.code);
    yield "load";
    const next: Next = {
      game: request.code === undefined ? this.#running.game : await loadGame(request.code),
      code: request.code?.hash ?? this.#running.code,
      settings: request.settings ?? this.#running.settings,
    };
    yield "plan";
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
      this.#trials.push({ swap, part, before: this.#running, tick: after.world.tickCount });
      this.#believe(trialCountMax);
      this.#engine = after;
      this.#running = next;
      replaced(after);
      const now = clock.nowMicros();
      say({
        ...{ kind: "swapped", tick: after.world.tickCount, code: next.code, settings: next.settings },
        ...{ report: swap.report, totalMicros: now - askedMicros, commitMicros: now - commitMicros },
        isRestart: false,
      });
    } finally {
      if (!isOver) this.#giveUp(after);
    }
  }

  /** Believes the oldest swaps, until no more than `countMax` are on trial. */
  #believe(countMax = 0): void {
    const { recorder } = this.#options;
    for (const { swap, part } of this.#trials.splice(0, Math.max(0, this.#trials.length - countMax))) {
      if (recorder !== undefined) swap.after.of(recorder).isOnTrial = false;
      swap.after.of(part).end();
      this.#giveUp(swap.before);
    }
  }

  /** For engines whose world nobody works on: no worker has been in it since another world was attached. */
  #giveUp(engine: Engine): void {
    if (engine.status.state === "running") this.#spareArena = engine.world.arena.memory;
    dispose(engine);
  }
}

/**
 * Makes ticks again from their records; those of the last wait at the door. Gives what world code threw in one of them, and
 * the records behind that one. What else throws is nobody's code but ours, and is thrown on.
 */
function madeAgain(
  engine: Engine,
  since: readonly (readonly WorldRecord[])[],
): { readonly thrown: unknown; readonly rest: readonly (readonly WorldRecord[])[] } | undefined {
  const { door } = engine.world;
  for (let at = 0; at < since.length; at++) {
    admitRecorded(door, since[at]!);
    if (at === since.length - 1) return undefined;
    try {
      engine.remake();
    } catch (thrown) {
      if (faultOf(thrown).kind === "unexpected" || (engine.status.faultMoment?.phase ?? "") === "") throw thrown;
      return { thrown, rest: since.slice(at + 1) };
    }
  }
  return undefined;
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
