/**
 * Levels of frame jobs: what the budget grants each of them. Given a graph of jobs, so that a level names one that may
 * be levelled; hands on the level of a job by its name. The rule a reader could break: tick jobs have none, because what
 * they find out must not depend on how fast a machine is.
 */
import { raise } from "../base/faults.ts";
import { mayRunInBackground } from "./background.ts";
import type { JobGraph } from "./graph.ts";

/** What the budget grants a frame job. */
export interface JobLevel {
  /** Runs in every n-th frame only. */
  readonly every: number;
  /** 0..1, for the job to make of it what it will. */
  readonly quality: number;
  readonly isSkipped: boolean;
  /** Not joined in its frame: its output is whole some frames later, and readers have the last one until then. */
  readonly isBackground?: boolean;
}

const wholeLevel: JobLevel = { every: 1, quality: 1, isSkipped: false };

export class JobLevels {
  readonly #graph: JobGraph;
  readonly #levels = new Map<string, JobLevel>();

  constructor(graph: JobGraph) {
    this.#graph = graph;
  }

  /** The level of a job; the whole one when none is set. */
  of(job: string): JobLevel {
    return this.#levels.get(job) ?? wholeLevel;
  }

  /** Raises "unknown-name" for what is no frame job, and "bad-definition" for a background that the job cannot run in. */
  set(job: string, level: JobLevel): void {
    // What the stage submit draws is planned before it runs; who wants less of it plans less.
    const levelled = this.#graph.jobs.filter(({ kind, stage }) => kind === "frame" && stage === "jobs");
    const known = levelled.find(({ name }) => name === job);
    if (known === undefined)
      raise("unknown-name", {
        what: "frame job",
        name: job,
        where: "A level",
        known: levelled.map(({ name }) => name).join(", "),
      });
    if (level.isBackground === true && !mayRunInBackground(known))
      raise("bad-definition", {
        what: "rung",
        name: job,
        problem: "it moves a job to the background that reads other jobs of the frame",
        remedy: "Lower, defer or skip it; only jobs without inputs may run across frames.",
      });
    this.#levels.set(job, level);
  }
}
