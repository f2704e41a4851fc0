/**
 * What a journal says of the hashed spans behind a tick, by their names, and which of them mean the same in another
 * program. A column means the same wherever it is: it is known by its name. Some spans hold numbers that are places in
 * lists of a program, or are as long as a limit says; where those differ, equal states have other hashes.
 *
 * Given a journal and one tick after the other, hands on names and hashes. The rule a reader could break: a hash belongs to
 * the name at the same place, and both are others behind a swap.
 */
import type { ProgramIdentity } from "./identity.ts";
import type { Journal } from "./journal.ts";
import { recordNamesIn } from "./record-names.ts";
import type { JournalTick } from "./wire.ts";

/** A program as a journal, or a world, has it: who it is and the names of its hashed spans. */
export interface SpanSide {
  readonly program: ProgramIdentity;
  readonly spans: readonly string[];
}

/** The spans behind the last tick that was taken, as recorded. */
export class RecordedSpans implements SpanSide {
  readonly #journal: Journal;
  #swapCount: number;
  #hashes: Uint32Array;

  /** Stands behind `tick`, which is on record or the one behind which the journal begins. */
  constructor(journal: Journal, tick: number) {
    this.#journal = journal;
    this.#swapCount = journal.swapCountAt(tick);
    // Where a journal begins nothing is known: its first tick lists all spans.
    this.#hashes = tick > journal.startTick ? journal.spanHashes(tick) : new Uint32Array(this.spans.length);
  }

  get program(): ProgramIdentity {
    return this.#side.program;
  }

  get spans(): readonly string[] {
    return this.#side.spans;
  }

  /** Low half of each span's hash, in the order of `spans`. */
  get hashes(): Uint32Array {
    return this.#hashes;
  }

  /** Goes on by the next tick. */
  take({ tick, changed }: JournalTick): void {
    const { swaps } = this.#journal;
    const swapCount = this.#swapCount;
    while ((swaps[this.#swapCount]?.tick ?? tick) < tick) this.#swapCount++;
    // The first tick behind a swap lists all spans.
    if (this.#swapCount !== swapCount) this.#hashes = new Uint32Array(this.spans.length);
    for (let i = 0; i < changed.length; i += 2) this.#hashes[changed[i]!] = changed[i + 1]!;
  }

  get #side(): SpanSide {
    return this.#journal.swaps[this.#swapCount - 1] ?? this.#journal.header;
  }
}

/** A span that two programs have, and that means the same in both: its numbers there. */
export interface SpanPair {
  readonly name: string;
  readonly a: number;
  readonly b: number;
}

export interface SpanComparison {
  /** In the order of the first program. */
  readonly pairs: readonly SpanPair[];
  /** Spans of both whose bytes mean something else in each. */
  readonly renumbered: readonly string[];
  /** Spans that only one of them has. */
  readonly alone: readonly string[];
}

/** Which spans of two programs are to be compared. */
export function compareSpans(a: SpanSide, b: SpanSide): SpanComparison {
  const isOther = renumberedBetween(a, b);
  const theirs = new Map(b.spans.map((name, number) => [name, number]));
  const shared = a.spans.flatMap((name, number): SpanPair[] => {
    const other = theirs.get(name);
    return other === undefined ? [] : [{ name, a: number, b: other }];
  });
  const names = new Set(shared.map(({ name }) => name));
  return {
    pairs: shared.filter(({ name }) => !isOther(name)),
    renumbered: shared.map(({ name }) => name).filter(isOther),
    alone: [...a.spans, ...b.spans].filter((name) => !names.has(name)),
  };
}

/** Spans that hold numbers of meshes and materials: places in the sorted lists of a look. */
const lookSpans: readonly string[] = ["Renderable.material", "Renderable.mesh"];

/**
 * Whether a span's bytes mean something else in each program. A hash says only that schemas or plans differ and not by
 * what, so all that could mean something else counts.
 */
function renumberedBetween(a: SpanSide, b: SpanSide): (name: string) => boolean {
  const [ours, theirs] = [a.program, b.program];
  const hasSchema = ours.schemaHash === theirs.schemaHash;
  const hasPlan = ours.planHash === theirs.planHash;
  const hasControls = recordNamesIn(a.spans).controls.join() === recordNamesIn(b.spans).controls.join();
  const hasPlayers = ours.limits.players === theirs.limits.players;
  const hasResources = ours.limits.resources === theirs.limits.resources;
  return (name) => {
    // The streams of all systems are one span, in the order of the plan.
    if (name === "Random.streams") return !hasPlan;
    if (name === "Input.seats") return !(hasControls && hasPlayers);
    if (name === "Resources.versions") return !(hasSchema && hasResources);
    // A row of masks has a bit for each component, by its number.
    if (name.startsWith("Entities.mask") || name.startsWith("Events.")) return !hasSchema;
    return !hasSchema && lookSpans.includes(name);
  };
}
