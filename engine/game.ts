/**
 * A game: everything that an author writes, as one piece of data. `defineGame` checks that all of it is there and nothing
 * that needs the whole; making an engine from it does.
 */

import type { AssetMemory } from "./asset/memory.ts";
import type { PipelineDefinition } from "./asset/stage.ts";
import { raise } from "./base/faults.ts";
import { resolveLimits } from "./base/limits.ts";
import type { Migration } from "./ecs/migration.ts";
import { checkGameForm } from "./game-form.ts";
import type { AnyJob } from "./jobs/definition.ts";
import { compileJobs } from "./jobs/graph.ts";
import type { JobProgram } from "./jobs/job-memory.ts";
import { type JobsOptions, jobsSubsystem } from "./jobs/subsystem.ts";
import { type PhysicsOptions, physicsSubsystem } from "./physics/subsystem.ts";
import type { BudgetLadder } from "./render/budget.ts";
import { renderComponents, renderEvents } from "./render/components.ts";
import { viewJobs } from "./render/jobs/view-jobs.ts";
import type { Look } from "./render/look.ts";
import type { ViewDefinition } from "./render/view.ts";
import type { PlanSettings } from "./sim/plan-settings.ts";
import { compileProgram, type Program, type WorldDefinition } from "./sim/program.ts";
import { defineSubsystem, type SubsystemDefinition } from "./sim/subsystem.ts";
import { snapshotSubsystem } from "./snapshot/subsystem.ts";
import type { ResourceDefinition } from "./streaming/definition.ts";
import { defaultAssetMemory, type StreamingOptions, streamingSubsystem } from "./streaming/subsystem.ts";
import { transformSubsystem } from "./transform/subsystem.ts";

export interface Game extends WorldDefinition {
  /** Present when the world has a physics world: its gravity and settings. */
  readonly physics?: PhysicsOptions;
  /** How it is shown. A game without a view runs headless only. */
  readonly view?: ViewDefinition;
  /** Jobs over snapshots: of presentation, and those that feed the world. */
  readonly jobs?: readonly AnyJob[];
  /** How bytes become resources, beside files that are used as they come. */
  readonly pipelines?: readonly PipelineDefinition[];
  /** Resources that the game makes while it runs. */
  readonly resources?: readonly ResourceDefinition[];
  /** Path of the manifest of its asset files, such as "assets/manifest.json". */
  readonly assets?: string;
  /** What of its presentation is given up, in which order, when frames are too slow. */
  readonly budget?: BudgetLadder;
  /** Optional parts that the game adds. */
  readonly subsystems?: readonly SubsystemDefinition[];
  /** How state of older code becomes that of this code, when code is replaced while a world runs. */
  readonly migrations?: readonly Migration[];
  /** Components of older code whose values may be lost then. */
  readonly drops?: readonly string[];
}

/** Defines a game. Raises "bad-definition" when an entry is missing or of a wrong kind. */
export function defineGame(game: Game): Game {
  checkGameForm(game);
  return game;
}

/**
 * Components and events that views know; they are in every world, so that a journal does not depend on a
 * view being shown. World code holds the numbers of meshes and materials, so their names count.
 */
function lookSubsystem(look: Look | undefined): SubsystemDefinition {
  return defineSubsystem({
    name: "look",
    settings: JSON.stringify(look === undefined ? [] : [look.mesh, look.material, look.sound]),
    components: renderComponents,
    events: renderEvents,
    create: () => ({}),
  });
}

/** All jobs of a game, those of its view first: what a worker finds by name. */
export function gameJobs(game: Game): readonly AnyJob[] {
  const view = game.view === undefined ? [] : viewJobs(game.view, resolveLimits(game.limits).entities).jobs;
  return [...view, ...(game.jobs ?? [])];
}

/** What a host gives to the parts of the frame. */
export interface GameHost {
  readonly jobs?: JobsOptions | undefined;
  readonly assets?: (Omit<StreamingOptions, "memory"> & { readonly memory?: AssetMemory }) | undefined;
  /** Priorities of resources and assets by name, instead of their own; see PlanSettings. */
  readonly priorities?: Readonly<Record<string, number>> | undefined;
}

/** What a worker opens a world with; computed from the game alone. */
export function jobProgram(game: Game): JobProgram {
  const { schema, limits } = compileProgram(game, gameSubsystems(game));
  return { graph: compileJobs(gameJobs(game)), schema, limits };
}

/** The subsystems of a game's worlds: transforms, look, snapshots, jobs, physics when asked for, then the game's own. */
export function gameSubsystems(game: Game, host: GameHost = {}): readonly SubsystemDefinition[] {
  const { pipelines = [] } = game;
  const { priorities = {} } = host;
  const resources = withPriorities(game.resources ?? [], priorities);
  let memory: AssetMemory | undefined;
  const assets = (): AssetMemory => {
    memory ??= host.assets?.memory ?? defaultAssetMemory();
    return memory;
  };
  for (const job of gameJobs(game))
    for (const name of job.resources)
      if (!resources.some((resource) => resource.name === name))
        raise("unknown-name", {
          what: "resource",
          name,
          where: `Job "${job.name}"`,
          known: resources.map((resource) => resource.name).join(", ") || "none is defined",
        });
  const own = host.assets?.manifest;
  const manifest = own === undefined ? undefined : { ...own, assets: withPriorities(own.assets, priorities) };
  const streams = resources.length > 0 || host.assets?.manifest !== undefined;
  return [
    transformSubsystem,
    snapshotSubsystem,
    jobsSubsystem(gameJobs(game), { ...host.jobs, assets: streams ? assets : undefined }),
    ...(streams ? [streamingSubsystem(pipelines, resources, { ...host.assets, manifest, memory: assets })] : []),
    lookSubsystem(game.view?.look),
    ...(game.physics === undefined ? [] : [physicsSubsystem(game.physics)]),
    ...(game.subsystems ?? []),
  ];
}

function withPriorities<T extends { readonly name: string; readonly priority?: number }>(
  definitions: readonly T[],
  priorities: Readonly<Record<string, number>>,
): readonly T[] {
  return definitions.map((definition) =>
    Object.hasOwn(priorities, definition.name) ? { ...definition, priority: priorities[definition.name] } : definition,
  );
}

/** The program of an engine: the game's parts and those of its host. Raises definition faults. */
export function compileGame(
  game: Game,
  host: GameHost,
  {
    subsystems = [],
    settings,
  }: { readonly subsystems?: readonly SubsystemDefinition[]; readonly settings?: PlanSettings },
): Program {
  checkGameForm(game);
  const own = gameSubsystems(game, { ...host, priorities: settings?.priorities });
  return compileProgram(game, [...own, ...subsystems], settings);
}
