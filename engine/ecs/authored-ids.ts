/**
 * Authored ids: numbers that a level's author gave to entities, so that content can name them from
 * one build to the next. An id is kept for the life of its entity and belongs to one entity at a time.
 *
 * The map from id to entity follows from the AuthoredId column; it is never saved.
 */
import { raise } from "../base/faults.ts";
import { defineComponent } from "./component.ts";
import { u32 } from "./field.ts";
import type { Handle } from "./handle.ts";
import type { Store } from "./store.ts";

/** An author's number for an entity, 1 to 2^32 - 1; given when it is spawned. */
export const AuthoredId = defineComponent("AuthoredId", { id: u32 }, { writtenIn: [], shared: true });

export class AuthoredIds {
  readonly #store: Store;
  readonly #ids: Uint32Array;
  readonly #indexOf = new Map<number, number>();
  /** The id that each entity has: what it gives up when another is written over it. */
  readonly #owned = new Map<number, number>();

  constructor(store: Store) {
    this.#store = store;
    const ids = store.columnsOf(AuthoredId)["id"] as Uint32Array;
    this.#ids = ids;
    const owned = this.#owned;
    const take = (index: number): void => {
      const id = ids[index]!;
      if (id === 0) return; // None was given.
      const owner = this.#indexOf.get(id);
      if (owner !== undefined && owner !== index) raise("duplicate-name", { what: "authored id", name: String(id) });
      const before = owned.get(index);
      if (before !== undefined && before !== id) this.#indexOf.delete(before);
      this.#indexOf.set(id, index);
      owned.set(index, id);
    };
    store.watch(AuthoredId, {
      added: take,
      overwritten: take,
      removing: (index) => {
        this.#indexOf.delete(ids[index]!);
        owned.delete(index);
      },
    });
  }

  /** Reads the column anew, when the state of the world was replaced. */
  restored(): void {
    this.#indexOf.clear();
    this.#owned.clear();
    const used = this.#store.used[this.#store.numberOf(AuthoredId)]!;
    for (let index = 1; index < used; index++) {
      const id = this.#ids[index]!;
      if (id === 0) continue;
      this.#indexOf.set(id, index);
      this.#owned.set(index, id);
    }
  }

  /** The entity with this id, or 0. */
  find(id: number): Handle {
    const index = this.#indexOf.get(id);
    return index === undefined ? 0 : this.#store.handleOf(index);
  }
}
