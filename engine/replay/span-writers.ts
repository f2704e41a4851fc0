/**
 * Who writes a span of the state: the steps that were seen to, in a tick that was made again, and those that may by what
 * they declare. Where another line of the world differs, the culprit may be one that on this line wrote nothing.
 *
 * Given the trace of a tick and the name of a span, hands on both lists. The rule a reader could break: they have no
 * step in common, so a reader who wants all of them takes both.
 */
import { verdict, verdictOf } from "../audit/permissions.ts";
import type { StatePart } from "../audit/state-map.ts";
import { type StepChange, writerText } from "../audit/step-log.ts";
import type { Component } from "../ecs/component.ts";
import type { JobsSubsystem } from "../jobs/subsystem.ts";
import type { TickStep } from "../sim/tick-observer.ts";
import type { World } from "../sim/world.ts";
import { isOfTick, type TickTrace } from "./tick-trace.ts";

/** A step that wrote into a span, on a line that could be made again. */
export interface SpanWriter {
  readonly step: TickStep | "outside";
  /** Elements that it changed; of rows of events, also those of rows that it emitted in zeros. */
  readonly count: number;
  /** Of the structure phase, the steps that commanded something in that tick; of others none. */
  readonly commandedBy: readonly TickStep[];
}

/** A step that may write into a span and was not seen to. */
export interface PossibleWriter {
  readonly step: TickStep;
  /** The subsystem that brings the system; undefined for one of the game's own, and for door and structure. */
  readonly subsystem: string | undefined;
  /** What is written there on behalf of others: "commands", `answers of job "sense-obstacles"`. */
  readonly by: readonly string[];
}

/** The steps that wrote into a span, the last one first. */
export function writersOf({ parts, changes, commands, emissions }: TickTrace, span: string): SpanWriter[] {
  const counts = new Map<StepChange["step"], number>();
  for (const { part, step } of changes) if (part.name === span) counts.set(step, (counts.get(step) ?? 0) + 1);
  const part = parts.find(({ name }) => name === span);
  // An emitted row may be all zeros, as its place was before.
  if (part !== undefined && isOfTick(part))
    for (const { event, step, from, to } of emissions)
      if (event === part.owner && !counts.has(step)) counts.set(step, (to - from) * part.length);
  const commanding = [...new Set(commands.map(({ step }) => step))];
  const isStructure = (step: StepChange["step"]): boolean => step !== "outside" && step.kind === "structure";
  return [...counts.entries()]
    .map(([step, count]) => ({ step, count, commandedBy: isStructure(step) ? commanding : [] }))
    .sort((a, b) => orderOf(b.step) - orderOf(a.step));
}

function orderOf(step: SpanWriter["step"]): number {
  return step === "outside" ? -1 : step.number;
}

/** `system "pull-bodies" (physics)`, `the structure phase for commands of system "rain-crates" (gameplay)`. */
export function spanWriterText({ step, commandedBy }: SpanWriter): string {
  const text = writerText(step);
  return commandedBy.length === 0 ? text : `${text} for commands of ${commandedBy.map(writerText).join(" and ")}`;
}

/** The other steps that declare to write into a span, in the order of a tick. */
export function possibleWritersOf(
  { world, parts, steps }: TickTrace,
  span: string,
  seen: readonly SpanWriter[],
): PossibleWriter[] {
  const part = parts.find(({ name }) => name === span);
  if (part === undefined) return [];
  const wrote = new Set(seen.map(({ step }) => step));
  return steps
    .filter((step) => !wrote.has(step) && verdictOf(world, step, part) !== verdict.refused)
    .map((step) => ({ step, subsystem: subsystemOf(world, step), by: behalfOf(world, step, part) }));
}

/** `system "pull-bodies" (physics) of the subsystem physics`, `the structure phase for commands`. */
export function possibleWriterText({ step, subsystem, by }: PossibleWriter): string {
  const text = writerText(step);
  if (subsystem !== undefined) return `${text} of the subsystem ${subsystem}`;
  return by.length === 0 ? text : `${text} for ${by.join(" and ")}`;
}

function subsystemOf({ program }: World, { system }: TickStep): string | undefined {
  if (system === undefined) return undefined;
  return program.parts.find(({ subsystem }) => subsystem.systems?.includes(system) === true)?.name;
}

function behalfOf({ program }: World, { kind }: TickStep, { kind: partKind, component }: StatePart): string[] {
  if (kind === "structure") return ["commands"];
  if (kind === "system") return [];
  if (partKind === "event") return ["clearing the events of the tick before"];
  if (partKind === "resources") return ["publications of world resources"];
  if (partKind === "seats") return ["records of players"];
  const jobs = program.parts.find(({ name }) => name === "jobs")?.subsystem as JobsSubsystem | undefined;
  const answering = (jobs?.graph.jobs ?? []).filter(({ answer }) => answer !== undefined && answer === component);
  if (answering.length > 0) return answering.map(({ name }) => `answers of job "${name}"`);
  return [component === (program.config as unknown as Component) ? "settings" : "records of players"];
}
