/**
 * A swap: a running world goes over to another program, in steps, each of which fits between two frames, while the world
 * goes on with the program that it has:
 *
 *     compile    the engine after is made and the move is planned     new Swap(before, after, rules)
 *     allocate   it is started, with an empty world                   allocate()
 *     rehearse   what makes resources of the world is run once        rehearse()
 *     warm       a first move, of which nothing is kept: membership
 *                is made once, so that the last step finds most of it warm()()
 *     commit     the world goes over, between two ticks               commit()
 *
 * Until `commit` the world before is only read; if that fails, it has everything back and goes on. The rule a reader could
 * break: nothing is disposed of here. Whoever commits keeps the engine before for as long as the swap may be undone.
 */
import type { Engine, EnginePorts } from "../engine.ts";
import { admitRecorded } from "../input/admission.ts";
import type { WorldRecord } from "../input/record.ts";
import { jobsOf } from "../jobs/subsystem.ts";
import { identityOf } from "../replay/identity.ts";
import { recordNamesOf, recordTranslator } from "../replay/record-names.ts";
import type { JournalSwap } from "../replay/wire.ts";
import type { SavedState } from "../sim/saved-state.ts";
import type { SavedWorld } from "../sim/saved-world.ts";
import { type StreamingSubsystem, streamingOf } from "../streaming/subsystem.ts";
import { type MovedState, moveState } from "./move-state.ts";
import { type MovePlan, type MoveRules, planMove, refuse } from "./plan-move.ts";
import { moveQueued } from "./queued.ts";
import { shapeOf } from "./shape.ts";

export class Swap {
  readonly before: Engine;
  readonly after: Engine;
  readonly plan: MovePlan;
  #saved: SavedState | undefined;
  #moved: SavedWorld | undefined;
  #report: readonly string[];

  /**
   * Plans the move of `before`, which runs, to `after`, which was made as a successor and not started. Raises
   * "swap-refused".
   */
  constructor(before: Engine, after: Engine, rules: MoveRules) {
    this.before = before;
    this.after = after;
    this.plan = planMove(shapeOf(before.program), after.program, rules);
    this.#report = this.plan.report;
    const [had, has] = [streamingIn(before)?.layout, streamingIn(after)?.layout];
    if (had !== has)
      refuse(
        "the list of resources and pipelines",
        had ?? "empty",
        has ?? "empty",
        "Leave it, or start the game anew: their memory is laid out at the start.",
      );
  }

  /** Starts the engine after. Raises what a start raises. */
  async allocate(): Promise<void> {
    await this.after.start();
  }

  /** Whether a move waits for nothing: no tick job is under way, no stage of a pipeline. */
  get isCalm(): boolean {
    return jobsOf(this.before).haveFlightsLanded && (streamingIn(this.before)?.isCalm ?? true);
  }

  /** Runs what makes resources of the world once, for nothing: code that has never run is slow when it has to be quick. */
  rehearse(): void {
    const inputs = streamingIn(this.before)?.inputs ?? [];
    streamingIn(this.after)?.rehearse(inputs);
  }

  /**
   * Moves the state of now, of which nothing is kept, and finds out whether it can be moved. Raises as `commit` does. The
   * result makes membership in the world after, another step.
   */
  warm(): () => void {
    const { state } = this.#move();
    return () => this.after.world.restore(state.world);
  }

  /**
   * The world goes over, with what is queued at the door. Raises "swap-refused" and "migration-failed", and what parts
   * raise: the world before is then as it was.
   */
  commit(): void {
    const { before, after } = this;
    const moved = this.#move();
    const queued = [...before.world.door.queued];
    try {
      after.takeOver(before, moved.state);
    } catch (thrown) {
      before.takeOver(after, this.#saved!);
      admitRecorded(before.world.door, queued);
      throw thrown;
    }
    const { records, report } = moveQueued(queued, recordNamesOf(before.program), after.program);
    admitRecorded(after.world.door, records);
    this.#report = [...moved.report, ...report];
  }

  /** What became of the state, a sentence each; before `commit` what is planned. */
  get report(): readonly string[] {
    return this.#report;
  }

  /**
   * Takes the swap back: the world before stands where it stood. Given the records of each tick since, gives them as the
   * program before names them, for it makes those ticks itself.
   */
  undo(since: readonly (readonly WorldRecord[])[]): WorldRecord[][] {
    const { before, after } = this;
    before.takeOver(after, this.#saved!);
    const translate = recordTranslator(recordNamesOf(after.program), before.program);
    return since.map((records) => records.flatMap((record) => translate(record) ?? []));
  }

  /** What a journal says of this swap, once the world has gone over. */
  payload(code: JournalSwap["code"]): JournalSwap {
    const { world, program } = this.after;
    return {
      ...{ tick: world.tickCount, code, settings: program.settings, program: identityOf(program) },
      ...{ spans: world.hash.spans.map(({ name }) => name), moved: this.report },
    };
  }

  #move(): MovedState {
    this.#saved = this.before.save(this.#saved);
    const moved = moveState(this.plan, this.#saved, this.after, this.#moved);
    this.#moved = moved.state.world;
    return moved;
  }
}

/** The ports of a successor: those of the engine before, with the memory of its assets. */
export function successorPorts(before: Engine, ports: EnginePorts): EnginePorts {
  const memory = streamingIn(before)?.memory;
  return memory === undefined ? ports : { ...ports, assets: { ...ports.assets, memory } };
}

function streamingIn(engine: Engine): StreamingSubsystem | undefined {
  return engine.program.parts.some(({ name }) => name === "streaming") ? streamingOf(engine) : undefined;
}
