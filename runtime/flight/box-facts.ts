/** What is told of a black box whatever it is kept in, a file or a page, and what it is called. */
import type { Journal } from "../../engine/replay/journal.ts";

/** A run that did not end well, or one that goes on and was asked for a box. */
export type BoxKind = "crash" | "box";

export interface BoxFacts {
  readonly kind: BoxKind;
  /** The ticks that it can make again. */
  readonly firstTick: number;
  readonly lastTick: number;
  /** How long they took, at the rates at which they were made. */
  readonly seconds: number;
}

export function boxFactsOf(kind: BoxKind, journal: Journal): BoxFacts {
  const { firstTick, lastTick } = journal;
  return { kind, firstTick, lastTick, seconds: secondsOf(journal) };
}

/** The name of a box's file: what it is, when it was made, its last tick, and which of those of that moment, from 1. */
export function boxName(kind: BoxKind, moment: Date, tick: number, copy = 1): string {
  const date = moment.toISOString().replace(/[-:]/g, "").slice(0, 15);
  return `${kind}-${date}-${tick}${copy === 1 ? "" : `-${copy}`}.orb`;
}

/** The time that a journal's ticks stand for: a swap may have changed their rate. */
function secondsOf(journal: Journal): number {
  const { startTick, lastTick, swaps } = journal;
  const borders = [startTick, ...swaps.map(({ tick }) => tick).filter((tick) => tick > startTick), lastTick];
  let seconds = 0;
  for (let at = 1; at < borders.length; at++)
    seconds += (borders[at]! - borders[at - 1]!) / journal.programAt(borders[at]!).tickRate;
  return seconds;
}
