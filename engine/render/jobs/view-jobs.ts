/**
 * The jobs of presentation, made from a view: bounds, then the hierarchy, what each camera sees and in which
 * detail, then the packed instances; beside them light clusters and one job for each particle system.
 * Poses and skinning have their place before `bounds`.
 */
import type { AnyJob } from "../../jobs/definition.ts";
import type { ParticleSystem } from "../particles.ts";
import type { ViewDefinition } from "../view.ts";
import { boundsJob } from "./bounds.ts";
import { detailJob } from "./detail.ts";
import { instancesJob } from "./instances.ts";
import { clustersJob } from "./lights.ts";
import { type ParticleOutput, particleJob, particleOutput } from "./particles.ts";
import { hierarchyJob, visibilityJob } from "./visibility.ts";

export interface ViewJobs {
  readonly jobs: readonly AnyJob[];
  /** The outputs of the particle systems, in the order of the view. */
  readonly particles: readonly { readonly system: ParticleSystem; readonly output: ParticleOutput }[];
}

const made = new WeakMap<ViewDefinition, ViewJobs>();

/** The jobs of a view; the same objects for the same view. `entityMax` is the limit of the game. */
export function viewJobs(view: ViewDefinition, entityMax: number): ViewJobs {
  const known = made.get(view);
  if (known !== undefined) return known;
  const particles = (view.particles ?? []).map((system) => ({ system, output: particleOutput(system) }));
  const jobs = [
    boundsJob(view.look, entityMax),
    hierarchyJob(entityMax),
    visibilityJob(entityMax),
    detailJob(view.look, entityMax),
    instancesJob(view.look, entityMax),
    clustersJob(),
    ...particles.map(({ system, output }) => particleJob(system, output)),
  ];
  const result = { jobs, particles };
  made.set(view, result);
  return result;
}
