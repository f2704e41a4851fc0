/**
 * Reads that nobody declared, found by trial. A tick is made as it is and then once more for each system, with other
 * values in the columns that the system does not declare and a later one writes; they are there while that system runs
 * and no longer. If anything of the tick comes out otherwise, the system has read one of them: its order is not in the
 * plan, so the next change of the plan may turn it round.
 *
 *     save ─▶ tick ─────────────────────────────▶ expected
 *     restore ─▶ … before S: disturb │ S │ undo … ─▶ equal, or a fault
 *
 * Given an engine between two ticks, it leaves it at the same tick as it was. What restores is told nothing of the ticks
 * that are made here, so whoever writes ticks down pauses.
 */
import { observeTicks } from "../../engine/audit/observers.ts";
import { entityOfElement, placeText, type StatePart, stateParts, usedElements } from "../../engine/audit/state-map.ts";
import { raise } from "../../engine/base/faults.ts";
import type { Component } from "../../engine/ecs/component.ts";
import type { Column } from "../../engine/ecs/field.ts";
import type { Engine } from "../../engine/engine.ts";
import type { SavedState } from "../../engine/sim/saved-state.ts";
import type { TickStep } from "../../engine/sim/tick-observer.ts";

/** A column that a system does not declare, and the later one that writes it. */
interface Hidden {
  readonly part: StatePart;
  readonly writer: string;
}

interface Subject {
  readonly step: TickStep;
  readonly hidden: readonly Hidden[];
}

export class ReadCheck {
  readonly #engine: Engine;
  readonly #parts: readonly StatePart[];
  readonly #subjects: readonly Subject[];
  #saved: SavedState | undefined;

  /** For a started engine that is alone with its physics in its thread. */
  constructor(engine: Engine) {
    this.#engine = engine;
    const { world } = engine;
    this.#parts = stateParts(world);
    const steps = world.steps.filter(({ kind }) => kind === "system");
    this.#subjects = steps.flatMap((step) => {
      const { reads = [], writes = [] } = step.system!;
      const declared: readonly unknown[] = [...reads, ...writes];
      const hidden = this.#parts.flatMap((part): Hidden[] => {
        if (part.component === undefined || declared.includes(part.component)) return [];
        const writer = steps.find((other) => other.number > step.number && isWriter(other, part.component!));
        return writer === undefined ? [] : [{ part, writer: writer.name }];
      });
      return hidden.length === 0 ? [] : [{ step, hidden }];
    });
  }

  /** Tries the tick that comes next with every system; raises "undeclared-read". */
  look(): void {
    this.#saved = this.#engine.save(this.#saved);
    const expected = this.#made();
    for (const { step, hidden } of this.#subjects) {
      if (this.#first(expected, this.#made(step, hidden)) < 0) continue;
      // A world that does not make a tick twice alike has another fault, which other modes name.
      if (this.#first(expected, this.#made()) >= 0) break;
      const one = hidden.find((candidate) => this.#first(expected, this.#made(step, [candidate])) >= 0);
      if (one !== undefined) this.#refuse(step, one, expected);
    }
    this.#engine.restore(this.#saved);
  }

  /** Makes the tick from the save; (low, high) of each span of the state behind it. */
  #made(step?: TickStep, hidden: readonly Hidden[] = []): Uint32Array {
    const engine = this.#engine;
    engine.restore(this.#saved!);
    let undo = (): void => {};
    const end = observeTicks(engine.world, {
      tickBegins() {},
      stepDone({ number }) {
        if (number + 1 === step?.number) undo = disturb(hidden);
        else if (number === step?.number) undo();
      },
      tickEnds() {},
    });
    try {
      engine.remake();
    } finally {
      end();
    }
    return engine.world.hash.results.slice();
  }

  /** The first span that differs, or -1. */
  #first(expected: Uint32Array, found: Uint32Array): number {
    for (let word = 0; word < expected.length; word++) if (expected[word] !== found[word]) return word >> 1;
    return -1;
  }

  #refuse(step: TickStep, { part, writer }: Hidden, expected: Uint32Array): never {
    const { world } = this.#engine;
    const result = this.#parts[this.#first(expected, this.#made(step, [{ part, writer }]))]!;
    const other = result.elements.slice();
    this.#made();
    const element = Math.max(
      0,
      result.elements.findIndex((value, at) => !Object.is(value, other[at])),
    );
    raise("undeclared-read", {
      ...{ system: step.name, phase: step.phase, tick: world.tickCount, writer },
      ...{ component: part.owner, field: part.field, entity: entityOfElement(result, element) },
      result: placeText(world, result, element),
    });
  }
}

function isWriter({ system }: TickStep, component: Component): boolean {
  return ((system!.writes ?? []) as readonly Component[]).includes(component);
}

/** Puts other values into columns; the function that is given back takes them out again. */
function disturb(hidden: readonly Hidden[]): () => void {
  const kept = hidden.map(({ part }) => {
    const elements = part.elements.subarray(0, usedElements(part)) as Column;
    const before = elements.slice();
    const isFloat = part.scalar === "f32" || part.scalar === "f64";
    for (let at = 0; at < elements.length; at++) elements[at] = isFloat ? elements[at]! * 1.5 + 1 : elements[at]! ^ 1;
    return { elements, before };
  });
  return () => {
    for (const { elements, before } of kept) elements.set(before);
  };
}
