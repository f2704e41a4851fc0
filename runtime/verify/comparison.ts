/**
 * What differs first between two runs of one world: the earliest tick, and in it what is made first. When both were run
 * again and examined at that tick, also the element, both values and who wrote them last.
 */
import { bitsText, valueText } from "../../engine/audit/state-map.ts";
import { type Fault, makeFault } from "../../engine/base/faults.ts";
import { columnOver } from "../../engine/ecs/field.ts";
import type { Examination } from "./examination.ts";
import type { Testimony } from "./witness.ts";

/** Where two testimonies part. */
export interface Difference {
  /** 0 when it is no matter of a tick. */
  readonly tick: number;
  /** What differs, such as "Velocity.x" or "the packet". */
  readonly what: string;
  readonly expected: string;
  readonly found: string;
  /** `what` is a span of the state, so its elements can be compared. */
  readonly isState: boolean;
}

/** The first difference between `found` and `expected`; ticks or frames that one of them has not seen do not count. */
export function findDifference(expected: Testimony, found: Testimony): Difference | undefined {
  const differ = (tick: number, what: string, before: string, after: string, isState = false): Difference => ({
    ...{ tick, what, expected: before, found: after, isState },
  });
  for (const [what, key] of [
    ["the plan", "planHash"],
    ["the schema", "schemaHash"],
  ] as const)
    if (expected[key] !== found[key]) return differ(0, what, expected[key], found[key]);
  const { names } = expected;
  const seesFrames = expected.frameHash !== "" && found.frameHash !== "";
  const count = seesFrames ? names.length : expected.tickNameCount;
  const foundCount = seesFrames ? found.names.length : found.tickNameCount;
  if (names.slice(0, count).join("\n") !== found.names.slice(0, foundCount).join("\n"))
    return differ(0, "the list of what is compared", `${count} entries`, `${foundCount} entries`);
  const lastOf = ({ firstTick, tickCount }: Testimony): number => firstTick + tickCount - 1;
  const last = Math.min(lastOf(expected), lastOf(found));
  for (let tick = Math.max(expected.firstTick, found.firstTick); tick <= last; tick++) {
    const before = (tick - expected.firstTick) * names.length;
    const after = (tick - found.firstTick) * found.names.length;
    for (let at = 0; at < count; at++) {
      const [a, b] = [expected.words[before + at]!, found.words[after + at]!];
      if (a === b) continue;
      const isState = at >= expected.tickNameCount - expected.spanCount && at < expected.tickNameCount;
      return differ(tick, names[at]!, wordText(a), wordText(b), isState);
    }
  }
  if (lastOf(expected) !== lastOf(found))
    return differ(last, "the number of ticks", String(lastOf(expected)), String(lastOf(found)));
  return expected.hash === found.hash ? undefined : differ(last, "the hash", expected.hash, found.hash);
}

/** The fault "race-found" for the first difference between `found` and `expected`; undefined when there is none. */
export function firstDifference(comparison: string, expected: Testimony, found: Testimony): Fault | undefined {
  const difference = findDifference(expected, found);
  return difference === undefined ? undefined : faultOfDifference(comparison, difference);
}

export function faultOfDifference(comparison: string, { tick, what, expected, found }: Difference): Fault {
  return makeFault("race-found", { comparison, tick, what, expected, found });
}

/** The fault "run-differs" for the first element that differs between two examinations of one span at one tick. */
export function elementDifference(comparison: string, expected: Examination, found: Examination): Fault | undefined {
  const element = firstElement(expected, found);
  return element && makeFault("run-differs", { comparison, tick: expected.tick, ...element });
}

/** One element of which two examinations have different bits. */
export interface ElementDifference {
  /** "Velocity.x of entity 512". */
  readonly place: string;
  readonly component: string;
  readonly field: string;
  /** Index of the entity, 0 for what belongs to none. */
  readonly entity: number;
  readonly expected: string;
  readonly found: string;
  /** Who wrote it last in that tick. */
  readonly expectedWriter: string;
  readonly foundWriter: string;
}

/** The first element that differs between two examinations of one span at one tick. */
export function firstElement(expected: Examination, found: Examination): ElementDifference | undefined {
  const { scalar, length, span, component, field } = expected;
  const [before, after] = [expected, found].map(({ bytes }) => {
    // A copy of its own begins at a multiple of what a view wants.
    const { buffer } = bytes.slice();
    const one = columnOver({ scalar, length: 1 }, buffer, 0, 0).BYTES_PER_ELEMENT;
    return columnOver({ scalar, length: 1 }, buffer, 0, Math.floor(bytes.length / one));
  });
  for (let element = 0; element < Math.max(before!.length, after!.length); element++) {
    const values = [before![element] ?? 0, after![element] ?? 0] as const;
    if (Object.is(values[0], values[1])) continue;
    const slot = Math.floor(element / length);
    const inSlot = length > 1 ? `[${element % length}]` : "";
    const isOfEntity = expected.kind === "column" || (expected.kind === "structure" && field !== "dense");
    const text = (value: number): string => `${valueText(value)} (${bitsText(scalar, value)})`;
    return {
      ...{ component, field },
      entity: isOfEntity ? slot : 0,
      place: isOfEntity ? `${span}${inSlot} of entity ${slot}` : `${span} at ${element}`,
      expected: text(values[0]),
      found: text(values[1]),
      expectedWriter: writerOf(expected, element),
      foundWriter: writerOf(found, element),
    };
  }
  return undefined;
}

function writerOf({ writers }: Examination, element: number): string {
  return writers.findLast(([written]) => written === element)?.[1] ?? "nobody";
}

function wordText(word: number): string {
  return word.toString(16).padStart(8, "0");
}
