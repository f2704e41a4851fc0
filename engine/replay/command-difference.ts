/**
 * The command that two traces of a tick part by: where the structure phase is the first to write otherwise, it wrote what
 * systems asked for, and the first of them that asked for something else is who did it.
 *
 * Given both traces and what structure wrote otherwise, hands on the step, the entity and what either side commanded. The
 * rule a reader could break: commands with the same effect are no difference, so they are compared by their effect (values
 * in their column's bits, defaults included, what only one program knows left out) and only where structure wrote otherwise.
 */
import { bitsText, valueText } from "../audit/state-map.ts";
import type { Command } from "../ecs/commands.ts";
import { fieldNames, type Initial } from "../ecs/component.ts";
import { handleIndex } from "../ecs/handle.ts";
import type { TickStep } from "../sim/tick-observer.ts";
import { differingWrites, mergedSteps, stepName, type TickTrace, type WriteDifference } from "./tick-trace.ts";

/** Commands for one entity that two traces do not share. */
export interface CommandDifference {
  readonly step: TickStep;
  /** The side that alone has this step; undefined when both have it. */
  readonly only: "a" | "b" | undefined;
  /** Index of the entity that the commands name. */
  readonly entity: number;
  /** What each side commanded, in words: "despawn", "spawn with Crate, Position"; of two alike, where they differ. */
  readonly a: readonly string[];
  readonly b: readonly string[];
}

/** What a command asks for, in a form that means the same in both programs. */
interface Effect {
  readonly entity: number;
  /** "spawn below 7", "add Crate". */
  readonly head: string;
  readonly components: readonly string[];
  /** "0.5 0x3f000000" by "Position.x". */
  readonly values: ReadonlyMap<string, string>;
}

/**
 * The first step that commanded otherwise, and for which entity: one that `structure` wrote otherwise where there is one.
 * Undefined when `first`, the first write that differs, is not of the structure phase, or no command explains it. Without
 * a `first` it is asked only where the structure phase itself did not come to its end.
 */
export function firstCommandDifference(
  a: TickTrace,
  b: TickTrace,
  first: WriteDifference | undefined,
  spans: ReadonlySet<string>,
): CommandDifference | undefined {
  const isOfStructure = first !== undefined && first.step !== "outside" && first.step.kind === "structure";
  const isStructureCut = [a, b].some(({ steps, doneSteps }) => steps[doneSteps]?.kind === "structure");
  if (!isOfStructure && !(first === undefined && isStructureCut)) return undefined;
  const written = isOfStructure ? differingWrites(a, b, spans, stepName(first.step)) : new Set<number>();
  const known = (name: string): boolean =>
    [a, b].every(({ world }) => world.program.schema.components.some((component) => component.name === name));
  const ours = byStep(a, spans, known);
  const theirs = byStep(b, spans, known);
  let any: CommandDifference | undefined;
  for (const name of mergedSteps(a, b)) {
    const [one, other] = [ours.get(name), theirs.get(name)];
    const [effectsA, effectsB] = [one?.effects ?? [], other?.effects ?? []];
    const step = (one ?? other)?.step;
    if (step === undefined || textOf(effectsA) === textOf(effectsB)) continue;
    const has = [a, b].map(({ steps }) => steps.some((candidate) => stepName(candidate) === name));
    const only = has[0] === has[1] ? undefined : has[0] === true ? "a" : "b";
    const entities = differingEntities(effectsA, effectsB);
    const entity = entities.find((candidate) => written.has(candidate)) ?? entities[0]!;
    const [own, their] = [effectsA, effectsB].map((effects) => effects.filter((effect) => effect.entity === entity));
    const difference = { step, only, entity, a: wordsOf(own!, their!), b: wordsOf(their!, own!) } as const;
    if (written.has(entity)) return difference;
    any ??= difference;
  }
  return any;
}

/** The entities whose commands differ; where each has the same, the first that is not in the same place. */
function differingEntities(a: readonly Effect[], b: readonly Effect[]): number[] {
  const entities = new Set([...a, ...b].map(({ entity }) => entity));
  const of = (effects: readonly Effect[], entity: number): string =>
    textOf(effects.filter((effect) => effect.entity === entity));
  const differing = [...entities].filter((entity) => of(a, entity) !== of(b, entity));
  if (differing.length > 0) return differing;
  return [a.find((effect, at) => textOf([effect]) !== textOf([b[at]!]))!.entity];
}

function textOf(effects: readonly Effect[]): string {
  return JSON.stringify(
    effects.map(({ entity, head, components, values }) => [entity, head, components, [...values.entries()]]),
  );
}

/** Effects of a step in words; of one that the other side has in its place, only the values that it has not. */
function wordsOf(own: readonly Effect[], other: readonly Effect[]): string[] {
  return own.map(({ head, components, values }, at) => {
    const beside = other[at];
    const isAlike = beside?.head === head && String(beside.components) === String(components);
    const differing = [...values].filter(([name, text]) => isAlike && beside.values.get(name) !== text);
    const what = differing.length > 0 ? differing.map(([name, text]) => `${name} ${text}`) : components;
    return what.length === 0 ? head : `${head} with ${what.join(", ")}`;
  });
}

interface StepEffects {
  readonly step: TickStep;
  readonly effects: Effect[];
}

function byStep(
  { commands }: TickTrace,
  spans: ReadonlySet<string>,
  known: (component: string) => boolean,
): Map<string, StepEffects> {
  const steps = new Map<string, StepEffects>();
  for (const { step, command } of commands) {
    const effect = effectOf(command, spans, known);
    if (effect === undefined) continue;
    const name = stepName(step);
    const found = steps.get(name) ?? { step, effects: [] };
    steps.set(name, found);
    found.effects.push(effect);
  }
  return steps;
}

/** Undefined for a command that only one of the programs knows the component of. */
function effectOf(
  command: Command,
  spans: ReadonlySet<string>,
  known: (component: string) => boolean,
): Effect | undefined {
  const entity = handleIndex(command.entity);
  const plain = (head: string): Effect => ({ entity, head, components: [], values: new Map() });
  switch (command.kind) {
    case "spawn": {
      const head = command.parent === 0 ? "spawn" : `spawn below ${handleIndex(command.parent)}`;
      const parts = command.parts.filter(({ component }) => known(component.name));
      const components = parts.map(({ component }) => component.name).sort();
      const values = parts.flatMap((part) => valuesOf(part, spans, true)).sort(([a], [b]) => (a < b ? -1 : 1));
      return { entity, head, components, values: new Map(values) };
    }
    case "despawn":
      return plain("despawn");
    case "add": {
      const { name } = command.part.component;
      if (!known(name)) return undefined;
      return { ...plain(`add ${name}`), values: new Map(valuesOf(command.part, spans, false)) };
    }
    case "remove":
      return known(command.component.name) ? plain(`remove ${command.component.name}`) : undefined;
    case "reparent":
      return plain(command.parent === 0 ? "reparent to the root" : `reparent below ${handleIndex(command.parent)}`);
  }
}

/** Values as their columns will hold them; `isWhole`: what is left out starts from its default. */
function valuesOf({ component, values }: Initial, spans: ReadonlySet<string>, isWhole: boolean): [string, string][] {
  return fieldNames(component).flatMap((field): [string, string][] => {
    const name = `${component.name}.${field}`;
    const { scalar, length } = component.fields[field]!;
    const value = values[field] ?? (isWhole ? (component.defaults[field] ?? 0) : undefined);
    if (value === undefined || !spans.has(name)) return [];
    const list = typeof value === "object" ? value : Array.from({ length }, () => Number(value));
    return [[name, list.map((element) => `${valueText(element)} ${bitsText(scalar, element)}`).join(" ")]];
  });
}
