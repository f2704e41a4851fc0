/**
 * The launcher: the one call of a game's main file. It looks at which part of the program this thread
 * is to be and becomes it: the command line on the main thread, the engine or a worker in a thread of its own.
 *
 * Nothing here may await at the top level, and nothing heavy is imported before it is known to be
 * needed: a game's start-up time begins here.
 */
import "./traps/early.ts";
import "./host/console.ts";
import "./host/demand-signal.ts";
import { relative } from "node:path";
import { setImmediate } from "node:timers/promises";
import type { Game } from "../engine/game.ts";
import { lendGame } from "./host/borrowed-game.ts";
import { checkLaunched, gameLaunched, hasLaunchedSeveral } from "./host/start-state.ts";
import { endThreadSoon, threadData } from "./host/threads.ts";
import { endFor, endProcess, isEndingUncaught, watchUncaught } from "./host/uncaught.ts";
import { playedGame } from "./traps/wanted.ts";

watchUncaught();

/**
 * Runs the program for `game`; sets the process's exit code and returns at once. Called once in a program: raises
 * "program-unloadable" else, and "bad-definition" for what is no game.
 */
export function launch(game: Game): void {
  checkLaunched(game, launch);
  if (lendGame(game)) return;
  gameLaunched(launch, relative(process.cwd(), process.argv[1] ?? "main.ts"));
  const data = threadData();
  const failed = (thrown: unknown): void => {
    process.exitCode = 1;
    console.error(thrown);
  };
  if (data?.role === "engine")
    import("./world/engine-thread.ts")
      .then(async ({ runEngineThread }) =>
        runEngineThread(await playedGame(game), data as Parameters<typeof runEngineThread>[1]),
      )
      .then(endThreadSoon)
      .catch(failed);
  else if (data?.role === "job-worker")
    import("./jobs/worker-thread.ts")
      .then(async ({ runWorkerThread }) =>
        runWorkerThread(await playedGame(game), data as Parameters<typeof runWorkerThread>[1]),
      )
      .catch(failed);
  else if (data?.role === "service")
    import("./services/flush-thread.ts")
      .then(({ runFlushThread }) => runFlushThread(data as Parameters<typeof runFlushThread>[0]))
      .then(endThreadSoon)
      .catch(failed);
  else if (data?.role === "witness" || data?.role === "witness-worker")
    import("./verify/witness-thread.ts")
      .then(async ({ runWitnessRole }) =>
        runWitnessRole(await playedGame(game), data as Parameters<typeof runWitnessRole>[1]),
      )
      .then(() => {
        // A worker goes on until its pool stops.
        if (data.role === "witness") endThreadSoon();
      })
      .catch(failed);
  else if (data?.role === "heavy-live" || data?.role === "heavy-twin")
    import("./verify/heavy-thread.ts")
      .then(async ({ runHeavyRole }) =>
        runHeavyRole(await playedGame(game), data as Parameters<typeof runHeavyRole>[1]),
      )
      .then(endThreadSoon)
      .catch(failed);
  else if (data?.role === "reproduction")
    import("./flight/reproduction-thread.ts")
      .then(async ({ runReproduction }) =>
        runReproduction(await playedGame(game), data as Parameters<typeof runReproduction>[1]),
      )
      .then(endThreadSoon)
      .catch(failed);
  else if (data?.role === "simulation" || data?.role === "simulation-worker")
    import("./simulate/simulation-thread.ts")
      .then(({ runSimulationRole }) => runSimulationRole(data as Parameters<typeof runSimulationRole>[0]))
      .catch(failed);
  else if (data === undefined)
    import("./cli/command-line.ts")
      .then(async ({ runCommandLine }) => {
        // What the modules of the game reject is told before anything is begun.
        await setImmediate();
        if (hasLaunchedSeveral() || isEndingUncaught()) return;
        const code = await runCommandLine(game, process.argv.slice(2));
        process.exitCode = code;
        if (isEndingUncaught()) endProcess(code);
      })
      .catch(endFor);
  else failed(new Error(`this program has no role "${data.role}"`));
}
