/**
 * The browser's launcher: the one call of a page's main file. The page's script starts itself again in web
 * workers; this looks at which part of the program it is to be and becomes it: the page, the engine, or a
 * worker for jobs. Everything that touches the document belongs into `page`.
 */
import type { Game } from "../../engine/game.ts";
import type { SubsystemDefinition } from "../../engine/sim/subsystem.ts";
import { type EngineWorkerData, runEngineWorker } from "./engine-worker.ts";
import { jobWorker } from "./job-worker.ts";
import { PageWorld, type PageWorldOptions } from "./page-world.ts";
import { becomeWebThread, webThreadRole } from "./web-thread.ts";

export interface PageProgram {
  /** The main file's own `import.meta.url`: what workers are started from. */
  readonly script: string;
  /** Runs on the page only; `start` starts a world, and may be called again when that is over. */
  page(start: (options: PageWorldOptions) => PageWorld): void;
  /** Subsystems beside those of the game, in the engine's worker. */
  readonly subsystems?: readonly SubsystemDefinition[];
}

/** Becomes the part of the program that this script was started for. */
export function launchPage(game: Game, program: PageProgram): void {
  const role = webThreadRole();
  if (role === undefined) program.page((options) => new PageWorld(game, new URL(program.script), options));
  else if (role === "engine")
    becomeWebThread((data) => runEngineWorker(game, program.subsystems ?? [], data as EngineWorkerData));
  else if (role === "job-worker") becomeWebThread(jobWorker(game));
  else throw new Error(`this program has no role "${role}"`);
}
