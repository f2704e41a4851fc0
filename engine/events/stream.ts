/**
 * Combined streams: rows of several event kinds as one list, in the order in which they were emitted. A system hears a
 * stream as it hears a kind: `hears: [combineEvents("Impacts", [Hit, Landed])]`.
 *
 *     for (let i = 0; i < Impacts.count; i++) {
 *       const row = Impacts.rowOf(i);
 *       if (Impacts.kindOf(i) === Hit) force += Impacts.of.Hit.columns.force[row]!;
 *     }
 *
 * The order is that of the plan, then of emission, across kinds: rows carry the number of their emission in a hidden
 * column. The list is derived from the tables, which lie in the arena, so nothing of it is saved.
 */
import { raise } from "../base/faults.ts";
import { checkName } from "../ecs/component.ts";
import type { EventKind, EventReader, EventRows } from "./event.ts";
import type { EventTable } from "./table.ts";

export interface EventStream<N extends string = string, K extends EventKind = EventKind> {
  readonly name: N;
  readonly kinds: readonly K[];
}

/** What a system may hear: a kind, or several as one stream. */
export type EventSource = EventKind | EventStream;

const kindsMax = 255;

/** Defines a stream of several kinds. Raises "bad-definition". */
export function combineEvents<const N extends string, const K extends EventKind>(
  name: N,
  kinds: readonly K[],
): EventStream<N, K> {
  checkName("event stream", name);
  const refuse = (problem: string, remedy: string): never =>
    raise("bad-definition", { what: "event stream", name, problem, remedy });
  if (kinds.length === 0 || kinds.length > kindsMax)
    refuse(`it has ${kinds.length} kinds`, `A stream combines 1 to ${kindsMax} kinds of events.`);
  const seen = new Set<string>();
  for (const kind of kinds) {
    if (seen.has(kind.name)) refuse(`it names ${kind.name} twice`, "Name each kind once; its rows would come twice.");
    seen.add(kind.name);
  }
  return Object.freeze({ name, kinds: Object.freeze([...kinds]) });
}

export function isStream(source: EventSource): source is EventStream {
  return "kinds" in source;
}

/** The kinds of sources, each once, in the order of their names. */
export function kindsOf(sources: readonly EventSource[]): readonly EventKind[] {
  const kinds = new Set(sources.flatMap((source) => (isStream(source) ? source.kinds : [source])));
  return [...kinds].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** The schema text of streams, in name order: they decide what rows carry. */
export function streamSchemaText(streams: readonly EventStream[]): string {
  return streams.map(({ name, kinds }) => `stream ${name} ${kinds.map((kind) => kind.name).join(" ")}`).join("\n");
}

/** The rows of several kinds in the order of their emission. */
export interface StreamRows<K extends EventKind> {
  readonly count: number;
  /** The kind of an entry below `count`. */
  kindOf(entry: number): K;
  /** The entry's row in the table of its kind. */
  rowOf(entry: number): number;
  /** The tables, by the names of their kinds. */
  readonly of: { readonly [P in K as P["name"]]: EventRows<P> };
}

/** Reads the rows of this tick that were emitted so far. */
export interface StreamReader<K extends EventKind> extends StreamRows<K> {
  readonly of: { readonly [P in K as P["name"]]: EventReader<P> };
}

/** One kind's part in a merge. */
interface Source {
  readonly rows: EventRows;
  readonly sequence: Uint32Array;
}

/**
 * The merged list of one stream in one world. Emissions are numbered as they come, so rows that came after the last
 * look stand behind all of those before: a look only goes on merging where the last one ended.
 */
export class MergedRows implements StreamRows<EventKind> {
  readonly of: Readonly<Record<string, EventRows>>;
  readonly #stream: EventStream;
  readonly #sources: readonly Source[];
  readonly #kinds: Uint8Array;
  readonly #rows: Uint32Array;
  /** Rows of each kind that are merged. */
  readonly #heads: Uint32Array;
  #count = 0;

  constructor(stream: EventStream, tables: readonly EventTable[], of: "now" | "before") {
    this.#stream = stream;
    this.#sources = tables.map((table) =>
      of === "now"
        ? { rows: table, sequence: table.sequence! }
        : { rows: table.before, sequence: table.sequenceBefore! },
    );
    this.of = Object.freeze(Object.fromEntries(tables.map(({ kind }, k) => [kind.name, this.#sources[k]!.rows])));
    const capacity = tables.reduce((sum, table) => sum + table.capacity, 0);
    this.#kinds = new Uint8Array(capacity);
    this.#rows = new Uint32Array(capacity);
    this.#heads = new Uint32Array(tables.length);
  }

  get count(): number {
    const sources = this.#sources;
    let total = 0;
    for (let k = 0; k < sources.length; k++) total += sources[k]!.rows.count;
    if (total > this.#count) this.#merge(total);
    return this.#count;
  }

  kindOf(entry: number): EventKind {
    return this.#stream.kinds[this.#kinds[entry]!]!;
  }

  rowOf(entry: number): number {
    return this.#rows[entry]!;
  }

  /** A tick begins: the tables were emptied, or hold other rows. */
  reset(): void {
    if (this.#count === 0) return;
    this.#heads.fill(0);
    this.#count = 0;
  }

  #merge(total: number): void {
    const sources = this.#sources;
    const heads = this.#heads;
    while (this.#count < total) {
      let first = -1;
      let lowest = Number.POSITIVE_INFINITY;
      for (let k = 0; k < sources.length; k++) {
        const { rows, sequence } = sources[k]!;
        const head = heads[k]!;
        if (head >= rows.count || sequence[head]! >= lowest) continue;
        first = k;
        lowest = sequence[head]!;
      }
      this.#kinds[this.#count] = first;
      this.#rows[this.#count] = heads[first]!;
      heads[first] = heads[first]! + 1;
      this.#count++;
    }
  }
}
