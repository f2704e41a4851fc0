/** Compares the journals of two runs of one world and says at which tick and in which span they part. */
import { hashHex } from "../../engine/base/hash.ts";
import { identityDifference } from "../../engine/replay/identity.ts";
import { type Journal, readJournal } from "../../engine/replay/journal.ts";
import type { JournalTick } from "../../engine/replay/wire.ts";

/** The hashes of all ticks, sixteen digits each. */
export function tickHashes(journal: Journal): string[] {
  return journal.ticks.map(({ hashHigh, hashLow }) => hashHex(hashHigh, hashLow));
}

/** Where two runs part, or undefined when every tick hash, span hash and record is equal. */
export function difference(expected: Uint8Array, actual: Uint8Array): string | undefined {
  if (Buffer.compare(expected, actual) === 0) return undefined;
  const ours = readJournal(expected, "expected");
  const theirs = readJournal(actual, "actual");
  const identity = identityDifference(ours.header.program, theirs.header.program);
  if (identity !== undefined) return `${identity.field}: ${identity.journal} and ${identity.program}`;
  if (ours.header.spans.join() !== theirs.header.spans.join())
    return `spans: ${ours.header.spans} and ${theirs.header.spans}`;
  for (let tick = 1; tick <= Math.min(ours.tickCount, theirs.tickCount); tick++) {
    const found = tickDifference(ours.tick(tick)!, theirs.tick(tick)!, ours.header.spans);
    if (found !== undefined) return `tick ${tick}: ${found}`;
  }
  if (ours.tickCount !== theirs.tickCount) return `${ours.tickCount} and ${theirs.tickCount} ticks`;
  return "bytes that are neither header nor ticks";
}

function tickDifference(ours: JournalTick, theirs: JournalTick, spans: readonly string[]): string | undefined {
  const records = [ours, theirs].map((tick) => JSON.stringify(tick.records));
  if (records[0] !== records[1]) return `records ${records.join(" and ")}`;
  const hashes = (tick: JournalTick): Map<number, number> => {
    const bySpan = new Map<number, number>();
    for (let i = 0; i < tick.changed.length; i += 2) bySpan.set(tick.changed[i]!, tick.changed[i + 1]!);
    return bySpan;
  };
  // Until here every span was equal, so a span that changed on one side only differs as well.
  const [a, b] = [hashes(ours), hashes(theirs)];
  for (let span = 0; span < spans.length; span++)
    if (a.get(span) !== b.get(span)) return `${spans[span]}, and maybe spans after it`;
  return ours.hashHigh === theirs.hashHigh && ours.hashLow === theirs.hashLow ? undefined : "the chain of hashes";
}
