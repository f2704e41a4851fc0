/**
 * The main thread's side of watches: says what is to be watched, and turns what the engine thread records into lines.
 * Places come from the command line and, while the world runs, from lines such as "watch Velocity.x:512".
 */

import type { RefusedWatch, WatchNames } from "../../engine/audit/watches.ts";
import { counted } from "../../engine/base/wording.ts";
import { type WatchRecord, WatchRing, watchStep } from "../../engine/trace/watch-ring.ts";

/** What the engine thread says of watches. */
export type WatchNews =
  /** What is watched has these names. */
  | { readonly kind: "watching"; readonly names: WatchNames }
  /** What cannot be watched. */
  | { readonly kind: "watches-refused"; readonly refused: readonly RefusedWatch[] };

/** How often records are fetched; the ring holds what a fast run writes between two looks. */
const fetchMillis = 50;
const recordCount = 65_536;

export class WatchHost {
  readonly ring = WatchRing.allocate(recordCount);
  readonly #print: (line: string) => void;
  /** What is wished for and has not been refused. */
  #places: ReadonlySet<string>;
  readonly #timer: NodeJS.Timeout;
  #names: WatchNames | undefined;
  #namedCount = 0;
  #next = 0;

  /** Watches `places` from the first tick on; `print` is given a line a change. */
  constructor(places: readonly string[], print: (line: string) => void) {
    this.#print = print;
    this.#places = new Set();
    this.#wish(new Set(places));
    this.#timer = setInterval(() => this.#fetch(), fetchMillis).unref();
  }

  /** What columns and steps are called, from the engine thread; what came before them has the names of before. */
  named(names: WatchNames): void {
    if (this.#names !== undefined) this.#printUpTo(names.from);
    this.#names = names;
    this.#namedCount++;
  }

  /** What the world does not have leaves the list. */
  refused(refused: readonly RefusedWatch[]): void {
    const places = new Set(this.#places);
    for (const { place } of refused) places.delete(place);
    if (places.size === this.#places.size) return;
    this.#wish(places);
    this.#sayPlaces();
  }

  /** Obeys "watch PLACE", "unwatch PLACE" and "unwatch"; says what is watched, or what it understands. */
  obey(line: string): void {
    const [verb = "", ...places] = line.trim().split(/[\s,]+/);
    if (verb === "") return;
    const wished = new Set(this.#places);
    if (verb === "watch" && places.length > 0) for (const place of places) wished.add(place);
    else if (verb === "unwatch" && places.length > 0) {
      for (const place of places) if (!wished.delete(place)) this.#print(`${place} was not watched`);
    } else if (verb === "unwatch") wished.clear();
    else {
      this.#print(`"${line.trim()}" is no order; say "watch Velocity.x:512", "unwatch Velocity.x:512" or "unwatch".`);
      return;
    }
    this.#wish(wished);
    this.#sayPlaces();
  }

  /** Prints what is left and ends. */
  close(): void {
    clearInterval(this.#timer);
    if (this.#names !== undefined) this.#printUpTo(this.ring.written);
  }

  #wish(places: ReadonlySet<string>): void {
    if (this.ring.wish([...places])) this.#places = places;
    else this.#print("There are more places to watch than there is room for.");
  }

  #sayPlaces(): void {
    this.#print(`watching ${[...this.#places].join(", ") || "nothing"}`);
  }

  #fetch(): void {
    // When another program has begun to write, its names are on their way.
    if (this.#names !== undefined && this.ring.namingCount === this.#namedCount) this.#printUpTo(this.ring.written);
  }

  /** Prints the records before number `end` that have not been printed. */
  #printUpTo(end: number): void {
    const { records, missed } = this.ring.read(this.#next);
    if (missed > 0) this.#print(`${counted(missed, "change")} came faster than they could be fetched`);
    const first = (this.#next + missed) | 0;
    const count = Math.max(0, (end - first) | 0);
    for (const record of records.slice(0, count)) this.#print(watchLine(record, this.#names!));
    this.#next = (first + Math.min(count, records.length)) >>> 0;
  }
}

/**
 * `tick 1841, frame 1840: Velocity.x of entity 512 is 1.5 by steer-tugs`; `by a command of rain-crates` for what the
 * structure phase wrote, `by setup` for what is found before the first tick; `is absent` for who does not have the component.
 */
export function watchLine(
  { frame, tick, step, column, entity, element, value, isByCommand }: WatchRecord,
  names: WatchNames,
): string {
  const name = names.columns[column] ?? `column ${column}`;
  const isFound = step === watchStep.found;
  const by = isFound ? "setup" : step === watchStep.outside ? "something between ticks" : names.steps[step];
  const writer = isFound && (tick > 0 || value === undefined) ? "" : ` by ${isByCommand ? "a command of " : ""}${by}`;
  const inSlot = element > 0 ? `[${element}]` : "";
  const text = value === undefined ? "absent" : Object.is(value, -0) ? "-0" : String(value);
  return `tick ${tick}, frame ${frame}: ${name}${inSlot} of entity ${entity} is ${text}${writer}`;
}
