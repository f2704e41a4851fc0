/**
 * The hierarchy: a forest of entities. A child has the component Parent; the lists of children are
 * linked through arena columns, so they are saved and hashed with everything else.
 *
 * bitecs's relations are not used for it: each (relation, target) pair is a component of its own
 * there, which would cost a presence bit a parent.
 */
import { raise } from "../base/faults.ts";
import { defineComponent, noValues } from "./component.ts";
import { entity, u32 } from "./field.ts";
import type { Store } from "./store.ts";

/** The parent of an entity. Written by `commands.reparent` and by spawns only. */
export const Parent = defineComponent("Parent", { handle: entity }, { writtenIn: [] });

/** Child lists: first child, and siblings on both sides, as indices; 0 ends a list. Engine-owned. */
export const Family = defineComponent("Family", { firstChild: u32, next: u32, previous: u32 }, { writtenIn: [] });

export class Hierarchy {
  /** Grows with each change of the forest; whoever keeps an order of it compares. */
  version = 0;
  readonly #store: Store;
  readonly #parent: Uint32Array;
  readonly #firstChild: Uint32Array;
  readonly #next: Uint32Array;
  readonly #previous: Uint32Array;

  constructor(store: Store) {
    this.#store = store;
    this.#parent = store.columnsOf(Parent)["handle"] as Uint32Array;
    const family = store.columnsOf(Family);
    this.#firstChild = family["firstChild"] as Uint32Array;
    this.#next = family["next"] as Uint32Array;
    this.#previous = family["previous"] as Uint32Array;
  }

  /** Index of the parent, 0 for a root. */
  parentOf(index: number): number {
    return this.#store.indexOf(this.#parent[index]!);
  }

  firstChildOf(index: number): number {
    return this.#firstChild[index]!;
  }

  nextSiblingOf(index: number): number {
    return this.#next[index]!;
  }

  /** Makes `child` a child of `parent` (0: a root). Raises "parent-cycle" for a circle. */
  attach(child: number, parent: number, tick: number): void {
    for (let above = parent; above !== 0; above = this.parentOf(above))
      if (above === child) raise("parent-cycle", { child, parent });
    this.version++;
    this.#detach(child);
    if (parent === 0) {
      if (this.#store.has(child, Parent)) this.#store.remove(child, Parent, tick);
      return;
    }
    this.#store.add(child, Parent.of({ handle: this.#store.handleOf(parent) }), tick);
    this.#ensureFamily(child, tick);
    this.#ensureFamily(parent, tick);
    const first = this.#firstChild[parent]!;
    this.#next[child] = first;
    if (first !== 0) this.#previous[first] = child;
    this.#firstChild[parent] = child;
  }

  /** Despawns `root` and everything below it, children before parents. */
  despawnTree(root: number, tick: number): void {
    if (this.#store.has(root, Family)) this.version++;
    this.#detach(root);
    let node = root;
    for (;;) {
      while (this.#firstChild[node] !== 0) node = this.#firstChild[node]!;
      const parent = node === root ? 0 : this.parentOf(node);
      if (parent !== 0) this.#detach(node);
      this.#store.despawn(node, tick);
      if (node === root) return;
      node = parent;
    }
  }

  #detach(child: number): void {
    const parent = this.parentOf(child);
    if (parent === 0) return;
    const next = this.#next[child]!;
    const previous = this.#previous[child]!;
    if (previous === 0) this.#firstChild[parent] = next;
    else this.#next[previous] = next;
    if (next !== 0) this.#previous[next] = previous;
    this.#next[child] = 0;
    this.#previous[child] = 0;
  }

  #ensureFamily(index: number, tick: number): void {
    if (!this.#store.has(index, Family)) this.#store.add(index, { component: Family, values: noValues }, tick);
  }
}
