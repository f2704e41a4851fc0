/**
 * World code under watch: a game whose systems, tick jobs and setup say when they run, so that a trap knows whom it
 * caught. Nothing else of the game is touched: frame jobs, views and drivers may use whatever they like.
 *
 * The engine's own systems are never watched; that they use nothing banned is held by the project's laws.
 */
import { type FaultError, faultOf } from "../../engine/base/faults.ts";
import type { Game } from "../../engine/game.ts";
import type { AnyJob } from "../../engine/jobs/definition.ts";
import type { AnySystem } from "../../engine/sim/system.ts";
import { setTraps } from "./banned-calls.ts";
import { enter, leave, type WorldCode } from "./caught.ts";

/** One game has one watched form in a thread, so that whoever compares games finds them equal. */
const watchedGames = new WeakMap<Game, Game>();

/** The game with its world code watched; sets the traps of this thread when it is called first. */
export function withTraps(game: Game): Game {
  let watched = watchedGames.get(game);
  if (watched !== undefined) return watched;
  setTraps();
  const setup: WorldCode = { code: "setup", name: game.id, tick: 0 };
  watched = {
    ...game,
    systems: game.systems.map(watchedSystem),
    ...(game.jobs === undefined ? {} : { jobs: game.jobs.map(watchedJob) }),
    setup: (context) => watch(setup, 0, () => game.setup(context)),
  };
  watchedGames.set(game, watched);
  watchedGames.set(watched, watched);
  return watched;
}

function watchedSystem(system: AnySystem): AnySystem {
  const running: WorldCode = { code: "system", name: system.name, tick: 0 };
  return {
    ...system,
    run(context) {
      // Written out, for systems run many times a tick: no closure is made.
      running.tick = context.tick;
      const before = enter(running);
      let thrown: unknown;
      try {
        system.run(context);
      } catch (error) {
        thrown = error ?? faultOf(error);
      }
      rethrow(leave(before), thrown);
    },
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
  try {
    result = run();
  } catch (error) {
    thrown = error ?? faultOf(error);
  }
  rethrow(leave(before), thrown);
  return result as Result;
}

/** What was caught is thrown again when world code swallowed it; it comes before what followed from it. */
function rethrow(caught: FaultError | undefined, thrown: unknown): void {
  if (caught !== undefined) throw caught;
  if (thrown !== undefined) throw thrown;
}
