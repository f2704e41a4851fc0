/**
 * The surface graph: the set of surfaces, changed while running. A change is checked as a whole against
 * the set that will be, and either taken or refused; it takes effect when `advance` is called, at the
 * start of the next frame. Nothing here knows a device: pictures and fences are in surface-frames.ts.
 */
import { raise } from "../base/faults.ts";
import { resolveSurface, type Surface, type SurfaceDefinition } from "./surface.ts";
import { knownText, orderSurfaces, type SurfaceOrder } from "./surface-order.ts";

export interface SurfaceChange {
  readonly add?: readonly SurfaceDefinition[];
  /** Removed before `add` is looked at: a name in both is a replacement. */
  readonly remove?: readonly string[];
}

/** The surfaces of the frames from now on. `version` rises with each change that has taken effect. */
export interface SurfaceSet extends SurfaceOrder {
  readonly version: number;
}

export class SurfaceGraph {
  #pending = new Map<string, Surface>();
  #pendingOrder: SurfaceOrder = { order: [], levels: [] };
  #isChanged = false;
  #set: SurfaceSet = { order: [], levels: [], version: 0 };
  /** Frames between two drawings, where it was set apart from the definition. */
  readonly #everyFrames = new Map<string, number>();

  constructor(surfaces: readonly SurfaceDefinition[] = []) {
    if (surfaces.length > 0) this.change({ add: surfaces });
  }

  /** Raises "duplicate-name", "surface-unknown", "surface-cycle", "surface-needed", "bad-definition"; then nothing is changed. */
  change({ add = [], remove = [] }: SurfaceChange): void {
    const next = new Map(this.#pending);
    for (const name of remove)
      if (!next.delete(name))
        raise("surface-unknown", { operation: "Removing", name, known: knownText(this.#pending.keys()) });
    for (const definition of add) {
      const surface = resolveSurface(definition);
      if (next.has(surface.name)) raise("duplicate-name", { what: "surface", name: surface.name });
      next.set(surface.name, surface);
    }
    const surfaces = [...next.values()];
    for (const name of remove) {
      const readers = surfaces.filter(({ reads }) => reads.includes(name)).map((reader) => reader.name);
      if (readers.length > 0 && !next.has(name)) raise("surface-needed", { name, readers: knownText(readers) });
    }
    this.#pendingOrder = orderSurfaces(surfaces);
    this.#pending = next;
    this.#isChanged = true;
    for (const name of remove) this.#everyFrames.delete(name);
  }
  add(definition: SurfaceDefinition): void {
    this.change({ add: [definition] });
  }
  remove(name: string): void {
    this.change({ remove: [name] });
  }

  /** Draws the surface in every n-th frame from the next on, never more often than its definition says. */
  setEveryFrames(name: string, everyFrames: number): void {
    const surface = this.#pending.get(name);
    if (surface === undefined)
      raise("surface-unknown", { operation: "Setting how often", name, known: knownText(this.#pending.keys()) });
    resolveSurface({ ...surface, everyFrames });
    this.#everyFrames.set(name, Math.max(everyFrames, surface.everyFrames));
  }
  everyFrames({ name, everyFrames }: Surface): number {
    return this.#everyFrames.get(name) ?? everyFrames;
  }

  /** Lets the changes take effect, at the start of a frame. The same object comes back when there were none. */
  advance(): SurfaceSet {
    if (this.#isChanged) this.#set = { ...this.#pendingOrder, version: this.#set.version + 1 };
    this.#isChanged = false;
    return this.#set;
  }
  /** The surfaces as they are in this frame. */
  get current(): SurfaceSet {
    return this.#set;
  }
  /** Names of all surfaces, also of those that appear with the next frame. */
  get names(): readonly string[] {
    return [...this.#pending.keys()];
  }
  /** Groups of surfaces of this frame that may be recorded and submitted in parallel. */
  levels(): readonly (readonly Surface[])[] {
    return this.#set.levels;
  }
}
