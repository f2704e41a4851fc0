/**
 * Audit mode: the barriers of a tick, checked. After the door, after each system and after the structure phase all spans
 * of the state are hashed; a span that changed must be one that the step declares to write, element by element where that
 * matters. Between ticks nothing may change at all. Each breach is a fault that names the writer, the place and both values.
 *
 * Given a world, it observes its ticks. A copy of the state is kept to find the first element that differs; it costs as
 * much memory as the state and, each step, a hash of all of it. It reads only, so an audited run has the hashes of any other.
 *
 * The rule a reader could break: a state that was replaced (restore, rewind, swap) is told by `rebase`.
 */
import { hashBlockBytes } from "../base/hash.ts";
import { raise } from "../base/faults.ts";
import type { Column } from "../ecs/field.ts";
import type { TickObserver, TickStep } from "../sim/tick-observer.ts";
import type { World } from "../sim/world.ts";
import { mayChange, type Verdict, verdict, verdictOf } from "./permissions.ts";
import { SpanHashes } from "./span-hashes.ts";
import {
  bitsText,
  entityOfElement,
  placeText,
  type StatePart,
  stateParts,
  streamName,
  usedElements,
  valueText,
} from "./state-map.ts";

export interface AuditOptions {
  /** Called at the end of each tick: recomputes what is derived and raises a fault where it differs. */
  checkDerived?(world: World): void;
}

export class Auditor implements TickObserver {
  /** Steps and looks between ticks that were compared. */
  checkedCount = 0;

  readonly #world: World;
  readonly #options: AuditOptions;
  readonly #parts: readonly StatePart[];
  readonly #copies: readonly Column[];
  readonly #hashes: SpanHashes;
  readonly #before: Uint32Array;
  readonly #verdicts: readonly (readonly Verdict[])[];
  #hasCopies = false;

  constructor(world: World, options: AuditOptions = {}) {
    this.#world = world;
    this.#options = options;
    this.#parts = stateParts(world);
    this.#copies = this.#parts.map(({ elements }) => elements.slice());
    this.#hashes = new SpanHashes(world);
    this.#before = new Uint32Array(this.#hashes.values.length);
    this.#verdicts = world.steps.map((step) => this.#parts.map((part) => verdictOf(world, step, part)));
  }

  /** Bytes that the last comparison hashed. */
  get coveredBytes(): number {
    return this.#hashes.coveredBytes;
  }

  /** Takes the state as it is: it was replaced, not written. */
  rebase(): void {
    for (let i = 0; i < this.#parts.length; i++) this.#copies[i]!.set(this.#parts[i]!.elements);
    this.#hashes.measure();
    this.#before.set(this.#hashes.values);
    this.#hasCopies = true;
  }

  /** Compares between two ticks; `during` says what has just been, for the fault "write-between-ticks". */
  lookBetween(during: string): void {
    if (!this.#hasCopies) return;
    this.#compare((part, element) => {
      raise("write-between-ticks", {
        ...this.#write(part, element),
        tick: this.#world.hash.tick,
        during,
      });
    });
  }

  tickBegins(tick: number): void {
    if (this.#hasCopies) this.#compare((part, element) => this.#refuseBetween(part, element, tick - 1));
    else this.rebase();
  }

  stepDone(step: TickStep, tick: number): void {
    const verdicts = this.#verdicts[step.number]!;
    this.#compare((part, element) => {
      const given = verdicts[part.number]!;
      if (!mayChange(this.#world, step, part, element, given)) this.#refuse(step, tick, part, element, given);
    }, verdicts);
  }

  tickEnds(_tick: number): void {
    this.#options.checkDerived?.(this.#world);
  }
}
