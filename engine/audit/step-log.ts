/**
 * The step log: who wrote what within ticks. Under observation, every step of a tick (door, each system, structure) is
 * compared with what the state was before it, and each element that the step changed is listed with both values and
 * their bits. `replay diff` and `trace why` re-run one tick under it.
 *
 * Given a world and what to look at (one field of one entity, one column, or all spans), it hands on changes in the order
 * of steps, then of spans, then of elements. It costs a copy of the state and a comparison a step: for the ticks in
 * question only, never for all of a run.
 */
import { raise } from "../base/faults.ts";
import type { TickObserver, TickStep } from "../sim/tick-observer.ts";
import type { World } from "../sim/world.ts";
import { observeTicks } from "./observers.ts";
import { Shadow } from "./shadow.ts";
import { bitsText, entityOfElement, placeText, type StatePart, stateParts } from "./state-map.ts";

/** One element that one step changed. */
export interface StepChange {
  readonly tick: number;
  /** The writer; "outside" is whoever wrote between two ticks. */
  readonly step: TickStep | "outside";
  readonly part: StatePart;
  readonly element: number;
  /** Index of the entity, 0 for what belongs to none. */
  readonly entity: number;
  /** "Velocity.x of entity 512". */
  readonly place: string;
  readonly before: number;
  readonly after: number;
  readonly beforeBits: string;
  readonly afterBits: string;
}

export interface StepLogOptions {
  /** Only this component, event kind or part of the state ("Entities", "Random"); all without it. */
  readonly component?: string;
  readonly field?: string;
  /** Only elements of the entity with this index. */
  readonly entity?: number;
  /** Changes kept of each step and span; what is beyond is counted in `droppedCount`. Default: no bound. */
  readonly changesPerSpan?: number;
}

export class StepLog implements TickObserver {
  readonly changes: StepChange[] = [];
  /** Changes that were left out because of `changesPerSpan`. */
  droppedCount = 0;
  /** Steps of the last tick that came to their end. */
  doneSteps = 0;

  readonly #world: World;
  readonly #entity: number | undefined;
  readonly #changesPerSpan: number;
  readonly #looked: readonly { readonly shadow: Shadow; readonly from: number; readonly to: number }[];
  readonly #end: () => void;

  /** Begins to log the ticks of `world`; raises "unknown-name" for a component or field that it does not have. */
  constructor(world: World, options: StepLogOptions = {}) {
    const { component, field, entity } = options;
    this.#world = world;
    this.#entity = entity;
    this.#changesPerSpan = options.changesPerSpan ?? Number.POSITIVE_INFINITY;
    const parts = stateParts(world);
    const owned = component === undefined ? parts : parts.filter(({ owner }) => owner === component);
    if (owned.length === 0) refuse("component", component!, "The state", unique(parts.map(({ owner }) => owner)));
    const chosen = field === undefined ? owned : owned.filter((part) => part.field === field);
    if (chosen.length === 0) refuse("field", field!, component ?? "The state", unique(owned.map((part) => part.field)));
    this.#looked = chosen.map((part) => ({ shadow: new Shadow(part), ...rangeOf(part, entity) }));
    this.#end = observeTicks(world, this);
  }

  /** Stops logging; `changes` stay. */
  end(): void {
    this.#end();
  }

  /** The last change of an element by a step of `tick` or before; of the first element of a fixed array by default. */
  lastWrite(component: string, field: string, entity: number, tick: number, inSlot = 0): StepChange | undefined {
    return this.changes.findLast(
      (change) =>
        change.tick <= tick &&
        change.part.owner === component &&
        change.part.field === field &&
        change.element === entity * change.part.length + inSlot,
    );
  }

  tickBegins(tick: number): void {
    this.doneSteps = 0;
    this.#compare("outside", tick);
  }

  stepDone(step: TickStep, tick: number): void {
    this.doneSteps++;
    this.#compare(step, tick);
  }

  tickEnds(tick: number): void {
    // Nothing writes between the last step and the end of a tick; what does is not of a step.
    this.#compare("outside", tick);
  }

  /** Lists what differs from the copies and brings them up to date. Bits are compared, so -0 is not 0. */
  #compare(step: TickStep | "outside", tick: number): void {
    for (const { shadow, from, to } of this.#looked) {
      const { part } = shadow;
      let count = 0;
      for (
        let element = shadow.nextDifference(from, to);
        element >= 0;
        element = shadow.nextDifference(element + 1, to)
      ) {
        const old = shadow.elements[element]!;
        const now = part.elements[element]!;
        if (this.#entity !== undefined && entityOfElement(part, element) !== this.#entity) continue;
        if (++count > this.#changesPerSpan) {
          this.droppedCount++;
          continue;
        }
        const { scalar } = part;
        this.changes.push({
          ...{ tick, step, part, element, before: old, after: now },
          entity: entityOfElement(part, element),
          place: placeText(this.#world, part, element),
          beforeBits: bitsText(scalar, old),
          afterBits: bitsText(scalar, now),
        });
      }
      if (count > 0) shadow.take();
    }
  }
}

/** `system "steer-tugs" (gameplay)`, `the door`, `the structure phase`, `something between two ticks`. */
export function writerText(step: TickStep | "outside"): string {
  if (step === "outside") return "something outside the steps of a tick";
  if (step.kind === "system") return `system "${step.name}" (${step.phase})`;
  return step.kind === "door" ? "the door" : "the structure phase";
}

function rangeOf(part: StatePart, entity: number | undefined): { from: number; to: number } {
  if (entity === undefined || part.kind !== "column") return { from: 0, to: part.elements.length };
  const from = Math.min(part.elements.length, entity * part.length);
  return { from, to: Math.min(part.elements.length, from + part.length) };
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}

function refuse(what: string, name: string, where: string, known: readonly string[]): never {
  raise("unknown-name", { what, name, where, known: known.join(", ") });
}
