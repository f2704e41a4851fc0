/**
 * Audit mode: the barriers of a tick, checked. After the door, after each system and after the structure phase all spans
 * of the state are hashed; a span that changed must be one that the step declares to write, element by element where that
 * matters. Between ticks nothing may change at all. Each breach is a fault that names writer, place, tick and both values.
 *
 * Given a world, it observes its ticks. It keeps a copy of the state to find the first element that differs, and hashes
 * all of it once a step. It reads only, so an audited run has the hashes of any other.
 *
 * The rule a reader could break: a state that was replaced (restore, rewind, swap) is told by `rebase`.
 */
import { raise } from "../base/faults.ts";
import type { TickObserver, TickStep } from "../sim/tick-observer.ts";
import type { World } from "../sim/world.ts";
import { mayChange, type Verdict, verdict, verdictOf } from "./permissions.ts";
import { Shadow } from "./shadow.ts";
import { SpanHashes } from "./span-hashes.ts";
import {
  bitsText,
  entityOfElement,
  placeText,
  type StatePart,
  stateParts,
  streamName,
  valueText,
} from "./state-map.ts";

export interface AuditOptions {
  /** Called at the end of each tick: recomputes what is derived and raises a fault where it differs. */
  checkDerived?(world: World): void;
}

/** Told each element of a span that a step may not write as a whole. */
type Difference = (shadow: Shadow, element: number) => void;

export class Auditor implements TickObserver {
  /** Comparisons made: steps, and looks between ticks. */
  checkedCount = 0;

  readonly #world: World;
  readonly #options: AuditOptions;
  readonly #shadows: readonly Shadow[];
  readonly #hashes: SpanHashes;
  readonly #before: Uint32Array;
  /** By step number, then by span. */
  readonly #verdicts: readonly (readonly Verdict[])[];
  #hasBefore = false;

  constructor(world: World, options: AuditOptions = {}) {
    this.#world = world;
    this.#options = options;
    const parts = stateParts(world);
    this.#shadows = parts.map((part) => new Shadow(part));
    this.#hashes = new SpanHashes(world);
    this.#before = new Uint32Array(this.#hashes.values.length);
    this.#verdicts = world.steps.map((step) => parts.map((part) => verdictOf(world, step, part)));
  }

  /** Bytes that the last comparison hashed. */
  get coveredBytes(): number {
    return this.#hashes.coveredBytes;
  }

  /** Takes the state as it is: it was replaced, not written. */
  rebase(): void {
    for (let i = 0; i < this.#shadows.length; i++) this.#shadows[i]!.takeWhole();
    this.#hashes.measure();
    this.#before.set(this.#hashes.values);
    this.#hasBefore = true;
  }

  /** Compares between two ticks; `during` says when, such as "in stage assemble". Raises "write-between-ticks". */
  lookBetween(during: string, tick = this.#world.tickCount): void {
    if (!this.#hasBefore) return;
    this.#compare(undefined, ({ part }, element) => {
      raise("write-between-ticks", { ...this.#changeOf(part, element), tick, during });
    });
  }

  tickBegins(tick: number): void {
    if (this.#hasBefore) this.lookBetween("before the next tick began", tick - 1);
    else this.rebase();
  }

  stepDone(step: TickStep, tick: number): void {
    const verdicts = this.#verdicts[step.number]!;
    this.#compare(verdicts, ({ part }, element) => {
      const given = verdicts[part.number]!;
      if (!mayChange(this.#world, step, part, element, given)) this.#refuse(step, tick, part, element, given);
    });
  }

  tickEnds(tick: number): void {
    this.#checkBehind(tick);
    this.#options.checkDerived?.(this.#world);
  }

  /** What lies behind the used range of a column becomes state when the range grows, and then belongs to nobody. */
  #checkBehind(tick: number): void {
    for (let i = 0; i < this.#shadows.length; i++) {
      const { part } = this.#shadows[i]!;
      // The list of free entities lies behind that of the living.
      if (part.kind === "structure") continue;
      const element = this.#shadows[i]!.firstBehind();
      if (element < 0) continue;
      const { entity, ...change } = this.#changeOf(part, element);
      const writer = "Some system";
      const problem = `where no entity has had ${part.owner} yet`;
      raise("undeclared-write", { ...change, entity, writer, system: "", phase: "", tick, problem });
    }
  }

  /** Tells `onDifference` what changed in spans that are not wholly allowed, and takes the state as the next one's before. */
  #compare(verdicts: readonly Verdict[] | undefined, onDifference: Difference): void {
    const before = this.#before;
    const { values } = this.#hashes;
    this.#hashes.measure();
    this.checkedCount++;
    for (let i = 0; i < this.#shadows.length; i++) {
      const low = values[i * 2]!;
      const high = values[i * 2 + 1]!;
      if (before[i * 2] === low && before[i * 2 + 1] === high) continue;
      const shadow = this.#shadows[i]!;
      // A span whose used range has only grown hashes differently and has no element that differs.
      if (verdicts?.[i] !== verdict.allowed)
        for (let element = shadow.nextDifference(0); element >= 0; element = shadow.nextDifference(element + 1))
          onDifference(shadow, element);
      shadow.take();
      before[i * 2] = low;
      before[i * 2 + 1] = high;
    }
  }

  #refuse(step: TickStep, tick: number, part: StatePart, element: number, given: Verdict): never {
    const { name: system, phase } = step;
    const change = { ...this.#changeOf(part, element), writer: writerName(step), system, phase, tick };
    const { component } = part;
    if (part.kind === "random") raise("foreign-random", { ...change, owner: streamName(this.#world, element) });
    if (part.kind === "event") raise("undeclared-emission", { ...change, event: this.#eventOf(part, element) });
    if (given === verdict.members)
      raise("undeclared-write", { ...change, problem: `but that entity has no ${part.owner}` });
    if (component?.writer !== undefined && component.writer !== system)
      raise("write-out-of-phase", {
        ...change,
        allowed: `"${component.writtenIn.join('", "')}", by "${component.writer}" alone`,
      });
    if (step.kind === "system" && part.kind === "structure")
      raise("write-out-of-phase", { ...change, allowed: '"structure", by a command' });
    if (component !== undefined && step.kind === "system" && !component.writtenIn.includes(phase))
      raise("write-out-of-phase", { ...change, allowed: phasesText(component.writtenIn) });
    raise("undeclared-write", { ...change, problem: "which it does not declare" });
  }

  #changeOf(part: StatePart, element: number) {
    const text = (value: number): string => `${valueText(value)} (${bitsText(part.scalar, value)})`;
    return {
      written: placeText(this.#world, part, element),
      component: part.owner,
      field: part.field,
      entity: entityOfElement(part, element),
      before: text(this.#shadows[part.number]!.elements[element]!),
      after: text(part.elements[element]!),
    };
  }

  #eventOf({ event }: StatePart, element: number): string {
    const { events } = this.#world.program;
    return event?.name ?? events[element % events.length]?.name ?? "";
  }
}

function phasesText(names: readonly string[]): string {
  return names.length === 0 ? '"structure", by a command' : names.map((name) => `"${name}"`).join(" or ");
}

function writerName({ kind, name, phase }: TickStep): string {
  if (kind === "system") return `System "${name}" (phase ${phase})`;
  return kind === "door" ? "The door" : "The structure phase";
}
