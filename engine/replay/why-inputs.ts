/**
 * What a step could see, and which of it is worth telling. A step that wrote a value saw many others; those that decided
 * something come first. The rule a reader could break: candidates are ranked by what is on record alone, so that the same
 * journal has the same answer everywhere.
 */
import type { StatePart } from "../audit/state-map.ts";
import type { TickStep } from "../sim/tick-observer.ts";
import type { Write } from "./entity-watch.ts";

/** A field of the entity that a step could see, and its last write before; of a fixed array one slot. */
export interface Candidate {
  readonly part: StatePart;
  readonly slot: number;
  readonly write: Write;
}

/**
 * What was decided counts for more than what followed from it: what the door and the systems of input and gameplay wrote
 * comes before what physics and transforms made of it; the same tick comes before others, the same axis before others, and
 * what an entity has had since it was spawned comes last. `own` is what the step wrote, undefined where it emitted a row.
 */
export function rankOf({ write, part }: Candidate, tick: number, own: StatePart | undefined): number {
  const { step } = write;
  const isDecided = step === "outside" || step.phase === "input" || step.phase === "gameplay";
  return (write.tick === tick ? 8 : 0) + (isDecided ? 4 : 0) + (part.field === own?.field ? 2 : 0);
}

/**
 * Whether a value is worth telling: what was decided always is; what followed from physics and transforms is when it
 * happened in the same tick or is of the same axis, because it is what the step itself is about otherwise.
 */
export function tellsOf(candidate: Candidate, tick: number, own: StatePart | undefined): boolean {
  const { step } = candidate.write;
  return rankOf(candidate, tick, own) > 0 && (step === "outside" || step.phase !== "transforms");
}

/** Components that a step declares to read. */
export function declaredReads(step: TickStep | "outside"): string[] {
  return step === "outside" ? [] : (step.system?.reads ?? []).map(({ name }) => name);
}

/**
 * Components whose values a step could see. A step of physics that declares none works on what was pushed into physics:
 * on what the systems of its phase before it read and wrote.
 */
export function readsOf(step: TickStep | "outside", steps: readonly TickStep[]): string[] {
  const own = declaredReads(step);
  if (step === "outside" || own.length > 0 || step.phase !== "physics") return own;
  const before = steps.filter(({ phase, number }) => phase === step.phase && number < step.number);
  return [
    ...new Set(
      before.flatMap((earlier) => [
        ...declaredReads(earlier),
        ...(earlier.system?.writes ?? []).map(({ name }) => name),
      ]),
    ),
  ];
}

export function nameOf(step: TickStep | "outside"): string {
  return step === "outside" ? "" : step.name;
}

export function later(write: Write | undefined): number {
  return write === undefined ? -1 : write.tick * 1_000 + numberOf(write.step);
}

export function numberOf(step: TickStep | "outside"): number {
  return step === "outside" ? -1 : step.number;
}
