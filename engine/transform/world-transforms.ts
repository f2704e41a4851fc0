/**
 * World transforms: local position, rotation and scale become world matrices, parents before
 * children, and only where something moved. The order is rebuilt when the hierarchy or its members
 * change and not otherwise; it ascends as far as parents allow, so columns are read from front to back.
 *
 * The pass itself is a SIMD kernel; propagate.ts is its twin.
 *
 * What an entity's local values were when its matrix was made is remembered beside the arena, bit for
 * bit. That memory is a cache: forgetting it costs one full pass and changes no result.
 */
import type { Hierarchy } from "../ecs/hierarchy.ts";
import type { Kernels } from "../kernels/kernels.ts";
import { forgotten, rememberedAt, type TransformMemory } from "./memory.ts";
import { propagate } from "./propagate.ts";

export class WorldTransforms {
  /** Matrices computed by the last pass. */
  recomputedCount = 0;

  readonly #memory: TransformMemory;
  readonly #kernels: Kernels | undefined;
  /** Index of the nearest ancestor with a transform by entity index, as of the last reorder. */
  readonly #anchorOf: Uint32Array;
  /** Round of the pass in which a child is reached; see `#arrange`. 0 for all others. */
  readonly #roundOf: Uint32Array;
  readonly #children: Uint32Array;
  #childCount = 0;
  #firstRoundCount = 0;
  /** The roots that the lists in memory were made with. */
  #roots: Uint32Array | undefined;
  #listedCount = 0;

  /** Without `kernels` the TypeScript form is used; the result is the same. */
  constructor(memory: TransformMemory, kernels: Kernels | undefined) {
    this.#memory = memory;
    this.#kernels = kernels;
    this.#anchorOf = new Uint32Array(memory.slotCount);
    this.#roundOf = new Uint32Array(memory.slotCount);
    this.#children = new Uint32Array(memory.slotCount);
    memory.remembered.fill(forgotten);
  }

  /** Makes the next pass compute the matrix of this entity whatever its values. */
  forget(index: number): void {
    this.#memory.remembered[rememberedAt(index)] = forgotten;
  }

  /** Makes the next pass compute every matrix. */
  forgetAll(): void {
    this.#memory.remembered.fill(forgotten);
    this.#roots = undefined;
  }

  /**
   * Rebuilds the order of children below `tops` (entities with children and no parent), in which every
   * parent comes before its children. An entity without a transform passes its own parent's on. A child
   * whose parent is another than before is computed in the next pass.
   */
  reorder(tops: Uint32Array, hierarchy: Hierarchy, hasTransform: (index: number) => boolean): void {
    const queue: number[] = [];
    const anchors: number[] = [];
    const enqueue = (parent: number, anchor: number): void => {
      for (let child = hierarchy.firstChildOf(parent); child !== 0; child = hierarchy.nextSiblingOf(child)) {
        queue.push(child);
        anchors.push(anchor);
      }
    };
    const roundOf = this.#roundOf.fill(0);
    const sizes: number[] = [];
    let last = 0;
    for (let i = 0; i < tops.length; i++) enqueue(tops[i]!, hasTransform(tops[i]!) ? tops[i]! : 0);
    for (let read = 0; read < queue.length; read++) {
      const index = queue[read]!;
      const anchor = anchors[read]!;
      if (!hasTransform(index)) {
        enqueue(index, anchor);
        continue;
      }
      if (this.#anchorOf[index] !== anchor) this.forget(index);
      this.#anchorOf[index] = anchor;
      const round = Math.max(1, roundOf[anchor]!) + (anchor < index ? 0 : 1);
      roundOf[index] = round;
      if (index > last) last = index;
      sizes[round] = (sizes[round] ?? 0) + 1;
      enqueue(index, index);
    }
    this.#arrange(sizes, last);
  }

  /**
   * Orders the children by round, then by index. Within a round each parent has a lower index than its
   * child; a child below a parent of higher index goes one round later. Most forests take one round,
   * which is also the roots' own. `last` is the highest index of a child.
   */
  #arrange(sizes: readonly number[], last: number): void {
    const places: number[] = [];
    let count = 0;
    for (let round = 1; round < sizes.length; round++) {
      places[round] = count;
      count += sizes[round] ?? 0;
    }
    const roundOf = this.#roundOf;
    for (let index = 1; index <= last; index++) {
      const round = roundOf[index]!;
      if (round === 0) continue;
      this.#children[places[round]!++] = index;
    }
    this.#childCount = count;
    this.#firstRoundCount = sizes[1] ?? 0;
    this.#roots = undefined;
  }

  /** Writes the lists of the pass: roots and first round merged by index, then the other rounds. */
  #list(roots: Uint32Array): void {
    const { entities, parents } = this.#memory;
    const children = this.#children;
    let root = 0;
    let child = 0;
    let count = 0;
    while (root < roots.length || child < this.#childCount) {
      const takesRoot = root < roots.length && (child >= this.#firstRoundCount || roots[root]! < children[child]!);
      const index = takesRoot ? roots[root++]! : children[child++]!;
      entities[count] = index;
      parents[count++] = takesRoot ? 0 : this.#anchorOf[index]!;
    }
    this.#listedCount = count;
    this.#roots = roots;
  }

  /**
   * Brings the matrices of `roots` (ascending indices without a parent) and of all children up to date.
   * Other roots are another list, as a prepared query gives it: lists are compared by identity.
   */
  update(roots: Uint32Array): void {
    if (this.#roots !== roots) this.#list(roots);
    const memory = this.#memory;
    const { tableOffset, entities, parents } = memory;
    this.recomputedCount =
      this.#kernels === undefined
        ? propagate(memory, this.#listedCount)
        : this.#kernels.propagate(tableOffset, entities.byteOffset, parents.byteOffset, this.#listedCount);
  }
}
