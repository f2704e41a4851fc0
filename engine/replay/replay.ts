/**
 * A replay: an engine that is fed a journal's records tick by tick, from the beginning or from a keyframe. Replaying is
 * feeding the door, so nothing in a world knows whether its records come from a person or from a file.
 *
 * Given a journal, a game and what the host lends (a clock, a way to read compressed keyframes, a way through swaps), it
 * hands on a world at any tick of the journal, and whether each tick came out as recorded. The rule a reader could break:
 * one thread has one physics world that is saved or restored, so a replay is disposed before the next one is opened.
 */
import { raise } from "../base/faults.ts";
import { hashHex } from "../base/hash.ts";
import { Engine } from "../engine.ts";
import type { Game } from "../game.ts";
import type { WorldRecord } from "../input/record.ts";
import type { Clock } from "../ports/clock.ts";
import { type Decompressor, plainDecompressor } from "../ports/compressor.ts";
import type { Pulse } from "../ports/pulse.ts";
import type { SubsystemDefinition } from "../sim/subsystem.ts";
import type { World } from "../sim/world.ts";
import { identityDifference, identityOf } from "./identity.ts";
import type { Journal } from "./journal.ts";
import type { KeyframeEntry } from "./journal-index.ts";
import { restoreKeyframe } from "./keyframe.ts";
import type { JournalSwap } from "./wire.ts";

/** How a host goes through the swaps of a journal. */
export interface SwapHost {
  /** An engine of the program behind `swap`, made and not started. Raises when its code is not to be had. */
  engineOf(swap: JournalSwap, seed: number): Promise<Engine>;
  /** Moves a running world to the program behind `swap`, gives the engine that goes on and disposes of the other. */
  apply(engine: Engine, swap: JournalSwap): Promise<Engine>;
}

export interface ReplayHost {
  readonly clock: Clock;
  /** Without it only keyframes that are not compressed can be read. */
  readonly decompressor?: Decompressor;
  /** Without it a journal with swaps is replayed up to the first one. */
  readonly swaps?: SwapHost;
  /** Parts beside the game's own, such as an audit. */
  readonly subsystems?: readonly SubsystemDefinition[];
  /** Where another thread sees that ticks are made. */
  readonly pulse?: Pulse | undefined;
  /**
   * Whether the game may be of another plan or schema than the journal's: for trying other code on old records. Recorded
   * swaps are then passed by, and spans are compared by name.
   */
  readonly isOtherCode?: boolean;
}

/** A tick that came out otherwise than recorded. */
export interface Divergence {
  readonly tick: number;
  /** The first span that differs, by its name, or what else does. */
  readonly span: string;
  readonly recorded: string;
  readonly replayed: string;
}

/**
 * An engine for `journal`, made but not started, with the settings on record. Raises "journal-mismatch" when the program is
 * another, and "settings-refused" when the game does not allow them.
 */
export function engineFor(journal: Journal, game: Game, host: ReplayHost): Engine {
  const { clock, pulse, subsystems = [] } = host;
  const { seed, program } = journal.header;
  const engine = new Engine(game, { clock, pulse }, { seed, subsystems, settings: program.settings ?? {} });
  if (host.isOtherCode !== true) refuseOther(journal, engine, program);
  else if (program.game !== game.id) {
    engine.dispose();
    raise("journal-mismatch", { path: journal.path, field: "game", journal: program.game, program: game.id });
  }
  return engine;
}

function refuseOther(journal: Journal, engine: Engine, program: Journal["header"]["program"]): void {
  const difference = identityDifference(program, identityOf(engine.program));
  if (difference === undefined) return;
  engine.dispose();
  raise("journal-mismatch", { path: journal.path, ...difference });
}

export class Replay {
  readonly journal: Journal;
  readonly #host: ReplayHost;
  #engine: Engine;
  #swapCount: number;
  /** Hash of each span as recorded, behind the last tick. */
  #recorded: Uint32Array;

  private constructor(journal: Journal, host: ReplayHost, engine: Engine, swapCount: number) {
    this.journal = journal;
    this.#host = host;
    this.#engine = engine;
    this.#swapCount = swapCount;
    const { tickCount } = engine.world;
    // Behind a swap, and where a journal begins, the next tick lists all spans.
    const isKnown = tickCount > journal.startTick && swapCount === journal.swapCountAt(tickCount);
    this.#recorded = isKnown
      ? journal.spanHashes(tickCount)
      : new Uint32Array((journal.swaps[swapCount - 1] ?? journal.header).spans.length);
  }

  /**
   * A replay that stands at `from`, or where the journal begins. Raises "journal-mismatch", "journal-damaged" and the
   * faults of keyframes.
   */
  static async open(journal: Journal, game: Game, host: ReplayHost, from?: KeyframeEntry): Promise<Replay> {
    let entry = from ?? (journal.startTick > 0 ? journal.keyframes[0] : undefined);
    const swap = entry === undefined ? undefined : journal.swaps[entry.swapCount - 1];
    let engine: Engine;
    if (swap === undefined || host.isOtherCode === true) {
      engine = engineFor(journal, game, host);
      // A keyframe means nothing to another plan or schema: such code begins where the journal does.
      const isOwn = identityDifference(journal.header.program, identityOf(engine.program)) === undefined;
      if (!isOwn && journal.startTick === 0) entry = undefined;
    } else {
      engine = await swapsOf(journal, host, swap).engineOf(swap, journal.header.seed);
      refuseOther(journal, engine, swap.program);
    }
    try {
      await engine.start();
      if (entry !== undefined) goTo(engine, journal, entry, host.decompressor ?? plainDecompressor);
      return new Replay(journal, host, engine, entry?.swapCount ?? 0);
    } catch (thrown) {
      engine.dispose();
      throw thrown;
    }
  }

  /** A replay that stands at `tick`, which came there from the nearest keyframe, comparing nothing on the way. */
  static async at(journal: Journal, game: Game, host: ReplayHost, tick: number): Promise<Replay> {
    const replay = await Replay.open(journal, game, host, journal.keyframeBefore(tick));
    try {
      while (replay.tick < tick) await replay.advance();
      return replay;
    } catch (thrown) {
      replay.dispose();
      throw thrown;
    }
  }

  get engine(): Engine {
    return this.#engine;
  }

  get world(): World {
    return this.#engine.world;
  }

  get tick(): number {
    return this.world.tickCount;
  }

  /** Whether another program makes the next tick, so that `passSwaps` is to be called before `step`. */
  get isSwapDue(): boolean {
    if (this.#host.isOtherCode === true) return false;
    return (this.journal.swaps[this.#swapCount]?.tick ?? Number.POSITIVE_INFINITY) <= this.tick;
  }

  /** Goes through the swaps that stand before the next tick. */
  async passSwaps(): Promise<void> {
    while (this.isSwapDue) {
      const swap = this.journal.swaps[this.#swapCount]!;
      this.#engine = await swapsOf(this.journal, this.#host, swap).apply(this.#engine, swap);
      this.#swapCount++;
      this.#recorded = new Uint32Array(swap.spans.length);
    }
  }

  /** Makes the next tick, through a swap if there is one. */
  async advance(): Promise<Divergence | undefined> {
    if (this.isSwapDue) await this.passSwaps();
    return this.step();
  }

  /** Makes the next tick, which must be on record, and says what differs. */
  step(): Divergence | undefined {
    const tick = this.tick + 1;
    const { records, hashHigh, hashLow, changed } = this.journal.tick(tick)!;
    const refused = this.feed(records);
    if (refused !== undefined) return refused;
    this.#engine.step();
    const recorded = this.#recorded;
    for (let i = 0; i < changed.length; i += 2) recorded[changed[i]!] = changed[i + 1]!;
    const { hash } = this.world;
    if (this.#host.isOtherCode === true) return this.#otherSpan(tick);
    if (hash.high === hashHigh && hash.low === hashLow) return undefined;
    return this.#otherSpan(tick) ?? chainDivergence(tick);
  }

  /** Admits the records of the next tick; says which one the world does not take. */
  feed(records: readonly WorldRecord[]): Divergence | undefined {
    const { door } = this.world;
    for (const record of records) {
      // Answers come from the replayed world's own jobs; the hash tells whether they are the same.
      if (record.kind === "answer") continue;
      if (record.kind === "publish") {
        // The world's own resources are published by the replay itself, at the tick that the game fixes.
        if (!record.isWorld) door.publish(record);
      } else if (!door.admit(record)) {
        const tick = this.tick + 1;
        return {
          ...{ tick, span: "the records" },
          recorded: `${record.kind} admitted`,
          replayed: `${record.kind} refused`,
        };
      }
    }
    return undefined;
  }

  /** The spans of the last tick that are not as recorded, by name. Those that only one program has count for nothing. */
  otherSpans(): string[] {
    const names = this.journal.spansAt(this.tick);
    const { spans, results } = this.world.hash;
    const own = new Map(spans.map(({ name }, at) => [name, results[at * 2]!]));
    // The streams of all systems are one span: with other systems it says nothing.
    const recordedPlan = this.journal.programAt(this.tick).planHash;
    if (recordedPlan !== this.world.program.planHash) own.delete("Random.streams");
    return names.filter((name, at) => own.has(name) && own.get(name) !== this.#recorded[at]);
  }

  /** The hash of each span as recorded, behind the last tick. */
  get recordedSpans(): Uint32Array {
    return this.#recorded;
  }

  dispose(): void {
    this.#engine.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #otherSpan(tick: number): Divergence | undefined {
    const [span] = this.otherSpans();
    if (span === undefined) return undefined;
    const { spans, results } = this.world.hash;
    const replayed = results[spans.findIndex(({ name }) => name === span) * 2]!;
    const recorded = this.#recorded[this.journal.spansAt(tick).indexOf(span)]!;
    return { tick, span, recorded: wordText(recorded), replayed: wordText(replayed) };
  }
}

/** Raises "desync" with what differs. */
export function raiseDesync(path: string, { tick, span, recorded, replayed }: Divergence): never {
  return raise("desync", { path, tick, column: span, recorded, replayed });
}

/** Brings a started engine to a keyframe. What the keyframe holds must be what the journal says of its tick. */
function goTo(engine: Engine, journal: Journal, entry: KeyframeEntry, decompressor: Decompressor): void {
  restoreKeyframe(engine, journal.keyframeBytes(entry, decompressor), journal.path);
  const { tickCount, hash } = engine.world;
  if (tickCount === entry.tick && hash.high === entry.hashHigh && hash.low === entry.hashLow) return;
  const { number: block, offset } = entry.block;
  const claimed = `tick ${entry.tick}, hash ${hashHex(entry.hashHigh, entry.hashLow)}`;
  const problem = `its keyframe is said to be of ${claimed}, and holds tick ${tickCount}, hash ${hashHex(hash.high, hash.low)}`;
  raise("journal-damaged", { path: journal.path, block, offset, problem });
}

function chainDivergence(tick: number): Divergence {
  return { tick, span: "the chain of earlier ticks", recorded: "another hash", replayed: "equal spans" };
}

function wordText(word: number): string {
  return word.toString(16).padStart(8, "0");
}

function swapsOf(journal: Journal, host: ReplayHost, swap: JournalSwap): SwapHost {
  if (host.swaps !== undefined) return host.swaps;
  return raise("swap-unreplayable", { path: journal.path, tick: swap.tick, code: swap.code?.hash ?? "the same code" });
}
