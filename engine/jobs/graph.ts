/**
 * The job graph: the jobs of a game in a total order in which each comes after those whose outputs it
 * reads; ties go by name, so registration order does not matter. Building it is pure and finds every
 * mistake before anything runs: unknown inputs and columns, two jobs with one output, circles.
 *
 * Poses, skinning and bounds come first in the chain of presentation: bounds read skins, culling reads
 * bounds. A job joins that chain by naming the output that it needs, and by nothing else.
 */
import { raise } from "../base/faults.ts";
import type { Limits } from "../base/limits.ts";
import type { Schema } from "../ecs/schema.ts";
import type { EventKind } from "../events/event.ts";
import type { AnyJob } from "./definition.ts";

/** One job as the plan prints it. */
export interface PlannedJob {
  readonly name: string;
  readonly kind: "frame" | "tick";
  /** The stage that a frame job runs in; "" for a tick job. */
  readonly stage: string;
  readonly reads: readonly string[];
  readonly inputs: readonly string[];
  readonly output: string;
  readonly after: readonly string[];
  readonly chunkItems: number;
  readonly every: number;
  readonly latency: number;
  readonly answer: string;
}

export interface JobGraph {
  /** In running order. */
  readonly jobs: readonly AnyJob[];
  /** For each job, the places of the jobs whose outputs it reads. */
  readonly predecessors: readonly (readonly number[])[];
  readonly planned: readonly PlannedJob[];
  /** What of the jobs decides the world, as text: part of the schema that a journal must match. */
  readonly settings: string;
}

/** The most runs of a tick job that are on their way at once. */
export function flightCount({ every, latency }: Pick<AnyJob, "every" | "latency">): number {
  return Math.floor((latency - 1) / every) + 1;
}

export function compileJobs(definitions: readonly AnyJob[]): JobGraph {
  const sorted = [...definitions].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  const writers = new Map<string, AnyJob>();
  sorted.forEach((job, i) => {
    if (sorted[i + 1]?.name === job.name) raise("duplicate-name", { what: "job", name: job.name });
    const other = writers.get(job.output.name);
    if (other !== undefined)
      raise("job-output-conflict", { output: job.output.name, first: other.name, second: job.name });
    writers.set(job.output.name, job);
  });
  const before = new Map<AnyJob, readonly AnyJob[]>();
  for (const job of sorted)
    before.set(
      job,
      job.inputs.map((input) => {
        const writer = writers.get(input.name);
        if (writer?.output !== input || writer.kind !== "frame")
          raise("unknown-name", {
            what: "output",
            name: input.name,
            where: `Job "${job.name}"`,
            known: [...writers.keys()].join(", "),
          });
        if (job.stage === "jobs" && writer.stage === "submit")
          raise("bad-definition", {
            what: "job",
            name: job.name,
            problem: `it reads "${input.name}", which the stage submit makes after it`,
            remedy: 'Give it `stage: "submit"` too, or leave the input out.',
          });
        return writer;
      }),
    );
  const jobs = order(sorted, before);
  return {
    jobs,
    predecessors: jobs.map((job) => before.get(job)!.map((other) => jobs.indexOf(other))),
    planned: jobs.map((job) => describe(job, before.get(job)!)),
    settings: jobs
      .filter(({ kind }) => kind === "tick")
      .map(
        ({ name, answer, every, latency, chunkItems }) => `${name} ${answer!.name} ${every} ${latency} ${chunkItems}`,
      )
      .join("; "),
  };
}

/**
 * Slots of the snapshot ring that frames and tick jobs may need at once: previous, current, the published one and
 * one to write, and one for each run of a tick job that may be on its way.
 */
export function slotsNeeded({ jobs }: Pick<JobGraph, "jobs">): number {
  return jobs.reduce((sum, job) => sum + (job.kind === "tick" ? flightCount(job) : 0), 4);
}

/** Checks the graph against the schema and limits of a world; raises the first fault. */
export function checkJobs({ jobs }: JobGraph, schema: Schema, events: readonly EventKind[], limits: Limits): void {
  const shared = schema.components.filter((component) => component.shared);
  let flights = 0;
  for (const job of jobs) {
    for (const component of [...job.reads, ...(job.answer === undefined ? [] : [job.answer])])
      if (!schema.numbers.has(component))
        raise("unknown-name", {
          what: "component",
          name: component.name,
          where: `Job "${job.name}"`,
          known: schema.components.map((known) => known.name).join(", "),
        });
    for (const component of job.reads)
      if (!component.shared)
        raise("not-shared", {
          job: job.name,
          component: component.name,
          shared: shared.map(({ name }) => name).join(", "),
        });
    for (const kind of job.hears)
      if (!events.includes(kind))
        raise("unknown-name", {
          what: "event",
          name: kind.name,
          where: `Job "${job.name}"`,
          known: events.map((known) => known.name).join(", ") || "none is defined",
        });
    if (job.kind === "tick") flights += flightCount(job);
  }
  const needed = slotsNeeded({ jobs });
  if (limits.snapshotSlots < needed && flights > 0)
    raise("bad-definition", {
      what: "limit",
      name: "snapshotSlots",
      problem: `it is ${limits.snapshotSlots}, and tick jobs may hold ${flights} snapshots at once`,
      remedy: `Set \`limits.snapshotSlots\` to ${needed} or more.`,
    });
}

/** Kahn's algorithm; among the jobs that are free to run, the first by name. */
function order(sorted: readonly AnyJob[], before: ReadonlyMap<AnyJob, readonly AnyJob[]>): AnyJob[] {
  const waiting = [...sorted];
  const done = new Set<AnyJob>();
  const ordered: AnyJob[] = [];
  while (waiting.length > 0) {
    const at = waiting.findIndex((job) => before.get(job)!.every((other) => done.has(other)));
    if (at < 0) raise("job-cycle", { jobs: circleOf(waiting, before) });
    const [job] = waiting.splice(at, 1);
    done.add(job!);
    ordered.push(job!);
  }
  return ordered;
}

/** One circle, as "a -> b -> a": each must run before the next. */
function circleOf(waiting: readonly AnyJob[], before: ReadonlyMap<AnyJob, readonly AnyJob[]>): string {
  const path: AnyJob[] = [];
  let job = waiting[0]!;
  while (!path.includes(job)) {
    path.push(job);
    job = before.get(job)!.find((other) => waiting.includes(other))!;
  }
  const circle = path.slice(path.indexOf(job)).reverse();
  return [...circle, circle[0]!].map(({ name }) => name).join(" -> ");
}

function describe(job: AnyJob, before: readonly AnyJob[]): PlannedJob {
  const names = (list: readonly { readonly name: string }[]): string[] => list.map(({ name }) => name).sort();
  return {
    name: job.name,
    kind: job.kind,
    stage: job.kind === "frame" ? job.stage : "",
    reads: names(job.reads),
    inputs: names(job.inputs),
    output: job.output.name,
    after: names(before),
    chunkItems: job.chunkItems,
    every: job.every,
    latency: job.latency,
    answer: job.answer?.name ?? "",
  };
}
