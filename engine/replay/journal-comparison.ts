/**
 * Two journals side by side: the first tick at which their records differ and the first at which their hashes do. Blocks
 * that have the same checksum and length are passed over without decoding them, which is what makes an hour a matter of
 * a second. Those of programs with another schema or plan are compared span by span, by name.
 */
import { ByteWriter } from "../base/bytes.ts";
import { encodeRecord, type WorldRecord } from "../input/record.ts";
import type { Journal } from "./journal.ts";
import { compareSpans, RecordedSpans, type SpanComparison } from "./recorded-spans.ts";
import type { JournalTick } from "./wire.ts";

export interface JournalDifference {
  /** The first tick with other records; 0 when they are the same as far as both go. */
  readonly recordsTick: number;
  /** The first tick with another hash; 0 when there is none as far as both go. */
  readonly hashTick: number;
  /** Ticks that both journals have. */
  readonly fromTick: number;
  readonly toTick: number;
  /** Swaps before the first other hash that only one of them has, by tick. */
  readonly otherSwapTick: number;
}

/**
 * Journals of programs that number their state otherwise have other hashes from the first tick on: of those, the spans that
 * mean the same in both are compared.
 */
export function compareJournals(a: Journal, b: Journal): JournalDifference {
  const fromTick = Math.max(a.firstTick, b.firstTick);
  const toTick = Math.min(a.lastTick, b.lastTick);
  let recordsTick = 0;
  let hashTick = 0;
  const spans = isNumberedAlike(a, b) ? undefined : new SharedSpans(a, b, fromTick - 1);
  for (let tick = fromTick; tick <= toTick && hashTick === 0; tick++) {
    const ours = a.blockOf(tick)!;
    const theirs = b.blockOf(tick)!;
    if (
      spans === undefined &&
      ours.sum === theirs.sum &&
      ours.byteLength === theirs.byteLength &&
      ours.lastTick === theirs.lastTick
    ) {
      tick = ours.lastTick;
      continue;
    }
    const one = a.tick(tick)!;
    const other = b.tick(tick)!;
    if (recordsTick === 0 && !sameRecords(one.records, other.records)) recordsTick = tick;
    const isOther =
      spans === undefined
        ? one.hashHigh !== other.hashHigh || one.hashLow !== other.hashLow
        : spans.areOther(one, other);
    if (isOther) hashTick = tick;
  }
  return { recordsTick, hashTick, fromTick, toTick, otherSwapTick: otherSwap(a, b, hashTick || toTick + 1) };
}

/** Whether all programs of both, in their order, have the same schema and plan. */
function isNumberedAlike(a: Journal, b: Journal): boolean {
  const [ours, theirs] = [a, b].map(({ header, swaps }) =>
    [header, ...swaps].map(({ program: { schemaHash, planHash } }) => `${schemaHash} ${planHash}`).join("; "),
  );
  return ours === theirs;
}

/** The spans of two journals that mean the same in both, tick by tick. */
class SharedSpans {
  readonly #a: RecordedSpans;
  readonly #b: RecordedSpans;
  #known: { readonly a: readonly string[]; readonly b: readonly string[]; readonly how: SpanComparison } | undefined;

  /** Stands behind `tick`. */
  constructor(a: Journal, b: Journal, tick: number) {
    this.#a = new RecordedSpans(a, tick);
    this.#b = new RecordedSpans(b, tick);
  }

  /** Takes the next tick of both; whether a span of it differs. */
  areOther(one: JournalTick, other: JournalTick): boolean {
    const [a, b] = [this.#a, this.#b];
    a.take(one);
    b.take(other);
    if (this.#known?.a !== a.spans || this.#known.b !== b.spans)
      this.#known = { a: a.spans, b: b.spans, how: compareSpans(a, b) };
    return this.#known.how.pairs.some((pair) => a.hashes[pair.a] !== b.hashes[pair.b]);
  }
}

export function sameRecords(a: readonly WorldRecord[], b: readonly WorldRecord[]): boolean {
  if (a.length !== b.length) return false;
  if (a.length === 0) return true;
  const [ours, theirs] = [a, b].map((records) => {
    const writer = new ByteWriter();
    for (const record of records) encodeRecord(writer, record);
    return writer.view();
  }) as [Uint8Array, Uint8Array];
  return ours.length === theirs.length && ours.every((byte, at) => byte === theirs[at]);
}

/** The first tick before `end` behind which only one journal swaps, or to other code; 0 when there is none. */
function otherSwap(a: Journal, b: Journal, end: number): number {
  const texts = [a, b].map((journal) =>
    journal.swaps
      .filter(({ tick }) => tick < end)
      .map(({ tick, code, program }) => [tick, code?.hash, program.planHash].join(" ")),
  ) as [string[], string[]];
  const [ours, theirs] = texts;
  const only = [...ours.filter((text) => !theirs.includes(text)), ...theirs.filter((text) => !ours.includes(text))];
  return only.length === 0 ? 0 : Math.min(...only.map((text) => Number.parseInt(text, 10)));
}
