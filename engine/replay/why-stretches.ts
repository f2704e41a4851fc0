/**
 * The ticks behind a question, made again under a watch of one entity: a stretch from each keyframe or swap to the next,
 * latest first, as far back as is asked for. What of a value or of a contact began where is looked for over their borders,
 * so that an answer does not depend on where keyframes lie.
 *
 * The rule a reader could break: an index has several owners one after the other, and an owner has a component for a while:
 * a write from before that is not of this value.
 */
import { bitsText, type StatePart, stateParts } from "../audit/state-map.ts";
import type { Game } from "../game.ts";
import { EntityWatch, type EventNote, type Presence, type Write } from "./entity-watch.ts";
import type { Journal } from "./journal.ts";
import { Replay, type ReplayHost } from "./replay.ts";
import type { WhyContact, WhyOptions, WhyQuestion } from "./why-chain.ts";
import { numberOf } from "./why-inputs.ts";

/** Ticks that were made again under a watch, and the watch. */
export interface Stretch {
  /** The tick behind which it begins. */
  readonly fromTick: number;
  readonly watch: EntityWatch;
  readonly parts: readonly StatePart[];
  /** As it was left, behind the last tick of the stretch; its engine is gone. */
  readonly world: Replay["world"];
}

/** Where a value is from: a write, its component's coming, a swap that brought or changed it, or what lies before all that. */
export type Origin =
  | { readonly kind: "write"; readonly write: Write; readonly stretch: Stretch }
  | { readonly kind: "coming"; readonly presence: Presence; readonly stretch: Stretch; readonly value: number }
  | {
      readonly kind: "swap";
      readonly stretch: Stretch;
      /** What it was in the program before, in whose shape its bits are; undefined when it had no such. */
      readonly before: { readonly value: number; readonly bits: string } | undefined;
      readonly value: number;
    }
  | { readonly kind: "beginning"; readonly stretch: Stretch; readonly value: number };

/** A row of an event, and the stretch in which it was emitted, as far as is known. */
export interface SeenEvent {
  readonly note: EventNote;
  readonly stretch: Stretch;
}

export class Stretches {
  readonly journal: Journal;
  readonly #game: Game;
  readonly #host: ReplayHost;
  readonly #question: WhyQuestion;
  readonly #options: WhyOptions;
  /** Latest first. */
  readonly #known: Stretch[] = [];

  constructor(journal: Journal, game: Game, host: ReplayHost, question: WhyQuestion, options: WhyOptions) {
    this.journal = journal;
    this.#game = game;
    this.#host = host;
    this.#question = question;
    this.#options = options;
  }

  /** The stretch that is so many before that of the question; undefined behind the last one that is looked at. */
  async at(number: number): Promise<Stretch | undefined> {
    while (number >= this.#known.length)
      if (!(await this.#goBack(this.#known.at(-1)?.fromTick ?? this.#question.tick))) return undefined;
    return this.#known[number];
  }

  /** The stretch of the question. */
  async last(): Promise<Stretch> {
    return (await this.at(0))!;
  }

  /** The tick up to which everything is known. */
  get horizon(): number {
    return Math.max(this.journal.startTick, this.#question.tick - this.#options.ticksBack);
  }

  /** Where the value that a field has at `tick` before step `beforeStep` is from. */
  async originOf(part: StatePart, slot: number, tick: number, beforeStep: number): Promise<Origin> {
    const { name, owner } = part;
    for (let number = 0; ; number++) {
      const stretch = (await this.at(number))!;
      if (stretch.fromTick >= tick) continue;
      const { watch } = stretch;
      const counts = isBefore(tick, beforeStep);
      const write = watch.writesOf(name, slot).findLast(counts);
      const coming = comingOf(watch.presences, owner, counts);
      if (write !== undefined && (coming === undefined || !precedes(write, coming)))
        return { kind: "write", write, stretch };
      const value = write?.after ?? watch.endsOf(name, slot)?.first ?? 0;
      if (coming !== undefined) return { kind: "coming", presence: coming, stretch, value };
      const earlier = await this.at(number + 1);
      if (earlier === undefined) return { kind: "beginning", stretch, value };
      const had = earlier.watch.presences.at(-1)!.components.includes(owner);
      const last = had ? earlier.watch.endsOf(name, slot)?.last : undefined;
      // A keyframe between two stretches changes nothing; a swap may.
      if (last !== undefined && Object.is(last, value)) continue;
      const { scalar } = earlier.parts.find((known) => known.name === name) ?? part;
      const before = last === undefined ? undefined : { value: last, bits: bitsText(scalar, last) };
      return { kind: "swap", stretch, before, value };
    }
  }

  /**
   * The events of a stretch that count. A row that was there when it began is told as it lies in the world behind that
   * border, with the emitter that the stretch before knows.
   */
  async eventsIn(stretch: Stretch, counts: (note: EventNote) => boolean): Promise<SeenEvent[]> {
    const seen: SeenEvent[] = [];
    for (const note of stretch.watch.events.filter(counts)) {
      const earlier = note.by === undefined ? await this.at(this.#known.indexOf(stretch) + 1) : undefined;
      const emitted = earlier?.watch.events.find(
        ({ tick, kind, row }) => tick === note.tick && kind === note.kind && row === note.row,
      );
      if (emitted === undefined) seen.push({ note, stretch });
      else seen.push({ note: { ...note, by: emitted.by }, stretch: earlier! });
    }
    return seen;
  }

  /** Whom the body touches at a tick of stretch `stretch`, and since when; by ascending entity. */
  async contactsAt(stretch: Stretch, tick: number): Promise<WhyContact[]> {
    const first = this.#known.indexOf(stretch);
    const { touches } = stretch.watch;
    const at = touches.findLastIndex((note) => note.tick <= tick);
    const contacts: WhyContact[] = [];
    for (const { entity, isSensor } of touches[at]?.touched ?? []) {
      const sinceTick = await this.#touchingSince(entity, first, at);
      const isOlder = sinceTick <= this.horizon && this.horizon > 0;
      contacts.push({ entity, isSensor, sinceTick: Math.max(sinceTick, this.horizon), isOlder });
    }
    return contacts;
  }

  /** The tick at which a contact began that is there in note `at` of stretch `number`; that of the beginning when it is older. */
  async #touchingSince(entity: number, number: number, at: number): Promise<number> {
    for (let stretch = this.#known[number]!, note = at; ; ) {
      const { touches } = stretch.watch;
      const isThere = (of: number): boolean => touches[of]!.touched.some((other) => other.entity === entity);
      while (note > 0 && isThere(note - 1)) note--;
      if (note > 0) return touches[note]!.tick;
      const earlier = await this.at(++number);
      if (earlier === undefined) return stretch.fromTick;
      const last = earlier.watch.touches.length - 1;
      if (!earlier.watch.touches[last]!.touched.some((other) => other.entity === entity)) return stretch.fromTick;
      stretch = earlier;
      note = last;
    }
  }

  /** Makes the ticks before those that are known again, from the keyframe before them. False when there are none. */
  async #goBack(toTick: number): Promise<boolean> {
    if (toTick <= this.journal.startTick || toTick <= this.#question.tick - this.#options.ticksBack) return false;
    const keyframe = this.journal.keyframeBefore(toTick - 1);
    const replay = await Replay.open(this.journal, this.#game, this.#host, keyframe);
    const made: Stretch[] = [];
    try {
      const begin = (): void => {
        const { world } = replay;
        const watch = new EntityWatch(world, this.#question.entity);
        made.push({ fromTick: replay.tick, watch, parts: stateParts(world), world });
      };
      begin();
      while (replay.tick < toTick) {
        if (replay.isSwapDue) {
          made.at(-1)!.watch.end();
          await replay.passSwaps();
          begin();
        }
        replay.step();
      }
      made.at(-1)!.watch.end();
    } finally {
      replay.dispose();
    }
    this.#known.push(...made.reverse());
    return true;
  }
}

/** The last write of a field that a step could see: none of an earlier owner, or of a component that is gone. */
export function lastSeenWrite(
  { watch }: Stretch,
  { name, owner }: StatePart,
  slot: number,
  tick: number,
  beforeStep: number,
): Write | undefined {
  const counts = isBefore(tick, beforeStep);
  const write = watch.writesOf(name, slot).findLast(counts);
  if (write === undefined || watch.presences.findLast(counts)?.components.includes(owner) === false) return undefined;
  const coming = comingOf(watch.presences, owner, counts);
  return coming !== undefined && precedes(write, coming) ? undefined : write;
}

function isBefore(tick: number, beforeStep: number): (known: Pick<Write | Presence, "tick" | "step">) => boolean {
  return ({ tick: at, step }) => at < tick || (at === tick && numberOf(step ?? "outside") < beforeStep);
}

/** The last presence of those that count in which a component came, or its entity did; undefined when none did. */
function comingOf(
  presences: readonly Presence[],
  component: string,
  counts: (presence: Presence) => boolean,
): Presence | undefined {
  const has = (presence: Presence | undefined): boolean => presence?.components.includes(component) === true;
  for (let at = presences.findLastIndex(counts); at > 0; at--) {
    const [before, now] = [presences[at - 1]!, presences[at]!];
    if (has(now) && (!has(before) || before.generation !== now.generation)) return now;
  }
  return undefined;
}

function precedes(write: Write, { tick, step }: Presence): boolean {
  return write.tick < tick || (write.tick === tick && numberOf(write.step) < numberOf(step ?? "outside"));
}
