/**
 * The shape of a program: what of it says how the state of its worlds lies in memory, as plain data. A world moves from
 * one shape to another; the program that it had may be gone by then, in another thread or another process.
 */
import type { Limits } from "../base/limits.ts";
import { phaseNames } from "../base/phases.ts";
import { fieldNames } from "../ecs/component.ts";
import { fieldText } from "../ecs/field.ts";
import { eventCapacity } from "../events/event.ts";
import { controlNames } from "../input/controls.ts";
import { flightCount } from "../jobs/graph.ts";
import type { JobsSubsystem } from "../jobs/subsystem.ts";
import type { Program } from "../sim/program.ts";
import type { StreamingSubsystem } from "../streaming/subsystem.ts";

export interface ComponentShape {
  readonly name: string;
  /** Field names in the order of their layout, with their types as text. */
  readonly fields: Readonly<Record<string, string>>;
  /** Names of the components that come with it. */
  readonly requires: readonly string[];
}

/** A tick job, as far as its answers on their way are concerned. */
export interface JobShape {
  /** The component in which it answers. */
  readonly answer: string;
  /** How many of its answers are on their way at once. */
  readonly flights: number;
}

export interface EventShape {
  readonly name: string;
  /** Everything that says what its rows mean and how they lie, as text. */
  readonly text: string;
  readonly capacity: number;
  /** Regions of its columns, without the kind's name. */
  readonly columns: readonly string[];
}

export interface ProgramShape {
  readonly game: string;
  readonly tickRate: number;
  readonly limits: Limits;
  /** In the order of component numbers. */
  readonly components: readonly ComponentShape[];
  /** Names in the order of random streams; the last is "setup". */
  readonly streams: readonly string[];
  /** In name order, which is the order of their numbers. */
  readonly events: readonly EventShape[];
  /** Controls with their kinds, in the order of their numbers. */
  readonly controls: readonly (readonly [name: string, kind: string])[];
  /** Names that numbers in columns stand for: of meshes and materials, by the column's region. */
  readonly names: Readonly<Record<string, readonly string[]>>;
  /** Tick jobs, in the order in which they run. */
  readonly jobs: readonly (readonly [name: string, job: JobShape])[];
  /** World resources with their numbers, under which the state has their versions. */
  readonly resources: readonly (readonly [name: string, number: number])[];
}

export function shapeOf(program: Program): ProgramShape {
  const { id, tickRate, limits, schema, events, controls, order } = program;
  const numbered = new Set(program.streams.flatMap(({ kinds }) => kinds));
  return {
    game: id,
    tickRate,
    limits,
    components: schema.components.map((component) => ({
      name: component.name,
      fields: Object.fromEntries(fieldNames(component).map((name) => [name, fieldText(component.fields[name]!)])),
      requires: component.requires.map(({ name }) => name),
    })),
    streams: [...phaseNames.flatMap((phase) => order[phase].map(({ name }) => name)), "setup"],
    events: events.map((kind) => {
      const fields = Object.keys(kind.fields).sort();
      const types = fields.map((field) => `${field}:${fieldText(kind.fields[field]!)}`);
      const isNumbered = numbered.has(kind);
      const now = isNumbered ? [...fields, "#sequence"] : fields;
      return {
        name: kind.name,
        text: `${types.join(" ")}${isNumbered ? " numbered" : ""} lasts ${kind.lasts}`,
        capacity: eventCapacity(kind, limits),
        columns: now.flatMap((field) => (kind.lasts === 2 ? [field, `before.${field}`] : [field])),
      };
    }),
    controls: controlNames(controls.controls).map((name) => [name, controls.controls[name]!.kind]),
    names: namesOf(program),
    jobs: jobsOf(program),
    resources: streamingIn(program)?.worldResources ?? [],
  };
}

function jobsOf({ parts }: Program): ProgramShape["jobs"] {
  const jobs = parts.find(({ name }) => name === "jobs")?.subsystem as JobsSubsystem | undefined;
  return (jobs?.graph.jobs ?? []).flatMap((job) =>
    job.answer === undefined ? [] : [[job.name, { answer: job.answer.name, flights: flightCount(job) }] as const],
  );
}

function streamingIn({ parts }: Program): StreamingSubsystem | undefined {
  return parts.find(({ name }) => name === "streaming")?.subsystem as StreamingSubsystem | undefined;
}

/** World code holds the numbers of meshes and materials, which are places in sorted lists of names. */
function namesOf({ parts }: Program): Record<string, readonly string[]> {
  const text = parts.find(({ name }) => name === "look")?.definition.settings ?? "[]";
  const [meshes = {}, materials = {}] = JSON.parse(text) as Record<string, number>[];
  return { "Renderable.mesh": Object.keys(meshes).sort(), "Renderable.material": Object.keys(materials).sort() };
}
