/**
 * World code under watch: a game whose systems, derived values, tick jobs, inputs of world resources and setup say when
 * they run, so that a trap knows whom it caught. Nothing else of the game is touched: frame jobs, views and drivers may
 * use whatever they like.
 *
 * The engine's own systems are never watched; that they use nothing banned is held by the project's laws.
 */
import type { FaultError } from "../../engine/base/faults.ts";
import type { Game } from "../../engine/game.ts";
import type { AnyJob } from "../../engine/jobs/definition.ts";
import type { DerivedDefinition } from "../../engine/sim/derived.ts";
import type { AnySystem } from "../../engine/sim/system.ts";
import type { ResourceDefinition } from "../../engine/streaming/definition.ts";
import { setTraps, trapPromises } from "./banned-calls.ts";
import { enter, leave, type WorldCode } from "./caught.ts";

/** One game has one watched form in a thread, so that whoever compares games finds them equal. */
const watchedGames = new WeakMap<Game, Game>();

/** The game with its world code watched; sets the traps of this thread, unless they are set already (early.ts). */
export function withTraps(game: Game): Game {
  let watched = watchedGames.get(game);
  if (watched !== undefined) return watched;
  setTraps();
  trapPromises();
  const latest: Latest = { tick: 0, derived: new Map() };
  const setup: WorldCode = { code: "setup", name: game.id, tick: 0 };
  watched = {
    ...game,
    systems: game.systems.map((system) => watchedSystem(system, latest)),
    ...(game.jobs === undefined ? {} : { jobs: game.jobs.map(watchedJob) }),
    ...(game.resources === undefined ? {} : { resources: game.resources.map(watchedResource) }),
    setup: (context) => watch(setup, 0, () => game.setup(context)),
  };
  watchedGames.set(game, watched);
  watchedGames.set(watched, watched);
  return watched;
}

/** What the systems of a game share: the tick of the one that ran last, and the watched form of each derived value. */
interface Latest {
  tick: number;
  readonly derived: Map<DerivedDefinition, DerivedDefinition>;
}

function watchedSystem(system: AnySystem, latest: Latest): AnySystem {
  const running: WorldCode = { code: "system", name: system.name, tick: 0 };
  return {
    ...system,
    ...(system.derived === undefined ? {} : { derived: system.derived.map((value) => watchedDerived(value, latest)) }),
    run(context) {
      // Written out, for systems run many times a tick: no closure is made.
      running.tick = context.tick;
      latest.tick = running.tick;
      const before = enter(running);
      let thrown: unknown;
      let hasThrown = false;
      try {
        system.run(context);
      } catch (error) {
        thrown = error;
        hasThrown = true;
      }
      rethrow(leave(before), hasThrown, thrown);
    },
  };
}

/** One form for all its readers: worlds tell derived values apart by their definitions. It is computed as a tick begins. */
function watchedDerived(value: DerivedDefinition, latest: Latest): DerivedDefinition {
  let watched = latest.derived.get(value);
  if (watched === undefined) {
    const running: WorldCode = { code: "derived", name: value.name, tick: 0 };
    watched = { ...value, compute: (context) => watch(running, latest.tick + 1, () => value.compute(context)) };
    latest.derived.set(value, watched);
  }
  return watched;
}

function watchedResource(resource: ResourceDefinition): ResourceDefinition {
  const { world } = resource;
  if (world === undefined) return resource;
  const running: WorldCode = { code: "resource", name: resource.name, tick: 0 };
  return {
    ...resource,
    world: { ...world, input: (snapshot) => watch(running, snapshot.tick, () => world.input(snapshot)) },
  };
}

function watchedJob(job: AnyJob): AnyJob {
  if (job.kind !== "tick") return job;
  const running: WorldCode = { code: "job", name: job.name, tick: 0 };
  return {
    ...job,
    begin: (context) => watch(running, context.tick, () => job.begin(context)),
    run: (chunk) => watch(running, chunk.tick, () => job.run(chunk)),
  };
}

function watch<Result>(running: WorldCode, tick: number, run: () => Result): Result {
  running.tick = tick;
  const before = enter(running);
  let result: Result | undefined;
  let thrown: unknown;
  let hasThrown = false;
  try {
    result = run();
  } catch (error) {
    thrown = error;
    hasThrown = true;
  }
  rethrow(leave(before), hasThrown, thrown);
  return result as Result;
}

/** What was caught is thrown again when world code swallowed it; it comes before what followed from it. */
function rethrow(caught: FaultError | undefined, hasThrown: boolean, thrown: unknown): void {
  if (caught !== undefined) throw caught;
  // Whatever was thrown goes on as it is: also null and undefined.
  if (hasThrown) throw thrown;
}
