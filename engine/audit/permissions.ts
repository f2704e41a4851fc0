/**
 * What each step of a tick may write: the door, each system and the structure phase against each part of the state. Given
 * the parts and a step, it hands on one verdict a part; audit mode asks it about every part that a step changed.
 */
import type { Component } from "../ecs/component.ts";
import { Player } from "../input/door.ts";
import type { TickStep } from "../sim/tick-observer.ts";
import type { World } from "../sim/world.ts";
import { type StatePart, streamName } from "./state-map.ts";

export const verdict = {
  refused: 0,
  /** Any element. */
  allowed: 1,
  /** A system's own columns: slots of entities that have the component. */
  members: 2,
  /** Its own random stream. */
  ownStream: 3,
  /** Counts and the like of its own events, in the order of kinds. */
  ownEvents: 4,
} as const;
export type Verdict = (typeof verdict)[keyof typeof verdict];

/** What `step` may do to `part`. */
export function verdictOf(world: World, step: TickStep, part: StatePart): Verdict {
  if (step.kind === "door") return doorMay(world, part) ? verdict.allowed : verdict.refused;
  if (step.kind === "structure")
    return part.kind === "column" || part.kind === "structure" ? verdict.allowed : verdict.refused;
  const { writes = [], emits = [] } = step.system!;
  switch (part.kind) {
    case "column":
      return (writes as readonly Component[]).includes(part.component!) ? verdict.members : verdict.refused;
    case "random":
      return verdict.ownStream;
    case "event":
      if (part.event === undefined) return emits.length > 0 ? verdict.ownEvents : verdict.refused;
      return emits.includes(part.event) ? verdict.allowed : verdict.refused;
    default:
      return verdict.refused;
  }
}

/** Whether a changed element is within a verdict that depends on it. */
export function mayChange(world: World, step: TickStep, part: StatePart, element: number, given: Verdict): boolean {
  switch (given) {
    case verdict.members:
      return world.store.has(Math.floor(element / part.length), part.component!);
    case verdict.ownStream:
      return streamName(world, element) === step.name;
    case verdict.ownEvents: {
      const { events } = world.program;
      return step.system!.emits!.includes(events[element % events.length]!);
    }
    default:
      return given === verdict.allowed;
  }
}

/** Events of the tick before are cleared as the door opens; players, controls, settings and answers enter there. */
function doorMay(world: World, part: StatePart): boolean {
  const { controls, config } = world.program;
  if (part.kind !== "column") return part.kind === "event" || part.kind === "seats" || part.kind === "resources";
  const own = [controls as unknown as Component, config as unknown as Component, Player as Component];
  return part.component!.writer === "door" || own.includes(part.component!);
}
