/**
 * A handover: a running world goes over to an engine of another thread or process, which shares no object with this one. It
 * is a keyframe, and beside it in plain data what of the program before says how to read it.
 *
 * Given an engine between two ticks, hands on plain data; given that data and an engine that was started as a successor,
 * hands on the state in that engine's form. The rule a reader could break: the world before goes on until the world after
 * has its state, so nothing of it is changed here.
 */
import { ByteReader } from "../base/bytes.ts";
import type { Engine } from "../engine.ts";
import { admitRecorded } from "../input/admission.ts";
import { settingNames } from "../input/config.ts";
import type { WorldRecord } from "../input/record.ts";
import { identityOf } from "../replay/identity.ts";
import { encodeKeyframe, readKeyframe } from "../replay/keyframe.ts";
import { type RecordNames, recordNamesOf, recordTranslator } from "../replay/record-names.ts";
import type { JournalSwap } from "../replay/wire.ts";
import { partStateOf, stateNamesOf } from "../running-parts.ts";
import type { SavedPart, SavedState } from "../sim/saved-state.ts";
import { SavedWorld } from "../sim/saved-world.ts";
import { moveState } from "./move-state.ts";
import { type MoveRules, planMove } from "./plan-move.ts";
import { moveQueued } from "./queued.ts";
import { type ProgramShape, shapeOf } from "./shape.ts";
import type { TrialSubsystem } from "./trial.ts";

/** Plain data: it may be sent to threads. */
export interface Handover {
  readonly shape: ProgramShape;
  /** Settings in the order of their numbers. */
  readonly settings: readonly string[];
  readonly keyframe: Uint8Array;
  /** What waits at the door for the next tick. */
  readonly queued: readonly WorldRecord[];
}

/** What `engine` hands over; between two frames. Waits for tick jobs on their way. */
export function handoverOf(engine: Engine): Handover {
  const { program, world } = engine;
  const keyframe = encodeKeyframe(engine, engine.save());
  return { shape: shapeOf(program), settings: settingNames(program.config), keyframe, queued: [...world.door.queued] };
}

/** What comes back of a world whose code after faulted on trial. Plain data. */
export interface GivenBack {
  /** Records of each tick that the code after made, and of the one that failed. */
  readonly since: readonly (readonly WorldRecord[])[];
  readonly next: readonly WorldRecord[];
  /** What their numbers mean. */
  readonly names: RecordNames;
}

/** What `engine`, which has faulted on trial, gives back. */
export function givenBack(engine: Engine, { ticks, failed }: TrialSubsystem): GivenBack {
  return { since: ticks, next: failed, names: recordNamesOf(engine.program) };
}

/**
 * The world goes on in `engine` after all, which still has it as it was handed over: the ticks since are made again from
 * their records, and what is due next waits at the door. Raises what those ticks raise.
 */
export function takeBack(engine: Engine, { since, next, names }: GivenBack): void {
  engine.takeOver(undefined, engine.save());
  const translate = recordTranslator(names, engine.program);
  const admit = (records: readonly WorldRecord[]): unknown =>
    admitRecorded(
      engine.world.door,
      records.filter(({ kind }) => kind !== "publish").flatMap((record) => translate(record) ?? []),
    );
  for (const records of since) {
    admit(records);
    engine.remake();
  }
  admit(next);
}

/** A world that has arrived: its state in the form of the program after. */
export class Arrival {
  /** What became of the state, a sentence each. */
  readonly report: readonly string[];
  readonly #engine: Engine;
  readonly #moved: SavedState;
  readonly #queued: readonly WorldRecord[];

  /** `engine` was started as a successor. Raises "swap-refused", "migration-failed" and "keyframe-damaged"; it is untouched then. */
  constructor(engine: Engine, handover: Handover, rules: MoveRules) {
    this.#engine = engine;
    const { shape, keyframe, settings, queued } = handover;
    const moved = moveState(planMove(shape, engine.program, rules), savedIn(keyframe, engine), engine);
    this.#moved = moved.state;
    // What was published there is not here: this engine loads its resources itself, under numbers of its own.
    const meant = queued.filter(({ kind }) => kind !== "publish");
    const controls = shape.controls.map(([name]) => name);
    const { records, report } = moveQueued(meant, { controls, settings }, engine.program);
    this.#queued = records;
    this.report = [...moved.report, ...report];
  }

  /** The world goes on in the engine after, with what was queued at the door. Raises what parts raise. */
  enter(): void {
    this.#engine.takeOver(undefined, this.#moved);
    admitRecorded(this.#engine.world.door, this.#queued);
  }

  /** What a journal says of it, once the world has entered. */
  payload(code: JournalSwap["code"]): JournalSwap {
    const { world, program } = this.#engine;
    return {
      ...{ tick: world.tickCount, code, settings: program.settings, program: identityOf(program) },
      ...{ spans: world.hash.spans.map(({ name }) => name), moved: this.report, isRestart: true },
    };
  }
}

/** The state in a keyframe of another program, as far as `engine` has parts for it. */
function savedIn(keyframe: Uint8Array, engine: Engine): SavedState {
  const { head, sections } = readKeyframe(keyframe, "the world before");
  const sectionOf = (name: string): Uint8Array | undefined =>
    sections[head.sections.findIndex((section) => section.name === name)];
  const world = SavedWorld.decode(new ByteReader(sectionOf("world")!));
  const { parts } = engine.program;
  return {
    ...{ origin: engine.world.saveOrigin, tick: world.tick, hashHigh: world.hashHigh, hashLow: world.hashLow, world },
    parts: stateNamesOf(parts).flatMap((name): SavedPart[] => {
      const bytes = sectionOf(name);
      return bytes === undefined ? [] : [{ name, state: partStateOf(parts, name).decode(bytes) }];
    }),
  };
}
