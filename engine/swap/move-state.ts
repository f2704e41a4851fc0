/**
 * Moves a whole saved state to another program: the arena's part by `moveWorld`, and what parts keep elsewhere by their
 * names: tick jobs on their way and world resources fit the program after, everything else goes over as it is.
 */
import type { Engine } from "../engine.ts";
import type { SavedFlight } from "../jobs/flights.ts";
import { type JobsSubsystem, jobsOf } from "../jobs/subsystem.ts";
import { stateNamesOf } from "../running-parts.ts";
import type { SavedPart, SavedState } from "../sim/saved-state.ts";
import type { SavedWorld } from "../sim/saved-world.ts";
import { emptyResource, type SavedResource } from "../streaming/saved-resources.ts";
import { streamingOf } from "../streaming/subsystem.ts";
import { checkUse, moveWorld } from "./move-world.ts";
import type { MovePlan } from "./plan-move.ts";

export interface MovedState {
  readonly state: SavedState;
  /** What became of the state, a sentence each: what is planned for every one, and what was done to the values of this one. */
  readonly report: readonly string[];
}

/** The state of `saved` for `engine`, which was started with the program after. Raises as `moveWorld` does. */
export function moveState(plan: MovePlan, saved: SavedState, engine: Engine, into?: SavedWorld): MovedState {
  checkUse(plan, saved.world);
  const { world } = engine;
  const target = { regions: world.regionNames, seed: world.seed };
  const moved = moveWorld(plan, saved.world, target, into);
  const parts = stateNamesOf(engine.program.parts).flatMap((name): SavedPart[] => {
    const part = saved.parts.find((candidate) => candidate.name === name);
    if (name === "jobs")
      return [
        { name, state: moveFlights(plan, (part?.state ?? []) as readonly SavedFlight[], saved.tick, jobsOf(engine)) },
      ];
    if (name === "streaming")
      return [
        {
          name,
          state: moveResources(
            (part?.state ?? []) as readonly SavedResource[],
            streamingOf(engine).worldResources.map(([resource]) => resource),
          ),
        },
      ];
    return part === undefined ? [] : [part];
  });
  const { tick, hashHigh, hashLow } = saved;
  return {
    state: { origin: world.saveOrigin, tick, hashHigh, hashLow, world: moved.world, parts },
    report: [...plan.report, ...moved.report],
  };
}

/**
 * Flights of the tick jobs that are still there and answer in the same component; each in the place that its job has
 * now. One that would have been due already enters at the next tick.
 */
function moveFlights(
  plan: MovePlan,
  flights: readonly SavedFlight[],
  tick: number,
  jobs: JobsSubsystem,
): SavedFlight[] {
  const places = jobs.flightJobs;
  const taken = new Set<number>();
  return flights.flatMap((flight) => {
    const job = jobs.graph.jobs.find(({ name }) => name === flight.job);
    const place = places.findIndex((name, at) => name === flight.job && !taken.has(at));
    if (job === undefined || place < 0 || !plan.jobs.includes(flight.job)) return [];
    taken.add(place);
    return [{ ...flight, place, launchedTick: Math.max(flight.launchedTick, tick + 1 - job.latency) }];
  });
}

function moveResources(saved: readonly SavedResource[], names: readonly string[]): SavedResource[] {
  return names.map((name) => saved.find((resource) => resource.name === name) ?? emptyResource(name));
}
