/**
 * A world with a witness in it, made tick by tick: what every kind of run is in the end, be it in a thread, in another
 * process, under another engine or in a page. It knows no host; clock, workers and messages are handed in.
 */
import { auditSubsystem } from "../../engine/audit/subsystem.ts";
import { resolveLimits } from "../../engine/base/limits.ts";
import { Engine, type EnginePorts } from "../../engine/engine.ts";
import type { Game } from "../../engine/game.ts";
import { jobsOf } from "../../engine/jobs/subsystem.ts";
import { packetByteLength } from "../../engine/render/packet.ts";
import { renderSubsystem } from "../../engine/render/subsystem.ts";
import { restoreKeyframe } from "../../engine/replay/keyframe.ts";
import type { PlanSettings } from "../../engine/sim/plan-settings.ts";
import type { SubsystemDefinition } from "../../engine/sim/subsystem.ts";
import type { ScriptedRecord } from "../world/engine-thread.ts";
import { packetCountsOf } from "../world/packet-counts.ts";
import { beginExamination, type Examination, type ExaminationOrder } from "./examination.ts";
import { type Flip, plantFlip } from "./flip.ts";
import { type RegistrationOrder, withOrder } from "./order.ts";
import { ReadCheck } from "./read-check.ts";
import { scriptSubsystem } from "./script.ts";
import { type Testimony, Witness } from "./witness.ts";

/** What a run is to do. Plain data, the same for all kinds of runs. */
export interface WitnessOrder {
  readonly seed: number;
  /** The last tick. */
  readonly tickCount: number;
  readonly script: readonly ScriptedRecord[];
  /** The operator's settings, which the game's plan allows. */
  readonly settings?: PlanSettings | undefined;
  /** Whether frames are looked at too: frame jobs and packets. They cost more than the ticks. */
  readonly frames: boolean;
  readonly registration?: RegistrationOrder;
  /** Every step is held against what it declares. */
  readonly audit?: boolean;
  /** Every so many ticks the reads of all systems are tried; 0 never. */
  readonly readsEvery?: number;
  readonly flip?: Flip | undefined;
  readonly examine?: ExaminationOrder | undefined;
}

export class WitnessRun {
  readonly engine: Engine;
  readonly #order: WitnessOrder;
  readonly #witness: Witness;
  readonly #keyframe: Uint8Array | undefined;
  #examination: Examination | undefined;
  #reads: ReadCheck | undefined;

  /** From the game's own start, or from the bytes of a keyframe of it. */
  constructor(game: Game, order: WitnessOrder, ports: EnginePorts, keyframe?: Uint8Array) {
    this.#order = order;
    this.#keyframe = keyframe;
    const witness = new Witness(order.frames);
    this.#witness = witness;
    this.engine = new Engine(withOrder(game, order.registration ?? "written"), ports, {
      ...{ seed: order.seed, settings: order.settings ?? {} },
      subsystems: [
        scriptSubsystem(order.script),
        ...(order.frames ? presentation(game, witness, ports) : []),
        witness.definition,
        ...(order.audit === true ? [auditSubsystem()] : []),
      ],
    });
  }

  async start(): Promise<void> {
    await this.engine.start();
    if (this.#order.frames) jobsOf(this.engine).present();
    if (this.#keyframe !== undefined) restoreKeyframe(this.engine, this.#keyframe, "keyframe");
  }

  get isDone(): boolean {
    return this.engine.world.tickCount >= this.#order.tickCount;
  }

  /** Makes one tick in one frame. */
  step(): void {
    const { world } = this.engine;
    const { examine, flip, readsEvery = 0 } = this.#order;
    if (readsEvery > 0 && world.tickCount % readsEvery === 0) this.#tryReads();
    const next = world.tickCount + 1;
    const finish = next === examine?.tick ? beginExamination(world, examine) : undefined;
    if (next === flip?.tick) plantFlip(world, flip);
    this.engine.step();
    if (finish !== undefined) this.#examination = finish();
  }

  #tryReads(): void {
    this.#witness.isPaused = true;
    this.#reads ??= new ReadCheck(this.engine);
    this.#reads.look();
    this.#witness.isPaused = false;
  }

  /** Ends the run and gives what its witness saw. */
  finish(): Testimony {
    const { testimony } = this.#witness;
    this.engine.dispose();
    return this.#examination === undefined ? testimony : { ...testimony, examination: this.#examination };
  }
}

/** Packets are made as for a driver when the game has a view. */
function presentation(game: Game, witness: Witness, { clock }: EnginePorts): readonly SubsystemDefinition[] {
  if (game.view === undefined) return [];
  const sink = witness.sink(packetByteLength(packetCountsOf(game, resolveLimits(game.limits))));
  return [renderSubsystem(game.view, sink, clock)];
}
