/** How many workers a run has when nobody says: every core but the one that the coordinator is on. */
import { availableParallelism } from "node:os";

export function defaultWorkerCount(): number {
  return Math.max(0, availableParallelism() - 1);
}
