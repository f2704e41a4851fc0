/**
 * Prepared queries: the members of a bitecs query in ascending index, whatever the history of spawns
 * and removals. A query is prepared once; after each structure phase it merges what changed into its
 * sorted list, so an unchanged query costs nothing and a changed one is never sorted anew.
 *
 * The list is read between two structure phases and never kept across one.
 */
import { query as bitecsQuery, Not, Or, observe, onAdd, onRemove, registerQuery } from "bitecs";
import { raise } from "../base/faults.ts";
import type { Component } from "./component.ts";
import type { Store } from "./store.ts";

/** A term of a query: a component that must be there, `not(...)` that must not, `any(...)` of several. */
export type QueryTerm = Component | { readonly not: Component } | { readonly any: readonly Component[] };

export function not(component: Component): QueryTerm {
  return { not: component };
}

export function any(...components: readonly Component[]): QueryTerm {
  return { any: components };
}

/** The components that a term names. */
export function termComponents(term: QueryTerm): readonly Component[] {
  if ("not" in term) return [term.not];
  return "any" in term ? term.any : [term];
}

/** A term as text, such as "!Frozen" or "Ship|Tug". */
export function termText(term: QueryTerm): string {
  if ("not" in term) return `!${term.not.name}`;
  return "any" in term ? term.any.map((component) => component.name).join("|") : term.name;
}

/** Most queries have few members, and a program has many queries: room is made when it is needed. */
const startCapacity = 64;

/** The members of a query. `entities` is replaced, never resized, when membership changes. */
export class PreparedQuery {
  /** Indices of the members in ascending order. */
  entities: Uint32Array;

  #current = new Uint32Array(startCapacity);
  #next = new Uint32Array(startCapacity);
  /** Indices that came or went since the last merge; one that did both is in it more than once. */
  #touched = new Uint32Array(startCapacity);
  #touchedCount = 0;
  readonly #has: (index: number) => boolean;

  constructor(store: Store, terms: readonly QueryTerm[]) {
    if (!terms.some((term) => !("not" in term)))
      raise("bad-definition", {
        what: "query",
        name: terms.map(termText).join(" "),
        problem: "it names no component that must be there",
        remedy: "Name at least one component without `not`.",
      });
    const groups = terms.filter((term) => "any" in term);
    if (groups.length > 1 || groups.some((group) => group.any.length === 0))
      raise("bad-definition", {
        what: "query",
        name: terms.map(termText).join(" "),
        problem: groups.length > 1 ? "it has more than one `any`" : "its `any` names no component",
        remedy: "Name components in one `any`; for a second choice use another query.",
      });
    const translated = terms.map((term) => {
      if ("not" in term) return Not(store.columnsOf(term.not));
      if ("any" in term) return Or(...term.any.map((component) => store.columnsOf(component)));
      return store.columnsOf(term);
    });
    const members = registerQuery(store.membership, translated) as unknown as { has(index: number): boolean };
    this.#has = members.has;
    const touch = (index: number): void => this.#touch(index);
    observe(store.membership, onAdd(...translated), touch);
    observe(store.membership, onRemove(...translated), touch);
    this.entities = this.#current.subarray(0, 0);
    for (const index of bitecsQuery(store.membership, translated)) this.#touch(index);
    this.#merge();
    store.onSettle(() => this.#merge());
  }

  #touch(index: number): void {
    if (this.#touchedCount === this.#touched.length) this.#touched = grown(this.#touched, this.#touchedCount + 1);
    this.#touched[this.#touchedCount++] = index;
  }

  /** Merges the sorted touched indices into the sorted members, asking bitecs which of them belong. */
  #merge(): void {
    if (this.#touchedCount === 0) return;
    const touched = this.#touched.subarray(0, this.#touchedCount).sort();
    const old = this.entities;
    const countMax = old.length + touched.length;
    if (this.#next.length < countMax) this.#next = grown(this.#next, countMax);
    const next = this.#next;
    let read = 0;
    let written = 0;
    for (let t = 0; t < touched.length; t++) {
      const index = touched[t]!;
      if (t > 0 && touched[t - 1] === index) continue;
      while (read < old.length && old[read]! < index) next[written++] = old[read++]!;
      if (read < old.length && old[read] === index) read++;
      if (this.#has(index)) next[written++] = index;
    }
    while (read < old.length) next[written++] = old[read++]!;
    this.#touchedCount = 0;
    this.#next = this.#current;
    this.#current = next;
    this.entities = next.subarray(0, written);
  }
}

/** A longer copy, at least twice as long, so that growing costs nothing worth telling per entry. */
function grown(entries: Uint32Array, countMin: number): Uint32Array<ArrayBuffer> {
  const longer = new Uint32Array(Math.max(countMin, entries.length * 2));
  longer.set(entries);
  return longer;
}
