/** Games whose sources a test edits while a command runs them; their folders are removed at the end. */
import { afterAll, expect } from "vitest";
import { EditedSources } from "../games/edited-game.ts";
import { type Finished, RunningCommand } from "./command.ts";

const made: EditedSources[] = [];
afterAll(() => {
  for (const sources of made) sources.remove();
});

export function sourcesOf(...game: ConstructorParameters<typeof EditedSources>): EditedSources {
  const sources = new EditedSources(...game);
  made.push(sources);
  return sources;
}

/** A run that takes edits up and goes on until it is ended. */
export function started(option: "--hot" | "--watch", sources: EditedSources, ...args: string[]): RunningCommand {
  return new RunningCommand(["run", option, "--ticks", "100000", "--no-traps", ...args], { file: sources.main });
}

/** Stops a run, which must not have ended by itself. */
export async function ended(run: RunningCommand): Promise<Finished> {
  run.signal("SIGINT");
  const finished = await run.finished;
  expect([finished.code, finished.stderr]).toEqual([130, finished.stderr]);
  return finished;
}
