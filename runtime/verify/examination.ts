/**
 * An examination: one span of a world's state at one tick, with everything that names an element of it and who wrote it
 * in that tick. Runs that differ are made again up to their first different tick and examined there.
 */

import { type StateKind, stateParts, usedElements } from "../../engine/audit/state-map.ts";
import { StepLog, writerText } from "../../engine/audit/step-log.ts";
import type { Scalar } from "../../engine/ecs/field.ts";
import type { World } from "../../engine/sim/world.ts";

export interface ExaminationOrder {
  readonly tick: number;
  /** Name of the span, such as "Velocity.x". */
  readonly span: string;
  /** Asked about by itself; 0 for none. */
  readonly entity: number;
}

export interface Examination extends ExaminationOrder {
  readonly kind: StateKind;
  readonly component: string;
  readonly field: string;
  readonly scalar: Scalar;
  /** Elements of a slot. */
  readonly length: number;
  /** Used part of the span at the end of the tick. */
  readonly bytes: Uint8Array;
  /** Elements that were written in the tick, in the order of steps, and by whom. */
  readonly writers: readonly (readonly [element: number, writer: string])[];
  readonly isAlive: boolean;
  readonly hasComponent: boolean;
  /** Some entities that have the component. */
  readonly holders: readonly number[];
}

const holdersMax = 8;

/** Begins to watch the tick that comes next; the function that is given back takes what is there after it. */
export function beginExamination(world: World, order: ExaminationOrder): () => Examination {
  const part = stateParts(world).find(({ name }) => name === order.span)!;
  const log = new StepLog(world, { component: part.owner, field: part.field });
  return () => {
    log.end();
    const { store } = world;
    const { kind, owner, field, scalar, length, elements, component } = part;
    const has = (index: number): boolean => component !== undefined && store.has(index, component);
    const isAlive = order.entity > 0 && order.entity <= store.limits.entities && isAliveAt(world, order.entity);
    const holders: number[] = [];
    for (let index = 1; index <= store.limits.entities && holders.length < holdersMax; index++)
      if (isAliveAt(world, index) && has(index)) holders.push(index);
    return {
      ...{ ...order, kind, component: owner, field, scalar, length, isAlive, holders },
      hasComponent: isAlive && has(order.entity),
      bytes: new Uint8Array(
        elements.buffer,
        elements.byteOffset,
        usedElements(part) * elements.BYTES_PER_ELEMENT,
      ).slice(),
      writers: log.changes.map(({ element, step }) => [element, writerText(step)] as const),
    };
  };
}

function isAliveAt({ store }: World, index: number): boolean {
  return store.isAlive(store.handleOf(index));
}
