/** How this process was started, and whether a game came of it: what the start of a program and its launcher tell each other. */
import { FaultError, makeFault, placeInStack } from "../../engine/base/faults.ts";
import { checkGameForm } from "../../engine/game-form.ts";

let isByCommand = false;
let isLaunched = false;
let areSeveral = false;

/** For the command `orrery` alone. */
export function startedByCommand(): void {
  isByCommand = true;
}

/** Whether the command `orrery` started this process, and not Node with the game's main file. */
export function isStartedByCommand(): boolean {
  return isByCommand;
}

/** For the launcher alone, which is `launcher`: raises "program-unloadable" where it is called a second time in `path`. */
export function gameLaunched(launcher: (...given: never[]) => unknown, path: string): void {
  if (!isLaunched) {
    isLaunched = true;
    return;
  }
  areSeveral = true;
  const fields = { path, problem: "it launches a second game", place: "" };
  const thrown = new FaultError(makeFault("program-unloadable", fields));
  Error.captureStackTrace(thrown, launcher);
  const place = placeInStack(thrown.stack ?? "", true);
  throw new FaultError(makeFault("program-unloadable", { ...fields, place }));
}

/** Raises "bad-definition" where `launcher` was called with what is no game. */
export function checkLaunched(game: unknown, launcher: (...given: never[]) => unknown): void {
  try {
    checkGameForm(game);
  } catch (thrown) {
    Error.captureStackTrace(thrown as Error, launcher);
    throw thrown;
  }
}

export function hasLaunched(): boolean {
  return isLaunched;
}

/** Whether a main file has launched more than one game, so that none is run. */
export function hasLaunchedSeveral(): boolean {
  return areSeveral;
}
