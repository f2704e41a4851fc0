/**
 * Resources that a game makes while it runs, beside the files of its manifest. Two kinds. A resource of
 * presentation is asked for when the world is shown, and published when it is ready. A world resource is
 * rebuilt from snapshots at fixed ticks: launched after tick T, read by jobs from T + latency on, for which
 * that tick waits, so a starved run and an idle one have the same hash.
 */
import type { PipelineDefinition } from "../asset/stage.ts";
import { keepBytes } from "../asset/stage.ts";
import { raise } from "../base/faults.ts";
import type { Limits } from "../base/limits.ts";
import type { Snapshot } from "../snapshot/snapshot.ts";

export type ResourceKind = "texture" | "mesh" | "bytes";

/** Rebuilds of a world resource. */
export interface WorldRebuild {
  /** Launched after every tick that is a multiple of this. */
  readonly every: number;
  /** Ticks from launch until jobs read it; at most `every`. */
  readonly latency: number;
  /** The input of the pipeline's first stage, from the snapshot of the launch; it reads shared components only. Undefined leaves this rebuild out. */
  input(snapshot: Snapshot): Uint8Array | undefined;
}

export interface ResourceDefinition {
  readonly name: string;
  /** Name of one of the game's pipelines, which reads no file. */
  readonly pipeline: string;
  /** What drivers may take it for. */
  readonly kind: ResourceKind;
  /** Up to 16 numbers for the stages. */
  readonly parameters?: readonly number[];
  /** Higher is more urgent. */
  readonly priority?: number;
  readonly world?: WorldRebuild;
}

/** Defines a resource; raises "bad-definition" for figures that make no sense. */
export function defineResource(definition: ResourceDefinition): ResourceDefinition {
  const { name, world } = definition;
  if (world !== undefined)
    for (const [figure, value] of [
      ["every", world.every],
      ["latency", world.latency],
    ] as const)
      if (!Number.isInteger(value) || value < 1 || value > world.every)
        raise("bad-definition", {
          what: "resource",
          name,
          problem: `its ${figure} is ${value}`,
          remedy: "Give whole numbers from 1 on, the latency at most as long as the interval.",
        });
  return Object.freeze(definition);
}

/** Pipelines of files that are used as they come, for the manifest's kinds. */
const filePipelines: readonly PipelineDefinition[] = [
  { name: "texture", host: true, stages: [keepBytes] },
  { name: "mesh", host: true, stages: [keepBytes] },
  { name: "bytes", host: true, stages: [keepBytes] },
];

/** All pipelines of a game: the same list on every thread. */
export function allPipelines(own: readonly PipelineDefinition[] = []): readonly PipelineDefinition[] {
  return [...filePipelines, ...own];
}

/** What a driver takes an asset of the manifest for. */
export function kindOfAsset(pipeline: string): ResourceKind {
  return pipeline === "texture" || pipeline === "mesh" ? pipeline : "bytes";
}

/** Names in the order of resource numbers: the game's own by name, then the manifest's by name. */
export function resourceNumbers<T extends { readonly name: string }, U extends { readonly name: string }>(
  own: readonly T[],
  assets: readonly U[],
): readonly (T | U)[] {
  const byName = (a: { readonly name: string }, b: { readonly name: string }): number =>
    a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
  const all = [...own.toSorted(byName), ...assets.toSorted(byName)];
  for (const { name } of all)
    if (all.filter((other) => other.name === name).length > 1) raise("duplicate-name", { what: "resource", name });
  return all;
}

/** How many rows of resources a world has at most. */
export function checkResourceCount(count: number, { resources }: Limits): void {
  if (count > resources) raise("limit-reached", { limit: "resources", value: resources, setting: "limits.resources" });
}
