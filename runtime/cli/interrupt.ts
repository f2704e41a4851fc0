/**
 * Interrupts: the first SIGINT or SIGTERM asks a run to stop in good order, journal and all. Terminals
 * and process managers often send two at once, so others are ignored for a moment; a later one ends the
 * process there and then.
 */
import { exitCode } from "./exit-codes.ts";

/** After this long a further interrupt means it. */
const patienceMillis = 1_000;

/** Calls `stop` at the first interrupt; the returned function ends the watch. */
export function onInterrupt(stop: () => void): () => void {
  let firstMillis = 0;
  const interrupt = (): void => {
    if (firstMillis === 0) {
      firstMillis = performance.now();
      stop();
    } else if (performance.now() - firstMillis > patienceMillis) process.exit(exitCode.interrupted);
  };
  process.on("SIGINT", interrupt).on("SIGTERM", interrupt);
  return () => {
    process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
  };
}
