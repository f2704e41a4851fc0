/**
 * Several observers of one world. `observeTicks` adds one to those that look already and gives back the function that
 * takes it away again, in any order, so that audit, watches and attribution need not know of each other.
 *
 * The rule a reader could break: whoever calls `world.observe` directly while this is in use ends the others.
 */
import type { TickObserver, TickStep } from "../sim/tick-observer.ts";
import type { World } from "../sim/world.ts";

class Observers implements TickObserver {
  readonly list: readonly TickObserver[];

  constructor(list: readonly TickObserver[]) {
    this.list = list;
  }

  tickBegins(tick: number): void {
    for (let i = 0; i < this.list.length; i++) this.list[i]!.tickBegins(tick);
  }

  stepDone(step: TickStep, tick: number): void {
    for (let i = 0; i < this.list.length; i++) this.list[i]!.stepDone(step, tick);
  }

  tickEnds(tick: number): void {
    for (let i = 0; i < this.list.length; i++) this.list[i]!.tickEnds(tick);
  }
}

/** Shows the ticks that follow to `observer` as well; the function returned ends it. Between ticks only. */
export function observeTicks(world: World, observer: TickObserver): () => void {
  set(world, [...listOf(world.observe(undefined)), observer]);
  return () =>
    set(
      world,
      listOf(world.observe(undefined)).filter((other) => other !== observer),
    );
}

function listOf(observer: TickObserver | undefined): readonly TickObserver[] {
  if (observer === undefined) return [];
  return observer instanceof Observers ? observer.list : [observer];
}

function set(world: World, list: readonly TickObserver[]): void {
  world.observe(list.length > 1 ? new Observers(list) : list[0]);
}
