/**
 * The next engine thread's half of the relay: asks for the world, finds out whether it can have it, enters it when it is its
 * own, and gives it back when its code faults in the first ticks. See relay.ts for the order of things.
 */
import { faultId, faultOf, faultText } from "../../engine/base/faults.ts";
import type { Engine } from "../../engine/engine.ts";
import type { Game } from "../../engine/game.ts";
import type { Pulse } from "../../engine/ports/pulse.ts";
import type { RecorderSubsystem } from "../../engine/replay/recorder.ts";
import type { SubsystemDefinition } from "../../engine/sim/subsystem.ts";
import { Arrival, givenBack } from "../../engine/swap/handover.ts";
import type { TrialSubsystem } from "../../engine/swap/trial.ts";
import { hostClock } from "../host/clock.ts";
import { withSourcePlaces } from "../host/source-places.ts";
import { doing, says } from "./doing.ts";
import { type RelayData, RelayLine, type RelayMessage } from "./relay.ts";
import { countsOf, type RunCounts } from "./run-counts.ts";
import type { SpokenNames } from "./spoken-names.ts";

type Rest = Extract<RelayMessage, { kind: "rest" }>;

/** What the engine of a world that arrives is made with. */
export interface ArrivalParts {
  readonly recorder: SubsystemDefinition<RecorderSubsystem> | undefined;
  readonly trial: SubsystemDefinition<TrialSubsystem>;
}

/** A world that is this thread's, at first on trial. */
export class ArrivedWorld {
  /** What became of the state, a sentence each. */
  readonly report: readonly string[];
  /** What the run had counted. */
  readonly counts: Rest["counts"];
  /** What numbers mean in records of drivers that come next. */
  readonly spoken: Rest["spoken"];
  readonly #engine: Engine;
  readonly #parts: ArrivalParts;
  readonly #line: RelayLine;
  readonly #arrival: Arrival;
  readonly #journal: Rest["journal"];
  readonly #startMicros: number;
  #isOnTrial = false;

  constructor(engine: Engine, parts: ArrivalParts, line: RelayLine, arrival: Arrival, rest: Rest, startMicros: number) {
    this.#engine = engine;
    this.#parts = parts;
    this.#line = line;
    this.#arrival = arrival;
    this.#journal = rest.journal;
    this.#startMicros = startMicros;
    this.report = arrival.report;
    this.counts = rest.counts;
    this.spoken = rest.spoken;
  }

  /** Since the thread before stood still for it. */
  get pauseMicros(): number {
    return hostClock.nowMicros() - this.#startMicros;
  }

  /** The world goes on here, on trial; `hash` is that of the code. */
  enter(hash: string): void {
    this.#arrival.enter();
    this.#isOnTrial = true;
    const recorder = this.#recorder;
    if (recorder === undefined || this.#journal === undefined) return;
    recorder.goOn(this.#journal);
    recorder.swap(this.#arrival.payload({ hash }));
    recorder.isOnTrial = true;
  }

  /** Between two frames: code that has come so far is believed. */
  look(): void {
    if (this.#isOnTrial && this.#engine.of(this.#parts.trial).isOver) this.believe();
  }

  /** There is no way back from here on: the thread before ends. */
  believe(): void {
    if (!this.#isOnTrial) return;
    this.#isOnTrial = false;
    if (this.#recorder !== undefined) this.#recorder.isOnTrial = false;
    this.#engine.of(this.#parts.trial).end();
    this.#line.send({ kind: "believed" });
    this.#line.close();
  }

  /**
   * After a frame has thrown: true when the world is the thread's before again. `leaving` is called when it is going to be,
   * and before it is.
   */
  giveBack(thrown: unknown, counts: RunCounts, spoken: SpokenNames, leaving: () => void): boolean {
    if (!this.#isOnTrial) return false;
    this.#isOnTrial = false;
    leaving();
    const engine = this.#engine;
    const journal = this.#recorder?.leave();
    const fault = faultOf(thrown);
    this.#line.send({
      ...{ kind: "back", ...givenBack(engine, engine.of(this.#parts.trial)), journal, counts: countsOf(engine) },
      ...{ messageCount: counts.messageCount, spoken: spoken.names, failedTick: engine.world.tickCount },
      problem: `${faultId(fault)} ${withSourcePlaces(faultText(fault))}`,
    });
    return true;
  }

  get #recorder(): RecorderSubsystem | undefined {
    const { recorder } = this.#parts;
    return recorder === undefined ? undefined : this.#engine.of(recorder);
  }
}

/** Undefined when the thread before has ended by itself. Raises as moving does; the thread before then goes on. */
export async function arrive(
  engine: Engine,
  game: Game,
  parts: ArrivalParts,
  { port }: RelayData,
  ready: () => void,
  pulse: Pulse,
): Promise<ArrivedWorld | undefined> {
  const line = new RelayLine(port);
  ready();
  says(pulse, doing.idle);
  const handed = await line.next("handover");
  if (handed === undefined) return undefined;
  const startMicros = hostClock.nowMicros();
  says(pulse, doing.arrive);
  const arrival = new Arrival(engine, handed.handover, game);
  line.send({ kind: "taken" });
  says(pulse, doing.idle);
  const rest = await line.next("rest");
  if (rest === undefined) return undefined;
  says(pulse, doing.arrive);
  return new ArrivedWorld(engine, parts, line, arrival, rest, startMicros);
}
