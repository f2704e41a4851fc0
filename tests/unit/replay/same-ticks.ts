/** Whether a list of journal ticks is the beginning of another: every hash, changed span and record. */
import type { JournalTick } from "../../../engine/replay/wire.ts";

/** The first place in which `found` is not the beginning of `real`, as text; undefined when it is. */
export function prefixDifference(found: readonly JournalTick[], real: readonly JournalTick[]): string | undefined {
  if (found.length > real.length) return `${found.length} ticks of ${real.length}`;
  for (let i = 0; i < found.length; i++) {
    const ours = found[i]!;
    const theirs = real[i]!;
    const isSame =
      ours.tick === theirs.tick &&
      ours.hashHigh === theirs.hashHigh &&
      ours.hashLow === theirs.hashLow &&
      ours.changed.length === theirs.changed.length &&
      ours.records.length === theirs.records.length &&
      ours.changed.every((word, at) => word === theirs.changed[at]) &&
      (ours.records.length === 0 || JSON.stringify(ours.records) === JSON.stringify(theirs.records));
    if (!isSame) return `tick ${theirs.tick}`;
  }
  return undefined;
}
