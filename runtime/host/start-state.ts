/** How this process was started, and whether a game came of it: what the start of a program and its launcher tell each other. */

let isByCommand = false;
let isLaunched = false;

/** For the command `orrery` alone. */
export function startedByCommand(): void {
  isByCommand = true;
}

/** Whether the command `orrery` started this process, and not Node with the game's main file. */
export function isStartedByCommand(): boolean {
  return isByCommand;
}

/** For the launcher alone. */
export function gameLaunched(): void {
  isLaunched = true;
}

export function hasLaunched(): boolean {
  return isLaunched;
}
