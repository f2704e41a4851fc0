/** What differs first between two runs of one world: the earliest tick, and in it what is made first. */
import { type Fault, makeFault } from "../../engine/base/faults.ts";
import type { Testimony } from "./witness.ts";

/** The fault "race-found" for the first difference between `found` and `expected`; undefined when there is none. */
export function firstDifference(comparison: string, expected: Testimony, found: Testimony): Fault | undefined {
  const { names } = expected;
  const race = (tick: number, what: string, before: string, after: string): Fault =>
    makeFault("race-found", { comparison, tick, what, expected: before, found: after });
  if (names.join("\n") !== found.names.join("\n"))
    return race(0, "the list of what is compared", `${names.length} entries`, `${found.names.length} entries`);
  const end = Math.min(expected.words.length, found.words.length);
  for (let at = 0; at < end; at++)
    if (expected.words[at] !== found.words[at])
      return race(
        Math.floor(at / names.length) + 1,
        names[at % names.length]!,
        wordText(expected.words[at]!),
        wordText(found.words[at]!),
      );
  if (expected.tickCount !== found.tickCount)
    return race(end / names.length, "the number of ticks", String(expected.tickCount), String(found.tickCount));
  if (expected.hash !== found.hash) return race(found.tickCount, "the hash", expected.hash, found.hash);
  return undefined;
}

function wordText(word: number): string {
  return word.toString(16).padStart(8, "0");
}
