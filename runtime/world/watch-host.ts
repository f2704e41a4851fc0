/**
 * The main thread's side of watches: says what is to be watched, and turns what the engine thread records into lines.
 * Places come from the command line and, while the world runs, from lines such as "watch Velocity.x:512".
 */
import type { WatchNames } from "../../engine/audit/watches.ts";
import { type WatchRecord, WatchRing, watchStep } from "../../engine/trace/watch-ring.ts";

/** How often records are fetched; the ring holds what a fast run writes between two looks. */
const fetchMillis = 50;
const recordCount = 65_536;

export class WatchHost {
  readonly ring = WatchRing.allocate(recordCount);
  readonly #print: (line: string) => void;
  readonly #places = new Set<string>();
  readonly #timer: NodeJS.Timeout;
  #names: WatchNames | undefined;
  #next = 0;

  /** Watches `places` from the first tick on; `print` is given a line a change. */
  constructor(places: readonly string[], print: (line: string) => void) {
    this.#print = print;
    for (const place of places) this.#places.add(place);
    this.#wish();
    this.#timer = setInterval(() => this.#fetch(), fetchMillis).unref();
  }

  /** What columns and steps are called, from the engine thread. */
  named(names: WatchNames): void {
    this.#names = names;
  }

  /** Obeys "watch PLACE", "unwatch PLACE" and "unwatch"; says what is watched, or what it understands. */
  obey(line: string): void {
    const [verb = "", ...places] = line.trim().split(/[\s,]+/);
    if (verb === "") return;
    if (verb === "watch" && places.length > 0) for (const place of places) this.#places.add(place);
    else if (verb === "unwatch" && places.length > 0) for (const place of places) this.#places.delete(place);
    else if (verb === "unwatch") this.#places.clear();
    else {
      this.#print(`"${line.trim()}" is no order; say "watch Velocity.x:512", "unwatch Velocity.x:512" or "unwatch".`);
      return;
    }
    this.#wish();
    this.#print(`watching ${[...this.#places].join(", ") || "nothing"}`);
  }

  /** Prints what is left and ends. */
  close(): void {
    clearInterval(this.#timer);
    this.#fetch();
  }

  #wish(): void {
    if (!this.ring.wish([...this.#places])) this.#print("There are more places to watch than there is room for.");
  }

  #fetch(): void {
    if (this.#names === undefined) return;
    const { records, next, missed } = this.ring.read(this.#next);
    this.#next = next;
    if (missed > 0) this.#print(`${missed} changes came faster than they could be fetched`);
    for (const record of records) this.#print(watchLine(record, this.#names));
  }
}

/** `tick 1841, frame 1840: Velocity.x of entity 512 is 1.5 by steer-tugs`. */
export function watchLine(
  { frame, tick, step, column, entity, element, value }: WatchRecord,
  names: WatchNames,
): string {
  const name = names.columns[column] ?? `column ${column}`;
  const writer =
    step === watchStep.found ? "" : ` by ${step === watchStep.outside ? "something between ticks" : names.steps[step]}`;
  const inSlot = element > 0 ? `[${element}]` : "";
  const text = Object.is(value, -0) ? "-0" : String(value);
  return `tick ${tick}, frame ${frame}: ${name}${inSlot} of entity ${entity} is ${text}${writer}`;
}
