/**
 * Interrupts: the first SIGINT, SIGTERM or SIGHUP, which a terminal sends that is closed, asks a run to stop in good order,
 * journal and all. Terminals and process managers often send two at once, so others are ignored for a moment. A later one
 * ends a run that does not stop where it stands, with what there is of it; and where nothing can be ended so, or that takes
 * long as well, the process.
 */
import { exitCode } from "./exit-codes.ts";

const signals: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];

/** After this long a further interrupt is meant. */
const patienceMillis = 1_000;

/** Calls `stop` at the first interrupt and `abandon` at the next one; the returned function ends the watch. */
export function onInterrupt(stop: () => void, abandon?: () => void): () => void {
  let lastMillis = Number.NEGATIVE_INFINITY;
  const answers = [stop, ...(abandon === undefined ? [] : [abandon])];
  const interrupt = (): void => {
    if (performance.now() - lastMillis <= patienceMillis) return;
    lastMillis = performance.now();
    const answer = answers.shift();
    if (answer === undefined) process.exit(exitCode.interrupted);
    answer();
  };
  for (const signal of signals) process.on(signal, interrupt);
  return () => {
    for (const signal of signals) process.off(signal, interrupt);
  };
}
