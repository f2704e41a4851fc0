/**
 * Two journals side by side: the first tick at which their records differ and the first at which their hashes do. Blocks
 * that have the same checksum and length are passed over without decoding them, which is what makes an hour a matter of
 * a second.
 */
import { ByteWriter } from "../base/bytes.ts";
import { encodeRecord, type WorldRecord } from "../input/record.ts";
import type { Journal } from "./journal.ts";

/** A span that two journals have other hashes of. */
export interface SpanDifference {
  readonly span: string;
  /** Low halves of the span's hashes; undefined where a program has no such span. */
  readonly a: number | undefined;
  readonly b: number | undefined;
}

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

export function compareJournals(a: Journal, b: Journal): JournalDifference {
  const fromTick = Math.max(a.firstTick, b.firstTick);
  const toTick = Math.min(a.lastTick, b.lastTick);
  let recordsTick = 0;
  let hashTick = 0;
  for (let tick = fromTick; tick <= toTick && hashTick === 0; tick++) {
    const ours = a.blockOf(tick)!;
    const theirs = b.blockOf(tick)!;
    if (ours.sum === theirs.sum && ours.byteLength === theirs.byteLength && ours.lastTick === theirs.lastTick) {
      tick = ours.lastTick;
      continue;
    }
    const one = a.tick(tick)!;
    const other = b.tick(tick)!;
    if (recordsTick === 0 && !sameRecords(one.records, other.records)) recordsTick = tick;
    if (one.hashHigh !== other.hashHigh || one.hashLow !== other.hashLow) hashTick = tick;
  }
  return { recordsTick, hashTick, fromTick, toTick, otherSwapTick: otherSwap(a, b, hashTick || toTick + 1) };
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
