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
import { identityDifference, identityOf, type ProgramIdentity } from "./identity.ts";
import type { Journal } from "./journal.ts";
import type { KeyframeEntry } from "./journal-index.ts";
import { restoreKeyframe } from "./keyframe.ts";
import { recordNamesIn, recordTranslator } from "./record-names.ts";
import { compareSpans, RecordedSpans, type SpanComparison } from "./recorded-spans.ts";
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
   * swaps are then passed by, records are given the numbers of the game's controls and settings, and what is compared are
   * the spans that mean the same in both, tick by tick.
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

/** Disposes of `engine` and raises when its program is not the one on record; `tick` is that of the swap to it. */
function refuseOther(journal: Journal, engine: Engine, recorded: ProgramIdentity, tick?: number): void {
  const difference = identityDifference(recorded, identityOf(engine.program));
  if (difference === undefined) return;
  engine.dispose();
  raise("journal-mismatch", { path: journal.path, ...difference, ...(tick === undefined ? {} : { tick }) });
}

/** As `refuseOther`, for the names of the hashed spans: hashes are told by them. `engine` has its world. */
function refuseSpans(journal: Journal, engine: Engine, recorded: readonly string[], tick?: number): void {
  const own = engine.world.hash.spans.map(({ name }) => name);
  const at = Array.from({ length: Math.max(own.length, recorded.length) }).findIndex((_, i) => own[i] !== recorded[i]);
  if (at < 0) return;
  engine.dispose();
  const difference = { field: `hashed span ${at}`, journal: recorded[at] ?? "none", program: own[at] ?? "none" };
  raise("journal-mismatch", { path: journal.path, ...difference, ...(tick === undefined ? {} : { tick }) });
}

export class Replay {
  readonly journal: Journal;
  readonly #host: ReplayHost;
  #engine: Engine;
  #swapCount: number;
  readonly #recorded: RecordedSpans;
  /** How the spans of the program on record and of the world are compared, for as long as both stay. */
  #compared: { readonly spans: readonly string[]; readonly world: World; readonly how: SpanComparison } | undefined;
  #translated:
    | { readonly spans: readonly string[]; readonly translate: ReturnType<typeof recordTranslator> }
    | undefined;
  readonly #unmeant = new Set<string>();

  private constructor(journal: Journal, host: ReplayHost, engine: Engine, swapCount: number) {
    this.journal = journal;
    this.#host = host;
    this.#engine = engine;
    this.#swapCount = swapCount;
    this.#recorded = new RecordedSpans(journal, engine.world.tickCount);
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
      const isOwn = identityDifference((swap ?? journal.header).program, identityOf(engine.program)) === undefined;
      if (!isOwn && journal.startTick === 0) entry = undefined;
    } else {
      engine = await swapsOf(journal, host, swap).engineOf(swap, journal.header.seed);
      refuseOther(journal, engine, swap.program, swap.tick);
    }
    try {
      await engine.start();
      if (host.isOtherCode !== true) refuseSpans(journal, engine, (swap ?? journal.header).spans, swap?.tick);
      if (entry !== undefined) goTo(engine, journal, entry, host.decompressor ?? plainDecompressor);
      return new Replay(journal, host, engine, entry?.swapCount ?? 0);
    } catch (thrown) {
      engine[Symbol.dispose]();
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

  /** Goes through the swaps that stand before the next tick. Raises "journal-mismatch" when one leads to another program. */
  async passSwaps(): Promise<void> {
    while (this.isSwapDue) {
      const swap = this.journal.swaps[this.#swapCount]!;
      this.#engine = await swapsOf(this.journal, this.#host, swap).apply(this.#engine, swap);
      this.#swapCount++;
      refuseOther(this.journal, this.#engine, swap.program, swap.tick);
      refuseSpans(this.journal, this.#engine, swap.spans, swap.tick);
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
    const recorded = this.journal.tick(tick)!;
    const { records, hashHigh, hashLow } = recorded;
    this.#recorded.take(recorded);
    const refused = this.feed(records);
    if (refused !== undefined) return refused;
    this.#engine.step();
    const { hash } = this.world;
    if (this.#host.isOtherCode === true) return this.#otherSpan(tick);
    if (hash.high === hashHigh && hash.low === hashLow) return undefined;
    return this.#otherSpan(tick) ?? chainDivergence(tick);
  }

  /** Admits the records of the next tick; says which one the world does not take. */
  feed(records: readonly WorldRecord[]): Divergence | undefined {
    const { door } = this.world;
    const tick = this.tick + 1;
    for (const record of records) {
      // Answers come from the replayed world's own jobs; the hash tells whether they are the same.
      if (record.kind === "answer") continue;
      if (record.kind === "publish") {
        // The world's own resources are published by the replay itself, at the tick that the game fixes. Others are known to
        // no system, and have other numbers in other code.
        if (!record.isWorld && this.#host.isOtherCode !== true) door.publish(record);
        continue;
      }
      const meant = this.#host.isOtherCode === true ? this.#translate(record, tick) : record;
      if (meant !== undefined && !door.admit(meant))
        return {
          ...{ tick, span: "the records" },
          recorded: `${record.kind} admitted`,
          replayed: `${record.kind} refused`,
        };
    }
    return undefined;
  }

  /** The spans of the last tick that are not as recorded, by name. Those that mean nothing in both programs are left out. */
  otherSpans(): string[] {
    const { hashes } = this.#recorded;
    const { results } = this.world.hash;
    return this.comparison.pairs.filter(({ a, b }) => hashes[a] !== results[b * 2]).map(({ name }) => name);
  }

  /** How the spans of the program on record (`a`) are compared with those of the world (`b`). */
  get comparison(): SpanComparison {
    const { spans } = this.#recorded;
    const { world } = this;
    if (this.#compared?.spans !== spans || this.#compared.world !== world) {
      const own = { program: identityOf(world.program), spans: world.hash.spans.map(({ name }) => name) };
      this.#compared = { spans, world, how: compareSpans(this.#recorded, own) };
    }
    return this.#compared.how;
  }

  /** Controls and settings of records that other code does not know, so that they were left out. */
  get unmeant(): readonly string[] {
    return [...this.#unmeant];
  }

  dispose(): void {
    this.#engine[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #otherSpan(tick: number): Divergence | undefined {
    const [span] = this.otherSpans();
    if (span === undefined) return undefined;
    const { a, b } = this.comparison.pairs.find(({ name }) => name === span)!;
    const [recorded, replayed] = [this.#recorded.hashes[a]!, this.world.hash.results[b * 2]!];
    return { tick, span, recorded: wordText(recorded), replayed: wordText(replayed) };
  }

  /** A record with the numbers of other code; undefined for one that means nothing there. */
  #translate(record: WorldRecord, tick: number): WorldRecord | undefined {
    const spans = this.journal.spansAt(tick);
    if (this.#translated?.spans !== spans)
      this.#translated = { spans, translate: recordTranslator(recordNamesIn(spans), this.world.program) };
    const meant = this.#translated.translate(record);
    if (meant === undefined) this.#unmeant.add(meantText(record, spans));
    return meant;
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

/** "control thrust", "setting bots". */
function meantText(record: WorldRecord, spans: readonly string[]): string {
  const { controls, settings } = recordNamesIn(spans);
  if (record.kind === "config") return `setting ${settings[record.setting] ?? record.setting}`;
  return "control" in record ? `control ${controls[record.control] ?? record.control}` : record.kind;
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
