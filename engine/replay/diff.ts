/**
 * What two lines of a world part by, at one tick: a line is a journal as it was recorded, or its records run again on
 * some code. A line that can be made again is put under the loupe, and two such lines are compared write by write. Of a
 * line that cannot (its code is not at hand, or its memory was changed) only hashes are known: they name the columns, the
 * steps that wrote them on the other side and those that may, the single flipped bit if it was one, and the next keyframe shows what had
 * become of it.
 */
import { placeText, type StatePart } from "../audit/state-map.ts";
import { ByteReader } from "../base/bytes.ts";
import type { Fault } from "../base/faults.ts";
import type { Game } from "../game.ts";
import type { WorldRecord } from "../input/record.ts";
import { plainDecompressor } from "../ports/compressor.ts";
import { SavedWorld } from "../sim/saved-world.ts";
import { type CommandDifference, firstCommandDifference } from "./command-difference.ts";
import { type IdentityDifference, identityDifferences, identityOf } from "./identity.ts";
import type { Journal } from "./journal.ts";
import { sameRecords } from "./journal-comparison.ts";
import { readKeyframe } from "./keyframe.ts";
import { oneBitDifferences } from "./one-bit.ts";
import { compareSpans, type SpanComparison, type SpanSide } from "./recorded-spans.ts";
import { type Divergence, Replay, type ReplayHost } from "./replay.ts";
import { type PossibleWriter, possibleWritersOf, type SpanWriter, writersOf } from "./span-writers.ts";
import {
  type ElementDifference,
  elementDifferences,
  elementsOf,
  firstWriteDifference,
  type TickTrace,
  traceTick,
  type WriteDifference,
} from "./tick-trace.ts";

/** One of the two lines that are compared. */
export interface Line {
  readonly journal: Journal;
  /** The code with which it is made again. */
  readonly game: Game;
  readonly host: ReplayHost;
  /** Whether the line is what the code makes of the records, and not what is on record. */
  readonly isRerun: boolean;
}

/** A span that two lines have other hashes of. */
export interface SpanDifference {
  readonly span: string;
  /** Low halves of the span's hashes. */
  readonly a: number;
  readonly b: number;
}

/** A span that differs, of a line whose values are not known. */
export interface SpanReport extends SpanDifference {
  /** Steps that were seen to write it on the line that could be made again, the last one first. */
  readonly writers: readonly SpanWriter[];
  /** Other steps that may write it by what they declare, in the order of a tick. */
  readonly possible: readonly PossibleWriter[];
  /** The element whose single flipped bit explains the other hash; known only where no other span differs. */
  readonly flipped:
    | (ElementDifference & { readonly place: string; readonly entity: number; readonly bit: number })
    | undefined;
}

export interface PlacedDifference extends ElementDifference {
  readonly place: string;
}

export interface TickReport {
  readonly tick: number;
  /** Records of both lines at the tick, when they differ. */
  readonly records: { readonly a: readonly WorldRecord[]; readonly b: readonly WorldRecord[] } | undefined;
  /** Whether each line could be made again up to the end of the tick. */
  readonly isKnown: { readonly a: boolean; readonly b: boolean };
  readonly faults: { readonly a: Fault | undefined; readonly b: Fault | undefined };
  readonly spans: readonly SpanReport[];
  /** Both lines known, at the first of all ticks: elements that differ before it, as the setup of each game leaves them. */
  readonly setup: readonly PlacedDifference[];
  /** Both lines known, and nothing differs before the tick: the first write that differs. */
  readonly first: WriteDifference | undefined;
  /** Where that write is of the structure phase: the first command that differs, which it carried out. */
  readonly command: CommandDifference | undefined;
  /** Both lines known: elements that differ behind the tick, a few of each span. */
  readonly elements: readonly PlacedDifference[];
  /** One line known: elements that differ at the next keyframe of the other. */
  readonly later: { readonly tick: number; readonly elements: readonly PlacedDifference[] } | undefined;
}

/** Elements that are listed of a span. */
const elementsPerSpan = 4;
/** Ticks that are made again at most to come to a keyframe of a line that is not known. */
const laterTicks = 20_000;

/** Looks at the tick at which two lines part. Their states before it are the same. */
export async function explainTick(a: Line, b: Line, tick: number): Promise<TickReport> {
  const traceA = await traceTick(a.journal, a.game, a.host, tick);
  const traceB = await traceTick(b.journal, b.game, b.host, tick);
  const isKnown = { a: isKnownLine(a, traceA), b: isKnownLine(b, traceB) };
  const recordsA = a.journal.tick(tick)?.records ?? [];
  const recordsB = b.journal.tick(tick)?.records ?? [];
  const known = isKnown.a ? traceA : isKnown.b ? traceB : undefined;
  const bothKnown = isKnown.a && isKnown.b;
  // A tick that a known line did not come to the end of has no hash and no state.
  const isCut = (isKnown.a && traceA.fault !== undefined) || (isKnown.b && traceB.fault !== undefined);
  const [sideA, sideB] = [sideOf(a, traceA, tick), sideOf(b, traceB, tick)];
  const pairs = compareSpans(sideA, sideB).pairs;
  const differences = pairs.flatMap((pair): SpanDifference[] => {
    const [own, theirs] = [sideA.hashes[pair.a]!, sideB.hashes[pair.b]!];
    return isCut || own === theirs ? [] : [{ span: pair.name, a: own, b: theirs }];
  });
  const spans = differences.map((difference): SpanReport => {
    const writers = known === undefined ? [] : writersOf(known, difference.span);
    const target = isKnown.a ? difference.b : difference.a;
    // An ordinary write may look like a flip, as a count does that goes from 4 to 5; it then wrote more than one span.
    const isAlone = differences.length === 1;
    const flipped =
      known === undefined || bothKnown || !isAlone ? undefined : flippedIn(known, difference.span, target, isKnown.a);
    const possible = possibleWritersOf(known ?? traceA, difference.span, writers);
    return { ...difference, writers, possible, flipped };
  });
  const names = new Set(pairs.map(({ name }) => name));
  const shared = bothKnown ? sharedParts(traceA, traceB, names) : [];
  const differing = (when: "before" | "after"): PlacedDifference[] =>
    placed(traceA, elementDifferences(shared, traceA[when], traceB[when], elementsPerSpan));
  const isFirst = tick === a.journal.firstTick && tick === b.journal.firstTick;
  const setup = isFirst ? differing("before") : [];
  const isCompared = bothKnown && setup.length === 0;
  const first = isCompared ? firstWriteDifference(traceA, traceB, names) : undefined;
  return {
    tick,
    records: sameRecords(recordsA, recordsB) ? undefined : { a: recordsA, b: recordsB },
    isKnown,
    faults: { a: traceA.fault, b: traceB.fault },
    spans,
    setup,
    first,
    command: isCompared ? firstCommandDifference(traceA, traceB, first, names) : undefined,
    elements: isCut ? [] : differing("after"),
    later:
      bothKnown || known === undefined
        ? undefined
        : await laterDifferences(isKnown.a ? a : b, isKnown.a ? b : a, known, isKnown.a),
  };
}

/** What a journal's records give on some code. */
export interface Rerun {
  /** Where it is first otherwise; undefined when it never is. */
  readonly divergence: Divergence | undefined;
  /** What ended it. */
  readonly fault: Fault | undefined;
  readonly lastTick: number;
  /**
   * In what the program is another than those on record: `tick` is that of the swap to one, 0 for the one with which the
   * journal begins.
   */
  readonly programs: readonly (IdentityDifference & { readonly tick: number })[];
  /** Spans that say nothing, because the programs differ. */
  readonly left: Pick<SpanComparison, "renumbered" | "alone">;
  /** Controls and settings that the code does not know, so that their records were left out. */
  readonly unmeant: readonly string[];
}

/** The first tick at which a journal's records give another hash on `game`, from its keyframes or the beginning. */
export async function firstDivergence(
  journal: Journal,
  game: Game,
  host: ReplayHost,
  onProgress: (tick: number) => void | Promise<void>,
): Promise<Rerun> {
  using replay = await Replay.open(journal, game, host);
  const programs = new Map<string, Rerun["programs"][number]>();
  const left = { renumbered: new Set<string>(), alone: new Set<string>() };
  let comparison: SpanComparison | undefined;
  const found = (divergence: Divergence | undefined, fault: Fault | undefined, lastTick: number): Rerun => ({
    ...{ divergence, fault, lastTick, programs: [...programs.values()], unmeant: replay.unmeant },
    left: { renumbered: [...left.renumbered], alone: [...left.alone] },
  });
  while (replay.tick < journal.lastTick) {
    if (replay.tick % 600 === 0) await onProgress(replay.tick);
    const tick = replay.tick + 1;
    let divergence: Divergence | undefined;
    let fault: Fault | undefined;
    try {
      divergence = await replay.advance();
    } catch (thrown) {
      fault = replay.engine.status.fault;
      if (fault === undefined) throw thrown;
      divergence = { tick, span: "a fault", recorded: "none", replayed: fault.kind };
    }
    if (replay.comparison !== comparison) {
      comparison = replay.comparison;
      for (const name of comparison.renumbered) left.renumbered.add(name);
      for (const name of comparison.alone) left.alone.add(name);
      const swapTick = journal.swaps.findLast((swap) => swap.tick < tick)?.tick ?? 0;
      for (const difference of identityDifferences(journal.programAt(tick), identityOf(replay.world.program))) {
        const name = `${difference.field} ${difference.journal}`;
        if (!programs.has(name)) programs.set(name, { ...difference, tick: swapTick });
      }
    }
    if (divergence !== undefined) return found(divergence, fault, tick);
  }
  return found(undefined, undefined, replay.tick);
}

function isKnownLine(line: Line, trace: TickTrace): boolean {
  return line.isRerun || (trace.beganAsRecorded && trace.isAsRecorded);
}

/** The spans of a line behind a tick with their hashes: what is on record, or what the code made. */
function sideOf({ journal, isRerun }: Line, trace: TickTrace, tick: number): SpanSide & { hashes: ArrayLike<number> } {
  if (isRerun) return { program: trace.program, spans: [...trace.spans.keys()], hashes: [...trace.spans.values()] };
  return { program: journal.programAt(tick), spans: journal.spansAt(tick), hashes: journal.spanHashes(tick) };
}

/** The parts of these names that lie in the same form in both. */
function sharedParts(a: TickTrace, b: TickTrace, names: ReadonlySet<string>): StatePart[] {
  const theirs = new Map(b.parts.map((part) => [part.name, part]));
  return a.parts.filter(({ name, scalar, length }) => {
    const other = theirs.get(name);
    return names.has(name) && other?.scalar === scalar && other.length === length;
  });
}

/** The one element whose flipped bit gives the hash that the other line has. */
function flippedIn(
  { parts, after, world }: TickTrace,
  span: string,
  target: number | undefined,
  knownIsA: boolean,
): SpanReport["flipped"] {
  const part = parts.find(({ name }) => name === span);
  if (part === undefined || target === undefined) return undefined;
  const bytes = after.bytesOf(span);
  const found = oneBitDifferences(bytes, target);
  if (found.length !== 1) return undefined;
  const [{ word, bit }] = found as [{ word: number; bit: number }];
  const byteAt = word * 4 + (bit >> 3);
  const flipped = bytes.slice();
  flipped[byteAt]! ^= 1 << (bit & 7);
  const element = Math.floor(byteAt / part.elements.BYTES_PER_ELEMENT);
  const [difference] = differencesOf(part, after, flipped).filter((candidate) => candidate.element === element);
  if (difference === undefined) return undefined;
  const bitOfElement = (byteAt % part.elements.BYTES_PER_ELEMENT) * 8 + (bit & 7);
  const turned = knownIsA ? difference : turnedAround(difference);
  const entity = part.kind === "column" ? Math.floor(element / part.length) : 0;
  return { ...turned, place: placeText(world, part, element), entity, bit: bitOfElement };
}

function differencesOf(part: StatePart, saved: SavedWorld, bytes: Uint8Array): ElementDifference[] {
  const other = new SavedWorld();
  other.begin(1, bytes.length + 16);
  other.add(part.name, bytes);
  return elementDifferences([part], saved, other, elementsOf(part, saved).length);
}

function turnedAround({ a, b, aBits, bBits, ...rest }: ElementDifference): ElementDifference {
  return { ...rest, a: b, b: a, aBits: bBits, bBits: aBits };
}

function placed({ world }: TickTrace, differences: readonly ElementDifference[]): PlacedDifference[] {
  return differences.map((difference) => ({
    ...difference,
    place: placeText(world, difference.part, difference.element),
  }));
}

/** Makes the known line again up to the next keyframe of the other one and lists what differs there. */
async function laterDifferences(
  known: Line,
  other: Line,
  { tick, parts, world }: TickTrace,
  knownIsA: boolean,
): Promise<TickReport["later"]> {
  if (other.isRerun) return undefined;
  const entry = other.journal.keyframes.find((candidate) => candidate.tick >= tick);
  if (entry === undefined || entry.tick > Math.min(known.journal.lastTick, tick + laterTicks)) return undefined;
  if (known.journal.swapCountAt(entry.tick + 1) !== known.journal.swapCountAt(tick)) return undefined;
  const bytes = other.journal.keyframeBytes(entry, other.host.decompressor ?? plainDecompressor);
  const section = readKeyframe(bytes, other.journal.path).sections[0]!;
  const theirs = SavedWorld.decode(new ByteReader(section));
  // From before the tick at which they part: a later keyframe of the same journal is of the other line.
  using replay = await Replay.open(known.journal, known.game, known.host, known.journal.keyframeBefore(tick - 1));
  while (replay.tick < entry.tick) await replay.advance();
  const own = replay.world.save();
  const pair = knownIsA ? ([own, theirs] as const) : ([theirs, own] as const);
  const differences = elementDifferences(parts, ...pair, elementsPerSpan);
  const elements = differences.map((each) => ({ ...each, place: placeText(world, each.part, each.element) }));
  return { tick: entry.tick, elements };
}
